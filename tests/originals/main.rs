//! The examples of Fantasm (Python), thought anew as machines with real actions, and its behaviours that no other area shows.
//!
//! Time is a clock that moves when nothing else is to be done, and so every count and every second here is exact.

#![cfg(test)]

mod backup;
mod chain;
mod csv_report;
mod dynamic_queue;
mod email_batch;
mod gathering;
mod log_collector;
mod luggage;
mod parade;
mod retry_test;
mod run;
mod scout;
mod start;
mod table;
mod tumble;
mod url_fan_out;
mod walk;

/// What fsm.yaml declares.
mod machines {
    include!(concat!(env!("OUT_DIR"), "/originals/fantasm.rs"));
}
