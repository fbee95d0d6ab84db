//! What tests of several areas need: stores to run on, faults to inject, and worlds that a seed replays.

mod backend;
mod clock;
mod cluster;
mod elsewhere;
mod faulty;
mod layer;
mod seed;
mod turns;
mod world;

pub use fantasm::testing::{Call, Crash};

pub use self::{
    backend::Backend,
    clock::TokioClock,
    cluster::{Cluster, connect, psql},
    elsewhere::Elsewhere,
    faulty::{Journal, Process},
    layer::{Layer, Layered},
    seed::{Keyed, Seed, seeds},
    turns::{Gate, Lives},
    world::World,
};
