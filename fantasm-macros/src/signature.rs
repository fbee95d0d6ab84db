//! The user's function, as far as the engine has to know it.
//!
//! Everything that is wrong is said at its own tokens, and reading goes on with the most likely meaning, so that what is
//! generated in spite of an error fits what fsm.yaml asks for.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericArgument, Ident, PathArguments, ReturnType, Signature, Token, Type, TypeReference,
    Visibility,
    parse::{Parse, ParseStream},
    spanned::Spanned as _,
};

use crate::{around, errors::Errors, include};

/// The user's own item, behind the one lint of clippy that knows nothing of who calls it.
pub(crate) fn awaited(item: &TokenStream) -> TokenStream {
    quote!(#[allow(clippy::unused_async, reason = "fantasm awaits every action and continuation")] #item)
}

/// An item that starts as a function does.
///
/// Its body is not looked at, so that a slip in there is told by rustc, at its place, and not by a macro.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![impl]) {
            let message = "this attribute is for an `async fn`; an action with fields has `#[fsm_action]` on the `impl` of its type";
            return Err(input.error(message));
        }
        let sig = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self { attrs, vis, sig })
    }
}

impl Function {
    /// The conditions under which the function exists; they hold for what is generated beside it.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Checks what holds for actions and continuations alike.
    pub(crate) fn check(&self, kind: &str, errors: &mut Errors) {
        check_function(&self.sig, kind, errors);
    }

    /// The word that shows that it is a type's: one in its signature, or its name if its file shows it.
    pub(crate) fn of_type(&self, attribute: &str) -> Option<Ident> {
        if self.is_method() {
            return None;
        }
        let name = &self.sig.ident;
        find_self(self.sig.to_token_stream())
            .or_else(|| around::is_in_impl(&name.to_string(), attribute).then(|| name.clone()))
    }

    /// Whether it has a receiver, so that it has no path of its own.
    pub(crate) fn is_method(&self) -> bool {
        matches!(self.sig.inputs.first(), Some(FnArg::Receiver(_)))
    }
}

fn find_self(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => (ident == "Self").then_some(ident),
        TokenTree::Group(group) => find_self(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// Checks what holds for the functions and the methods of actions and continuations alike.
pub(crate) fn check_function(sig: &Signature, kind: &str, errors: &mut Errors) {
    if sig.asyncness.is_none() {
        // fsm.yaml names actions; a continuation is named by its attribute.
        let place = if kind == "an action" { include::named_at(&sig.ident.to_string()) } else { String::new() };
        errors.push(sig.fn_token, format!("{kind} must be an `async fn`{place}"));
    }
    if let syn::Safety::Unsafe(token) = &sig.safety {
        errors.push(token, format!("{kind} cannot be `unsafe`: the engine calls it"));
    }
}

/// Whether a type is called as pages are.
///
/// Rustc knows better, but it would tell what is no page wherever the items are asked for, and here it is told once.
pub(crate) fn has_page(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident.to_string().contains("Page")))
}

/// A span for generated tokens about which rustc is to speak at these tokens of the user's.
pub(crate) fn located(tokens: &impl ToTokens) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// Names for generated tokens that seem to stand in the user's code.
///
/// Only the signs between them may seem so: an editor finds names by their places, and would take one for what the user wrote there.
pub(crate) fn names<const N: usize>(names: [&str; N]) -> [Ident; N] {
    names.map(|name| Ident::new(name, Span::call_site()))
}

/// The place before or behind something: what rustc shows from there to there begins or ends with it, and an editor finds nothing
/// else at it.
pub(crate) fn edge(span: Span, of: fn(&proc_macro::Span) -> proc_macro::Span) -> Span {
    if proc_macro::is_available() { of(&span.unwrap()).into() } else { Span::call_site() }
}

/// Spans for the first and the last of generated tokens that rustc is to show as these tokens of the user's, from end to end.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (Span::call_site().located_at(first), Span::call_site().located_at(last))
}

