//! What stands in the parentheses of an attribute.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Ident, Lit, LitStr, Path, ReturnType, Signature, Token, parenthesized,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
};

use crate::errors::Errors;

/// What `#[fsm_action(…)]` says of an action.
#[derive(Default)]
pub(crate) struct ActionArgs {
    /// The events of its own list, for an action that several states share.
    pub(crate) emits: Option<Vec<LitStr>>,
    /// The word before the list.
    pub(crate) emits_at: Option<Ident>,
    /// That it changes the world outside.
    pub(crate) external: Option<Ident>,
}

const USAGE: &str = "`#[fsm_action]` takes `emits(\"event\", …)`, for an action that several states share, and `external`, for one \
                     that changes the world outside; that it is an action of some state is for fsm.yaml to say";

impl ActionArgs {
    pub(crate) fn read(args: TokenStream, errors: &mut Errors) -> Self {
        let mut read = Self::default();
        let result = (|input: ParseStream<'_>| read.arguments(input, errors)).parse2(args);
        errors.take(result);
        read
    }

    fn arguments(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        while !input.is_empty() {
            let name: Ident =
                input.call(syn::ext::IdentExt::parse_any).map_err(|error| syn::Error::new(error.span(), USAGE))?;
            if name == "emits" && self.emits.is_none() {
                let content;
                parenthesized!(content in input);
                let events = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
                self.emits = Some(events.into_iter().collect());
                self.emits_at = Some(name);
            } else if name == "external" && self.external.is_none() {
                self.external = Some(name);
            } else if name == "emits" || name == "external" {
                return Err(syn::Error::new(name.span(), format!("`{name}` stands twice")));
            } else {
                return Err(syn::Error::new(name.span(), USAGE));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>().map_err(|error| syn::Error::new(error.span(), USAGE))?;
            }
        }
        self.check_events(errors);
        Ok(())
    }

    /// Checks that an action with a list answers the list's enum.
    ///
    /// Rustc knows better, but it would tell it wherever a state names the action, and here it is told once.
    pub(crate) fn check_output(&self, events: &Ident, sig: &Signature, errors: &mut Errors) {
        if self.emits.is_none() {
            return;
        }
        let usage =
            format!("an action with `emits` answers an event of its own list: write `-> fantasm::Result<{events}>`");
        match &sig.output {
            ReturnType::Type(_, ty) if names(ty.to_token_stream(), events) => {}
            ReturnType::Type(_, ty) => errors.push(ty, usage),
            ReturnType::Default => errors.push(&sig.ident, usage),
        }
    }

    /// Drops what is no event, so that it is told once.
    fn check_events(&mut self, errors: &mut Errors) {
        let Some(events) = &mut self.emits else { return };
        let mut seen = Vec::new();
        events.retain(|event| {
            let text = event.value();
            let is_name = text.chars().any(char::is_alphanumeric)
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            let variant = crate::emits::variant(&text);
            if !is_name {
                errors.push(event, "an event is a name as fsm.yaml has it: letters, digits and hyphens");
            } else if seen.contains(&variant) {
                errors.push(event, format!("another event of the list becomes `{variant}`, too"));
            } else {
                seen.push(variant);
                return true;
            }
            false
        });
    }
}

/// Whether a type names another one.
fn names(ty: TokenStream, name: &Ident) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => names(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// `#[continuation(send_email)]` takes the path of an action.
pub(crate) fn read_action(args: TokenStream, errors: &mut Errors) -> Option<Path> {
    const USAGE: &str = "`#[continuation(…)]` takes the path of an action, such as `send_email`";
    let mut in_quotes = Vec::new();
    let read = |input: ParseStream<'_>| {
        if input.is_empty() {
            let message = "which action are the pages for? write `#[continuation(the_action)]`";
            return Err(syn::Error::new(Span::call_site(), message));
        }
        // A path in quotes is told and taken all the same, so that the action does not lack its pages as well.
        if let Ok(Lit::Str(text)) = input.fork().parse::<Lit>() {
            input.parse::<Lit>()?;
            in_quotes.push(syn::Error::new(text.span(), USAGE));
            return text.parse_with(Path::parse_mod_style);
        }
        let path = input.call(Path::parse_mod_style).map_err(|error| syn::Error::new(error.span(), USAGE))?;
        if !input.is_empty() {
            return Err(input.error("`#[continuation(…)]` takes the path of one action and nothing else"));
        }
        Ok(path)
    };
    let path = read.parse2(args);
    match in_quotes.pop() {
        Some(error) => {
            errors.take::<()>(Err(error));
            path.ok()
        }
        None => errors.take(path),
    }
}
