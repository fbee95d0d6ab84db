//! The suite that every [`Store`](super::Store) must pass.
//!
//! Each case states one promise of the trait's documentation. A store's author writes a function that makes a fresh
//! store, and [`store_conformance!`](crate::store_conformance) turns every case into a test that reports by itself:
//!
//! ```
//! use std::sync::Arc;
//! use fantasm::{store::{MemoryStore, conformance::World}, testing::ManualClock};
//!
//! async fn memory() -> World {
//!     let clock = Arc::new(ManualClock::new());
//!     World::new(MemoryStore::with_clock(clock.clone()), clock)
//! }
//!
//! fantasm::store_conformance!(memory);
//! ```

pub mod claim;
pub mod commit;
pub mod continuation;
pub mod end;
pub mod fan_in;
pub mod history;
pub mod inspect;
pub mod join;
pub mod lease;
pub mod operate;
pub mod retry;
pub mod spawn;
pub mod start;
pub mod statement;
mod world;

use std::future::Future;

use super::StoreError;

pub use self::world::World;

/// What became of a case that did not panic: an error of the store fails it too.
pub type Outcome = Result<(), StoreError>;

/// Runs one case on a fresh store; [`store_conformance!`](crate::store_conformance) calls it.
///
/// # Panics
/// When the store broke the promise.
pub fn run<M: Future<Output = World>, C: Future<Output = Outcome>>(make: fn() -> M, case: fn(World) -> C) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("the case needs a tokio runtime");
    let verdict = runtime.block_on(async { case(make().await).await });
    if let Err(error) = verdict {
        panic!("the store answered an error of kind {:?}: {error} ({error:?})", error.kind());
    }
}

