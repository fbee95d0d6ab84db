//! What compiles, and then does what it says.

mod fields;
mod fixtures;
mod listed;
mod shared;
mod strict;
