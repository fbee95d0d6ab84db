//! Actions of several machines, from elsewhere, by hand, and with everything that may stand on a function.

use fantasm::{
    Action, BoxFuture, Context, Env, Machine, Page, Scratch, Transaction as Renamed, continuation, fsm_action,
};
pub(super) use library::prepare as renamed;
use machines::{First, Second, first, second};

mod machines {
    include!(concat!(env!("OUT_DIR"), "/shared/fantasm.rs"));
}

mod library {
    use fantasm::{Context, Machine, fsm_action};

    #[fsm_action]
    pub(crate) async fn prepare<M>(_cx: &mut Context<M>)
    where
        M: Machine,
    {
    }
}

/// Only for machines that can be told apart.
pub(super) trait Named {
    const NAME: &'static str;
}

impl Named for First {
    const NAME: &'static str = "first";
}

impl Named for Second {
    const NAME: &'static str = "second";
}

#[fsm_action]
#[tracing::instrument(skip_all)]
pub(super) async fn tidy<M: Machine + Named>(_cx: &mut Context<M>, scratch: &mut Scratch) {
    scratch.insert(M::NAME);
}

#[continuation(visit)]
async fn pages<M: Machine>(_cx: &Context<M>, token: Option<u8>) -> fantasm::Result<Page<u8, u8>> {
    Ok(Page::new(vec![token.unwrap_or_default()], None))
}

#[fsm_action]
pub(super) async fn visit<M: Machine>(_cx: &mut Context<M>, page: Page<u8, u8>) {
    assert_eq!(page.len(), 1);
}

pub(super) struct Counting;

impl Action<First> for Counting {
    type Input = ();
    type Output = first::Count;

    fn call<'a>(cx: &'a mut first::Context, (): (), _env: Env<'a>) -> BoxFuture<'a, fantasm::Result<first::Count>> {
        Box::pin(async move {
            cx.rows += 1;
            Ok(first::Count::Counted)
        })
    }
}

/// Docs, lifetimes, patterns, and attributes before and after.
#[allow(clippy::needless_lifetimes, reason = "written as a user may write it")]
#[tracing::instrument(skip_all, err)]
#[fsm_action]
#[cfg(not(any()))]
pub(super) async fn decorated<'a>(
    mut _cx: &'a mut second::Context,
    &(low, _): &'a (u8, u8),
    _: &'a String,
) -> Result<second::Decorated, std::io::Error> {
    assert!(low > 0);
    Ok(second::Decorated::Done)
}

#[fsm_action]
#[cfg(any())]
async fn decorated(this_is: never, compiled: at_all) {}

type Booking = fantasm::Transaction;

#[fsm_action]
async fn books<M: Machine>(_cx: &mut Context<M>, _scratch: &mut Scratch, tx: &mut Booking) {
    tx.execute("DELETE FROM draft");
}

#[fsm_action]
async fn books_as_well<M: Machine>(_cx: &mut Context<M>, tx: &mut Renamed) {
    tx.execute("DELETE FROM draft");
}

#[test]
fn a_transaction_is_one_under_any_name() {
    const { assert!(<books as Action<First>>::IS_TRANSACTIONAL && <books_as_well as Action<Second>>::IS_TRANSACTIONAL) };
    const { assert!(!<tidy as Action<First>>::IS_TRANSACTIONAL && !<visit as Action<First>>::IS_TRANSACTIONAL) };
}

#[tokio::test]
async fn what_is_shared_can_be_called() {
    let mut cx = first::Context::new(First::default());
    let page = pages(&cx, Some(1)).await.unwrap();
    visit(&mut cx, page).await;
    let mut scratch = Scratch::default();
    tidy(&mut cx, &mut scratch).await;
    assert_eq!(scratch.get(), Some(&"first"));
    renamed(&mut cx).await;
    let mut cx = second::Context::new(Second::default());
    assert_eq!(decorated(&mut cx, &(1, 2), &String::new()).await.unwrap(), second::Decorated::Done);
    assert_eq!(machines::all().len(), 2);
}
