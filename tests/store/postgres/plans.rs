//! What the server does for the statements that the store sends, as it has logged it: each goes by its index.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fantasm::{
    Clock, TaskId, TaskKey, WorkerId,
    store::{
        Claim, Claiming, Closing, Commit, Hop, LogLevel, LogLine, NewInstance, NewPackage, NewTask, PostgresStore,
        Store, Verdict,
    },
    testing::ManualClock,
};
use fantasm_tests::Cluster;

/// Has the server log the plan of everything that it runs.
const EXPLAINED: &str = "-c fsync=off -c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 \
                         -c auto_explain.log_nested_statements=on";

/// The tables that grow; of the others each has some rows, and no index that would help.
const GROWING: [&str; 6] = ["instance", "task", "window", "work_package", "step", "log"];

#[tokio::test]
async fn every_statement_runs_by_an_index() {
    let cluster = Cluster::start(EXPLAINED);
    let clock = Arc::new(ManualClock::new());
    let store = PostgresStore::builder(&cluster.url()).clock(clock.clone()).connections(2).connect().await.unwrap();
    live(&store, &clock).await;

    let log = cluster.log();
    let plans: Vec<&str> = log.split("  plan:\n\tQuery Text: ").skip(1).collect();
    for plan in &plans {
        // Where the next entry of the log begins, lines are not indented any more.
        let plan = plan.lines().take_while(|line| line.starts_with('\t') || !line.contains(" LOG:  "));
        for line in plan {
            let scanned = line.split("Seq Scan on ").nth(1).and_then(|rest| rest.split_whitespace().next());
            assert!(!scanned.is_some_and(|table| GROWING.contains(&table)), "{}", plans.join("\n---\n"));
        }
    }
    for (statement, index) in [
        ("WITH due AS", "Index Only Scan using task_due"),
        ("SELECT least(", "task_due"),
        ("SET status = 'scheduled', worker = NULL, run_at = $2, n_crashes = n_crashes + 1", "task_running"),
        ("FROM fantasm.instance WHERE ended_at < $1", "instance_ended"),
        ("DELETE FROM fantasm.task WHERE instance = ANY", "task_instance"),
        ("DELETE FROM fantasm.step WHERE instance = ANY", "step_pkey"),
        ("DELETE FROM fantasm.log WHERE instance = ANY", "log_pkey"),
        ("SELECT id FROM fantasm.instance WHERE machine = $1 AND key = $2", "instance_key"),
        ("LEFT JOIN fantasm.task AS t", "task_failed"),
        ("FROM fantasm.window\n", "window_open"),
        ("SELECT context FROM fantasm.work_package", "work_package_pkey"),
    ] {
        let of_it: Vec<_> = plans.iter().filter(|plan| plan.contains(statement)).collect();
        assert!(!of_it.is_empty(), "`{statement}` is a statement that was sent");
        assert!(of_it.iter().any(|plan| plan.contains(index)), "`{statement}` runs by {index}: {of_it:?}");
    }
}

/// Workers that begin on an empty database make their plans before there is much, and keep them.
#[tokio::test]
async fn what_is_read_does_not_grow_with_what_is_there() {
    let cluster = Cluster::start(&format!("{EXPLAINED} -c auto_explain.log_analyze=on -c autovacuum=off"));
    let clock = Arc::new(ManualClock::new());
    // So every statement of the second part has had its plan made in the first.
    let builder = PostgresStore::builder(&cluster.url()).clock(clock.clone()).connections(1).committers(1);
    let store = builder.connect().await.unwrap();
    live(&store, &clock).await;
    let begin = cluster.log().len();
    live_with_much(&store, &clock).await;

    let log = &cluster.log()[begin..];
    let plans: Vec<&str> = log.split("  plan:\n\tQuery Text: ").skip(1).collect();
    assert!(plans.len() > 2000, "{}", plans.len());
    for plan in plans {
        let number = |line: &str, before: &str| -> Option<u64> {
            let rest = line.split(before).nth(1)?;
            rest.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()
        };
        let mut n_loops = 0;
        for line in plan.lines() {
            n_loops = number(line, " loops=").unwrap_or(n_loops);
            let removed = line.contains("Rows Removed by").then(|| number(line, ": ").unwrap());
            assert!(removed.is_none_or(|n_rows| n_rows * n_loops < 20), "much is read for nothing: {plan}");
        }
    }
}

