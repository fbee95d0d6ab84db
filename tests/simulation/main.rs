//! One machine with all that a machine can do, in worlds where processes crash: exact order, exact counts.

#![cfg(test)]

mod crash;
mod ledger;
mod maze;
mod order;
mod several;
mod survey;
mod weather;
mod world;

/// What fsm.yaml declares.
mod machines {
    include!(concat!(env!("OUT_DIR"), "/simulation/fantasm.rs"));
}
