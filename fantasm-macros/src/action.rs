//! `#[fsm_action]`: the function, and beside it a type of the same name that implements `Action`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Ident, Signature, Type, Visibility, spanned::Spanned as _};

use crate::{
    args::ActionArgs,
    block, emits,
    errors::Errors,
    machine::Machine,
    signature::{self, Function},
};

const USAGE: &str = "write `cx: &mut Context`";

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = ActionArgs::read(args, &mut errors);
    if block::is_block(item.clone()) {
        return block::expand(&args, item, errors);
    }
    let Some(function) = errors.take(syn::parse2::<Function>(item.clone())) else { return errors.finish(item) };
    function.check("an action", &mut errors);
    let is_method = function.is_method();
    let action = Action::read(&function.sig, &mut errors);
    if is_method {
        return errors.finish(item);
    }
    let name = &function.sig.ident;
    let events = emits::name_for(name);
    args.check_output(&events, &function.sig, &mut errors);
    let cfgs = function.cfgs().collect::<Vec<_>>();
    let vis = &function.vis;
    let generated = action.implement(&Target {
        ty: &name.to_token_stream(),
        sig: &function.sig,
        function: &name.to_token_stream(),
        events: &events,
        receiver: None,
        vis,
        cfgs: &cfgs,
        args: &args,
        is_sound: errors.is_empty(),
    });
    let item = signature::awaited(&item);
    errors.finish(quote! {
        #item
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(missing_debug_implementations, non_camel_case_types, reason = "a name for the function, no value")]
        #vis struct #name {}
        #generated
    })
}

/// What an action is written for, and what it calls.
pub(crate) struct Target<'a> {
    /// The type that fsm.yaml names.
    pub(crate) ty: &'a TokenStream,
    pub(crate) sig: &'a Signature,
    /// What is called with the arguments.
    pub(crate) function: &'a TokenStream,
    /// The name of the enum for its own events.
    pub(crate) events: &'a Ident,
    /// The type of a receiver, which is a service.
    pub(crate) receiver: Option<&'a TokenStream>,
    pub(crate) vis: &'a Visibility,
    pub(crate) cfgs: &'a [&'a Attribute],
    pub(crate) args: &'a ActionArgs,
    /// When not, the implementation fits all the same, so that fsm.yaml still finds what it names and the error stays alone;
    /// then it calls nothing.
    pub(crate) is_sound: bool,
}

/// What the function's signature says about the action.
pub(crate) struct Action {
    machine: Machine,
    /// What follows the context.
    arguments: Vec<Argument>,
    output: TokenStream,
}

/// An argument by what the engine has to give for it.
enum Argument {
    /// By value: the page or the gathered contexts. Which of them, rustc knows.
    Input(TokenStream),
    /// The task's key, by value.
    Key,
    /// `&mut T`: the scratch or the step's transaction. Which of them, rustc knows.
    Lent(TokenStream),
    /// `&T`: a service of the worker.
    Service(TokenStream),
}

impl Action {
    /// An action of any machine, in the place of one that could not be read.
    pub(crate) fn unknown() -> Self {
        Self { machine: Machine::any(), arguments: Vec::new(), output: quote!(::fantasm::private::Unchecked) }
    }

