//! `#[continuation(action)]`: the function, and `Continuation` for the action's type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, FnArg, Path, ReturnType, Signature, Type, spanned::Spanned as _};

use crate::{
    action, args,
    errors::Errors,
    machine::Machine,
    signature::{self, Function},
};

const USAGE: &str = "write `cx: &Context`";
const ASSOCIATED: &str = "a continuation is no function of a type: move it out of the `impl`; or call it `continuation`, with `&self`, \
                          and write `#[fsm_action]` on the whole `impl`";

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let action = args::read_action(args, &mut errors);
    let Some(function) = errors.take(syn::parse2::<Function>(item.clone())) else { return errors.finish(item) };
    if let Some(of_type) = function.of_type("continuation") {
        errors.push(of_type, ASSOCIATED);
        return errors.finish(item);
    }
    function.check("a continuation", &mut errors);
    let pages = Pages::read(&function.sig, &mut errors);
    let cfgs = function.cfgs().collect::<Vec<_>>();
    let generated = action.map(|action| {
        let imported = Imported::of(&action);
        let pages = pages.implement(&Source {
            action: &imported.ty,
            sig: &function.sig,
            function: &function.sig.ident.to_token_stream(),
            receiver: None,
            cfgs: &cfgs,
            is_sound: errors.is_empty(),
        });
        imported.within(&cfgs, &pages)
    });
    let item = signature::awaited(&item);
    errors.finish(quote!(#item #generated))
}

/// The action that the attribute names, taken in by an import.
struct Imported<'a> {
    path: &'a Path,
    /// Its type, of which rustc speaks at the path.
    ty: TokenStream,
}

