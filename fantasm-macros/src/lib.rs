//! The macros of fantasm; use them through the `fantasm` crate, whose pages describe them.
//!
//! A macro here looks at one function or one `impl` and never at fsm.yaml: that file and the code meet in types, which rustc checks.

use proc_macro::TokenStream;

mod action;
mod args;
mod block;
mod continuation;
mod emits;
mod errors;
mod include;
mod machine;
mod signature;

/// Use it as `fantasm::fsm_action`.
#[proc_macro_attribute]
pub fn fsm_action(args: TokenStream, item: TokenStream) -> TokenStream {
    action::expand(args.into(), item.into()).into()
}

/// Use it as `fantasm::continuation`.
#[proc_macro_attribute]
pub fn continuation(args: TokenStream, item: TokenStream) -> TokenStream {
    continuation::expand(args.into(), item.into()).into()
}

/// Use it as `fantasm::include_machines`.
#[proc_macro]
pub fn include_machines(args: TokenStream) -> TokenStream {
    include::expand(args.into()).into()
}
