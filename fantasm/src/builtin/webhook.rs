//! Webhooks: a machine that posts how an instance has ended, until somebody has taken it.
//!
//! What is sent follows the [Standard Webhooks](https://www.standardwebhooks.com) specification, version 1.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{QUEUE, WEBHOOK_MACHINE, WEBHOOK_STATE};
use crate::{
    Error, Result,
    action::{Action, BoxFuture, Env},
    answer::Event,
    clock::Clock,
    context::Context,
    erased::{CodecOf, Final},
    machine::{Machine, MachineDescriptor, StateDescriptor},
    registry::{Registration, StateActions},
    retry::RetryPolicy,
    store::Store,
};

/// For three days: after 5 seconds, 10, 20, … and in the end every six hours.
const RETRY: RetryPolicy = RetryPolicy::new().min_backoff(5).max_backoff(6 * 3600).age_limit(3 * 24 * 3600);

/// What the secrets of the specification begin with.
const PREFIX: &str = "whsec_";

const DESCRIPTOR: MachineDescriptor =
    MachineDescriptor::new(WEBHOOK_MACHINE, &[StateDescriptor::new(WEBHOOK_STATE).final_state()])
        .queue(QUEUE)
        .retry(RETRY);

pub(super) const REGISTRATION: Registration = Registration::new(
    &DESCRIPTOR,
    &CodecOf::<Webhook>(PhantomData),
    &[StateActions::new().action(&Final::<Webhook, Never, Post>(PhantomData))],
);

/// Where to, and the record of the instance that has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Webhook {
    url: String,
    #[serde(flatten)]
    record: Map<String, Value>,
}

impl Machine for Webhook {
    const DESCRIPTOR: &'static MachineDescriptor = &DESCRIPTOR;
}

/// What a worker lends to the machine.
#[derive(Debug, Clone)]
pub(crate) struct Postman {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    key: hmac::Key,
    agent: ureq::Agent,
}

impl Postman {
    /// Posts with this secret, and waits so long for an answer; nothing when the secret is none.
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, secret: &str, timeout: Duration) -> Option<Self> {
        let secret = BASE64_STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
        // A redirect could lead anywhere, and is refused as every answer that is no success.
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("fantasm");
        let agent = config.build().new_agent();
        let is_secret = (24..=64).contains(&secret.len());
        is_secret.then(|| Self { store, clock, key: hmac::Key::new(hmac::HMAC_SHA256, &secret), agent })
    }

    /// Posts the record once, and takes nothing for success but an answer that says so.
    async fn post(&self, cx: &Context<Webhook>) -> Result<()> {
        let body = self.body(cx).await?;
        let (id, time) = (cx.idempotency_key().to_string(), self.clock.now().as_second().to_string());
        let signature = format!("v1,{}", self.sign(&id, &time, &body));
        let (agent, url) = (self.agent.clone(), cx.url.clone());
        let send = move || {
            let request = agent.post(url).header("content-type", "application/json");
            let request = request.header("webhook-id", id).header("webhook-timestamp", time);
            request.header("webhook-signature", signature).send(body).map(|answer| answer.status().as_u16())
        };
        match tokio::task::spawn_blocking(send).await? {
            Ok(200..=299) => Ok(()),
            Ok(410) => Err(Error::permanent("the receiver of the webhook is gone for good (410)")),
            Ok(status) => Err(Error::retryable(format!("the receiver of the webhook answered {status}"))),
            Err(error @ (ureq::Error::BadUri(_) | ureq::Error::Http(_))) => Err(Error::permanent(error)),
            Err(error) => Err(Error::retryable(error)),
        }
    }

    /// The same on every attempt.
    async fn body(&self, cx: &Context<Webhook>) -> Result<String> {
        let status = cx.record.get("status").and_then(Value::as_str).unwrap_or("ended");
        // This instance was made in the transaction in which the other has ended.
        let ended_at = self.store.instance(cx.instance()).await?.map(|instance| instance.created_at.to_string());
        let body = json!({ "type": format!("instance.{status}"), "timestamp": ended_at, "data": cx.record });
        Ok(body.to_string())
    }

    fn sign(&self, id: &str, time: &str, body: &str) -> String {
        BASE64_STANDARD.encode(hmac::sign(&self.key, format!("{id}.{time}.{body}").as_bytes()))
    }
}

/// The event of a state that has none.
#[derive(Debug, Clone, Copy)]
enum Never {}

impl Event for Never {
    const STATE: &'static str = WEBHOOK_STATE;
    const NAMES: &'static [&'static str] = &[];

    fn name(self) -> &'static str {
        match self {}
    }
}

/// The action of the only state.
struct Post;

impl Action<Webhook> for Post {
    type Input = ();
    type Output = Result<()>;

    fn call<'a>(cx: &'a mut Context<Webhook>, (): (), env: Env<'a>) -> BoxFuture<'a, Result<Self::Output>> {
        Box::pin(async move {
            let posted = env.services.get::<Postman>()?.post(cx).await;
            if posted.is_ok() {
                // It is kept with the instance that it is about, and need not be kept twice.
                cx.record.remove("context");
            }
            Ok(posted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::ManualClock, store::MemoryStore};

    /// The example of the specification.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let clock = Arc::new(ManualClock::new());
        let postman = |secret| Postman::new(Arc::new(MemoryStore::new()), clock.clone(), secret, Duration::ZERO);
        let (id, time, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        let signature = postman(secret).unwrap().sign(id, time, body);
        assert_eq!(signature, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for no_secret in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ", "whsec_?", ""] {
            assert!(postman(no_secret).is_none(), "{no_secret}");
        }
    }
}
