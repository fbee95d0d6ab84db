//! Actions, and the modules that they are in.
//!
//! Each is named once, by a `use` of the first machine that needs it, and everybody else takes it from there: rustc tells of one
//! that it does not find at that line, once, and is silent about everything that is to be in a module that it does not find.
//!
//! A machine's actions at the root of the crate are in one `use`: if they are not there, a `namespace` was forgotten, and rustc
//! tells of them in one error.

use std::collections::{BTreeMap, BTreeSet};

use fantasm_spec::{ActionPath, Machine, ModulePath, Spec, State};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::ident;
use crate::comment;

/// A path: whether it starts at the extern prelude, and its segments.
type Path<'a> = (bool, &'a [String]);

/// What a whole file imports, by the machine whose wiring does it, and what it is called there.
pub(super) struct Imports<'a> {
    n_mentions: BTreeMap<Path<'a>, usize>,
    modules: BTreeMap<Path<'a>, (&'a Machine, String)>,
    actions: BTreeMap<Path<'a>, (&'a Machine, String)>,
}

/// What a machine's actions and their modules are called in its wiring.
#[derive(Default)]
pub(super) struct Names<'a> {
    modules: BTreeMap<Path<'a>, String>,
    /// Those that are imported for more than one state.
    actions: BTreeMap<Path<'a>, String>,
    /// Those that nobody has asked for yet.
    unmentioned: BTreeSet<String>,
    /// The lines that call them so.
    pub(super) uses: TokenStream,
}

/// The actions of one module that a machine imports: what each is called there and here, and the comment on its line.
type Group = Vec<(Ident, Ident, String)>;

impl<'a> Imports<'a> {
    pub(super) fn of_file(spec: &'a Spec) -> Self {
        let mut n_mentions = BTreeMap::new();
        for Named { action, .. } in spec.machines.iter().flat_map(actions) {
            *n_mentions.entry(path_of(action)).or_default() += 1;
        }
        Self { n_mentions, modules: BTreeMap::new(), actions: BTreeMap::new() }
    }

