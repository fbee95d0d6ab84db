//! What compiles, and then does what it says.

mod fixtures;
mod shared;
mod strict;