/// Many tasks that are due, of one instance and of many, and some of them at work.
async fn live_with_much(store: &PostgresStore, clock: &ManualClock) {
    let [worker, heir] = [WorkerId::random(), WorkerId::random()];
    let task = || NewTask::new(TaskKey::random(), Hop::Start { to: "State".to_owned() }, "default", "{}");
    let done = |n_tasks: usize| Verdict::Done {
        next: (0..n_tasks).map(|_| task().into()).collect(),
        context: "{}".to_owned(),
    };
    let claim = async |worker, limit| {
        store.register(worker, Duration::from_secs(60)).await.unwrap();
        let claiming = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, limit) };
        store.next_due(claiming.clone()).await.unwrap();
        store.claim(claiming).await.unwrap()
    };
    let some = NonZeroU32::new(100).unwrap();
    let start = async |n: usize| {
        store.start((0..n).map(|_| NewInstance::new("Machine", "{}", task())).collect()).await.unwrap()
    };
    let many = start(1).await[0].id;
    store.commit(claim(worker, some).await[0].lease, done(300).into()).await.unwrap();
    for (number, claim) in claim(worker, some).await.into_iter().enumerate() {
        let failed = || Verdict::Fail { error: "broken".to_owned() };
        store.commit(claim.lease, if number % 10 == 0 { failed() } else { done(0) }.into()).await.unwrap();
    }
    store.instance(many).await.unwrap();
    store.cancel(many).await.unwrap();

    let started = start(1000).await;
    for worker in [worker, heir] {
        for (number, claim) in claim(worker, some).await.into_iter().enumerate() {
            let retry = Verdict::Retry { delay: Duration::ZERO, error: "broken".to_owned() };
            match number % 10 {
                0 => store.release(claim.lease, Duration::ZERO).await.unwrap(),
                1 => assert!(store.advance(claim.lease, task()).await.unwrap()),
                // What it is at when it falls silent.
                2 => {}
                3 => store.commit(claim.lease, retry.into()).await.unwrap(),
                _ => store.commit(claim.lease, done(1).into()).await.unwrap(),
            }
        }
        for started in started.iter().take(10) {
            store.retry(started.id, None).await.unwrap();
        }
        clock.advance(Duration::from_secs(61));
    }
}

/// Makes every call of the store that a worker and a client make.
async fn live(store: &PostgresStore, clock: &ManualClock) {
    let worker = WorkerId::random();
    store.register(worker, Duration::from_secs(60)).await.unwrap();
    let hop = Hop::Start { to: "State".to_owned() };
    let task = || NewTask::new(TaskKey::random(), hop.clone(), "default", "{}");
    let new = |n: u32| NewInstance { key: Some(n.to_string()), ..NewInstance::new("Machine", "{}", task()) };
    let started = store.start((0..12).map(new).collect()).await.unwrap();
    store.introduce(vec![new(0)]).await.unwrap();
    let all = Claiming { machines: vec!["Machine".to_owned()], ..Claiming::new(worker, NonZeroU32::MAX) };
    let mut claims = store.claim(all.clone()).await.unwrap();
    assert!(store.next_due(all.clone()).await.unwrap().is_none());
    let mut next = || claims.remove(0).lease;

    let package = NewPackage {
        window_key: TaskKey::random(),
        hop: hop.clone(),
        group: None,
        queue: "default".to_owned(),
        target: None,
        context: "{}".to_owned(),
        queue_override: None,
        closing: Closing::After { period: Duration::ZERO, max: NonZeroU32::new(2) },
        rank: 0,
    };
    let done = |next| Verdict::Done { next, context: "{}".to_owned() };
    let log = vec![LogLine::new(LogLevel::Info, "done")];
    store
        .commit(next(), Commit { log, ..Commit::from(done(vec![package.clone().into(), package.into()])) })
        .await
        .unwrap();
    store.commit(next(), done(vec![task().into()]).into()).await.unwrap();
    store.commit(next(), Verdict::Halt { reason: "enough".to_owned() }.into()).await.unwrap();
    store.commit(next(), Verdict::Fail { error: "broken".to_owned() }.into()).await.unwrap();
    let retry = Verdict::Retry { delay: Duration::ZERO, error: "broken".to_owned() };
    store.commit(next(), retry.into()).await.unwrap();
    assert!(store.advance(next(), task()).await.unwrap());
    store.release(next(), Duration::ZERO).await.unwrap();
    for started in &started {
        store.instance(started.id).await.unwrap();
        store.retry(started.id, Some("Elsewhere".to_owned())).await.unwrap();
        store.history(started.id).await.unwrap();
        store.log(started.id).await.unwrap();
    }
    store.set_instance_paused(started[10].id, true).await.unwrap();
    assert!(store.cancel(started[11].id).await.unwrap());
    store.set_paused("other".to_owned(), true).await.unwrap();
    store.tasks(TaskId(0), NonZeroU32::MIN).await.unwrap();
    store.find("Machine".to_owned(), "3".to_owned()).await.unwrap();

    let windows: Vec<Claim> = store.claim(all.clone()).await.unwrap();
    let window = windows.iter().find(|claim| claim.task.window.is_some()).unwrap().lease;
    assert_eq!(store.seal(window).await.unwrap().len(), 2);
    store.commit(window, done(Vec::new()).into()).await.unwrap();
    // The worker falls silent, another takes over, and ends.
    clock.advance(Duration::from_secs(61));
    let heir = WorkerId::random();
    store.register(heir, Duration::from_secs(60)).await.unwrap();
    store.renew(heir, Duration::from_secs(60)).await.unwrap();
    assert!(!store.claim(Claiming { worker: heir, ..all }).await.unwrap().is_empty());
    store.retire(heir).await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert!(store.purge(clock.now(), NonZeroU32::MAX).await.unwrap() > 0);
}
