//! The action of the pages is a function like any other.

use fantasm::{Page, continuation};
use machines::mail::Context;

mod machines {
    include!(concat!(env!("OUT_DIR"), "/missing_attribute_with_pages/fantasm.rs"));
}

#[continuation(send)]
async fn pages(_cx: &Context, _token: Option<i64>) -> Page<String, i64> {
    Page::new(Vec::new(), None)
}

async fn send(_cx: &mut Context, page: Page<String, i64>) { //~ mistake
    assert!(!page.is_empty());
}

fn main() {
    machines::all();
}
