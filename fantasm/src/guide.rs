//! The user guide, in chapters.
//!
//! - [What is guaranteed](guarantees)
//! - [The life of tasks and instances](lifecycle)
//! - [When an instance has ended](completion)
//! - [fsm.yaml](fsm_yaml)
//! - [The context](context)
//! - [Actions](actions)
//! - [Continuations](continuation)
//! - [Fan-in](fan_in)
//! - [Errors and retries](retries)
//! - [Running it in production](production)
//! - [Testing your machines](testing)
//! - [Coming from Fantasm (Python)](coming_from_fantasm)
//! - [Behaviour by behaviour](behaviours)

#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("../docs/lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("../docs/completion.md")]
pub mod completion {}

#[doc = include_str!("../docs/fsm-yaml.md")]
pub mod fsm_yaml {}

#[doc = include_str!("../docs/context.md")]
pub mod context {}

#[doc = include_str!("../docs/actions.md")]
pub mod actions {}

#[doc = include_str!("../docs/continuation.md")]
pub mod continuation {}

#[doc = include_str!("../docs/fan-in.md")]
pub mod fan_in {}

#[doc = include_str!("../docs/retries.md")]
pub mod retries {}

#[doc = include_str!("../docs/production.md")]
pub mod production {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/coming-from-fantasm.md")]
pub mod coming_from_fantasm {}

#[doc = include_str!("../docs/behaviours.md")]
pub mod behaviours {}
