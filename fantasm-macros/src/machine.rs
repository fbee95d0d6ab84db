//! The machine that a function belongs to: what its first argument, the context, says.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, GenericArgument, GenericParam, PathArguments, Signature, Type, spanned::Spanned as _};

use crate::errors::Errors;

/// The machine that a function belongs to, known from the type of its first argument.
pub(crate) struct Machine {
    /// The machine as a type.
    pub(crate) ty: TokenStream,
    /// The type parameter that stands for the machine, when the function is for all of them.
    parameter: Option<syn::Ident>,
    /// Whether the first argument is a context, so that the others are what they seem.
    pub(crate) is_told: bool,
}

impl Machine {
    /// Reads the first argument.
    pub(crate) fn read<'a>(
        sig: &Signature,
        arguments: &mut impl Iterator<Item = &'a FnArg>,
        usage: &str,
        errors: &mut Errors,
    ) -> Self {
        let machine = match arguments.next() {
            None => {
                errors.push(&sig.ident, format!("the first argument is the machine's context: {usage}"));
                return Self::any();
            }
            Some(FnArg::Receiver(receiver)) => {
                errors.push(
                    receiver,
                    format!(
                        "a method has no path that fsm.yaml could name: make it a function, and {usage}; or call it `execute` and write \
                         `#[fsm_action]` on the whole `impl`"
                    ),
                );
                return Self::any();
            }
            Some(FnArg::Typed(argument)) => match &*argument.ty {
                Type::Reference(reference) if is_context(&reference.elem) => Self::of(&reference.elem, &sig.generics),
                other if !is_context(other) => {
                    errors.push(other, format!("the first argument is the machine's context: {usage}"));
                    Self::any()
                }
                other => {
                    errors.push(other, format!("the context is borrowed: {usage}"));
                    Self::of(other, &sig.generics)
                }
            },
        };
        machine.check(&sig.generics, errors);
        machine
    }

    /// Takes `Context<M>` at its word; any other name is an alias that rustc resolves.
    fn of(context: &Type, generics: &syn::Generics) -> Self {
        let Some(written) = written_machine(context) else {
            // The error of a type that is no context belongs to the type.
            let ty = quote_spanned!(context.span()=> <#context as ::fantasm::private::ContextOf>::Machine);
            return Self { ty, parameter: None, is_told: true };
        };
        let is_parameter = |ident: &syn::Ident| generics.type_params().any(|parameter| parameter.ident == *ident);
        let parameter = match written {
            Type::Path(path) => path.path.get_ident().filter(|ident| is_parameter(ident)).cloned(),
            _ => None,
        };
        Self { ty: written.to_token_stream(), parameter, is_told: true }
    }

    /// Any machine, for a function that does not say.
    pub(crate) fn any() -> Self {
        let parameter = syn::Ident::new("M", proc_macro2::Span::mixed_site());
        Self { ty: parameter.to_token_stream(), parameter: Some(parameter), is_told: false }
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
