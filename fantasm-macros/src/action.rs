//! `#[fsm_action]`: the function, and beside it a type of the same name that implements `Action`.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Ident, ReturnType, Signature, Visibility, spanned::Spanned as _};

use crate::{
    args::ActionArgs,
    argument::Argument,
    block, emits,
    errors::Errors,
    machine::Machine,
    signature::{self, Function},
};

const USAGE: &str = "write `cx: &mut Context`";
const ASSOCIATED: &str = "a function of a type has no path that fsm.yaml could name: move it out of the `impl`; or call it `execute`, with \
                          `&self`, and write `#[fsm_action]` on the whole `impl`";

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = ActionArgs::read(args, &mut errors);
    if block::is_block(item.clone()) {
        return block::expand(&args, item, errors);
    }
    let Some(function) = errors.take(syn::parse2::<Function>(item.clone())) else { return errors.finish(item) };
    if let Some(again) = signature::attribute(&function.attrs, "fsm_action") {
        // What is generated is left to the other one.
        errors.push(again, "`#[fsm_action]` stands twice");
        return errors.finish(item);
    }
    if let Some(of_type) = function.of_type("fsm_action") {
        errors.push(of_type, ASSOCIATED);
        return errors.finish(item);
    }
    function.check("an action", &mut errors);
    let is_method = function.is_method();
    let action = Action::read(&function.sig, &mut errors);
    if is_method {
        return errors.finish(item);
    }
    let name = &function.sig.ident;
    let events = emits::name_for(name, args.emits_at.as_ref());
    args.check_output(&events, &function.sig, &mut errors);
    let cfgs = function.cfgs().collect::<Vec<_>>();
    let vis = &function.vis;
    // Of two functions of one name each implements its own type, so that rustc tells of the two and not of what follows.
    let line = line();
    let generated = action.implement(&Target {
        ty: &quote!(#name<#line>),
        name: name.to_string(),
        sig: &function.sig,
        function: &name.to_token_stream(),
        events: &events,
        receiver: None,
        vis,
        cfgs: &cfgs,
        args: &args,
        is_sound: errors.is_empty(),
    });
    // It seems to stand where the function stands: of two at one place that are there twice, rustc tells of one.
    let (keyword, braces) = ends_of(&function.sig, &item);
    let item = signature::awaited(&item);
    errors.finish(quote! {
        #item
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations, non_camel_case_types, reason = "a name for the function, no value")]
        #vis #keyword #name<const LINE: usize = #line> #braces
        #generated
    })
}

/// The first word and the end of a struct, where a function begins and ends.
fn ends_of(sig: &Signature, function: &TokenStream) -> (Ident, TokenTree) {
    let first = sig.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    let keyword = Ident::new("struct", signature::edge(first, proc_macro::Span::start));
    let mut braces = Group::new(Delimiter::Brace, TokenStream::new());
    if let Some(body) = function.clone().into_iter().last() {
        braces.set_span(body.span());
    }
    (keyword, braces.into())
}

/// The line that the attribute is on; an editor may know none, and needs none.
fn line() -> usize {
    if proc_macro::is_available() { proc_macro::Span::call_site().line() } else { 0 }
}

/// What an action is written for, and what it calls.
pub(crate) struct Target<'a> {
    /// The type that fsm.yaml names.
    pub(crate) ty: &'a TokenStream,
    /// What it is called.
    pub(crate) name: String,
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

impl Action {
    /// An action of any machine, in the place of one that could not be read.
    pub(crate) fn unknown() -> Self {
        Self { machine: Machine::any(), arguments: Vec::new(), output: quote!(::fantasm::private::Unchecked) }
    }

    /// Reads a signature, whose receiver is for the caller to judge.
    pub(crate) fn read(sig: &Signature, errors: &mut Errors) -> Self {
        let mut inputs = sig.inputs.iter();
        let machine = Machine::read(sig, &mut inputs, USAGE, errors);
        let types = inputs.filter_map(signature::argument_type).collect::<Vec<_>>();
        let arguments = Argument::read(&types, errors);
        Self { machine, arguments, output: signature::output(sig, errors) }
    }

