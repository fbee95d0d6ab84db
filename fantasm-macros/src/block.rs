//! `#[fsm_action]` on the `impl` of a type: an action with fields, in the style of Fantasm's classes.
//!
//! The value of the type is a service of the worker. Its method `execute` is the action; a method `continuation`, if there is one,
//! gives the pages. All other methods are the author's.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{
    Attribute, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, ReceiverKind, Signature, Token, Type, Visibility,
    parse::{ParseStream, Parser as _},
    parse_quote,
};

use crate::{
    action::{Action, Target},
    args::ActionArgs,
    continuation::{Pages, Source},
    errors::Errors,
    signature::{self, awaited, check_function},
};

const USAGE: &str = "the action is the method `execute`: write `async fn execute(&self, cx: &mut Context)`";

/// Whether an item is an `impl`.
pub(crate) fn is_block(item: TokenStream) -> bool {
    let read = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        let is_block = input.peek(Token![impl]);
        input.parse::<TokenStream>()?;
        Ok(is_block)
    };
    read.parse2(item).unwrap_or_default()
}

pub(crate) fn expand(args: &ActionArgs, item: TokenStream, mut errors: Errors) -> TokenStream {
    let Some(block) = errors.take(syn::parse2::<ItemImpl>(item.clone())) else { return errors.finish(item) };
    if let Some(again) = signature::attribute(&block.attrs, "fsm_action") {
        errors.push(again, "`#[fsm_action]` stands twice");
        return errors.finish(item);
    }
    if let Some(of_trait) = &block.trait_ {
        errors.push(
            of_trait.1.to_token_stream(),
            "a type implements `fantasm::Action` by hand without the attribute, or has a block of its own for it",
        );
        return errors.finish(item);
    }
    if !block.generics.params.is_empty() {
        errors.push(&block.generics, "fsm.yaml names one type: write the `impl` for that one, such as `impl Load<Db>`");
        return errors.finish(item);
    }
    let Some(execute) = method(&block, "execute") else {
        errors.push(&block.self_ty, USAGE);
        let fallback = fallback(&block);
        return errors.finish(quote!(#item #fallback));
    };
    let generated = action(args, &block, execute, &mut errors);
    let pages = method(&block, "continuation").map(|pages| continuation(&block, pages, &mut errors));
    let item = awaited(&item);
    errors.finish(quote!(#item #generated #pages))
}

fn action(args: &ActionArgs, block: &ItemImpl, execute: &ImplItemFn, errors: &mut Errors) -> TokenStream {
    check_function(&execute.sig, "an action", errors);
    let sig = without_receiver(&execute.sig, USAGE, errors);
    let action = Action::read(&sig, errors);
    let events = events(block);
    args.check_output(&events, &sig, errors);
    let ty = block.self_ty.to_token_stream();
    let cfgs = cfgs(block);
    action.implement(&Target {
        ty: &ty,
        name: ty.to_string(),
        sig: &sig,
        function: &quote!(<#ty>::execute),
        events: &events,
        receiver: Some(&ty),
        vis: &execute.vis,
        cfgs: &cfgs,
        args,
        is_sound: errors.is_empty(),
    })
}

/// Fits every state that names the type, so that the error stays alone.
fn fallback(block: &ItemImpl) -> TokenStream {
    let ty = block.self_ty.to_token_stream();
    Action::unknown().implement(&Target {
        ty: &ty,
        name: ty.to_string(),
        sig: &parse_quote!(fn execute()),
        function: &ty,
        events: &events(block),
        receiver: None,
        vis: &Visibility::Inherited,
        cfgs: &cfgs(block),
        args: &ActionArgs::default(),
        is_sound: false,
    })
}

fn continuation(block: &ItemImpl, pages: &ImplItemFn, errors: &mut Errors) -> TokenStream {
    const USAGE: &str = "the pages come from `async fn continuation(&self, cx: &Context, token: Option<Token>)`";
    check_function(&pages.sig, "a continuation", errors);
    let sig = without_receiver(&pages.sig, USAGE, errors);
    let ty = block.self_ty.to_token_stream();
    let cfgs = cfgs(block);
    Pages::read(&sig, errors).implement(&Source {
        action: &ty,
        sig: &sig,
        function: &quote!(<#ty>::continuation),
        receiver: Some(&ty),
        cfgs: &cfgs,
        is_sound: errors.is_empty(),
    })
}

fn method<'a>(block: &'a ItemImpl, name: &str) -> Option<&'a ImplItemFn> {
    block.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == name => Some(method),
        _ => None,
    })
}

/// The signature as a function without a value would have it.
fn without_receiver(sig: &Signature, usage: &str, errors: &mut Errors) -> Signature {
    let mut without = sig.clone();
    match sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) => {
            let is_shared = matches!(receiver.kind, ReceiverKind::Reference(_, _, None));
            if !is_shared {
                errors.push(receiver, "the value is shared by all tasks of the worker: write `&self`");
            }
            without.inputs = sig.inputs.iter().skip(1).cloned().collect();
        }
        _ => errors.push(&sig.ident, usage),
    }
    without
}

fn cfgs(block: &ItemImpl) -> Vec<&Attribute> {
    block.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

/// The name of the enum for events of its own: `Sender` has `SenderEvent`.
fn events(block: &ItemImpl) -> Ident {
    let name = match &*block.self_ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    };
    format_ident!("{}Event", name.unwrap_or_default())
}
