//! Which actions several states share.

use std::collections::BTreeMap;

use fantasm_spec::{Machine, Spec, State};
use proc_macro2::TokenStream;
use quote::quote;

use super::ident;

/// The states that name an action, in the order of the file.
#[derive(Default)]
pub(super) struct Shared<'a>(BTreeMap<String, Vec<(&'a Machine, &'a State)>>);

impl<'a> Shared<'a> {
    pub(super) fn of(spec: &'a Spec) -> Self {
        let mut shared = Self::default();
        for machine in &spec.machines {
            for state in &machine.states {
                if let Some(action) = &state.action {
                    shared.0.entry(action.to_string()).or_default().push((machine, state));
                }
            }
        }
        shared
    }

    /// Why code need not construct the events of a state; rustc says of every other event that nothing emits it.
    ///
    /// An action that several states name, or that comes from another crate, cannot answer the enum of one of them: it has a list
    /// of its own, which is compared with the state's by another check.
    pub(super) fn reason_for_no_event(&self, state: &State) -> Option<&'static str> {
        let Some(action) = &state.action else { return Some("the state has no action") };
        let is_shared = action.is_absolute || self.sharers(state).len() > 1;
        is_shared.then_some("the action is shared and has events of its own")
    }

    /// Says which state before this one names the same action, so that what is wrong for both is told once.
    pub(super) fn before(&self, machine: &Machine, state: &State) -> Option<TokenStream> {
        let sharers = self.sharers(state);
        let at = sharers.iter().position(|(_, other)| std::ptr::eq(*other, state))?;
        let (other, before) = sharers.get(at.checked_sub(1)?)?;
        let (data, module) = (ident(&other.name.type_ident()), ident(&other.name.module_ident()));
        let (events, may_end) = (ident(&before.name.type_ident()), before.is_final);
        let around = (!std::ptr::eq(*other, machine)).then(|| quote!(super::#module::));
        Some(quote! {
            const BEFORE: ::std::option::Option<&'static ::fantasm::private::Asking> = ::std::option::Option::Some(
                &::fantasm::private::Asking::of::<#around #events>(#may_end)
                    .in_machine(<super::#data as ::fantasm::Machine>::DESCRIPTOR),
            );
        })
    }

    fn sharers(&self, state: &State) -> &[(&'a Machine, &'a State)] {
        let sharers = state.action.as_ref().and_then(|action| self.0.get(&action.to_string()));
        sharers.map_or(&[], Vec::as_slice)
    }
}
