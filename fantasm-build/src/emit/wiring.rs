//! Where fsm.yaml and the user's code meet.
//!
//! Each action is imported once, called by its role in a state, and asked for what the state needs; all these lines end in the
//! place of the action in fsm.yaml, which rustc quotes with its errors. So the lines are short: rustc crops long ones.
//!
//! A function without `#[fsm_action]` can be named all the same, and is no type; the type of its role is then what the wiring
//! has around by that name, which says so where the function is named first (`fantasm::private::wiring`).

use fantasm_spec::{ActionPath, Machine, Spec, State};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    constant, ident,
    import::{Imports, Names},
    machine,
};
use crate::comment;

pub(super) fn wiring<'a>(spec: &Spec, machine: &'a Machine, imports: &mut Imports<'a>) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let descriptor = machine::descriptor(spec, machine);
    let mut names = imports.of(machine);
    let states = machine.states.iter().map(|state| self::state(state, &mut names)).collect::<Vec<_>>();
    let uses = &names.uses;
    quote! {
        /// What the machine does, and the code that does it.
        #[allow(unused_imports, reason = "a function that is no action is told where it is asked for")]
        pub(super) mod wiring {
            use ::fantasm::private::wiring::*;
            use super::super::#name as M;
            #uses

            impl Machine for M {
                const DESCRIPTOR: &'static MachineDescriptor = &#descriptor;
            }

            pub(in super::super) const REGISTRATION: Registration =
                Registration::new(<M as Machine>::DESCRIPTOR, codec::<M>(), STATES);

            const STATES: &[StateActions] = &[#(#states),*];
        }
    }
}

/// A machine that does nothing, so that its context can be named.
pub(super) fn nothing(machine: &Machine) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let text = machine.name.as_str();
    quote! {
        impl ::fantasm::Machine for super::#name {
            const DESCRIPTOR: &'static ::fantasm::MachineDescriptor = &::fantasm::MachineDescriptor::new(#text, &[]);
        }
    }
}

/// The actions of a state, as an expression.
fn state(state: &State, names: &mut Names<'_>) -> TokenStream {
    let action = state.action.as_ref().map(|action| state_action(state, action, names));
    let base = if action.is_some() { quote!(STATE) } else { quote!(StateActions::new()) };
    let hooks = [("Entry", "entry", &state.entry), ("Exit", "exit", &state.exit)];
    let hooks = hooks.into_iter().filter_map(|(alias, word, action)| {
        let action = action.as_ref()?;
        let constant = format_ident!("{}", word.to_uppercase());
        let role = format!("{word} of state `{}`", state.name);
        let kind = if state.fan_in.is_some() { quote!(fan_in_hook) } else { quote!(hook) };
        Some((hook(alias, &constant, action, &role, &kind, names), word, constant))
    });
    let hooks = hooks.collect::<Vec<_>>();
    let items = hooks.iter().map(|(items, ..)| items);
    let calls = hooks.iter().map(|(_, word, constant)| {
        let method = format_ident!("{word}");
        quote!(.#method(#constant))
    });
    let transitions = transitions(state, names);
    let transitions_call = transitions.is_some().then(|| quote!(.transitions(TRANSITIONS)));
    if state.action.is_none() && hooks.is_empty() && transitions.is_none() {
        return base;
    }
    quote!({ #action #(#items)* #transitions #base #(#calls)* #transitions_call })
}

/// The state's own action and what its kind of state asks of it.
fn state_action(state: &State, action: &ActionPath, names: &mut Names<'_>) -> TokenStream {
    let event = ident(&state.name.type_ident());
    let end = match (state.is_final, state.transitions.is_empty()) {
        (false, _) => "",
        (true, false) => "final_",
        (true, true) => "end_",
    };
    let input = match (state.is_continuation, state.fan_in.is_some()) {
        (true, _) => "page_",
        (false, true) => "fan_in_",
        (false, false) => "",
    };
    let kind = format_ident!("{end}{input}state");
    let (named, alias) = named("Action", action, &format!("action of state `{}`", state.name), names);
    let asked = comment::attribute(&format!("{}: `{action}` in state `{}`", action.place, state.name));
    quote! {
        use super::#event as Event;
        #named
        #asked
        const STATE: StateActions = #kind::<M, Event, #alias>();
    }
}

/// An entry, an exit or a transition's action.
fn hook(
    alias: &str,
    constant: &Ident,
    action: &ActionPath,
    role: &str,
    kind: &TokenStream,
    names: &mut Names<'_>,
) -> TokenStream {
    let (named, alias) = named(alias, action, role, names);
    let asked = comment::attribute(&format!("{}: `{action}` as {role}", action.place));
    quote! {
        #named
        #asked
        const #constant: Hook = #kind::<M, #alias>();
    }
}

/// The line that calls an action by its role, and that name.
fn named(role: &str, action: &ActionPath, what: &str, names: &mut Names<'_>) -> (TokenStream, Ident) {
    let comment = comment::attribute(&format!("{}: {what} (needs #[fsm_action])", action.place));
    let (name, is_first) = names.mention(action);
    let alias = if is_first { format_ident!("{role}") } else { format_ident!("{role}Again") };
    (quote!(#comment use #name as #alias;), alias)
}

/// The actions of the transitions that have one.
fn transitions(state: &State, names: &mut Names<'_>) -> Option<TokenStream> {
    let hooks = state.transitions.iter().filter_map(|transition| {
        let action = transition.action.as_ref()?;
        let event = &transition.event;
        let role = format!("action of transition `{}--{event}`", state.name);
        // Called otherwise than the state's own action, which would be taken for it where it is no type.
        let items = hook("OnTheWay", &format_ident!("HOOK"), action, &role, &quote!(hook), names);
        let name = constant::event_name(state, transition, &quote!(super::));
        Some(quote!((#name, { #items HOOK })))
    });
    let hooks = hooks.collect::<Vec<_>>();
    (!hooks.is_empty()).then(|| quote!(const TRANSITIONS: &[(&str, Hook)] = &[#(#hooks),*];))
}
