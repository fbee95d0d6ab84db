//! The values that a context has where nobody has given others.

use fantasm_spec::{ContextField, ContextType, Integer, Literal, Machine, UNKNOWN_KEYS_IDENT, UnknownKeys};
use proc_macro2::{Literal as Number, TokenStream};
use quote::quote;

use super::{ident, no_clippy};

/// The `Default` of a context, when one of its values has a default of its own; else it is derived.
pub(super) fn default(machine: &Machine) -> Option<TokenStream> {
    if machine.context_types.iter().all(|field| field.default.is_none()) {
        return None;
    }
    let name = ident(&machine.name.type_ident());
    let fields = machine.context_types.iter().map(field);
    let unknown_keys = (machine.unknown_keys == UnknownKeys::Keep).then(|| {
        let name = ident(UNKNOWN_KEYS_IDENT);
        quote!(#name: ::std::default::Default::default(),)
    });
    let no_clippy = no_clippy();
    Some(quote! {
        #no_clippy
        impl ::std::default::Default for #name {
            fn default() -> Self {
                Self { #(#fields,)* #unknown_keys }
            }
        }
    })
}

fn field(field: &ContextField) -> TokenStream {
    let name = ident(&field.name.field_ident());
    let value = field.default.as_ref().map(|default| value(&field.ty, default));
    let value = value.unwrap_or_else(|| quote!(::std::default::Default::default()));
    quote!(#name: #value)
}

/// A default as an expression of its type, which the checks have compared.
fn value(ty: &ContextType, default: &Literal) -> TokenStream {
    match (ty, default) {
        (ContextType::Optional(_), Literal::Null) => quote!(::std::option::Option::None),
        (ContextType::Optional(item), _) => {
            let item = value(item, default);
            quote!(::std::option::Option::Some(#item))
        }
        (ContextType::List(item), Literal::List(items)) => {
            let items = items.iter().map(|default| value(item, default));
            quote!(::std::vec![#(#items),*])
        }
        (ContextType::Str, Literal::Text(text)) => string(text),
        (ContextType::Bool, Literal::Bool(truth)) => quote!(#truth),
        (ContextType::Int, Literal::Integer(number)) => integer(*number),
        (ContextType::Float, Literal::Integer(number)) => float(*number),
        (ContextType::Float, Literal::Float(number)) => {
            let number = Number::f64_unsuffixed(*number);
            quote!(#number)
        }
        _ => json(default),
    }
}

/// A value of JSON, spelt out: its macro needs names that may not be around.
fn json(default: &Literal) -> TokenStream {
    let json = quote!(::fantasm::private::serde_json);
    let from = |value: TokenStream| quote!(<#json::Value as ::std::convert::From<f64>>::from(#value));
    match default {
        Literal::Bool(truth) => quote!(#json::Value::Bool(#truth)),
        Literal::Integer(number) if i64::try_from(number.get()).is_ok() => {
            let number = integer(*number);
            quote!(<#json::Value as ::std::convert::From<i64>>::from(#number))
        }
        Literal::Integer(number) => from(float(*number)),
        Literal::Float(number) if number.is_finite() => {
            let number = Number::f64_unsuffixed(*number);
            from(quote!(#number))
        }
        Literal::Text(text) => {
            let text = string(text);
            quote!(#json::Value::String(#text))
        }
        Literal::List(items) => {
            let items = items.iter().map(self::json);
            quote!(#json::Value::Array(::std::vec![#(#items),*]))
        }
        Literal::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let (key, value) = (string(key), self::json(value));
                quote!((#key, #value))
            });
            quote!(#json::Value::Object(::std::iter::FromIterator::from_iter([#(#entries),*])))
        }
        _ => quote!(#json::Value::Null),
    }
}

/// A text, by the name of its trait: there may be no prelude.
fn string(text: &str) -> TokenStream {
    quote!(<::std::string::String as ::std::convert::From<&str>>::from(#text))
}

fn integer(number: Integer) -> TokenStream {
    let number = Number::i64_unsuffixed(i64::try_from(number.get()).unwrap_or_default());
    quote!(#number)
}

#[allow(clippy::cast_precision_loss, reason = "a float is what is asked for")]
fn float(number: Integer) -> TokenStream {
    let number = Number::f64_unsuffixed(number.get() as f64);
    quote!(#number)
}