/// Makes a test of every case of the suite, for the stores that the named `async fn() -> World` makes.
#[macro_export]
macro_rules! store_conformance {
    ($make:path) => {
        $crate::store_conformance! { @each $make =>
            start {
                a_start_makes_an_active_instance_with_one_live_branch
                the_first_task_carries_what_it_was_given
                a_known_key_starts_nothing
                a_key_is_known_even_when_its_instance_has_ended
                keys_belong_to_their_machine
                without_a_key_every_start_is_new
                concurrent_starts_with_one_key_start_once
                an_instance_may_start_in_a_fan_in
                any_text_comes_back_as_it_was
                several_start_together
                headers_travel_with_every_task
            }
            claim {
                tasks_come_in_the_order_in_which_they_are_due
                the_earliest_come_first_when_not_all_are_taken
                a_task_is_claimed_exactly_when_it_is_due
                a_task_is_claimed_once
                no_more_than_asked_for
                only_machines_and_queues_asked_for
                an_unknown_worker_cannot_claim
                a_worker_whose_lease_ran_out_cannot_claim
                a_refused_claim_changes_nothing
                every_claim_counts_and_has_a_greater_fence
                concurrent_claims_are_disjoint
                next_due_is_the_earliest_of_the_tasks_asked_for
                next_due_passes_over_running_and_failed_tasks
                next_due_knows_when_another_lease_ends
                only_workers_with_its_label_claim_a_task
            }
            lease {
                tasks_are_rescued_exactly_when_the_lease_ends
                a_worker_that_renews_keeps_its_tasks
                a_late_renewal_counts_unless_the_tasks_were_taken
                a_rescued_task_is_due_at_once_and_its_attempt_counts
                crashes_in_a_row_are_counted
                a_rescue_leaves_live_workers_alone
                an_unknown_worker_cannot_renew
                a_rescued_worker_cannot_renew
                retiring_gives_everything_back_uncounted
                retiring_leaves_other_workers_alone
                a_released_task_waits_and_is_not_counted
                writes_are_refused_after_a_rescue
                writes_are_refused_after_a_takeover
                writes_are_refused_with_an_older_fence_of_the_same_worker
                writes_are_refused_after_the_commit
                writes_are_refused_after_a_retry
                writes_are_refused_after_a_failure
                writes_are_refused_after_a_release
                writes_are_refused_after_retiring
                writes_are_refused_after_a_halt
                writes_are_refused_with_the_lease_of_another_task
            }
            commit {
                live_branches_are_counted
                what_follows_is_made_as_said
                what_is_done_is_gone
                the_instance_finishes_with_its_last_branch
                concurrent_ends_finish_the_instance_once
                a_failure_anywhere_fails_the_instance_at_its_end
                a_halt_ends_the_instance_and_all_its_branches
                a_halt_leaves_other_instances_alone
                a_halt_prevails_over_an_earlier_failure
            }
            continuation {
                the_next_page_is_claimed_before_this_one_commits
                a_task_advances_once
                a_task_advances_once_over_all_its_attempts
                every_page_advances_by_itself
                a_page_that_a_fan_in_makes_has_no_window
                a_page_outlives_the_failure_of_the_page_before
            }
            fan_in {
                a_window_is_due_when_its_period_is_over
                a_later_package_does_not_move_the_due_time
                packages_come_in_joining_order
                windows_part_by_group_hop_and_instance
                concurrent_packages_meet_in_one_window
                a_window_takes_packages_until_it_is_sealed
                a_package_after_the_seal_opens_the_next_window
                sealing_again_gives_the_same_contexts
                another_worker_seals_the_same_contexts
                a_retry_keeps_the_packages
                a_commit_drains_the_window
                a_fan_in_may_join_its_own_next_window
                a_failed_fan_in_takes_no_more_packages
                a_halt_takes_open_windows_away
                sealing_a_plain_task_gives_nothing
                an_unsealed_window_is_not_drained
            }
            retry {
                a_retry_is_due_after_its_delay
                a_retried_task_stays_what_it_was
                a_task_that_was_given_up_is_kept_with_its_error
                failures_are_told_oldest_first
            }
            join {
                a_full_window_is_due_at_once
                a_full_window_takes_no_more
                a_window_of_one_is_due_at_once
                a_window_that_fills_leaves_a_claimed_task_alone
                a_window_that_fills_leaves_a_failed_task_alone
                a_waiting_join_is_due_at_no_time
                a_join_waits_for_every_other_branch
                a_join_is_due_when_its_last_member_has_come
                a_join_of_one_branch_is_due_at_once
                a_join_waits_for_a_failed_branch_until_it_is_retried
                a_join_goes_by_what_a_retried_branch_does
                a_join_that_waits_for_a_failed_branch_is_purged
                a_join_waits_for_sleeping_and_retried_branches
                joins_of_several_groups_are_due_together
                joins_that_wait_go_in_the_order_of_their_ranks
                a_join_waits_for_one_of_a_lower_rank_that_failed
                a_join_may_follow_a_join
                a_join_waits_for_its_own_instance_alone
                a_join_gathers_whatever_way_they_came
            }
            spawn {
                a_spawned_instance_starts_with_the_commit
                a_refused_commit_spawns_nothing
                a_spawn_with_a_known_key_starts_nothing
            }
            operate {
                cancelling_ends_an_instance_and_all_its_branches
                what_has_ended_cannot_be_cancelled
                retrying_schedules_the_failed_tasks_again
                an_active_instance_can_be_retried
                a_retried_fan_in_gets_the_same_contexts
                retrying_an_instance_without_failures_changes_nothing
                nothing_is_claimed_from_a_paused_queue
                failed_tasks_are_retried_in_another_state
                nothing_is_claimed_from_a_paused_instance
                purging_removes_what_has_ended
            }
            history {
                every_attempt_is_kept
                a_halt_is_kept_with_its_reason
                what_is_not_recorded_is_not_kept
                a_refused_commit_leaves_no_trace
                log_lines_are_kept_in_order
                log_lines_keep_their_tags_and_causes
            }
            inspect {
                an_unknown_instance_is_none
                instances_are_found_by_machine_and_key
                the_end_is_told_once
                pollers_hear_of_new_work
                tasks_are_listed_with_their_contexts
                what_windows_wait_for_is_listed
            }
            end {
                the_end_starts_what_was_named
                every_end_is_told
            }
            statement {
                statements_take_effect_with_the_step
                a_refused_statement_leaves_nothing
                a_refused_commit_runs_no_statement
                a_store_without_sql_refuses_statements
            }
        }
    };
    (@each $make:path => $($topic:ident { $($case:ident)* })*) => {
        $($(
            $crate::store_conformance! { @test $make => $topic $case }
        )*)*
    };
    (@test $make:path => $topic:ident $case:ident) => {
        #[test]
        fn $case() {
            $crate::store::conformance::run($make, $crate::store::conformance::$topic::$case);
        }
    };
}
