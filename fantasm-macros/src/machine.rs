//! The machine that a function belongs to: what its first argument, the context, says.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, GenericArgument, GenericParam, PathArguments, Signature, Type, TypeReference, spanned::Spanned as _};

use crate::{
    errors::Errors,
    signature::{argument_type, check_const, located, names, plain},
};

/// The machine that a function belongs to, known from the type of its first argument.
pub(crate) struct Machine {
    /// The machine as a type.
    pub(crate) ty: TokenStream,
    /// The context, where its place alone says that it is one; then the machine is asked of it once and no more.
    context: Option<TokenStream>,
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
            Some(FnArg::Typed(argument)) => match plain(&argument.ty) {
                Type::Reference(reference) if is_context(&reference.elem) || may_be_context(sig, reference) => {
                    Self::of(plain(&reference.elem), &sig.generics)
                }
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
            let ty = if is_context(context) {
                let [word, fantasm, private, of, machine] = names(["as", "fantasm", "private", "ContextOf", "Machine"]);
                quote_spanned!(context.span()=> <#context #word ::#fantasm::#private::#of>::#machine)
            } else {
                // Its place alone says that it is one. A constant that does not compile is told once, and makes a type of
                // which nothing else is.
                let given = quote!(::fantasm::private::Taken::<#context>::GIVEN);
                let [fantasm, private, check] = names(["fantasm", "private", "check_context"]);
                let check = quote_spanned!(located(context)=> ::#fantasm::#private::#check(#given));
                let is_context = quote! {{
                    #[allow(unused_imports, reason = "of what is given the answer needs no trait")]
                    use ::fantasm::private::OtherType as _;
                    #check
                }};
                let [word, by_place, machine] = names(["as", "ContextByPlace", "Machine"]);
                quote_spanned!(located(context)=> <#context #word ::#fantasm::#private::#by_place<#is_context>>::#machine)
            };
            let context = (!is_context(context)).then(|| context.to_token_stream());
            return Self { ty, context, parameter: None, is_told: true };
        };
        let is_parameter = |ident: &syn::Ident| generics.type_params().any(|parameter| parameter.ident == *ident);
        let parameter = match written {
            Type::Path(path) => path.path.get_ident().filter(|ident| is_parameter(ident)).cloned(),
            _ => None,
        };
        Self { ty: written.to_token_stream(), context: None, parameter, is_told: true }
    }

    /// Any machine, for a function that does not say.
    pub(crate) fn any() -> Self {
        let parameter = syn::Ident::new("M", Span::mixed_site());
        let ty = parameter.to_token_stream();
        Self { ty, context: None, parameter: Some(parameter), is_told: false }
    }

    /// Its context as a type.
    pub(crate) fn context(&self) -> TokenStream {
        let machine = &self.ty;
        self.context.clone().unwrap_or_else(|| quote!(::fantasm::Context<#machine>))
    }

    /// The generics of an impl for this machine.
    pub(crate) fn generics(&self) -> TokenStream {
        self.generics_at(Span::call_site())
    }

    /// The generics of an impl that says the types of a function, which stand at the function's name.
    ///
    /// Where rustc asks whether a type that it does not find is to be one of the generics, it so says the same of the impl as of
    /// the function, and says it once.
    pub(crate) fn generics_at(&self, function: Span) -> TokenStream {
        let parameter = self.parameter.iter();
        let [fantasm, private, machine] = names(["fantasm", "private", "Machine"]);
        quote_spanned!(function=> <#(#parameter: ::#fantasm::#private::#machine),*>)
    }

    /// The parameter of an impl for this machine that has another one behind it.
    pub(crate) fn parameter(&self) -> Option<TokenStream> {
        self.parameter.as_ref().map(|parameter| quote!(#parameter: ::fantasm::private::Machine,))
    }

    /// What parts the types of a function for this machine: the machine where it is open.
    pub(crate) fn types_for(&self) -> TokenStream {
        self.parameter.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream)
    }

    /// The bounds that the function sets on its machine, to which others may be added.
    pub(crate) fn where_clause(&self, generics: &syn::Generics) -> TokenStream {
        let Some(machine) = &self.parameter else { return quote!(where) };
        let inline = generics.type_params().filter(|parameter| parameter.ident == *machine).map(|parameter| {
            let bounds = &parameter.bounds;
            quote!(#machine: #bounds)
        });
        let clauses = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let clauses = clauses.filter(|predicate| matches!(predicate, syn::WherePredicate::Type(_)));
        let bounds = inline.chain(clauses.map(ToTokens::to_token_stream));
        quote!(where #(#bounds,)*)
    }

    /// Lets rustc check by the types, and not by their names, that these are services.
    ///
    /// A type that is generic itself is none of those that the engine gives, and could not be named outside of the function.
    pub(crate) fn checks<'a>(
        &self,
        cfgs: &[&syn::Attribute],
        services: impl Iterator<Item = &'a TokenStream>,
        check: &TokenStream,
    ) -> TokenStream {
        let is_plain = |ty: &&TokenStream| {
            !mentions((*ty).clone(), &|ident| ident == "Self" || self.parameter.as_ref() == Some(ident))
        };
        services
            .filter(is_plain)
            .map(|ty| {
                let given = quote!(::fantasm::private::Taken::<#ty>::GIVEN);
                let [fantasm, private] = names(["fantasm", "private"]);
                let call = quote_spanned!(located(ty)=> ::#fantasm::#private::#check(#given));
                check_const(cfgs, &call)
            })
            .collect()
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

fn mentions(ty: TokenStream, is_one: &impl Fn(&syn::Ident) -> bool) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_one(&ident),
        TokenTree::Group(group) => mentions(group.stream(), is_one),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether a type is called as contexts are.
///
/// Rustc knows better, but it would tell a missing context wherever the machine is asked for, and here it is told once.
fn is_context(ty: &Type) -> bool {
    let Type::Path(path) = plain(ty) else { return false };
    let name = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    ["Context", "Ctx", "Cx"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a type that is not called as contexts are may be an alias of one, by its place.
///
/// A service that stands in the context's place is borrowed as `&T` by an action, and has no token after it in a continuation.
fn may_be_context(sig: &Signature, reference: &TypeReference) -> bool {
    let is_alias = match plain(&reference.elem) {
        Type::Path(path) => path.path.segments.iter().all(|segment| segment.arguments.is_none()),
        Type::Macro(_) => true,
        _ => false,
    };
    let is_text =
        matches!(plain(&reference.elem), Type::Path(path) if path.path.is_ident("String") || path.path.is_ident("str"));
    let has_token =
        || sig.inputs.iter().nth(1).and_then(argument_type).is_some_and(|ty| !matches!(ty, Type::Reference(_)));
    let others = || sig.inputs.iter().skip(1).filter_map(argument_type);
    let is_elsewhere = || others().any(|ty| matches!(ty, Type::Reference(other) if is_context(&other.elem)));
    is_alias && !is_text && (reference.mutability.is_some() || has_token()) && !is_elsewhere()
}
