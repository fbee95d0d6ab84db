//! The user's function, as far as the engine has to know it.
//!
//! Everything that is wrong is said at its own tokens, and reading goes on with the most likely meaning, so that what is
//! generated in spite of an error fits what fsm.yaml asks for.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, PathArguments, ReturnType, Signature, Token, Type, TypeReference,
    Visibility,
    parse::{Parse, ParseStream},
    spanned::Spanned as _,
};

use crate::errors::Errors;

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
            return Err(input.error("this attribute is for an `async fn`; a type implements `fantasm::Action` by hand"));
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
        let sig = &self.sig;
        if sig.asyncness.is_none() {
            errors.push(sig.fn_token, format!("{kind} must be an `async fn`"));
        }
        if let Some(token) = &sig.constness {
            errors.push(token, format!("{kind} cannot be `const`"));
        }
        if let syn::Safety::Unsafe(token) = &sig.safety {
            errors.push(token, format!("{kind} cannot be `unsafe`: the engine calls it"));
        }
        if let Some(abi) = &sig.abi {
            errors.push(abi, format!("{kind} cannot be `extern`"));
        }
        if let Some(variadic) = &sig.variadic {
            errors.push(variadic, format!("{kind} has a fixed number of arguments"));
        }
    }
}

/// The machine that a function belongs to, known from the type of its first argument.
pub(crate) struct Machine {
    /// The machine as a type.
    pub(crate) ty: TokenStream,
    /// The type parameter that stands for the machine, when the function is for all of them.
    parameter: Option<syn::Ident>,
}

impl Machine {
    /// Takes `Context<M>` at its word; any other name is an alias that rustc resolves.
    fn of(context: &Type, generics: &syn::Generics) -> Self {
        let Some(written) = written_machine(context) else {
            // The error of a type that is no context belongs to the type.
            let ty = quote_spanned!(context.span()=> <#context as ::fantasm::private::ContextOf>::Machine);
            return Self { ty, parameter: None };
        };
        let is_parameter = |ident: &syn::Ident| generics.type_params().any(|parameter| parameter.ident == *ident);
        let parameter = match written {
            Type::Path(path) => path.path.get_ident().filter(|ident| is_parameter(ident)).cloned(),
            _ => None,
        };
        Self { ty: written.to_token_stream(), parameter }
    }

    /// Any machine, for a function that does not say.
    pub(crate) fn any() -> Self {
        let parameter = syn::Ident::new("M", proc_macro2::Span::mixed_site());
        Self { ty: parameter.to_token_stream(), parameter: Some(parameter) }
    }

    /// The generics of an impl for this machine.
    pub(crate) fn generics(&self) -> TokenStream {
        let parameter = self.parameter.iter();
        quote!(<#(#parameter: ::fantasm::private::Machine),*>)
    }

    /// The bounds that the function sets on its machine.
    pub(crate) fn where_clause(&self, generics: &syn::Generics) -> TokenStream {
        let Some(machine) = &self.parameter else { return TokenStream::new() };
        let inline = generics.type_params().filter(|parameter| parameter.ident == *machine).map(|parameter| {
            let bounds = &parameter.bounds;
            quote!(#machine: #bounds)
        });
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let clauses = clauses.filter(|predicate| matches!(predicate, syn::WherePredicate::Type(_)));
        let bounds = inline.chain(clauses.map(ToTokens::to_token_stream));
        quote!(where #(#bounds),*)
    }

    /// Checks that nothing but the machine is left open: there is nobody to choose.
    fn check(&self, generics: &syn::Generics, errors: &mut Errors) {
        for parameter in &generics.params {
            match parameter {
                GenericParam::Lifetime(_) => {}
                GenericParam::Type(parameter) if self.parameter.as_ref() == Some(&parameter.ident) => {}
                GenericParam::Type(_) | GenericParam::Const(_) => errors.push(
                    parameter,
                    "only the machine may be generic, as in `cx: &mut Context<M>`: fsm.yaml cannot choose this one",
                ),
            }
        }
    }
}

/// The one type argument of `Context<M>`.
fn written_machine(context: &Type) -> Option<&Type> {
    let Type::Path(path) = context else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(machine) if arguments.args.len() == 1 => Some(machine),
        _ => None,
    }
}

/// Whether a type is called as contexts are.
///
/// Rustc knows better, but it would tell a missing context wherever the machine is asked for, and here it is told once.
fn is_context(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let name = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    ["Context", "Ctx", "Cx"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a type is called as pages are.
///
/// Rustc knows better, but it would tell what is no page wherever the items are asked for, and here it is told once.
pub(crate) fn has_page(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident.to_string().contains("Page")))
}

/// Reads the first argument, the context.
pub(crate) fn read_context<'a>(
    sig: &Signature,
    arguments: &mut impl Iterator<Item = &'a FnArg>,
    usage: &str,
    errors: &mut Errors,
) -> Machine {
    let machine = match arguments.next() {
        None => {
            errors.push(&sig.ident, format!("the first argument is the machine's context: {usage}"));
            return Machine::any();
        }
        Some(FnArg::Receiver(receiver)) => {
            errors.push(receiver, format!("a method has no path that fsm.yaml could name: {usage}"));
            return Machine::any();
        }
        Some(FnArg::Typed(argument)) => match &*argument.ty {
            Type::Reference(reference) if is_context(&reference.elem) => Machine::of(&reference.elem, &sig.generics),
            other if !is_context(other) => {
                errors.push(other, format!("the first argument is the machine's context: {usage}"));
                Machine::any()
            }
            other => {
                errors.push(other, format!("the context is borrowed: {usage}"));
                Machine::of(other, &sig.generics)
            }
        },
    };
    machine.check(&sig.generics, errors);
    machine
}

/// The type of an argument; nothing for a receiver, which can only be the first.
pub(crate) fn argument_type(argument: &FnArg) -> Option<&Type> {
    match argument {
        FnArg::Typed(argument) => Some(&argument.ty),
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

/// What a function answers, `()` when nothing is written.
pub(crate) fn output(sig: &Signature, errors: &mut Errors) -> TokenStream {
    match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => {
            // `fn f() -> impl Future` has been told already that it is not async.
            if sig.asyncness.is_some() {
                errors.push(ty, "name the type instead of `impl Trait`: the engine has to know it");
            }
            quote!(::fantasm::private::Unchecked)
        }
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
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