    /// Writes the `Action` of a type.
    pub(crate) fn implement(&self, target: &Target<'_>) -> TokenStream {
        let Target { ty, cfgs, vis, args, .. } = target;
        let generics = self.machine.generics();
        let where_clause = self.machine.where_clause(&target.sig.generics);
        let (machine, context) = (&self.machine.ty, self.machine.context());
        let takes_page = self.may_take_page().then(|| quote!(#(#cfgs)* impl ::fantasm::private::TakesPage for #ty {}));
        let types = self.types(target);
        let (same_input, same_output) = self.same_types();
        let has_key = self.arguments.iter().any(|argument| matches!(argument, Argument::Key(_)));
        let may_repeat = args.external.is_some() && !has_key;
        let may_repeat = may_repeat.then(|| self.has(&quote!(MAY_REPEAT), Argument::input, &quote!(Key)));
        let is_transactional = self.arguments.iter().any(|argument| argument.lent().is_some());
        let is_transactional =
            is_transactional.then(|| self.has(&quote!(IS_TRANSACTIONAL), Argument::lent, &quote!(Transaction)));
        let checks = self.checks(cfgs);
        let answers = self.answers(target);
        let events = args.emits.as_ref();
        let events = events.map(|events| emits::events(target.events, &target.name, vis, cfgs, events));
        let mut taken =
            target.receiver.into_iter().chain(self.arguments.iter().filter_map(Argument::service)).peekable();
        let services = taken.peek().is_some().then(|| {
            let services = services(taken);
            quote! {
                fn services() -> &'static [::fantasm::private::ServiceKey] {
                    #services
                }
            }
        });
        let body = if target.is_sound { self.call(target) } else { quote!(::std::unreachable!()) };
        quote! {
            #types

            #(#cfgs)*
            impl #generics ::fantasm::private::Action<#machine> for #ty #where_clause {
                #same_input
                #same_output
                #may_repeat
                #is_transactional

                #services

                fn call<'a>(
                    cx: &'a mut #context,
                    input: Self::Input,
                    env: ::fantasm::private::Env<'a>,
                ) -> ::fantasm::private::BoxFuture<'a, ::fantasm::Result<Self::Output>> {
                    #body
                }
            }

