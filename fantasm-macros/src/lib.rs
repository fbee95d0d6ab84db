//! The macros of fantasm; use them through the `fantasm` crate, whose pages describe them.
//!
//! A macro here looks at one function or one `impl` and never at fsm.yaml: that file and the code meet in types, which rustc checks.
//! What `include.rs` and `around.rs` read besides says more about a mistake, and never what good code becomes.

use proc_macro::TokenStream;

mod action;
mod args;
mod argument;
mod around;
mod block;
mod continuation;
mod emits;
mod errors;
mod include;
mod machine;
mod signature;

/// Use it as `fantasm::fsm_action`.
#[proc_macro_attribute]
pub fn fsm_action(args: TokenStream, item: TokenStream) -> TokenStream {
    action::expand(args.into(), item.into()).into()
}

/// Use it as `fantasm::continuation`.
#[proc_macro_attribute]
pub fn continuation(args: TokenStream, item: TokenStream) -> TokenStream {
    continuation::expand(args.into(), item.into()).into()
}

/// Use it as `fantasm::include_machines`.
#[proc_macro]
pub fn include_machines(args: TokenStream) -> TokenStream {
    include::expand(args.into()).into()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proc_macro2::{TokenStream, TokenTree};
    use quote::quote;

    /// The texts of all tokens and where they stand, which is what an editor finds them by.
    fn told_apart(tokens: TokenStream) -> Vec<(String, Range<usize>)> {
        tokens
            .into_iter()
            .flat_map(|token| match token {
                TokenTree::Group(group) => {
                    let ends = [group.span_open(), group.span_close()].map(|end| (String::new(), end.byte_range()));
                    ends.into_iter().chain(told_apart(group.stream())).collect()
                }
                other => vec![(other.to_string(), other.span().byte_range())],
            })
            .collect()
    }

    /// Whether no name stands where the user wrote another, as an editor would show both; but for errors, which stand there.
    fn is_found_alone(written: &[(String, Range<usize>)], expanded: &[(String, Range<usize>)]) -> bool {
        let is_name = |text: &str| text.starts_with(|first: char| first.is_alphabetic() || first == '_');
        let is_error = expanded.iter().any(|(text, _)| text == "compile_error");
        is_error
            || expanded.iter().filter(|(text, _)| is_name(text)).all(|(text, place)| {
                written.iter().all(|(other, at)| !is_name(other) || at != place || at.is_empty() || other == text)
            })
    }

    /// What an editor shows of a function, it finds through the function's own tokens, so they come first, as they were and with
    /// the places that they had, behind no more than an attribute.
    #[test]
    fn what_the_user_wrote_stays_and_comes_first() {
        let items = [
            "pub async fn load<'a>(cx: &'a mut Context, mut page: Page<u8, u8>) -> Option<Load> { body.. }",
            "/// Docs.
             #[cfg(test)]
             async fn load<M: Machine>(cx: &Context<M>, db: &Db) where M: Named {}",
            "async fn load(cx: &mut String)",
            "#[fsm_action] async fn load(cx: &mut Context) {}",
            "async fn load(cx: &mut Job, key: Key, rows: Rows, tx: &mut Tx) -> Result<(), Box<dyn Error>> {}",
            "fn load() -> impl Future<Output = ()> {}",
            "impl Load { async fn execute(&self, cx: &mut Context) {} fn other() {} }",
            "impl<T> Load<T> {}",
            "impl Action for Load {}",
            "struct Load;",
            "7",
        ];
        for written in items {
            let item = written.parse::<TokenStream>().unwrap();
            let kept = [told_apart(crate::signature::awaited(&item)), told_apart(item.clone())];
            let is_kept = |expanded: TokenStream| {
                let expanded = told_apart(expanded);
                kept.iter().any(|kept| expanded.starts_with(kept)) && is_found_alone(&kept[1], &expanded)
            };
            for args in [quote!(), quote!(external), quote!(emits("done")), quote!(what)] {
                assert!(is_kept(crate::action::expand(args, item.clone())), "{written}");
            }
            for args in [quote!(load), quote!("load"), quote!()] {
                assert!(is_kept(crate::continuation::expand(args, item.clone())), "{written}");
            }
        }
        assert!(!is_found_alone(&[("Page".to_owned(), 3..7)], &[("Told".to_owned(), 3..7)]));
        let elsewhere = " load".parse::<TokenStream>().unwrap();
        assert_ne!(told_apart(elsewhere), told_apart("load".parse().unwrap()), "the places count");
    }
}
