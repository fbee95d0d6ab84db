//! The modules that actions are in.
//!
//! Each is named once, by a `use` of the first machine that needs it, and everybody else takes it from there: rustc tells of one
//! that it does not find at that line, once, and is silent about everything that is to be in it.

use std::collections::BTreeMap;

use fantasm_spec::{ActionPath, Machine, ModulePath, State};
use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, path};
use crate::comment;

/// A module: whether its path starts at the extern prelude, and its segments.
type Module<'a> = (bool, &'a [String]);

/// The modules of a whole file, by the machine whose wiring names them, and what they are called there.
#[derive(Default)]
pub(super) struct Modules<'a>(BTreeMap<Module<'a>, (&'a Machine, String)>);

/// What the modules of a machine's actions are called in its wiring.
pub(super) struct Names<'a> {
    names: BTreeMap<Module<'a>, String>,
    /// The lines that call them so.
    pub(super) uses: TokenStream,
}

impl<'a> Modules<'a> {
    /// Names the modules that a machine needs.
    pub(super) fn of(&mut self, machine: &'a Machine) -> Names<'a> {
        let mut names = Names { names: BTreeMap::new(), uses: TokenStream::new() };
        for (action, state) in actions(machine) {
            let (_, module) = action.segments.split_last().unwrap_or((&action.written, &[]));
            let comment = comment::attribute(&place(machine, state, action, module));
            // Those around it as well, so that one that is missing is missing once.
            for depth in 1..=module.len() {
                self.name(machine, (action.is_absolute, &module[..depth]), &comment, &mut names);
            }
        }
        names
    }

    fn name(&mut self, machine: &'a Machine, module: Module<'a>, comment: &TokenStream, names: &mut Names<'a>) {
        if names.names.contains_key(&module) {
            return;
        }
        let name = names.free(module.1);
        // In braces it is nothing but the module, whatever else has its name.
        let called = |there: Option<&String>| match there {
            Some(there) if *there == name => quote!({ self }),
            _ => {
                let alias = ident(&name);
                quote!({self as #alias})
            }
        };
        let line = match (self.0.get(&module), module) {
            (Some((first, there)), _) => {
                let called = called(Some(there));
                let (first, there) = (ident(&first.name.module_ident()), ident(there));
                quote!(use super::super::#first::wiring::#there::#called;)
            }
            (None, (is_absolute, [segment])) => {
                let called = called(Some(segment));
                let segment = ident(segment);
                let root = if is_absolute { TokenStream::new() } else { quote!(crate) };
                quote!(pub(in super::super) use #root::#segment::#called;)
            }
            (None, (_, segments)) => {
                let (inner, called) = (names.path(module), called(segments.last()));
                quote!(pub(in super::super) use #inner::#called;)
            }
        };
        self.0.entry(module).or_insert((machine, name.clone()));
        names.names.insert(module, name);
        names.uses.extend(quote!(#comment #line));
    }
}

impl Names<'_> {
    /// An action as a path from the machine's wiring.
    pub(super) fn action(&self, action: &ActionPath) -> TokenStream {
        if action.segments.len() == 1 { path(action) } else { self.path((action.is_absolute, &action.segments)) }
    }

    /// The path of what is in a module that has a name.
    fn path(&self, (is_absolute, segments): Module<'_>) -> TokenStream {
        let (last, module) =
            segments.split_last().map_or((None, segments), |(last, module)| (Some(ident(last)), module));
        let name = self.names.get(&(is_absolute, module)).map(|name| ident(name));
        // By `self` no crate can be meant.
        let steps = name.into_iter().chain(last);
        quote!(self #(::#steps)*)
    }

    /// A name that nothing else has: the module's own, with those around it if need be, and a number.
    fn free(&self, segments: &[String]) -> String {
        let longer = (0..segments.len()).rev().map(|from| segments[from..].join("_"));
        let numbered = (2..).map(|number| format!("{}_{number}", segments.join("_")));
        // What else the wiring calls by name starts with a capital letter, but for one type.
        let is_taken = |name: &String| {
            name == "str" || name.starts_with(char::is_uppercase) || self.names.values().any(|taken| taken == name)
        };
        longer.chain(numbered.map(|name| name.to_lowercase())).find(|name| !is_taken(name)).unwrap_or_default()
    }
}

/// The actions that a machine names, each with the state that it belongs to.
fn actions(machine: &Machine) -> impl Iterator<Item = (&ActionPath, &State)> {
    machine.states.iter().flat_map(|state| {
        let own = [&state.action, &state.entry, &state.exit].into_iter();
        let all = own.chain(state.transitions.iter().map(|transition| &transition.action));
        all.flatten().map(move |action| (action, state))
    })
}

/// Who names a module: a namespace, or an action with its whole path.
fn place(machine: &Machine, state: &State, action: &ActionPath, module: &[String]) -> String {
    let is_it = |namespace: &&ModulePath| {
        namespace.segments == module
            && namespace.is_absolute == action.is_absolute
            && action.written == action.segments[module.len()]
    };
    let namespace = [&state.namespace, &machine.namespace].into_iter().flatten().find(is_it);
    namespace.map_or_else(
        || format!("{}: module of the action `{}`", action.place, action.written),
        |namespace| format!("{}: namespace `{}`", namespace.place, namespace.written),
    )
}