            #answers
            #takes_page
            #checks
            #events
        }
    }

    /// Writes the types, at which rustc tells what is wrong with them, for one that they are less visible than the function.
    fn types(&self, target: &Target<'_>) -> TokenStream {
        let Target { ty, cfgs, .. } = target;
        let generics = self.machine.generics_at(target.sig.ident.span());
        let machine = self.machine.types_for();
        let where_clause = self.machine.where_clause(&target.sig.generics);
        let input = self.input();
        let input = associated(input.span(), "Input", &input);
        let output = self.output(target);
        quote! {
            #(#cfgs)*
            #[allow(
                clippy::trait_duplication_in_bounds,
                clippy::type_repetition_in_bounds,
                reason = "the function may say again what every machine is"
            )]
            impl #generics ::fantasm::private::Types<#machine> for #ty #where_clause {
                #input
                #output
            }
        }
    }

    /// The same types once more, without a word that rustc could miss.
    fn same_types(&self) -> (TokenStream, TokenStream) {
        let machine = self.machine.types_for();
        let input = quote!(<Self as ::fantasm::private::Types<#machine>>::Input);
        let output = quote!(::fantasm::private::Told<Self, #machine>);
        (associated(self.input().span(), "Input", &input), associated(self.output.span(), "Output", &output))
    }

    /// Writes which questions the function answers: all those that its type answers, which rustc is told at the type.
    ///
    /// What only values tell is checked there as well, at the words that say it.
    fn answers(&self, target: &Target<'_>) -> TokenStream {
        let Target { ty, sig, cfgs, args, .. } = target;
        let (parameter, bounds) = (self.machine.parameter(), self.machine.where_clause(&sig.generics));
        let (machine, types) = (&self.machine.ty, self.machine.types_for());
        let output = quote!(<Self as ::fantasm::private::Types<#types>>::Output);
        let (first, last) = match &sig.output {
            ReturnType::Type(_, ty) => signature::ends(ty),
            ReturnType::Default => signature::ends(&sig.ident),
        };
        let [fantasm, private, answered] = signature::names(["fantasm", "private", "AnsweredBy"]);
        let start = quote_spanned!(first=> ::#fantasm::#private::#answered<#output);
        let end = quote_spanned!(last=> >);
        let emits = args.emits_at.as_ref().filter(|_| target.is_sound).map(|emits| {
            let [check, question] = signature::names(["check_emits", "__Question"]);
            quote_spanned!(signature::located(emits)=> ::#fantasm::#private::#check::<#question, #output>();)
        });
        let external = args.external.as_ref().filter(|_| target.is_sound).map(|external| {
            let may_repeat = quote!(<Self as ::fantasm::private::Action<#machine>>::MAY_REPEAT);
            let [check, question] = signature::names(["check_external", "__Question"]);
            quote_spanned!(signature::located(external)=> ::#fantasm::#private::#check::<#machine, #question>(#may_repeat);)
        });
        let check = (emits.is_some() || external.is_some()).then(|| quote!(const CHECK: () = { #emits #external };));
        quote! {
            #(#cfgs)*
            impl<#parameter __Question> ::fantasm::private::Answers<#types, __Question> for #ty
            #bounds __Question: #start #end
            {
                type By = __Question;
                #check
            }
        }
    }

    /// A constant that says whether rustc knows one of the arguments' types as what is given, by whatever name it is written.
    ///
    /// It is asked in a way that any type answers, as a bound would tell a wrong type twice.
    fn has(
        &self,
        constant: &TokenStream,
        of: impl Fn(&Argument) -> Option<&TokenStream>,
        given: &TokenStream,
    ) -> TokenStream {
        let types = self.arguments.iter().filter_map(of);
        quote! {
            const #constant: bool = {
                #[allow(unused_imports, reason = "of what is given the answer needs no trait")]
                use ::fantasm::private::OtherType as _;
                false #(|| ::std::matches!(::fantasm::private::Taken::<#types>::GIVEN, ::fantasm::private::Given::#given))*
            };
        }
    }

    /// Lets rustc check, by the types and not by their names, that nothing is taken as a service that is none, and nothing twice.
    fn checks(&self, cfgs: &[&Attribute]) -> TokenStream {
        let services = self.arguments.iter().filter_map(Argument::service);
        let services = self.machine.checks(cfgs, services, &quote!(check_service));
        let mut lent = self.arguments.iter().filter_map(Argument::lent);
        let first = lent.next();
        let once = lent.map(|again| {
            // It is told at the second one.
            let given = |ty| quote!(::fantasm::private::Taken::<#ty>::GIVEN);
            let (first, second) = (given(first), given(Some(again)));
            let [fantasm, private, check] = signature::names(["fantasm", "private", "check_once"]);
            let call = quote_spanned!(signature::located(again)=> ::#fantasm::#private::#check(#first, #second));
            signature::check_const(cfgs, &call)
        });
        quote!(#services #(#once)*)
    }

    /// Whether there is an input, which may be a page whatever it is called; that it is one, the state asks.
    fn may_take_page(&self) -> bool {
        self.arguments.iter().filter_map(Argument::input).any(|ty| !signature::is_named(ty, "Contexts"))
    }

    fn input(&self) -> TokenStream {
        self.arguments.iter().find_map(Argument::input).cloned().unwrap_or_else(|| quote!(()))
    }

    /// What the function answers; an event of its own list becomes one for any state.
    fn output(&self, target: &Target<'_>) -> TokenStream {
        let (output, events) = (&self.output, target.events);
        if target.args.emits.is_none() {
            return associated(output.span(), "Output", output);
        }
        if !target.is_sound {
            return quote!(
                type Output = ::fantasm::private::Unchecked;
            );
        }
        let [word, fantasm, private, emitted] = signature::names(["as", "fantasm", "private", "IntoEmitted"]);
        let [result, name] = signature::names(["Result", "Emitted"]);
        let ty = quote_spanned! {output.span()=>
            ::#fantasm::#result<<#output #word ::#fantasm::#private::#emitted<#events>>::#name>
        };
        associated(output.span(), "Output", &ty)
    }

    /// Calls the function; what is made of its future is not written for each action, as that takes a compiler its time.
    fn call(&self, target: &Target<'_>) -> TokenStream {
        let service = |ty: &TokenStream| given(&quote!(env.services.get::<#ty>()));
        let arguments = self.arguments.iter().map(|argument| match argument {
            Argument::Input(_) => quote!(input),
            Argument::Key(ty) => quote!(::fantasm::private::by_value::<#ty>(key)),
            Argument::Lent(ty) => given(&quote!(::fantasm::private::by_mut::<#ty>(&mut lent))),
            Argument::Service(ty) => service(ty),
        });
        let receiver = target.receiver.map(service).map(|receiver| quote!(#receiver,));
        let has_key = self.arguments.iter().any(|argument| matches!(argument, Argument::Key(_)));
        let key = has_key.then(|| quote!(let key = cx.idempotency_key();));
        let lent = self.arguments.iter().any(|argument| argument.lent().is_some()).then(|| {
            quote!(
                let mut lent = ::fantasm::private::lend(env.scratch, env.transaction);
            )
        });
        let (function, events) = (target.function, target.events);
        let [cx] = signature::names(["cx"]);
        // What keeps the future from moving between threads is told at the function's name.
        let name = signature::located(&target.sig.ident);
        let future = quote_spanned!(name=> #function(#receiver #cx, #(#arguments),*));
        let told = match target.args.emits {
            Some(_) => quote!(told_emitted::<#events, _, _, _, _>),
            None => quote!(told),
        };
        quote!(#key #lent ::fantasm::private::#told(#future))
    }
}

/// What a function is given, or the end where that is missing.
pub(crate) fn given(what: &TokenStream) -> TokenStream {
    quote! {
        match #what {
            ::std::result::Result::Ok(given) => given,
            ::std::result::Result::Err(missing) => return ::fantasm::private::missing(missing),
        }
    }
}

/// An associated type that rustc is to speak of at this place.
pub(crate) fn associated(place: Span, name: &str, ty: &TokenStream) -> TokenStream {
    let [word, name] = signature::names(["type", name]);
    quote_spanned!(place=> #word #name = #ty;)
}

/// The keys of services, as a value that lives for ever.
pub(crate) fn services<'a>(types: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    quote!(const { &[#(::fantasm::private::ServiceKey::of::<#types>()),*] })
}
