//! The names of events that fsm.yaml gives by the path of a constant.
//!
//! The constant is named on one line, and asked to be a name on the next; both lines end in its place in fsm.yaml, which rustc
//! quotes with its errors. Everything else names the first of the two, so that one mistake is one error.

use fantasm_spec::{Machine, RustPath, State, Transition};
use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, path};
use crate::comment;

/// The module that holds the names, beside the machine's events; nothing, when every name is in fsm.yaml.
pub(super) fn constants(machine: &Machine) -> Option<TokenStream> {
    let states = machine.states.iter().filter(|state| state.transitions.iter().any(|way| way.constant.is_some()));
    let modules = states.map(state).collect::<Vec<_>>();
    (!modules.is_empty()).then(|| {
        quote! {
            /// The names of events that are constants of the code.
            #[allow(non_upper_case_globals, reason = "each is called as the variant of the event")]
            mod constants { #(#modules)* }
        }
    })
}

/// The name of an event as an expression; `around` leads to the machine's module.
pub(super) fn event_name(state: &State, transition: &Transition, around: &TokenStream) -> TokenStream {
    if transition.constant.is_none() {
        let name = transition.event.as_str();
        return quote!(#name);
    }
    let module = ident(&state.name.module_ident());
    let name = ident(&transition.event.type_ident());
    quote!(#around constants::#module::#name)
}

fn state(state: &State) -> TokenStream {
    let module = ident(&state.name.module_ident());
    let constants = state.transitions.iter().enumerate().filter_map(|(at, transition)| {
        let constant = transition.constant.as_ref()?;
        Some(self::constant(state, at, transition, constant))
    });
    quote! {
        pub(super) mod #module {
            use ::fantasm::private::check_event_name;
            #(#constants)*
        }
    }
}

fn constant(state: &State, at: usize, transition: &Transition, constant: &RustPath) -> TokenStream {
    let variant = ident(&transition.event.type_ident());
    let (place, event, state_name) = (&transition.place, &transition.event, state.name.as_str());
    let named = comment::attribute(&format!("{place}: event of state `{state_name}`"));
    let asked = comment::attribute(&format!("{place}: event `{event}` of state `{state_name}`"));
    let constant = path(constant);
    let others = others(state, at);
    quote! {
        #named
        pub(in super::super) const #variant: &str = #constant;
        #asked
        const _: () = check_event_name(#variant, #state_name, &[#(#others),*]);
    }
}

/// The events that this one has to differ from: those whose names stand in fsm.yaml, and the constants before it.
fn others(state: &State, at: usize) -> impl Iterator<Item = TokenStream> {
    let others = state.transitions.iter().enumerate().filter(move |(other, transition)| match &transition.constant {
        Some(_) => *other < at,
        None => true,
    });
    others.map(|(_, transition)| match &transition.constant {
        Some(_) => {
            let variant = ident(&transition.event.type_ident());
            quote!(#variant)
        }
        None => {
            let name = transition.event.as_str();
            quote!(#name)
        }
    })
}
