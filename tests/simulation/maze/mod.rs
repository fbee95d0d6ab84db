//! A machine with every kind of state and a way from each to nearly every other, in worlds where everything goes wrong that
//! may; after every event what the store holds is compared with an account that is kept by other means.

mod actions;
mod defect;
mod defects;
mod effects;
mod fate;
mod ground;
mod intent;
mod model;
mod operator;
mod posts;
mod walker;
mod witness;
mod world;
mod worlds;

/// What fsm.yaml declares.
#[allow(clippy::enum_variant_names, reason = "an event that leads into a state has the name of the state")]
#[expect(dead_code, reason = "actions that several rooms share answer events of their own")]
mod machines {
    include!(concat!(env!("OUT_DIR"), "/maze/fantasm.rs"));
}
