//! What machines can do, on every store.

#![cfg(test)]

mod aftermath;
mod delta;
mod finish;
mod fragile;
mod immediate;
mod joins;
mod ledger;
mod operate;
mod pages;
mod parent;
mod retention;
mod start;
mod sweep;
mod tally;
mod within;

/// What fsm.yaml declares.
mod machines {
    include!(concat!(env!("OUT_DIR"), "/engine/fantasm.rs"));
}
