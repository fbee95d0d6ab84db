//! The action whose beginning is measured.

use fantasm::fsm_action;
use tokio::{sync::mpsc, time::Instant};

use crate::machines::ping::Context;

/// Where arrivals are told: which, and when.
#[derive(Debug)]
pub(crate) struct Arrivals(pub(crate) mpsc::UnboundedSender<(i64, Instant)>);

#[fsm_action]
pub(crate) async fn arrive(cx: &mut Context, arrivals: &Arrivals) -> fantasm::Result<()> {
    let now = Instant::now();
    // Whoever has measured enough has gone.
    let _ = arrivals.0.send((cx.number, now));
    Ok(())
}
