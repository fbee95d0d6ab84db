//! `include_machines!()`: the generated code, and what is wrong with fsm.yaml as errors at the user's own line.
//!
//! It reads what `fantasm_build::compile` left in `OUT_DIR`.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use quote::quote;

/// What the build script may write about fsm.yaml; errors are parted by [`SEPARATOR`].
const ERRORS_FILE: &str = "fantasm-errors.txt";
/// `fantasm_build::ERROR_SEPARATOR`: no error text holds a NUL.
const SEPARATOR: char = '\0';

const NO_BUILD_SCRIPT: &str = r#"this package has no build script that reads fsm.yaml
write `build.rs` beside Cargo.toml:

    fn main() {
        fantasm_build::compile("fsm.yaml");
    }

and name the crate it uses in Cargo.toml: `fantasm-build`, under [build-dependencies], from where `fantasm` comes"#;

/// `fantasm_build` sets it to the `OUT_DIR` that it has written to. Cargo repeats what the last run of the build script has said,
/// while files of earlier runs stay; and a process above that is a build of its own has another `OUT_DIR`.
const VARIABLE: &str = "FANTASM_OUT_DIR";

const NO_LONGER_MADE: &str = r#"the build script no longer reads fsm.yaml: the machines here are those of an earlier build
read it in the `main` of build.rs:

    fantasm_build::compile("fsm.yaml");"#;

pub(crate) fn expand(args: TokenStream) -> TokenStream {
    if !args.is_empty() {
        let message = "`include_machines!()` takes no arguments: build.rs says which file the machines come from";
        return syn::Error::new_spanned(args, message).to_compile_error();
    }
    let Some(out_dir) = env::var_os("OUT_DIR").map(PathBuf::from) else { return error(NO_BUILD_SCRIPT) };
    if !out_dir.join("fantasm.rs").is_file() {
        return error(NO_BUILD_SCRIPT);
    }
    // The names of before stay, so that code which uses them is no error besides.
    let is_made = env::var_os(VARIABLE).is_some_and(|dir| Path::new(&dir) == out_dir);
    let errors = if is_made { errors(&out_dir) } else { vec![error(NO_LONGER_MADE)] };
    quote! {
        ::std::include!(::std::concat!(::std::env!("OUT_DIR"), "/fantasm.rs"));
        #(#errors)*
    }
}

/// The errors of fsm.yaml; none when there is no file of them.
fn errors(out_dir: &Path) -> Vec<TokenStream> {
    let text = fs::read_to_string(out_dir.join(ERRORS_FILE)).unwrap_or_default();
    text.split(SEPARATOR).filter(|message| !message.is_empty()).map(error).collect()
}

fn error(message: &str) -> TokenStream {
    quote!(::std::compile_error!(#message);)
}

/// Where fsm.yaml names a function, in parentheses and with a blank before; nothing where that cannot be told.
///
/// Generated code names every action on a line that ends in its place. Only messages rest on this, never code.
pub(crate) fn named_at(function: &str) -> String {
    let Some(out_dir) = env::var_os("OUT_DIR").map(PathBuf::from) else { return String::new() };
    let below = fs::read_dir(&out_dir).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let places: BTreeSet<String> =
        std::iter::once(out_dir).chain(below).flat_map(|dir| places_in(&dir, function)).collect();
    match places.len() {
        0 => String::new(),
        _ => format!(" ({})", places.into_iter().collect::<Vec<_>>().join("; ")),
    }
}

fn places_in(dir: &Path, function: &str) -> Vec<String> {
    let code = fs::read_to_string(dir.join("fantasm.rs")).unwrap_or_default();
    let place = |line: &str| {
        let (code, place) = line.split_once("// ")?;
        let (named, _) = code.split_once(" as ")?;
        let last = named.rsplit([':', ' ']).next()?;
        (last == function).then(|| place.split(" (needs").next().unwrap_or(place).to_owned())
    };
    code.lines().filter_map(place).collect()
}
