//! The module around the module of five actions is not there, and the sixth is in it.

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_namespace/fantasm.rs"));
}

// ~ mistake: nobody says `mod jobs;`

fn main() {
    machines::all();
}
