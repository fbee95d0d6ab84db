//! What compiles, and then does what it says.

mod aliases;
mod fields;
mod fixtures;
mod listed;
mod modules;
mod shared;
mod strict;
