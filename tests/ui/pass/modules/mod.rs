//! Modules of actions whose names mean something else in generated code, that share a name, or that re-export.

mod machines {
    #![deny(warnings, unused_qualifications, unreachable_pub, reason = "what users may have chosen")]

    ::std::include!(::std::concat!(::std::env!("OUT_DIR"), "/modules/fantasm.rs"));
}

use deeper::state::note as again;
use fantasm::{Context, Immediate, Machine};
use machines::names;

/// What tells which of the actions has run.
trait Told: Machine {
    fn tell(&mut self, what: &str);
}

impl Told for machines::Names {
    fn tell(&mut self, what: &str) {
        self.told.push_str(what);
    }
}

impl Told for machines::Others {
    fn tell(&mut self, what: &str) {
        self.told.push_str(what);
    }
}

/// A function as generated code calls one of its own, beside a module of the name.
fn state() {}

mod state {
    use super::{Context, Told, names};

    #[fantasm::fsm_action]
    pub(crate) async fn first(cx: &mut names::Context) -> names::First {
        cx.tell("first ");
        names::First::Go
    }

    #[fantasm::fsm_action]
    pub(crate) async fn other<M: Told>(cx: &mut Context<M>) {
        cx.tell("other");
    }
}

macro_rules! module {
    ($name:ident, $text:literal) => {
        mod $name {
            #[fantasm::fsm_action]
            pub(crate) async fn note<M: super::Told>(cx: &mut fantasm::Context<M>) {
                cx.tell($text);
            }
        }
    };
}

module!(str, "str ");
module!(serde, "serde ");

#[expect(non_snake_case, reason = "somebody may have it so")]
mod M {
    #[fantasm::fsm_action]
    pub(crate) async fn note(cx: &mut super::names::Context) {
        cx.told.push_str("M ");
    }
}

#[expect(non_snake_case, reason = "somebody may have it so")]
mod Action {
    #[fantasm::fsm_action]
    pub(crate) async fn note(cx: &mut super::names::Context) {
        cx.told.push_str("Action");
    }
}

mod deeper {
    pub(crate) mod state {
        pub(crate) use super::note;
    }

    #[fantasm::fsm_action]
    pub(crate) async fn note<M: super::Told>(cx: &mut fantasm::Context<M>) {
        cx.tell("deeper ");
    }

    pub(crate) struct Noted<T>(T);

    #[expect(non_camel_case_types, reason = "an action as any other")]
    pub(crate) type noted = Noted<String>;

    #[fantasm::fsm_action]
    impl Noted<String> {
        async fn execute(&self, cx: &mut super::names::Context) {
            cx.told.push_str(&self.0);
        }
    }

    pub(crate) fn noted_as(text: &str) -> noted {
        Noted(text.to_owned())
    }
}

#[tokio::test]
async fn every_action_is_the_one_that_is_meant() {
    state();
    let immediate = Immediate::new(machines::all()).service(deeper::noted_as("noted "));
    let names = immediate.run(machines::Names::default()).await.unwrap();
    assert_eq!(names.context.told, "str first serde M deeper noted Action");
    let others = immediate.run(machines::Others::default()).await.unwrap();
    assert_eq!(others.context.told, "deeper deeper other");
}
