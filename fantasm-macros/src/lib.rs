//! The macros of fantasm; use them through the `fantasm` crate, whose pages describe them.
//!
//! A macro here looks at one function or one `impl` and never at fsm.yaml: that file and the code meet in types, which rustc checks.

use proc_macro::TokenStream;

mod action;
mod args;
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
    use quote::quote;

    /// What an editor shows of a function, it finds through the function's own tokens, so they come first and as they were, behind no more than an
    /// attribute.
    #[test]
    fn what_the_user_wrote_stays_and_comes_first() {
        let items = [
            quote!(
                pub async fn load<'a>(cx: &'a mut Context, mut page: Page<u8, u8>) -> Option<Load> {
                    body..
                }
            ),
            quote!(
                #[doc = "Docs."]
                #[cfg(test)]
                async fn load<M: Machine>(cx: &Context<M>, db: &Db)
                where
                    M: Named,
                {
                }
            ),
            quote!(async fn load(cx: &mut String)),
            quote!(
                fn load() -> impl Future<Output = ()> {}
            ),
            quote!(impl Load { async fn execute(&self, cx: &mut Context) {} fn other() {} }),
            quote!(
                impl<T> Load<T> {}
            ),
            quote!(impl Action for Load {}),
            quote!(
                struct Load;
            ),
            quote!(7),
        ];
        for item in items {
            let written = [crate::signature::awaited(&item).to_string(), item.to_string()];
            let is_kept = |expanded: proc_macro2::TokenStream| {
                let expanded = expanded.to_string();
                written.iter().any(|written| expanded.starts_with(written))
            };
            for args in [quote!(), quote!(external), quote!(emits("done")), quote!(what)] {
                assert!(is_kept(crate::action::expand(args, item.clone())), "{item}");
            }
            for args in [quote!(load), quote!()] {
                assert!(is_kept(crate::continuation::expand(args, item.clone())), "{item}");
            }
        }
    }
}
