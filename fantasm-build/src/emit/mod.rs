//! The checked model as Rust: one function for each kind of item.
//!
//! Every path is absolute, so that no name in fsm.yaml and nothing around the include can capture one.

use fantasm_spec::{Machine, Place, RustPath, Spec};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

mod constant;
mod context;
mod default;
mod event;
mod import;
mod machine;
mod shared;
mod state;
mod wiring;

use import::Imports;
use shared::Shared;

/// Everything that `include_machines!()` includes.
pub(crate) fn file(spec: &Spec) -> TokenStream {
    let shared = Shared::of(spec);
    let mut imports = Imports::of_file(spec);
    let machines = spec.machines.iter().map(|machine| {
        let picture = is_drawn(machine).then(|| {
            let file = picture_file(machine);
            quote! {
                #[cfg_attr(doc, doc = "")]
                #[cfg_attr(doc, doc = ::std::include_str!(#file))]
            }
        });
        self::machine(machine, &shared, &picture.unwrap_or_default(), &wiring::wiring(spec, machine, &mut imports))
    });
    let all = all(&spec.machines);
    quote!(#(#machines)* #all)
}

/// What code may name of a file with errors: everything but what the machines do.
///
/// Without it every mention of a machine would be an error too, which says nothing that the errors of the file do not.
pub(crate) fn names(spec: &Spec) -> TokenStream {
    let shared = Shared::of(spec);
    let machines = spec
        .machines
        .iter()
        .map(|machine| self::machine(machine, &shared, &TokenStream::new(), &wiring::nothing(machine)));
    let all = all(&[]);
    quote!(#(#machines)* #all)
}

/// The data of a machine, and the module with everything else of it.
fn machine(machine: &Machine, shared: &Shared<'_>, picture: &TokenStream, wiring: &TokenStream) -> TokenStream {
    let data = context::data(machine);
    let aliases = context::aliases(machine);
    let constants = constant::constants(machine);
    let states = state::states(machine);
    let events = machine.states.iter().map(|state| event::events(machine, state, shared));
    let module = ident(&machine.name.module_ident());
    let docs = docs(
        &format!("The context, the states and the events of machine `{}`.", machine.name),
        [machine.description.as_deref(), machine.doc.as_deref()],
    );
    let place = place_doc(&machine.place);
    let no_clippy = no_clippy();
    quote! {
        #data

        #docs
        #picture
        #place
        #[allow(unreachable_pub, reason = "the module around this one may be private")]
        #no_clippy
        pub mod #module {
            #aliases
            #states
            #(#events)*
            #constants
            #wiring
        }
    }
}

/// The file with the picture of a machine, beside the code; only rustdoc reads it.
pub(crate) fn picture_file(machine: &Machine) -> String {
    format!("fantasm-{}.html", machine.name.module_ident())
}

/// A picture of a machine as HTML that may stand in Markdown, where a blank line would end it; none, if it is too large for one.
pub(crate) fn picture(machine: &Machine) -> Option<String> {
    if !is_drawn(machine) {
        return None;
    }
    let picture = fantasm_spec::svg::draw(machine);
    let lines = picture.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>();
    Some(format!("<div>\n{}\n</div>\n", lines.join("\n")))
}

/// Nobody reads the picture of more states, and an unoptimized build script would take seconds to draw it.
fn is_drawn(machine: &Machine) -> bool {
    const MOST_STATES: usize = 200;
    machine.states.len() <= MOST_STATES
}

/// The list for the worker.
fn all(machines: &[Machine]) -> TokenStream {
    let modules = machines.iter().map(|machine| ident(&machine.name.module_ident()));
    let no_clippy = no_clippy();
    quote! {
        /// All machines of fsm.yaml, for a worker to run.
        #[must_use]
        #no_clippy
        #[allow(unreachable_pub, reason = "the module around this function may be private")]
        pub fn all() -> &'static [::fantasm::Registration] {
            const ALL: &[::fantasm::Registration] = &[#(#modules::wiring::REGISTRATION),*];
            ALL
        }
    }
}

/// Clippy judges how people write, and what is generated is as names and texts of fsm.yaml have it.
fn no_clippy() -> TokenStream {
    quote! {
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, reason = "generated from fsm.yaml")]
    }
}

/// What an enum of names can do: of a state's events, and of a machine's states.
fn derives_of_names() -> TokenStream {
    quote! {
        #[derive(
            ::std::fmt::Debug,
            ::std::clone::Clone,
            ::std::marker::Copy,
            ::std::cmp::PartialEq,
            ::std::cmp::Eq,
            ::std::hash::Hash,
        )]
    }
}

/// A name of the model as an identifier; a keyword becomes a raw one.
///
/// The checks have refused what is no identifier, and the few words that cannot be raw.
fn ident(name: &str) -> Ident {
    syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site()))
}

/// A path of the model as a path of Rust.
fn path(path: &RustPath) -> TokenStream {
    let segments = path.segments.iter().map(|segment| ident(segment));
    if path.is_absolute { quote!(#(::#segments)*) } else { quote!(crate #(::#segments)*) }
}

/// Docs: a sentence of ours, and what the author has written.
fn docs(summary: &str, written: [Option<&str>; 2]) -> TokenStream {
    let written = written.into_iter().flatten().map(escape);
    let paragraphs = std::iter::once(summary.to_owned()).chain(written).collect::<Vec<_>>().join("\n\n");
    let lines = paragraphs.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// The place in fsm.yaml, as the last paragraph of docs.
fn place_doc(place: &Place) -> TokenStream {
    let line = format!(" `{place}`");
    quote!(#[doc = ""] #[doc = #line])
}

/// Text as Markdown that has no links, no HTML, and no code, which rustdoc would compile.
fn escape(text: &str) -> String {
    text.trim().lines().map(escape_line).collect::<Vec<_>>().join("\n")
}

fn escape_line(line: &str) -> String {
    let line = line.trim();
    let mut escaped = String::with_capacity(line.len());
    if line.starts_with("```") || line.starts_with("~~~") {
        escaped.push('\\');
    }
    for (at, letter) in line.char_indices() {
        if matches!(letter, '[' | ']' | '<' | '>' | '\\') || line[at..].starts_with("://") {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
