//! What compiles.

mod email_batch;
mod machines;