    /// Reads a signature, whose receiver is for the caller to judge.
    pub(crate) fn read(sig: &Signature, errors: &mut Errors) -> Self {
        let mut inputs = sig.inputs.iter();
        let machine = Machine::read(sig, &mut inputs, USAGE, errors);
        let mut arguments = Vec::new();
        for ty in inputs.filter_map(signature::argument_type) {
            if signature::check_impl_trait(ty, errors) || signature::check_lent(ty, errors) {
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
            if let Argument::Lent(twice) = &argument
                && arguments.iter().filter_map(Argument::lent).any(|other| other.to_string() == twice.to_string())
            {
                errors.push(ty, "an action takes the scratch and the step's transaction once each");
                continue;
            }
            arguments.push(argument);
        }
        Self { machine, arguments, output: signature::output(sig, errors) }
    }

    /// Writes the `Action` of a type.
    pub(crate) fn implement(&self, target: &Target<'_>) -> TokenStream {
        let Target { ty, cfgs, vis, args, .. } = target;
        let generics = self.machine.generics();
        let where_clause = self.machine.where_clause(&target.sig.generics);
        let machine = &self.machine.ty;
        let input = self.input();
        let takes_page =
            signature::has_page(input.clone()).then(|| quote!(#(#cfgs)* impl ::fantasm::private::TakesPage for #ty {}));
        // Rustc tells at the user's types what is wrong with them, for one that they are less visible than the function.
        let input = quote_spanned!(input.span()=> type Input = #input;);
        let output = self.output(target);
        let may_repeat =
            args.external.is_none() || self.arguments.iter().any(|argument| matches!(argument, Argument::Key));
        let may_repeat = (!may_repeat).then(|| {
            quote!(
                const MAY_REPEAT: bool = false;
            )
        });
        let is_transactional = self.is_transactional();
        let events = args.emits.as_ref();
        let name = ty.to_string();
        let events = events.map(|events| emits::events(target.events, &name, vis, cfgs, events));
        let services = services(target.receiver.into_iter().chain(self.arguments.iter().filter_map(Argument::service)));
        let body = if target.is_sound { self.call(target) } else { quote!(::std::unreachable!()) };
        quote! {
            #(#cfgs)*
            impl #generics ::fantasm::private::Action<#machine> for #ty #where_clause {
                #input
                #output
                #may_repeat
                #is_transactional

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
            #events
        }
    }

    /// Rustc says whether one of the lent types is the transaction, by whatever name it is written.
    ///
    /// It is asked in a way that any type answers, as a bound would tell a wrong type twice.
    fn is_transactional(&self) -> Option<TokenStream> {
        let lent = self.arguments.iter().filter_map(Argument::lent).collect::<Vec<_>>();
        (!lent.is_empty()).then(|| {
            quote! {
                const IS_TRANSACTIONAL: bool = {
                    #[allow(unused_imports, reason = "of the transaction itself the answer needs no trait")]
                    use ::fantasm::private::NoTransaction as _;
                    #(::fantasm::private::Taken::<#lent>::IS_TRANSACTION)||*
                };
            }
        })
    }

    fn input(&self) -> TokenStream {
        let input = self.arguments.iter().find_map(|argument| match argument {
            Argument::Input(ty) => Some(ty.clone()),
            Argument::Key | Argument::Lent(_) | Argument::Service(_) => None,
        });
        input.unwrap_or_else(|| quote!(()))
    }

    /// What the function answers; an event of its own list becomes one for any state.
    fn output(&self, target: &Target<'_>) -> TokenStream {
        let (output, events) = (&self.output, target.events);
        if target.args.emits.is_none() {
            return quote_spanned!(output.span()=> type Output = #output;);
        }
        if !target.is_sound {
            return quote!(
                type Output = ::fantasm::private::Unchecked;
            );
        }
        quote_spanned! {output.span()=>
            type Output = ::fantasm::Result<<#output as ::fantasm::private::IntoEmitted<#events>>::Emitted>;
        }
    }

    fn call(&self, target: &Target<'_>) -> TokenStream {
        let arguments = self.arguments.iter().map(|argument| match argument {
            Argument::Input(_) => quote!(input),
            Argument::Key => quote!(key),
            Argument::Lent(ty) => quote!(::fantasm::private::by_mut::<#ty>(&mut lent)?),
            Argument::Service(ty) => quote!(env.services.get::<#ty>()?),
        });
        let receiver = target.receiver.map(|ty| quote!(env.services.get::<#ty>()?,));
        let function = target.function;
        let call = quote!(#function(#receiver cx, #(#arguments),*).await);
        let answer = if target.args.emits.is_some() {
            quote!(::fantasm::private::IntoEmitted::into_emitted(#call))
        } else {
            call
        };
        let has_key = self.arguments.iter().any(|argument| matches!(argument, Argument::Key));
        let key = has_key.then(|| quote!(let key = cx.idempotency_key();));
        let lent = self.arguments.iter().any(|argument| argument.lent().is_some()).then(|| {
            quote!(
                let mut lent = ::fantasm::private::lend(env.scratch, env.transaction);
            )
        });
        // What keeps the future from moving between threads is told at the function's name.
        quote_spanned! {signature::located(&target.sig.ident)=>
            ::std::boxed::Box::pin(async move {
                #key
                #lent
                ::std::result::Result::<_, ::fantasm::Error>::Ok(#answer)
            })
        }
    }
}

impl Argument {
    fn of(ty: &Type) -> Self {
        match ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                Self::Lent(reference.elem.to_token_stream())
            }
            Type::Reference(reference) => Self::Service(reference.elem.to_token_stream()),
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "TaskKey") => Self::Key,
            other => Self::Input(other.to_token_stream()),
        }
    }

    fn lent(&self) -> Option<&TokenStream> {
        match self {
            Self::Lent(ty) => Some(ty),
            Self::Input(_) | Self::Key | Self::Service(_) => None,
        }
    }

    fn service(&self) -> Option<&TokenStream> {
        match self {
            Self::Service(ty) => Some(ty),
            Self::Input(_) | Self::Key | Self::Lent(_) => None,
        }
    }
}

/// The keys of services, as a value that lives for ever.
pub(crate) fn services<'a>(types: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    quote!(const { &[#(::fantasm::private::ServiceKey::of::<#types>()),*] })
}
