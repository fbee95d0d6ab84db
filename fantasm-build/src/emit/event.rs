//! The enum of the events that a state's action may answer.

use fantasm_spec::{Machine, State, Transition};
use proc_macro2::TokenStream;
use quote::quote;

use super::{docs, ident, place_doc};
use crate::comment;

pub(super) fn events(machine: &Machine, state: &State) -> TokenStream {
    let name = ident(&state.name.type_ident());
    let variants = state.transitions.iter().map(|transition| variant(machine, transition));
    let idents = state.transitions.iter().map(|transition| ident(&transition.event.type_ident()));
    let names = state.transitions.iter().map(|transition| transition.event.as_str());
    let docs =
        docs(&format!("The events of state `{}`.", state.name), [state.description.as_deref(), state.doc.as_deref()]);
    let place = place_doc(&state.place);
    let comment = comment::attribute(&format!("{}: {}", state.place, summary(state)));
    quote! {
        #docs
        #place
        #[derive(
            ::std::fmt::Debug,
            ::std::clone::Clone,
            ::std::marker::Copy,
            ::std::cmp::PartialEq,
            ::std::cmp::Eq,
            ::std::hash::Hash,
        )]
        #comment
        pub enum #name { #(#variants,)* }

        impl ::fantasm::Event for #name {
            fn name(self) -> &'static str {
                match self { #(Self::#idents => #names,)* }
            }
        }
    }
}

/// What rustc quotes when an action names an event that is not there.
fn summary(state: &State) -> String {
    let events = state.transitions.iter().map(|transition| transition.event.as_str()).collect::<Vec<_>>();
    match &*events {
        [] => format!("state `{}` has no events", state.name),
        [event] => format!("state `{}` has the event: {event}", state.name),
        events => format!("state `{}` has the events: {}", state.name, events.join(", ")),
    }
}

fn variant(machine: &Machine, transition: &Transition) -> TokenStream {
    let name = ident(&transition.event.type_ident());
    let to = &machine[transition.to].name;
    let docs = docs(
        &format!("Event `{}` leads to state `{to}`.", transition.event),
        [transition.description.as_deref(), None],
    );
    let place = place_doc(&transition.place);
    quote!(#docs #place #name)
}
