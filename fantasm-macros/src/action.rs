//! `#[fsm_action]`: the function, and beside it a type of the same name that implements `Action`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Signature, Type, spanned::Spanned as _};

use crate::{
    args,
    errors::Errors,
    machine::Machine,
    signature::{self, Function},
};

const USAGE: &str = "write `cx: &mut Context`";

pub(crate) fn expand(args: &TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    args::read_none(args, &mut errors);
    let Some(function) = errors.take(syn::parse2::<Function>(item.clone())) else { return errors.finish(item) };
    function.check("an action", &mut errors);
    let action = Action::read(&function.sig, &mut errors);
    let generated = if action.is_method { TokenStream::new() } else { action.implement(&function, errors.is_empty()) };
    errors.finish(quote!(#item #generated))
}

/// What the function's signature says about the action.
struct Action {
    machine: Machine,
    /// What follows the context.
    arguments: Vec<Argument>,
    output: TokenStream,
    is_method: bool,
}

/// An argument by what the engine has to give for it.
enum Argument {
    /// By value: the page or the gathered contexts. Which of them, rustc knows.
    Input(TokenStream),
    /// `&mut T`: the scratch, under whatever name.
    Scratch(TokenStream),
    /// `&T`: a service of the worker.
    Service(TokenStream),
}

impl Action {
    fn read(sig: &Signature, errors: &mut Errors) -> Self {
        let mut inputs = sig.inputs.iter();
        let machine = Machine::read(sig, &mut inputs, USAGE, errors);
        let mut arguments = Vec::new();
        for ty in inputs.filter_map(signature::argument_type) {
            if signature::check_impl_trait(ty, errors) {
                continue;
            }
            let argument = Argument::of(ty);
            if matches!(argument, Argument::Input(_)) && arguments.iter().any(|a| matches!(a, Argument::Input(_))) {
                errors
                    .push(ty, "an action has one input, a page or the gathered contexts; a service is borrowed: `&T`");
                continue;
            }
            if let (Argument::Service(_), Type::Reference(reference)) = (&argument, ty)
                && !signature::check_service(reference, errors)
            {
                continue;
            }
            arguments.push(argument);
        }
        let is_method = matches!(sig.inputs.first(), Some(FnArg::Receiver(_)));
        Self { machine, arguments, output: signature::output(sig, errors), is_method }
    }

    /// Writes the type and its `Action`.
    ///
    /// When the function has an error, the implementation fits all the same, so that fsm.yaml still finds what it
    /// names and the error stays alone; then it calls nothing.
    fn implement(&self, function: &Function, is_sound: bool) -> TokenStream {
        let Self { machine, output, .. } = self;
        let Function { vis, sig, .. } = function;
        let name = &sig.ident;
        let cfgs = function.cfgs().collect::<Vec<_>>();
        let generics = machine.generics();
        let where_clause = machine.where_clause(&sig.generics);
        let machine = &machine.ty;
        let input = self.input();
        let takes_page = signature::has_page(input.clone())
            .then(|| quote!(#(#cfgs)* impl ::fantasm::private::TakesPage for #name {}));
        // Rustc tells at the user's types what is wrong with them, for one that they are less visible than the function.
        let input = quote_spanned!(input.span()=> type Input = #input;);
        let output = quote_spanned!(output.span()=> type Output = #output;);
        let services = services(self.arguments.iter().filter_map(Argument::service));
        let body = if is_sound { self.call(name) } else { quote!(::std::unreachable!()) };
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(missing_debug_implementations, non_camel_case_types, reason = "a name for the function, no value")]
            #vis struct #name {}

            #(#cfgs)*
            impl #generics ::fantasm::private::Action<#machine> for #name #where_clause {
                #input
                #output

                fn services() -> &'static [::fantasm::private::ServiceKey] {
                    #services
                }

                fn call<'a>(
                    cx: &'a mut ::fantasm::Context<#machine>,
                    input: Self::Input,
                    env: ::fantasm::private::Env<'a>,
                ) -> ::fantasm::private::BoxFuture<'a, ::fantasm::Result<Self::Output>> {
                    #body
                }
            }

            #takes_page
        }
    }

    fn input(&self) -> TokenStream {
        let input = self.arguments.iter().find_map(|argument| match argument {
            Argument::Input(ty) => Some(ty.clone()),
            Argument::Scratch(_) | Argument::Service(_) => None,
        });
        input.unwrap_or_else(|| quote!(()))
    }

    fn call(&self, name: &syn::Ident) -> TokenStream {
        let arguments = self.arguments.iter().map(|argument| match argument {
            Argument::Input(_) => quote!(input),
            Argument::Scratch(ty) => quote!(::fantasm::private::scratch::<#ty>(env.scratch)),
            Argument::Service(ty) => quote!(env.services.get::<#ty>()?),
        });
        quote! {
            ::std::boxed::Box::pin(async move {
                ::std::result::Result::<_, ::fantasm::Error>::Ok(#name(cx, #(#arguments),*).await)
            })
        }
    }
}

impl Argument {
    fn of(ty: &Type) -> Self {
        match ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                Self::Scratch(reference.elem.to_token_stream())
            }
            Type::Reference(reference) => Self::Service(reference.elem.to_token_stream()),
            other => Self::Input(other.to_token_stream()),
        }
    }

    fn service(&self) -> Option<&TokenStream> {
        match self {
            Self::Service(ty) => Some(ty),
            Self::Input(_) | Self::Scratch(_) => None,
        }
    }
}

/// The keys of services, as a value that lives for ever.
pub(crate) fn services<'a>(types: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    quote!(const { &[#(::fantasm::private::ServiceKey::of::<#types>()),*] })
}