/// The type of an argument; nothing for a receiver, which can only be the first.
pub(crate) fn argument_type(argument: &FnArg) -> Option<&Type> {
    match argument {
        FnArg::Typed(argument) => Some(plain(&argument.ty)),
        FnArg::Receiver(_) => None,
    }
}

/// Checks that `&T` can be a service.
pub(crate) fn check_service(reference: &TypeReference, errors: &mut Errors) -> bool {
    let is_unsized = match &*reference.elem {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    };
    if is_unsized {
        errors.push(
            &reference.elem,
            "a service is found by its type, which must have a size: wrap it in a struct of your own",
        );
    }
    !is_unsized
}

/// The type without what `macro_rules` and parentheses put around it.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        other => other,
    }
}

/// Whether a type is a path that ends in this name.
pub(crate) fn is_named(ty: &TokenStream, name: &str) -> bool {
    let Ok(ty) = syn::parse2::<Type>(ty.clone()) else { return false };
    matches!(plain(&ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// Whether a type is called as an action's input is.
pub(crate) fn is_input(ty: &Type) -> bool {
    let ty = plain(ty);
    let is_page = matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| {
        last.ident == "Page" && matches!(last.arguments, PathArguments::AngleBracketed(_))
    }));
    is_page || is_named(&ty.to_token_stream(), "Contexts")
}

/// A check of types that rustc runs, where the call stands.
pub(crate) fn check_const(cfgs: &[&Attribute], call: &TokenStream) -> TokenStream {
    quote! {
        #(#cfgs)*
        const _: () = {
            #[allow(unused_imports, reason = "of what is given the answer needs no trait")]
            use ::fantasm::private::OtherType as _;
            #call
        };
    }
}

/// Finds the scratch or the step's transaction where it is taken by value; by `&`, rustc finds it.
pub(crate) fn check_lent(ty: &Type, errors: &mut Errors) -> bool {
    let ty = ty.to_token_stream();
    let is_lent = is_named(&ty, "Scratch") || is_named(&ty, "Transaction");
    if is_lent {
        errors.push(ty, "an action takes the scratch and the step's transaction by `&mut`");
    }
    is_lent
}

/// What a function answers, `()` when nothing is written.
pub(crate) fn output(sig: &Signature, errors: &mut Errors) -> TokenStream {
    match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) if matches!(plain(ty), Type::ImplTrait(_)) => {
            // `fn f() -> impl Future` has been told already that it is not async.
            if sig.asyncness.is_some() {
                errors.push(ty, "name the type instead of `impl Trait`: the engine has to know it");
            }
            quote!(::fantasm::private::Unchecked)
        }
        ReturnType::Type(_, ty) if check_boxed_error(ty, errors) => quote!(::fantasm::private::Unchecked),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// Finds `Result<_, Box<dyn Error>>`, of which rustc would tell all that it is not, and not what to write.
pub(crate) fn check_boxed_error(output: &Type, errors: &mut Errors) -> bool {
    let Some(error) = last_argument(output, "Result") else { return false };
    let is_boxed = last_argument(error, "Box").is_some_and(|ty| matches!(plain(ty), Type::TraitObject(_)));
    if is_boxed {
        errors.push(
            error,
            "a boxed error is no error type itself: return `fantasm::Result<…>`, into which `?` turns every error that is \
             `Send + Sync + 'static`, or an error type of your own",
        );
    }
    is_boxed
}

/// The last type argument of a path that ends in this name.
fn last_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = plain(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.last()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The attribute of this name, wherever the macro is imported from.
pub(crate) fn attribute<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attrs.iter().find(|attr| attr.path().segments.last().is_some_and(|last| last.ident == name))
}

/// Finds `impl Trait`, which names no type.
pub(crate) fn check_impl_trait(ty: &Type, errors: &mut Errors) -> bool {
    let inner = match ty {
        Type::Reference(reference) => &reference.elem,
        other => other,
    };
    let is_impl_trait = matches!(inner, Type::ImplTrait(_));
    if is_impl_trait {
        errors.push(inner, "name the type instead of `impl Trait`: the engine has to know it");
    }
    is_impl_trait
}
