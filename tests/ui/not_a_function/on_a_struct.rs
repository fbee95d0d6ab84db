//! A type is made an action by hand.

use fantasm::fsm_action;

#[fsm_action]
struct Poll; //~ mistake

fn main() {}
