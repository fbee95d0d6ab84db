//! The arguments of an action, by what the engine has to give for them.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Type;

use crate::{errors::Errors, signature};

/// An argument by what the engine has to give for it.
pub(crate) enum Argument {
    /// By value: the page or the gathered contexts. Which of them, rustc knows; it may be the key by another name.
    Input(TokenStream),
    /// By value: the task's key.
    Key(TokenStream),
    /// `&mut T`: the scratch or the step's transaction. Which of them, rustc knows.
    Lent(TokenStream),
    /// `&T`: a service of the worker.
    Service(TokenStream),
}

impl Argument {
    /// Reads the types of what follows the context.
    pub(crate) fn read(types: &[&Type], errors: &mut Errors) -> Vec<Self> {
        let input = Self::find_input(types);
        let mut arguments = Vec::new();
        for ty in types.iter().copied() {
            if signature::check_impl_trait(ty, errors) || signature::check_lent(ty, errors) {
                continue;
            }
            let argument = Self::of(ty, input);
            if let (Self::Service(_), Type::Reference(reference)) = (&argument, ty) {
                if signature::is_input(&reference.elem) {
                    errors.push(
                        reference.and_token,
                        "an action takes its page or its contexts by value: leave the `&` out",
                    );
                    arguments.push(Self::Input(reference.elem.to_token_stream()));
                    continue;
                }
                if !signature::check_service(reference, errors) {
                    continue;
                }
            }
            if matches!(argument, Self::Key(_)) && arguments.iter().any(|other| matches!(other, Self::Key(_))) {
                errors.push(ty, "an action takes its key once");
                continue;
            }
            arguments.push(argument);
        }
        arguments
    }

    /// Which of the types is the input: the one that is called so, otherwise the first that is not called as the key is.
    fn find_input<'a>(types: &[&'a Type]) -> Option<&'a Type> {
        let by_value = || types.iter().copied().filter(|ty| !matches!(ty, Type::Reference(_)));
        let is_key = |ty: &Type| signature::is_named(&ty.to_token_stream(), "TaskKey");
        let is_input = |ty: &Type| signature::is_input(ty) || signature::has_page(ty.to_token_stream());
        by_value().find(|ty| is_input(ty)).or_else(|| by_value().find(|ty| !is_key(ty)))
    }

    fn of(ty: &Type, input: Option<&Type>) -> Self {
        match ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                Self::Lent(reference.elem.to_token_stream())
            }
            Type::Reference(reference) => Self::Service(reference.elem.to_token_stream()),
            other if input.is_some_and(|input| std::ptr::eq(input, other)) => Self::Input(other.to_token_stream()),
            other => Self::Key(other.to_token_stream()),
        }
    }

    pub(crate) fn input(&self) -> Option<&TokenStream> {
        match self {
            Self::Input(ty) => Some(ty),
            Self::Key(_) | Self::Lent(_) | Self::Service(_) => None,
        }
    }

    pub(crate) fn lent(&self) -> Option<&TokenStream> {
        match self {
            Self::Lent(ty) => Some(ty),
            Self::Input(_) | Self::Key(_) | Self::Service(_) => None,
        }
    }

    pub(crate) fn service(&self) -> Option<&TokenStream> {
        match self {
            Self::Service(ty) => Some(ty),
            Self::Input(_) | Self::Key(_) | Self::Lent(_) => None,
        }
    }
}
