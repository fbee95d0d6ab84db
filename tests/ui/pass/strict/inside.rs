//! No prelude, and no lint is let pass.

#![no_implicit_prelude]
#![deny(
    warnings,
    missing_docs,
    missing_copy_implementations,
    missing_debug_implementations,
    rust_2018_idioms,
    unreachable_pub,
    unused,
    unused_qualifications,
    clippy::all,
    reason = "what users may have chosen"
)]

/// Generated.
pub(super) mod machines {
    ::std::include!(::std::concat!(::std::env!("OUT_DIR"), "/strict/fantasm.rs"));
}

use self::machines::strict::{Context, Contexts, Page as Event, Start};

#[::fantasm::fsm_action]
pub(super) async fn enter(_cx: &mut Context, _scratch: &mut ::fantasm::Scratch, _name: &::std::string::String) {}

#[::fantasm::fsm_action]
pub(super) async fn start(cx: &mut Context) -> ::fantasm::Result<Start> {
    cx.rows += 1;
    ::std::result::Result::Ok(if cx.rows > 1 { Start::Never } else { Start::Go })
}

#[::fantasm::continuation(visit)]
async fn pages(_cx: &Context, _token: ::std::option::Option<u8>) -> ::fantasm::Page<u8, u8> {
    ::fantasm::Page::skip(::std::option::Option::None)
}

#[::fantasm::fsm_action]
pub(super) async fn visit(_cx: &mut Context, _page: ::fantasm::Page<u8, u8>) -> Event {
    Event::Seen
}

#[::fantasm::fsm_action]
pub(super) async fn gather(_cx: &mut Context, _batch: Contexts) {}
