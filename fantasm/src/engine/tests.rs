//! Tables of what follows from what.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::{
    Closing, Effects, Ending, Hop, LogLevel, LogLine, NewInstance, NewPackage, NewTask, Next, Outcome, Path, Start,
    Task, Verdict, next_page, start, step,
};
use crate::{
    answer::Answer,
    headers::Headers,
    id::{InstanceId, TaskId, TaskKey},
    machine::{Countdown, MachineDescriptor, StateDescriptor, TransitionDescriptor},
    retry::RetryPolicy,
};

const WAIT: Countdown = Countdown::Fixed(Duration::from_secs(30));
const DRAW: Countdown = Countdown::Between { minimum: 5, maximum: 8 };
const POLICY: RetryPolicy = RetryPolicy::new().limit(2).min_backoff(10);

const MACHINE: MachineDescriptor = MachineDescriptor::new(
    "Machine",
    &[
        StateDescriptor::new("Begin").transitions(&[
            TransitionDescriptor::new("plain", 0),
            TransitionDescriptor::new("slow", 1).queue("slow").countdown(WAIT).retry(POLICY),
            TransitionDescriptor::new("draw", 1).countdown(DRAW),
            TransitionDescriptor::new("gather", 2).queue("wide"),
            TransitionDescriptor::new("group", 3),
        ]),
        StateDescriptor::new("End").final_state().exit().transitions(&[TransitionDescriptor::new("again", 0)]),
        StateDescriptor::new("Gather").final_state().fan_in(2, None),
        StateDescriptor::new("Group").final_state().fan_in(0, Some("badge")),
    ],
)
.queue("first")
.retry(RetryPolicy::new().limit(0));

#[test]
fn an_event_leads_along_its_transition() {
    let table = [("plain", "Begin", "default", 0), ("slow", "End", "slow", 30)];
    for (event, to, queue, delay) in table {
        let expected = NewTask {
            delay: Duration::from_secs(delay),
            ..NewTask::new(key().child("branch", 0), hop("Begin", event, to), queue, "{\"x\":1}")
        };
        let done = Verdict::Done { next: vec![expected.into()], context: "{\"x\":1}".to_owned() };
        assert_eq!(answered(into("Begin"), Answer::Event(event), "{\"x\":1}", &[]), done, "{event}");
    }
}

