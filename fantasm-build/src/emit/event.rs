//! The enum of the events that a state's action may answer.

use fantasm_spec::{Machine, State, Transition};
use proc_macro2::TokenStream;
use quote::quote;

use super::{constant, derives_of_names, docs, ident, place_doc, shared::Shared};
use crate::comment;

pub(super) fn events(machine: &Machine, state: &State, shared: &Shared<'_>) -> TokenStream {
    let name = ident(&state.name.type_ident());
    let variants = state.transitions.iter().map(|transition| variant(machine, state, transition));
    let idents = state.transitions.iter().map(|transition| ident(&transition.event.type_ident()));
    let here = TokenStream::new();
    let names = state.transitions.iter().map(|transition| constant::event_name(state, transition, &here));
    let all_names = names.clone();
    let state_name = state.name.as_str();
    let named_at = state.action.as_ref().map_or(&state.place, |action| &action.place).to_string();
    let docs =
        docs(&format!("The events of state `{}`.", state.name), [state.description.as_deref(), state.doc.as_deref()]);
    let derives = derives_of_names();
    let before = shared.before(machine, state);
    let place = place_doc(&state.place);
    let comment = comment::attribute(&format!("{}: {}", state.place, summary(state)));
    let unused = shared.reason_for_no_event(state).map(|reason| quote!(#[allow(dead_code, reason = #reason)]));
    quote! {
        #docs
        #place
        #derives
        #unused
        #comment
        pub enum #name { #(#variants,)* }

        impl ::fantasm::Event for #name {
            const STATE: &'static str = #state_name;
            const NAMES: &'static [&'static str] = &[#(#all_names),*];
            const PLACE: &'static str = #named_at;
            #before

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

/// A variant, on a line that says what rustc quotes when no action emits the event.
fn variant(machine: &Machine, state: &State, transition: &Transition) -> TokenStream {
    let name = ident(&transition.event.type_ident());
    let event = &transition.event;
    let to = &machine[transition.to].name;
    let docs = docs(&format!("Event `{event}` leads to state `{to}`."), [transition.description.as_deref(), None]);
    let place = place_doc(&transition.place);
    let comment = comment::attribute(&format!("{}: event `{event}` of state `{}`", transition.place, state.name));
    quote!(#docs #place #comment #name)
}
