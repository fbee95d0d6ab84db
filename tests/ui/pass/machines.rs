include!(concat!(env!("OUT_DIR"), "/pass/fantasm.rs"));
