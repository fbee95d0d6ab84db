//! What is kept of attempts and their logs.

use std::time::Duration;

use super::{
    Outcome,
    world::{World, context, hop, task},
};
use crate::{
    clock::Clock,
    store::{Commit, Hop, LogLevel, LogLine, NewTask, StepVerdict, Verdict},
};

/// One row each, in the order of the commits.
pub async fn every_attempt_is_kept(world: World) -> Outcome {
    let worker = world.worker().await?;
    let next = NewTask { token: Some("7".to_owned()), hop: hop("A", "go", "B"), ..task("next") };
    let verdicts = [
        Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() },
        Verdict::Done { next: vec![next.into()], context: context("done") },
        Verdict::Fail { error: "no".to_owned() },
    ];
    let id = world.start().await?;
    let mut expected = Vec::new();
    for verdict in verdicts {
        let claim = world.claim_one(worker).await?;
        let started_at = world.clock.now();
        world.clock.advance(Duration::from_secs(3));
        expected.push((claim.task, started_at, world.clock.now()));
        world.store.commit(claim.lease, verdict.into()).await?;
    }
    let steps = world.store.history(id).await?;
    assert_eq!(steps.len(), expected.len());
    for (step, (task, started_at, ended_at)) in steps.iter().zip(&expected) {
        assert_eq!((step.task, &step.hop, &step.token, step.attempt), (task.id, &task.hop, &task.token, task.attempt));
        assert_eq!((step.worker, step.started_at, step.ended_at), (worker, *started_at, *ended_at));
    }
    let verdicts: Vec<_> = steps.iter().map(|step| (step.verdict, step.error.as_deref())).collect();
    let expected = [(StepVerdict::Retry, Some("again")), (StepVerdict::Done, None), (StepVerdict::Fail, Some("no"))];
    assert_eq!(verdicts, expected);
    Ok(())
}

/// A halt removes the tasks of its instance, but not what they did.
pub async fn a_halt_is_kept_with_its_reason(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.commit(claim.lease, Verdict::Halt { reason: "enough".to_owned() }.into()).await?;
    let steps = world.store.history(claim.task.instance).await?;
    let steps: Vec<_> = steps.iter().map(|step| (step.verdict, step.error.as_deref())).collect();
    assert_eq!(steps, [(StepVerdict::Halt, Some("enough"))]);
    Ok(())
}

/// Machines may do without.
pub async fn what_is_not_recorded_is_not_kept(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    world.store.commit(claim.lease, Commit { is_recorded: false, ..done.into() }).await?;
    assert_eq!(world.store.history(claim.task.instance).await?, []);
    Ok(())
}

/// A refused commit has not happened.
pub async fn a_refused_commit_leaves_no_trace(world: World) -> Outcome {
    let claim = world.claimed().await?;
    world.store.release(claim.lease, Duration::ZERO).await?;
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    let log = vec![LogLine::new(LogLevel::Info, "done")];
    assert!(world.store.commit(claim.lease, Commit { log, ..done.into() }).await.is_err());
    assert_eq!(world.store.history(claim.task.instance).await?, []);
    assert_eq!(world.store.log(claim.task.instance).await?, []);
    Ok(())
}

/// With the state they are about, whatever became of the attempt.
pub async fn log_lines_are_kept_in_order(world: World) -> Outcome {
    let worker = world.worker().await?;
    let exit = Hop::Exit { from: "A".to_owned() };
    let id = world.start_with(None, NewTask { hop: exit, ..task("first") }).await?.id;
    let line = |level, message: &str| LogLine::new(level, message);
    let first = world.claim_one(worker).await?;
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "again".to_owned() };
    let log = vec![line(LogLevel::Warning, "odd"), line(LogLevel::Debug, "")];
    world.store.commit(first.lease, Commit { log, ..retry.into() }).await?;
    world.clock.advance(Duration::from_secs(1));
    let again = world.claim_one(worker).await?;
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    let log = vec![line(LogLevel::Error, "ß\n\0"), line(LogLevel::Info, "well")];
    world.store.commit(again.lease, Commit { log, ..done.into() }).await?;
    let entries = world.store.log(id).await?;
    let lines: Vec<_> = entries.iter().map(|entry| (entry.line.level, entry.line.message.as_str())).collect();
    let expected =
        [(LogLevel::Warning, "odd"), (LogLevel::Debug, ""), (LogLevel::Error, "ß\n\0"), (LogLevel::Info, "well")];
    assert_eq!(lines, expected);
    assert!(entries.iter().all(|entry| entry.state.as_deref() == Some("A") && entry.task == first.task.id));
    assert_eq!(entries[3].logged_at, world.clock.now());
    Ok(())
}

/// Both may be missing, and may be any text.
pub async fn log_lines_keep_their_tags_and_causes(world: World) -> Outcome {
    let claim = world.claimed().await?;
    let tags = vec!["ß, \"tag\"".to_owned(), String::new()];
    let causes = Some("one\ntwo".to_owned());
    let log = vec![
        LogLine { tags, causes, ..LogLine::new(LogLevel::Error, "tagged") },
        LogLine::new(LogLevel::Info, "plain"),
    ];
    let done = Verdict::Done { next: Vec::new(), context: context("done") };
    world.store.commit(claim.lease, Commit { log: log.clone(), ..done.into() }).await?;
    let entries = world.store.log(claim.task.instance).await?;
    assert_eq!(entries.into_iter().map(|entry| entry.line).collect::<Vec<_>>(), log);
    Ok(())
}
