//! Any bytes as a fsm.yaml: they are told what is wrong with them, or become machines that can be printed and drawn.

#![no_main]

#[path = "../../tests/support/judge.rs"]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    judge::judge(bytes);
});