#[test]
fn forks_follow_the_same_event_each_with_its_context() {
    let commit = answered(into("Begin"), Answer::Event("slow"), "0", &["1", "2"]);
    let tasks = tasks(commit);
    let contexts: Vec<&str> = tasks.iter().map(|task| task.context.as_str()).collect();
    assert_eq!(contexts, ["0", "1", "2"]);
    assert!(tasks.iter().all(|task| task.hop == hop("Begin", "slow", "End") && task.queue == "slow"));
    assert_eq!(tasks.iter().map(|task| task.key).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn a_context_for_a_fan_in_waits_as_a_package() {
    let table = [("gather", "Gather", "wide", None, 2), ("group", "Group", "default", Some("\"gold\""), 0)];
    for (event, to, queue, group, period) in table {
        let context = r#"{"badge":"gold"}"#;
        let expected = NewPackage {
            window_key: key().child("branch", 0).child("window", 0),
            hop: hop("Begin", event, to),
            group: group.map(str::to_owned),
            queue: queue.to_owned(),
            target: None,
            context: context.to_owned(),
            queue_override: None,
            closing: Closing::After { period: Duration::from_secs(period), max: None },
            rank: 0,
        };
        let done = Verdict::Done { next: vec![expected.into()], context: context.to_owned() };
        assert_eq!(answered(into("Begin"), Answer::Event(event), context, &[]), done, "{event}");
    }
}

#[test]
fn forks_into_a_fan_in_have_keys_of_their_own() {
    let Verdict::Done { next, .. } = answered(into("Begin"), Answer::Event("gather"), "0", &["1", "2"]) else {
        panic!("the step is done");
    };
    let window_key = |next: &Next| match next {
        Next::Package(package) => package.window_key,
        other => panic!("{other:?} does not wait"),
    };
    assert_eq!(next.iter().map(window_key).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn a_branch_ends_in_a_final_state() {
    let way = Hop::Exit { from: "End".to_owned() };
    let exit = NewTask::new(key().child("exit", 0), way, "queue of the task", "1");
    let table = [
        (into("End"), vec![exit.into()]),
        (into("Gather"), Vec::new()),
        (Hop::Exit { from: "End".to_owned() }, Vec::new()),
    ];
    for (hop, next) in table {
        let done = Verdict::Done { next, context: "1".to_owned() };
        assert_eq!(answered(hop.clone(), Answer::Nothing, "1", &[]), done, "{hop:?}");
    }
}

#[test]
fn a_final_state_may_go_on() {
    let tasks = tasks(answered(into("End"), Answer::Event("again"), "1", &[]));
    assert_eq!(tasks.iter().map(|task| task.hop.clone()).collect::<Vec<_>>(), [hop("End", "again", "Begin")]);
}

/// Trying again would not help, so nobody does, although the policy would allow it.
#[test]
fn an_answer_that_leads_nowhere_fails_the_task() {
    let exit = Hop::Exit { from: "End".to_owned() };
    let table: [(Hop, Answer, &[&str], &str); 6] = [
        (into("Begin"), Answer::Nothing, &[], "state `Begin` is not final but emitted no event"),
        (into("Begin"), Answer::Event("plane"), &[], "state `Begin` has no transition for the event `plane`"),
        (into("Gather"), Answer::Event("plain"), &[], "state `Gather` has no transition for the event `plain`"),
        (into("Begin"), Answer::Nothing, &["1"], "state `Begin` forked but emitted no event for its forks to follow"),
        (into("End"), Answer::Nothing, &["1"], "state `End` forked but emitted no event for its forks to follow"),
        (
            exit,
            Answer::Nothing,
            &["1"],
            "the exit of state `End` forked, but no event follows it for its forks to follow",
        ),
    ];
    for (hop, answer, forks, error) in table {
        assert_eq!(answered(hop, answer, "1", forks), Verdict::Fail { error: error.to_owned() });
    }
}

/// A worker looks before it runs anything; this is what stays of a task that gets here all the same.
#[test]
fn a_name_that_this_program_does_not_know_fails_the_task() {
    let table = [
        (into("Middle"), "state `Middle`"),
        (hop("Middle", "plain", "Begin"), "state `Middle`"),
        (hop("Begin", "plane", "Begin"), "event `plane`"),
        (Hop::Exit { from: "Middle".to_owned() }, "state `Middle`"),
    ];
    for (hop, what) in table {
        let error =
            format!("machine `Machine` of this program has no {what}; run a worker built from an fsm.yaml that has it");
        assert_eq!(answered(hop, Answer::Nothing, "1", &[]), Verdict::Fail { error });
    }
}

/// The entry has run, and the step is committed: so is what the entry did.
#[test]
fn a_skipped_page_ends_its_branch_with_what_the_entry_left() {
    let skipped = |forks, spawns| {
        let effects = Effects { context: "1".to_owned(), forks, spawns, ..Effects::default() };
        verdict(&MACHINE, &task(into("Begin")), Ending::Skipped { effects })
    };
    let spawn = Start::new(&MACHINE, "2".to_owned());
    let child = start(key().child("spawn", 0), spawn.clone(), Some(InstanceId(1)));
    let done = Verdict::Done { next: vec![Next::Spawn(Box::new(child))], context: "1".to_owned() };
    assert_eq!(skipped(Vec::new(), vec![spawn]), done);
    let error = "the entry of state `Begin` forked, but its page was skipped and no event follows for its forks";
    assert_eq!(skipped(vec!["3".to_owned()], Vec::new()), Verdict::Fail { error: error.to_owned() });
}

/// For the exit too, which is all that may follow.
#[test]
fn a_queue_that_the_last_action_chooses_is_that_of_the_exit() {
    let effects = Effects { context: "1".to_owned(), queue: Some("chosen".to_owned()), ..Effects::default() };
    let ending = Ending::Answered { answer: Answer::Nothing, effects };
    let exit = tasks(verdict(&MACHINE, &task(into("End")), ending));
    assert_eq!(exit.iter().map(|task| task.queue.as_str()).collect::<Vec<_>>(), ["chosen"]);
}

#[test]
fn a_halt_ends_the_instance() {
    let ending = Ending::Halted { reason: "enough".to_owned() };
    let halt = Verdict::Halt { reason: "enough".to_owned() };
    assert_eq!(verdict(&MACHINE, &task(into("Begin")), ending), halt);
}

/// A first task is retried by its machine's policy, any other by its transition's.
#[test]
fn a_failed_task_is_retried_by_the_policy_of_its_way() {
    let (start, slow, plain) = (into("Begin"), hop("Begin", "slow", "End"), hop("Begin", "plain", "Begin"));
    let table = [
        (&start, 1, false, None),
        (&slow, 1, false, Some(Duration::from_secs(10))),
        (&slow, 2, false, Some(Duration::from_secs(20))),
        (&slow, 3, false, None),
        (&slow, 1, true, None),
        (&plain, 1, false, Some(Duration::from_millis(100))),
        (&plain, 1000, false, Some(Duration::from_secs(3600))),
        (&plain, 1, true, None),
    ];
    for (hop, attempt, is_permanent, delay) in table {
        let error = "broken".to_owned();
        let expected = match delay {
            Some(delay) => Verdict::Retry { delay, error: error.clone() },
            None => Verdict::Fail { error: error.clone() },
        };
        let task = Task { attempt, ..task(hop.clone()) };
        let verdict = verdict(&MACHINE, &task, Ending::Failed { error, is_permanent });
        assert_eq!(verdict, expected, "attempt {attempt} of {hop:?}, permanent: {is_permanent}");
    }
}

/// Counted from the making of the task; a clock that went back makes nothing older.
#[test]
fn an_age_limit_counts_from_the_making_of_the_task() {
    const MACHINE: MachineDescriptor =
        MachineDescriptor::new("Machine", &[StateDescriptor::new("Begin")]).retry(RetryPolicy::new().age_limit(60));
    for (age, is_retried) in [(-5, true), (0, true), (60, true), (61, false)] {
        let created_at = NOW.checked_sub(jiff::SignedDuration::from_secs(age)).unwrap();
        let task = Task { created_at, attempt: 1000, ..task(into("Begin")) };
        let failed = Ending::Failed { error: "broken".to_owned(), is_permanent: false };
        let verdict = verdict(&MACHINE, &task, failed);
        assert_eq!(matches!(verdict, Verdict::Retry { .. }), is_retried, "at the age of {age} seconds: {verdict:?}");
    }
}

#[test]
fn an_instance_starts_in_the_initial_state() {
    let first = NewTask::new(key(), into("Begin"), "first", "1");
    let expected = NewInstance {
        key: Some("k".to_owned()),
        parent: Some(InstanceId(3)),
        ..NewInstance::new("Machine", "1", first)
    };
    let asked = Start { key: Some("k".to_owned()), ..Start::new(&MACHINE, "1".to_owned()) };
    assert_eq!(start(key(), asked, Some(InstanceId(3))), expected);
}

#[test]
fn an_instance_may_start_by_waiting_for_others() {
    const MACHINE: MachineDescriptor =
        MachineDescriptor::new("Machine", &[StateDescriptor::new("Gather").fan_in(2, None)]);
    let package = NewPackage {
        window_key: key().child("window", 0),
        hop: into("Gather"),
        group: None,
        queue: "default".to_owned(),
        target: None,
        context: "1".to_owned(),
        queue_override: None,
        closing: Closing::After { period: Duration::from_secs(2 + 60), max: None },
        rank: 0,
    };
    let spawn = Start { delay: Duration::from_secs(60), ..Start::new(&MACHINE, "1".to_owned()) };
    assert_eq!(start(key(), spawn, None).first, package.into());
}

/// The next page comes the same way, with the context that this page came with.
#[test]
fn the_next_page_differs_in_token_and_key_alone() {
    let task = Task { token: Some("1".to_owned()), attempt: 3, ..task(hop("Begin", "plain", "Begin")) };
    let expected = NewTask {
        token: Some("2".to_owned()),
        ..NewTask::new(key().child("page", 0), task.hop.clone(), task.queue.clone(), task.context.clone())
    };
    assert_eq!(next_page(&MACHINE.states[0], &task, "2".to_owned()), expected);
}

/// A countdown is drawn from the task's key: the same on every attempt, and all of them over many tasks.
#[test]
fn a_drawn_countdown_reaches_both_ends_and_no_further() {
    let mut drawn = BTreeSet::new();
    for _ in 0..500 {
        let task = Task { key: TaskKey::random(), ..task(into("Begin")) };
        let verdict = || verdict(&MACHINE, &task, answer(Answer::Event("draw"), "1", &[]));
        assert_eq!(verdict(), verdict());
        drawn.extend(tasks(verdict()).iter().map(|task| task.delay.as_secs()));
    }
    assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [5, 6, 7, 8]);
}

/// And nothing of machines that keep nothing.
#[test]
fn what_is_logged_below_the_level_of_its_machine_is_not_kept() {
    const STATES: &[StateDescriptor] = &[StateDescriptor::new("Begin")];
    let lines = [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error];
    let kept = |machine: &MachineDescriptor| {
        let log = lines.map(|level| LogLine::new(level, "line")).to_vec();
        let ending = Ending::Halted { reason: String::new() };
        let commit = step(machine, &task(into("Begin")), Outcome { ending, log }, NOW);
        commit.log.into_iter().map(|line| line.level).collect::<Vec<_>>()
    };
    assert_eq!(kept(&MachineDescriptor::new("Machine", STATES)), []);
    assert_eq!(kept(&MachineDescriptor::new("Machine", STATES).with_log()), lines);
    assert_eq!(kept(&MachineDescriptor::new("Machine", STATES).with_log_from(LogLevel::Warning)), lines[2..]);
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn key() -> TaskKey {
    TaskKey(uuid::Uuid::from_u128(7))
}

fn into(state: &str) -> Hop {
    Hop::Start { to: state.to_owned() }
}

fn hop(from: &str, event: &str, to: &str) -> Hop {
    Hop::Transition { from: from.to_owned(), event: event.to_owned(), to: to.to_owned() }
}

fn task(hop: Hop) -> Task {
    Task {
        id: TaskId(1),
        instance: InstanceId(1),
        machine: "Machine".to_owned(),
        key: key(),
        hop,
        queue: "queue of the task".to_owned(),
        target: None,
        context: "\"context of the task\"".to_owned(),
        token: None,
        window: None,
        queue_override: None,
        cause: None,
        headers: Headers::default(),
        attempt: 1,
        n_crashes: 0,
        created_at: NOW,
    }
}

fn answered(hop: Hop, to: Answer, context: &str, forks: &[&str]) -> Verdict {
    verdict(&MACHINE, &task(hop), answer(to, context, forks))
}

fn answer(answer: Answer, context: &str, forks: &[&str]) -> Ending {
    let forks = forks.iter().map(|fork| (*fork).to_owned()).collect();
    Ending::Answered { answer, effects: Effects { context: context.to_owned(), forks, ..Effects::default() } }
}

fn verdict(machine: &MachineDescriptor, task: &Task, ending: Ending) -> Verdict {
    step(machine, task, Outcome { ending, log: Vec::new() }, NOW).verdict
}

fn tasks(verdict: Verdict) -> Vec<NewTask> {
    let Verdict::Done { next, .. } = verdict else { panic!("the step is done: {verdict:?}") };
    let task = |next| match next {
        Next::Task(task) => task,
        other => panic!("{other:?} is no task"),
    };
    next.into_iter().map(task).collect()
}

/// SQL takes effect with what it was meant for, not with the way out of its failure.
#[test]
fn statements_go_with_a_step_that_is_done() {
    let mut tx = crate::Transaction::default();
    tx.execute("DELETE FROM t");
    let statements = tx.statements().to_vec();
    let decide = |machine: &MachineDescriptor, answer| {
        let effects = Effects { context: "1".to_owned(), statements: statements.clone(), ..Effects::default() };
        let outcome = Outcome { ending: Ending::Answered { answer, effects }, log: Vec::new() };
        step(machine, &task(into("Begin")), outcome, NOW).statements
    };
    const RESCUED: MachineDescriptor = MachineDescriptor::new(
        "Machine",
        &[StateDescriptor::new("Begin").on_failure(1), StateDescriptor::new("Rescue").final_state()],
    );
    assert_eq!(decide(&MACHINE, Answer::Event("plain")), statements);
    assert_eq!(decide(&MACHINE, Answer::Event("missing")), []);
    assert_eq!(decide(&RESCUED, Answer::Event("missing")), []);
}

/// The machine's own, and what the start asks for besides.
#[test]
fn what_a_start_asks_for_is_kept_for_the_whole_instance() {
    const TOLD: MachineDescriptor = MachineDescriptor::new(
        "Told",
        &[StateDescriptor::new("Begin").transitions(&[TransitionDescriptor::new("on", 0).target("gpu")])],
    )
    .target("cpu")
    .on_finish(crate::OnFinish::new("Next", "First", "told"));
    let mut headers = Headers::default();
    headers.insert("trace", "7");
    let asked = Start { queue: Some("mine".to_owned()), headers: headers.clone(), ..Start::new(&TOLD, "1".to_owned()) };
    let new = start(key(), asked, None);
    assert_eq!(new.headers, headers);
    assert_eq!(new.on_end.iter().map(|next| next.machine.as_str()).collect::<Vec<_>>(), ["Next"]);
    let Next::Task(first) = new.first else { panic!("a task: {:?}", new.first) };
    assert_eq!((first.queue.as_str(), first.queue_override.as_deref()), ("mine", Some("mine")));
    assert_eq!(first.target.as_deref(), Some("cpu"));
    let next = tasks(verdict(&TOLD, &task(into("Begin")), answer(Answer::Event("on"), "1", &[])));
    assert_eq!(next[0].target.as_deref(), Some("gpu"));
}

/// Until an action chooses another: what it has chosen goes on with the branch and its forks.
#[test]
fn a_chosen_queue_goes_on_with_the_branch() {
    let was_chosen = Task { queue_override: Some("chosen".to_owned()), ..task(into("Begin")) };
    for (queue, chosen) in [(None, "chosen"), (Some("other"), "other")] {
        for event in ["slow", "gather"] {
            let queue = queue.map(str::to_owned);
            let effects = Effects { context: "1".to_owned(), forks: vec!["2".to_owned()], queue, ..Effects::default() };
            let ending = Ending::Answered { answer: Answer::Event(event), effects };
            let Verdict::Done { next, .. } = verdict(&MACHINE, &was_chosen, ending) else { panic!("the step is done") };
            let queues = next.iter().map(|next| match next {
                Next::Task(task) => (task.queue.as_str(), task.queue_override.as_deref()),
                Next::Package(package) => (package.queue.as_str(), package.queue_override.as_deref()),
                Next::Spawn(spawn) => panic!("nobody asked for {spawn:?}"),
            });
            assert_eq!(queues.collect::<Vec<_>>(), [(chosen, Some(chosen)); 2], "{event}");
        }
    }
}

/// After a failure, and on the way out of a final state; a spawned instance has the headers of the one that spawned it.
#[test]
fn what_belongs_to_the_branch_goes_on_with_it() {
    const RESCUED: MachineDescriptor = MachineDescriptor::new(
        "Machine",
        &[StateDescriptor::new("Begin").on_failure(1), StateDescriptor::new("Rescue").final_state().exit()],
    );
    let (target, queue_override) = (Some("gpu".to_owned()), Some("chosen".to_owned()));
    let mut headers = Headers::default();
    headers.insert("tenant", "7");
    let task = Task { target: target.clone(), queue_override: queue_override.clone(), headers, ..task(into("Begin")) };
    let failed = Ending::Failed { error: "broken".to_owned(), is_permanent: true };
    let [jump] = tasks(verdict(&RESCUED, &task, failed)).try_into().unwrap();
    let hop = Hop::Jump { from: "Begin".to_owned(), to: "Rescue".to_owned() };
    assert_eq!((jump.hop, jump.target, jump.queue_override), (hop, target.clone(), queue_override));
    assert_eq!(jump.cause.as_deref(), Some("broken"));
    let last = Task { hop: into("Rescue"), ..task.clone() };
    let [exit] = tasks(verdict(&RESCUED, &last, answer(Answer::Nothing, "1", &[]))).try_into().unwrap();
    assert_eq!(exit.target, target);
    let spawns = vec![Start::new(&RESCUED, "2".to_owned())];
    let effects = Effects { context: "1".to_owned(), spawns, ..Effects::default() };
    let Verdict::Done { next, .. } = verdict(&RESCUED, &last, Ending::Answered { answer: Answer::Nothing, effects })
    else {
        panic!("the step is done");
    };
    let spawned = next.iter().find_map(|next| if let Next::Spawn(spawn) = next { Some(&spawn.headers) } else { None });
    assert_eq!(spawned, Some(&task.headers));
}

#[test]
fn every_way_is_stored_in_columns_and_read_again() {
    let text = |text: Option<&str>| text.map(str::to_owned);
    for hop in
        [into("End"), hop("Begin", "slow", "End"), into("Begin").jump("End"), Hop::Exit { from: "End".to_owned() }]
    {
        let columns = (text(hop.from()), text(hop.event()), text(hop.to()));
        assert_eq!(Hop::from_columns(columns.0, columns.1, columns.2), Some(hop));
    }
    assert_eq!(Hop::from_columns(None, text(Some("slow")), None), None);
}

/// Earlier programs may have opened the window, so whoever joins it goes by the name that they knew.
#[test]
fn a_fan_in_is_entered_by_the_name_it_had_before() {
    const RENAMED: MachineDescriptor = MachineDescriptor::new(
        "Machine",
        &[
            StateDescriptor::new("Begin").renamed_from(&["Start"]).on_failure(1).transitions(&[
                TransitionDescriptor::new("gather", 1).renamed_from(&["meet", "join"]),
                TransitionDescriptor::new("plain", 2).renamed_from(&["simple"]),
            ]),
            StateDescriptor::new("Meet").renamed_from(&["Collect", "Gather"]).fan_in_all(None),
            StateDescriptor::new("End").renamed_from(&["Stop"]).final_state(),
        ],
    );
    let way = |ending| match verdict(&RENAMED, &task(into("Begin")), ending) {
        Verdict::Done { next, .. } => match next.as_slice() {
            [Next::Package(package)] => package.hop.clone(),
            [Next::Task(task)] => task.hop.clone(),
            other => panic!("one way on: {other:?}"),
        },
        other => panic!("the step is done: {other:?}"),
    };
    let jump = Hop::Jump { from: "Start".to_owned(), to: "Gather".to_owned() };
    assert_eq!(way(answer(Answer::Event("gather"), "{}", &[])), hop("Start", "join", "Gather"));
    assert_eq!(way(Ending::Failed { error: "broken".to_owned(), is_permanent: true }), jump);
    assert_eq!(way(answer(Answer::Event("plain"), "{}", &[])), hop("Begin", "plain", "End"));
}

#[test]
fn a_task_goes_on_by_an_event_that_has_another_name_now() {
    const RENAMED: MachineDescriptor = MachineDescriptor::new(
        "Machine",
        &[
            StateDescriptor::new("Begin").transitions(&[
                TransitionDescriptor::new("ok", 1).queue("new"),
                TransitionDescriptor::new("approved", 1).renamed_from(&["fine", "ok", "yes"]).queue("renamed"),
            ]),
            StateDescriptor::new("End").final_state(),
        ],
    );
    let queue = |event| {
        let hop = hop("Begin", event, "End");
        Path::resolve(&RENAMED, &hop).ok().and_then(|path| Some(path.transition?.queue))
    };
    assert_eq!(["approved", "fine", "yes"].map(queue), [Some("renamed"); 3]);
    assert_eq!(queue("ok"), Some("new"), "who has the name has it before who had it");
    assert_eq!(queue("no"), None);
}

/// However it is entered: by a start, an event or a failure.
#[test]
fn a_join_is_entered_with_its_rank() {
    const JOINS: MachineDescriptor = MachineDescriptor::new(
        "Machine",
        &[
            StateDescriptor::new("Last").fan_in_all(None),
            StateDescriptor::new("Begin").on_failure(2).transitions(&[TransitionDescriptor::new("late", 0)]),
            StateDescriptor::new("First").fan_in_all(None).transitions(&[TransitionDescriptor::new("late", 0)]),
        ],
    );
    let rank = |next: &Next| if let Next::Package(package) = next { Some(package.rank) } else { None };
    let ranks = |ending| match verdict(&JOINS, &task(into("Begin")), ending) {
        Verdict::Done { next, .. } => next.iter().map(rank).collect(),
        _ => Vec::new(),
    };
    assert_eq!(ranks(answer(Answer::Event("late"), "{}", &[])), [Some(1)]);
    assert_eq!(ranks(Ending::Failed { error: "broken".to_owned(), is_permanent: true }), [Some(0)]);
    assert_eq!(rank(&start(key(), Start::new(&JOINS, "1".to_owned()), None).first), Some(1));
}

#[test]
fn nobody_waits_without_end() {
    let asked = Start { delay: Duration::MAX, ..Start::new(&MACHINE, "1".to_owned()) };
    let Next::Task(first) = start(key(), asked, None).first else { panic!("a task comes first") };
    assert!(NOW.checked_add(first.delay).is_ok(), "{:?}", first.delay);
    assert_eq!(first.delay.as_secs(), 3_153_600_000, "a hundred years");
}
