//! What goes into a context comes out of it: through tasks, forks and a fan-in, with every type that a field can have.

use std::sync::{Arc, Mutex};

use fantasm::fsm_action;
use fantasm_tests::{World, on_every_store};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    machines::{
        self, Luggage,
        luggage::{Carry, Context, Contexts, Pack},
    },
    run::ended,
};

/// A type of the program's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Parcel {
    #[default]
    None,
    Box {
        label: Option<String>,
        sizes: (u8, Vec<Option<u8>>),
    },
}

/// What has arrived.
#[derive(Clone, Default)]
pub(crate) struct Carousel(Arc<Mutex<Vec<Luggage>>>);

#[fsm_action]
pub(crate) async fn pack(cx: &mut Context) -> Pack {
    cx.fork(cx.data().clone());
    Pack::Packed
}

#[fsm_action]
pub(crate) async fn carry(_: &mut Context) -> Carry {
    Carry::Carried
}

#[fsm_action]
pub(crate) async fn unpack(_: &mut Context, batch: Contexts, carousel: &Carousel) {
    carousel.0.lock().unwrap().extend_from_slice(&batch);
}

/// What changes on its way through Fantasm (Python) is among it: nothing, blanks, lists of one and of none, `True`.
fn pieces() -> Vec<Luggage> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let full = Luggage {
        text: "a=b&c,d [] \u{1F9F3}\n".to_owned(),
        number: i64::MIN,
        ratio: 1e-300,
        is_fragile: true,
        anything: json!({"1": [null, "", [], {}, 1.5], "True": "False"}),
        instant: "2011-03-04T05:06:07.123456789".parse().unwrap(),
        day: "2012-02-29".parse().unwrap(),
        texts: texts(&["", "q"]),
        numbers: vec![i64::MAX],
        parcel: Parcel::Box { label: Some(String::new()), sizes: (7, vec![None, Some(255)]) },
    };
    let odd = Luggage {
        text: "None".to_owned(),
        number: 0,
        texts: texts(&["[]"]),
        anything: json!(""),
        parcel: Parcel::Box { label: None, sizes: (0, Vec::new()) },
        ..full.clone()
    };
    vec![Luggage::default(), full, odd]
}

on_every_store! {
    every_value_comes_back_as_it_was
}

async fn every_value_comes_back_as_it_was(world: World) {
    for piece in pieces() {
        let carousel = Carousel::default();
        let mut worker = world.worker(machines::all()).service(carousel.clone());
        let run = worker.client().start(piece.clone()).await.unwrap();
        worker.run_until_idle().await.unwrap();
        let instance = ended(&run).await.unwrap();
        assert_eq!(*carousel.0.lock().unwrap(), [piece.clone(), piece.clone()]);
        assert_eq!(instance.data::<Luggage>().unwrap(), piece);
        assert_eq!(instance.context, serde_json::to_string(&piece).unwrap(), "there is nothing else in a context");
    }
}
