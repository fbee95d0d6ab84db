//! The typed data of a machine, and the aliases under which its actions take it.

use fantasm_spec::{ContextField, ContextType, Machine, RustPath, UNKNOWN_KEYS_IDENT, UnknownKeys};
use proc_macro2::TokenStream;
use quote::quote;

use super::{default, docs, ident, no_clippy, path, place_doc};
use crate::comment;

/// The struct with the fields of `context_types`.
pub(super) fn data(machine: &Machine) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let fields = machine.context_types.iter().map(field).chain(unknown_keys(machine));
    let docs = docs(
        &format!("The data of one instance of machine `{}`.", machine.name),
        [machine.description.as_deref(), machine.doc.as_deref()],
    );
    let place = place_doc(&machine.place);
    let has_path = machine.context_types.iter().any(|field| has_path(&field.ty));
    let paths = has_path.then(
        || quote!(#[allow(unused_qualifications, reason = "paths start at the crate root, as fsm.yaml has them")]),
    );
    let derives = machine.derive.iter().map(derive);
    let default = default::default(machine);
    let derive_default = default.is_none().then(|| quote!(::std::default::Default,));
    let no_clippy = no_clippy();
    let refuse = (machine.unknown_keys == UnknownKeys::Refuse).then(|| quote!(, deny_unknown_fields));
    quote! {
        #docs
        #place
        #[derive(
            ::std::fmt::Debug,
            ::std::clone::Clone,
            #derive_default
            ::std::cmp::PartialEq,
            ::fantasm::private::serde::Serialize,
            ::fantasm::private::serde::Deserialize,
        )]
        #(#derives)*
        #[serde(crate = "::fantasm::private::serde", default #refuse)]
        #[allow(unreachable_pub, reason = "the module around this struct may be private")]
        #[allow(missing_copy_implementations, reason = "whether it could be copied changes with its values")]
        #no_clippy
        #paths
        pub struct #name { #(#fields,)* }

        #default
    }
}

/// A trait that the author asks for, on a line that names its place.
fn derive(path: &RustPath) -> TokenStream {
    let comment = comment::attribute(&format!("{}: derive of `{}`", path.place, path.written));
    let path = super::path(path);
    quote!(#comment #[derive(#path)])
}

/// Where the keys of a context go that have no type, if they are kept.
fn unknown_keys(machine: &Machine) -> Option<TokenStream> {
    let name = ident(UNKNOWN_KEYS_IDENT);
    (machine.unknown_keys == UnknownKeys::Keep).then(|| {
        quote! {
            /// The keys of the context that fsm.yaml gives no type.
            #[serde(flatten)]
            pub #name: ::fantasm::private::serde_json::Map<::std::string::String, ::fantasm::private::serde_json::Value>
        }
    })
}

fn field(field: &ContextField) -> TokenStream {
    let name = field.name.field_ident();
    let rename = (name != field.name.as_str()).then(|| {
        let key = field.name.as_str();
        quote!(#[serde(rename = #key)])
    });
    let docs = docs(&format!("The value `{}` of the context.", field.name), [None, None]);
    let place = place_doc(&field.place);
    let comment = comment::attribute(&format!("{}: type of `{}`", field.place, field.name));
    let name = ident(&name);
    let ty = ty(&field.ty);
    quote!(#docs #place #rename #comment pub #name: #ty)
}

fn has_path(ty: &ContextType) -> bool {
    match ty {
        ContextType::List(item) | ContextType::Optional(item) => has_path(item),
        ContextType::Path(_) => true,
        _ => false,
    }
}

fn ty(ty: &ContextType) -> TokenStream {
    match ty {
        ContextType::Str => quote!(::std::string::String),
        ContextType::Int => quote!(i64),
        ContextType::Float => quote!(f64),
        ContextType::Bool => quote!(bool),
        ContextType::DateTime => quote!(::fantasm::private::jiff::civil::DateTime),
        ContextType::Date => quote!(::fantasm::private::jiff::civil::Date),
        ContextType::List(item) => {
            let item = self::ty(item);
            quote!(::std::vec::Vec<#item>)
        }
        ContextType::Optional(item) => {
            let item = self::ty(item);
            quote!(::std::option::Option<#item>)
        }
        ContextType::Path(written) => path(written),
        // Only Python has the others; the checks refuse them, unless somebody has asked them not to.
        _ => quote!(::fantasm::private::serde_json::Value),
    }
}

/// What actions take.
pub(super) fn aliases(machine: &Machine) -> TokenStream {
    let name = ident(&machine.name.type_ident());
    let context = format!(" The context of machine `{}`, as its actions take it: `cx: &mut Context`.", machine.name);
    let contexts = format!(" What a fan-in of machine `{}` has gathered: `batch: Contexts`.", machine.name);
    quote! {
        #[doc = #context]
        #[allow(dead_code, reason = "actions may be generic")]
        pub type Context = ::fantasm::Context<super::#name>;
        #[doc = #contexts]
        #[allow(dead_code, reason = "only a fan-in takes them")]
        pub type Contexts = ::fantasm::Contexts<super::#name>;
    }
}
