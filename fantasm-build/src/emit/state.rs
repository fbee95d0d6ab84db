//! The enum of a machine's states.

use fantasm_spec::{Machine, State};
use proc_macro2::TokenStream;
use quote::quote;

use super::{derives_of_names, docs, ident, place_doc};

pub(super) fn states(machine: &Machine) -> TokenStream {
    let variants = machine.states.iter().map(variant);
    let idents = machine.states.iter().map(|state| ident(&state.name.type_ident())).collect::<Vec<_>>();
    let names = machine.states.iter().map(|state| state.name.as_str()).collect::<Vec<_>>();
    let docs = docs(&format!("The states of machine `{}`.", machine.name), [None, None]);
    let derives = derives_of_names();
    quote! {
        #docs
        #derives
        #[allow(dead_code, reason = "for programs that look at machines from outside")]
        pub enum State { #(#variants,)* }

        #[allow(dead_code, reason = "for programs that look at machines from outside")]
        impl State {
            /// Every state, in the order of fsm.yaml.
            pub const ALL: &'static [Self] = &[#(Self::#idents),*];

            /// Returns the name that fsm.yaml has for the state.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { #(Self::#idents => #names,)* }
            }

            /// Finds the state that fsm.yaml has this name for.
            #[must_use]
            pub fn from_name(name: &str) -> ::std::option::Option<Self> {
                match name {
                    #(#names => ::std::option::Option::Some(Self::#idents),)*
                    _ => ::std::option::Option::None,
                }
            }
        }
    }
}

fn variant(state: &State) -> TokenStream {
    let name = ident(&state.name.type_ident());
    let docs = docs(
        &format!("State `{}`{}.", state.name, traits(state)),
        [state.description.as_deref(), state.doc.as_deref()],
    );
    let place = place_doc(&state.place);
    quote!(#docs #place #name)
}

/// What sets a state apart, in words.
fn traits(state: &State) -> String {
    let traits = [
        (state.is_initial, "initial"),
        (state.is_final, "final"),
        (state.is_continuation, "run for each page of its input"),
        (state.fan_in.is_some(), "run for the contexts it gathers"),
    ];
    let told = traits.iter().filter(|(is, _)| *is).map(|(_, words)| *words).collect::<Vec<_>>();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}
