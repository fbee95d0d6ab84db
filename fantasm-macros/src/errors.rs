//! Gathers what is wrong with an item, so that everything is said at once.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors found so far; must be finished, so that none is lost.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    is_finished: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds an error at these tokens, which are the user's own.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// Takes the value out of a result, or keeps its error.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.found.push(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Ends the collection: the tokens, and every error as a `compile_error!` after them.
    pub(crate) fn finish(mut self, mut tokens: TokenStream) -> TokenStream {
        self.is_finished = true;
        tokens.extend(self.found.iter().map(syn::Error::to_compile_error));
        tokens
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(self.is_finished || std::thread::panicking(), "errors were dropped without being told");
    }
}