impl<'a> Imported<'a> {
    fn of(path: &'a Path) -> Self {
        let [fantasm, private, same, name] = signature::names(["fantasm", "private", "Same", "__FantasmAction"]);
        Self { path, ty: quote_spanned!(signature::located(path)=> ::#fantasm::#private::#same<#name>) }
    }

    /// Writes what rustc takes for the pages of any action while it does not know the name.
    ///
    /// So it does not say of the action that was meant that it has none. Otherwise it is about types that nobody asks for: the
    /// action's, and one that parts it from other continuations. It says nothing of the machine, which would be visible to
    /// whoever sees `Named`.
    fn pages_of_unknown(&self) -> TokenStream {
        let ty = &self.ty;
        quote! {
            impl<__Machine: ::fantasm::private::Machine, __Action, __Item, __Token> ::fantasm::private::PagesOf<
                #ty,
                <#ty as ::fantasm::private::Unnamed<__FantasmPages>>::Type,
                __Action,
                __Machine,
                __Item,
                __Token,
            > for ::fantasm::private::Named {
                const SOURCE: &'static dyn ::fantasm::private::AnyContinuation =
                    ::fantasm::private::no_pages::<__Machine>();
            }
        }
    }

    /// Puts the import around what is generated.
    ///
    /// Where there is a function and no type, its `#[fsm_action]` was forgotten, which is told where fsm.yaml names it; the name
    /// is then that of the type around, which stands for it.
    fn within(&self, cfgs: &[&Attribute], generated: &TokenStream) -> TokenStream {
        let path = self.path;
        // In front of a bare name, so that rustc looks for it here and not among the crates, and says what is like it.
        let here = path.get_ident().map(|name| {
            let here = Ident::new("self", signature::edge(name.span(), proc_macro::Span::start));
            quote!(#here::)
        });
        let last = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        let name = Ident::new("__FantasmAction", signature::edge(last, proc_macro::Span::end));
        let import = quote!(use #here #path as #name;);
        let unknown = self.pages_of_unknown();
        quote! {
            #(#cfgs)*
            const _: () = {
                #[allow(dead_code, reason = "hidden by the action, unless that is no type")]
                struct __FantasmAction;
                #[allow(dead_code, reason = "names an impl that nobody asks for")]
                struct __FantasmPages;
                impl ::fantasm::private::StandIn for __FantasmAction {}
                const _: () = {
                    #[allow(unused_imports, reason = "a function that is no action is told where fsm.yaml names it")]
                    #import
                    #generated
                    #unknown
                };
            };
        }
    }
}

/// What pages are written for, and where they come from.
pub(crate) struct Source<'a> {
    /// The type of the action.
    pub(crate) action: &'a TokenStream,
    pub(crate) sig: &'a Signature,
    /// What is called with the arguments.
    pub(crate) function: &'a TokenStream,
    /// The type of a receiver, which is a service.
    pub(crate) receiver: Option<&'a TokenStream>,
    pub(crate) cfgs: &'a [&'a Attribute],
    /// When not, what is written calls nothing.
    pub(crate) is_sound: bool,
}

/// What the function's signature says about the pages.
pub(crate) struct Pages {
    machine: Machine,
    /// The type of its token, as far as there is one.
    token: Option<Type>,
    services: Vec<TokenStream>,
    /// What it answers, unless it is not called as pages are.
    output: Option<Type>,
}

impl Pages {
    pub(crate) fn read(sig: &Signature, errors: &mut Errors) -> Self {
        let mut inputs = sig.inputs.iter();
        let machine = Machine::read(sig, &mut inputs, USAGE, errors);
        let token = inputs.next().and_then(signature::argument_type);
        let services = if machine.is_told {
            check_context_is_shared(sig, errors);
            check_token(sig, token, errors);
            read_services(inputs.filter_map(signature::argument_type), errors)
        } else {
            Vec::new()
        };
        Self { machine, token: token.cloned(), services, output: read_output(sig, errors) }
    }

    /// Writes the `Continuation`.
    pub(crate) fn implement(&self, source: &Source<'_>) -> TokenStream {
        let Self { machine, services, output, .. } = self;
        let Source { action, cfgs, .. } = source;
        let generics = machine.generics();
        let where_clause = machine.where_clause(&source.sig.generics);
        let context = machine.context();
        let machine = &machine.ty;
        let checks = self.machine.checks(cfgs, services.iter(), &quote!(check_page_service));
        let keys = action::services(source.receiver.into_iter().chain(services));
        let types = match output {
            // Rustc tells at the answer what is wrong with it.
            Some(output) => {
                let part = |name, of| {
                    let [fantasm, private, of] = signature::names(["fantasm", "private", of]);
                    let ty = quote_spanned!(output.span()=> ::#fantasm::#private::#of<#output>);
                    action::associated(output.span(), name, &ty)
                };
                let (item, token) = (part("Item", "ItemOf"), part("Token", "TokenOf"));
                quote!(#item #token)
            }
            None => {
                let input = quote!(<#action as ::fantasm::private::Action<#machine>>::Input);
                quote! {
                    type Item = <#input as ::fantasm::private::IntoPage>::Item;
                    type Token = <#input as ::fantasm::private::IntoPage>::Token;
                }
            }
        };
        let body = if source.is_sound { self.call(source) } else { quote!(::std::unreachable!()) };
        quote! {
            #(#cfgs)*
            impl #generics ::fantasm::private::Continuation<#machine> for #action #where_clause {
                #types

                fn page_services() -> &'static [::fantasm::private::ServiceKey] {
                    #keys
                }

                fn page<'a>(
                    cx: &'a #context,
                    token: ::std::option::Option<Self::Token>,
                    services: &'a ::fantasm::private::Services,
                ) -> ::fantasm::private::BoxFuture<'a, ::fantasm::Result<::fantasm::Page<Self::Item, Self::Token>>> {
                    #body
                }
            }

            #(#cfgs)*
            const _: () = ::fantasm::private::takes_page::<#action>();

            #checks
        }
    }

    fn call(&self, source: &Source<'_>) -> TokenStream {
        let service = |ty: &TokenStream| action::given(&quote!(services.get::<#ty>()));
        let receiver = source.receiver.map(service).map(|receiver| quote!(#receiver,));
        let services = self.services.iter().map(service);
        let function = source.function;
        let [cx, token] = signature::names(["cx", "token"]);
        // A token of another type than the page's is told at the type: a name alone has no place of its own.
        let token = self.token.as_ref().map(|ty| quote_spanned!(signature::located(ty)=> (#token,).0));
        // What keeps the future from moving is told at the function's name, an answer that is no page at its type.
        let name = signature::located(&source.sig.ident);
        let future = quote_spanned!(name=> #function(#receiver #cx, #token, #(#services),*));
        let [fantasm, private, sent, fetched] = signature::names(["fantasm", "private", "sent", "fetched"]);
        let answer = match &source.sig.output {
            ReturnType::Type(_, ty) => signature::located(ty),
            ReturnType::Default => name,
        };
        // Signs end these paths, as they begin them, so that rustc shows nothing beyond.
        let future = quote_spanned!(answer=> ::#fantasm::#private::#sent::<>(#future));
        quote_spanned!(answer=> ::#fantasm::#private::#fetched::<>(#future))
    }
}

/// Reads what the function answers, if that is called as pages are: see [`signature::has_page`].
///
/// Of any other type rustc knows whether it is a page; it is asked where the function is called and nowhere else.
fn read_output(sig: &Signature, errors: &mut Errors) -> Option<Type> {
    const USAGE: &str = "a continuation answers a page: write `-> fantasm::Result<Page<Item, Token>>`";
    match &sig.output {
        ReturnType::Type(_, ty) if signature::check_boxed_error(ty, errors) => None,
        ReturnType::Type(_, ty) if signature::has_page(ty.to_token_stream()) => Some((**ty).clone()),
        ReturnType::Type(_, ty) if matches!(signature::plain(ty), Type::ImplTrait(_)) => {
            errors.push(ty, USAGE);
            None
        }
        ReturnType::Type(..) => None,
        ReturnType::Default => {
            errors.push(&sig.ident, USAGE);
            None
        }
    }
}

fn check_token(sig: &Signature, token: Option<&Type>, errors: &mut Errors) {
    match token {
        Some(Type::Reference(reference)) => {
            errors.push(reference, "the second argument is the page's token: write `token: Option<Token>`");
        }
        Some(_) => {}
        None => errors.push(&sig.ident, "a continuation is told which page to fetch: add `token: Option<Token>`"),
    }
}

fn read_services<'a>(arguments: impl Iterator<Item = &'a Type>, errors: &mut Errors) -> Vec<TokenStream> {
    let mut services = Vec::new();
    for ty in arguments {
        match ty {
            Type::Reference(reference) if reference.mutability.is_none() => {
                if !signature::check_impl_trait(ty, errors) && signature::check_service(reference, errors) {
                    services.push(reference.elem.to_token_stream());
                }
            }
            other => errors.push(other, "after the token come services, each borrowed: `&T`"),
        }
    }
    services
}

/// A page is fetched before the step has begun, so nothing that it changed could be kept.
fn check_context_is_shared(sig: &Signature, errors: &mut Errors) {
    let Some(FnArg::Typed(argument)) = sig.inputs.first() else { return };
    let Type::Reference(reference) = signature::plain(&argument.ty) else { return };
    if let Some(mutability) = &reference.mutability {
        errors.push(mutability, format!("a continuation only reads the context, its changes would be lost: {USAGE}"));
    }
}
