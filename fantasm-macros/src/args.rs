//! What stands in the parentheses of an attribute.

use proc_macro2::{Span, TokenStream};
use syn::{
    Path,
    parse::{ParseStream, Parser as _},
};

use crate::errors::Errors;

/// `#[fsm_action]` takes nothing.
pub(crate) fn read_none(args: &TokenStream, errors: &mut Errors) {
    if !args.is_empty() {
        errors.push(args, "`#[fsm_action]` takes no arguments: fsm.yaml names the action by the function's path");
    }
}

/// `#[continuation(send_email)]` takes the path of an action.
pub(crate) fn read_action(args: TokenStream, errors: &mut Errors) -> Option<Path> {
    let read = |input: ParseStream<'_>| {
        if input.is_empty() {
            let message = "which action are the pages for? write `#[continuation(the_action)]`";
            return Err(syn::Error::new(Span::call_site(), message));
        }
        let path = input.call(Path::parse_mod_style).map_err(|error| {
            syn::Error::new(error.span(), "`#[continuation(…)]` takes the path of an action, such as `send_email`")
        })?;
        if !input.is_empty() {
            return Err(input.error("`#[continuation(…)]` takes the path of one action and nothing else"));
        }
        Ok(path)
    };
    errors.take(read.parse2(args))
}