    /// Names what a machine needs.
    pub(super) fn of(&mut self, machine: &'a Machine) -> Names<'a> {
        let mut names = Names::default();
        let mut groups = BTreeMap::<Path<'a>, Group>::new();
        for Named { action, role, state } in actions(machine) {
            let (_, module) = action.segments.split_last().unwrap_or((&action.written, &[]));
            // Those around it as well, so that one that is missing is missing once.
            for depth in 1..=module.len() {
                let comment = comment::attribute(&whose(machine, state, action, module, depth));
                self.name(machine, (action.is_absolute, &module[..depth]), &comment, &mut names);
            }
            if module.is_empty() || self.n_mentions.get(&path_of(action)).is_some_and(|n| *n > 1) {
                self.name_action(machine, action, &role, &mut names, &mut groups);
            }
        }
        for (module, group) in groups {
            let line = names.import(module, &group);
            names.uses.extend(line);
        }
        names
    }

    /// Calls an action by a name of its own, which may be that of an earlier machine.
    fn name_action(
        &mut self,
        machine: &'a Machine,
        action: &'a ActionPath,
        role: &str,
        names: &mut Names<'a>,
        groups: &mut BTreeMap<Path<'a>, Group>,
    ) {
        let path = path_of(action);
        if names.actions.contains_key(&path) {
            return;
        }
        let Some((last, module)) = action.segments.split_last() else { return };
        let name = names.free(path.1, "_action");
        let alias = ident(&name);
        let others = match self.n_mentions.get(&path).map_or(0, |n| n - 1) {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        let comment = format!("{}: {role}{others}", action.place);
        match self.actions.get(&path) {
            Some((first, there)) => {
                let (first, there) = (ident(&first.name.module_ident()), ident(there));
                let comment = comment::attribute(&comment);
                names.uses.extend(quote!(#comment use super::super::#first::wiring::#there as #alias;));
            }
            None => {
                groups.entry((path.0, module)).or_default().push((ident(last), alias, comment));
                names.unmentioned.insert(name.clone());
            }
        }
        self.actions.entry(path).or_insert((machine, name.clone()));
        names.actions.insert(path, name);
    }

    fn name(&mut self, machine: &'a Machine, module: Path<'a>, comment: &TokenStream, names: &mut Names<'a>) {
        if names.modules.contains_key(&module) {
            return;
        }
        let name = names.free(module.1, "");
        // In braces it is nothing but the module, whatever else has its name.
        let called = |there: Option<&String>| match there {
            Some(there) if *there == name => quote!({ self }),
            _ => {
                let alias = ident(&name);
                quote!({self as #alias})
            }
        };
        let line = match (self.modules.get(&module), module) {
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
        self.modules.entry(module).or_insert((machine, name.clone()));
        names.modules.insert(module, name);
        names.uses.extend(quote!(#comment #line));
    }
}

impl Names<'_> {
    /// The path of an action in the machine's wiring, and whether it is named for the first time.
    pub(super) fn mention(&mut self, action: &ActionPath) -> (TokenStream, bool) {
        match self.actions.get(&path_of(action)) {
            Some(name) => {
                let ident = ident(name);
                (quote!(self::#ident), self.unmentioned.remove(name))
            }
            None => (self.path(path_of(action)), true),
        }
    }

    /// The line that imports the actions of a module, so that other machines can take them from here.
    fn import(&self, (is_absolute, module): Path<'_>, group: &Group) -> TokenStream {
        let comments = group.iter().map(|(_, _, comment)| comment::attribute(comment));
        let leaves = group.iter().map(|(name, alias, _)| quote!(#name as #alias));
        let inside = match (self.modules.get(&(is_absolute, module)), is_absolute) {
            (Some(name), _) => {
                let name = ident(name);
                quote!(self::#name)
            }
            (None, true) => TokenStream::new(),
            (None, false) => quote!(crate),
        };
        match &**group {
            [(name, alias, _)] => quote!(#(#comments)* pub(in super::super) use #inside::#name as #alias;),
            _ => quote!(#(#comments)* pub(in super::super) use #inside::{#(#leaves),*};),
        }
    }

    /// The path of what is in a module that has a name.
    fn path(&self, (is_absolute, segments): Path<'_>) -> TokenStream {
        let (last, module) =
            segments.split_last().map_or((None, segments), |(last, module)| (Some(ident(last)), module));
        let name = self.modules.get(&(is_absolute, module)).map(|name| ident(name));
        // By `self` no crate can be meant.
        let steps = name.into_iter().chain(last);
        quote!(self #(::#steps)*)
    }

    /// A name that nothing else has: its own, with those around it if need be, and a number.
    fn free(&self, segments: &[String], ending: &str) -> String {
        let longer = (0..segments.len()).rev().map(|from| segments[from..].join("_") + ending);
        let numbered = (2..).map(|number| format!("{}{ending}_{number}", segments.join("_")));
        // What else the wiring calls by name starts with a capital letter, but for one type.
        let is_taken = |name: &String| {
            let mut taken = self.modules.values().chain(self.actions.values());
            name == "str" || name.starts_with(char::is_uppercase) || taken.any(|taken| taken == name)
        };
        longer.chain(numbered.map(|name| name.to_lowercase())).find(|name| !is_taken(name)).unwrap_or_default()
    }
}

fn path_of(action: &ActionPath) -> Path<'_> {
    (action.is_absolute, &action.segments)
}

/// An action where a machine names it.
struct Named<'a> {
    action: &'a ActionPath,
    role: String,
    state: &'a State,
}

/// The actions that a machine names.
fn actions(machine: &Machine) -> impl Iterator<Item = Named<'_>> {
    machine.states.iter().flat_map(|state| {
        let own = [("action", &state.action), ("entry", &state.entry), ("exit", &state.exit)].into_iter();
        let own = own.map(move |(word, action)| (action, format!("{word} of state `{}`", state.name)));
        let ways = state.transitions.iter().map(move |transition| {
            (&transition.action, format!("action of transition `{}--{}`", state.name, transition.event))
        });
        own.chain(ways).filter_map(move |(action, role)| Some(Named { action: action.as_ref()?, role, state }))
    })
}

/// Who names a module, a namespace or an action with its whole path, and what has to be there.
fn whose(machine: &Machine, state: &State, action: &ActionPath, module: &[String], depth: usize) -> String {
    let is_it = |namespace: &&ModulePath| {
        namespace.segments == module
            && namespace.is_absolute == action.is_absolute
            && action.written == action.segments[module.len()]
    };
    let namespace = [&state.namespace, &machine.namespace].into_iter().flatten().find(is_it);
    let needs = if action.is_absolute { String::new() } else { format!("needs `mod {};` for ", module[depth - 1]) };
    namespace.map_or_else(
        || format!("{}: {needs}action `{}`", action.place, action.written),
        |namespace| format!("{}: {needs}namespace `{}`", namespace.place, namespace.written),
    )
}
