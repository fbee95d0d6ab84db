//! How much has happened in some worlds: quiet ones would prove nothing.

macro_rules! counts {
    ($($(#[doc = $doc:literal])? $count:ident,)+) => {
        /// How much has happened.
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
        pub(crate) struct Counts { $($(#[doc = $doc])? pub(crate) $count: u64,)+ }

        impl std::ops::Add for Counts {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self { $($count: self.$count + other.$count,)+ }
            }
        }

        impl Counts {
            /// How often that happened which happened most rarely.
            pub(crate) fn rarest(&self) -> u64 {
                [$(self.$count),+].into_iter().min().unwrap_or_default()
            }
        }
    };
}

counts! {
    n_worlds,
    n_steps,
    /// Writes that came too late.
    n_refused,
    /// Tasks that were taken back from silent workers.
    n_rescued,
    n_batches,
    n_given_up,
    n_purged,
    /// Instances that followed the ends of others.
    n_successors,
    /// Statements that took effect.
    n_effects,
    /// Statements that could not.
    n_doomed,
    /// Tasks with which too many workers have died.
    n_deadly,
    /// Tasks that were retried more often than their limit has it, as they were not too old.
    n_young,
}
