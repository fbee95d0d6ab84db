//! A model as text that reads well in a difference.

use std::fmt::Write;

use fantasm_spec::{
    ContextType, Countdown, Integer, LogLevel, Machine, RetryPolicy, RustPath, Spec, State, Transition, UnknownKeys,
};

pub(crate) fn spec(spec: &Spec) -> String {
    let mut text = format!("root_url {}\nfiles {}\n", spec.root_url, spec.files.join(", "));
    for queue in &spec.queues {
        let rate = queue.rate.map_or("-".to_owned(), |rate| format!("{} in {} s", rate.n_tasks, rate.seconds));
        let (bucket, most) = (number(queue.bucket_size), number(queue.max_concurrent_requests));
        let target = queue.target.as_deref().unwrap_or("-");
        let limits =
            format!("rate {rate}, bucket {bucket}, at once {most}, target {target}, retry {}", retry(&queue.retry));
        attribute(&mut text, 0, "queue", Some(format!("{} ({}): {limits}", queue.name, queue.place)));
    }
    for item in &spec.machines {
        text.push_str(&machine(spec, item));
    }
    text
}

fn machine(spec: &Spec, machine: &Machine) -> String {
    let mut text = format!("\nmachine {} ({})\n", machine.name, machine.place);
    attribute(&mut text, 1, "description", machine.description.as_deref());
    attribute(&mut text, 1, "doc", machine.doc.as_ref().map(|doc| format!("{doc:?}")));
    attribute(&mut text, 1, "schedule", machine.schedule.as_deref());
    attribute(&mut text, 1, "priority", Some(machine.priority).filter(|priority| *priority != 0));
    attribute(&mut text, 1, "renamed from", list(machine.renamed_from.iter()));
    attribute(&mut text, 1, "on finish", machine.on_finish.map(|next| &spec[next].name));
    attribute(&mut text, 1, "history", Some(machine.has_history).filter(|has| !has));
    attribute(&mut text, 1, "namespace", machine.namespace.as_ref().map(path));
    attribute(&mut text, 1, "queue", Some(&machine.queue));
    attribute(&mut text, 1, "target", machine.target.as_deref());
    attribute(&mut text, 1, "retry", Some(retry(&machine.retry)));
    attribute(&mut text, 1, "logging", Some(format!("{:?}", machine.logging)));
    attribute(&mut text, 1, "log level", machine.log_level.map(LogLevel::as_str));
    attribute(&mut text, 1, "run once", Some(machine.use_run_once_semaphore.to_string()));
    for field in &machine.context_types {
        let line =
            format!("{} as {}: {} ({})", field.name, field.name.field_ident(), context_type(&field.ty), field.place);
        attribute(&mut text, 1, "context", Some(line));
        attribute(&mut text, 2, "default", field.default.as_ref().map(|default| format!("{default:?}")));
    }
    let is_usual = machine.unknown_keys == UnknownKeys::default();
    attribute(&mut text, 1, "unknown keys", (!is_usual).then(|| format!("{:?}", machine.unknown_keys)));
    attribute(&mut text, 1, "derive", list(machine.derive.iter().map(path)));
    attribute(&mut text, 1, "starts with", list(machine.starts_with.iter()));
    for item in &machine.states {
        text.push_str(&state(machine, item));
    }
    text
}

fn state(machine: &Machine, state: &State) -> String {
    let kinds = [(state.is_initial, "initial"), (state.is_final, "final"), (state.is_continuation, "continuation")];
    let kinds: String = kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| format!(", {kind}")).collect();
    let names = format!("{} and {}", state.name.type_ident(), state.name.module_ident());
    let mut text = format!("  state {} as {names} ({}{kinds})\n", state.name, state.place);
    attribute(&mut text, 2, "description", state.description.as_deref());
    attribute(&mut text, 2, "doc", state.doc.as_ref().map(|doc| format!("{doc:?}")));
    attribute(&mut text, 2, "on failure", state.on_failure.map(|id| &machine[id].name));
    attribute(&mut text, 2, "timeout", state.timeout_seconds);
    attribute(&mut text, 2, "priority", Some(state.priority).filter(|priority| *priority != 0));
    attribute(&mut text, 2, "renamed from", list(state.renamed_from.iter()));
    attribute(&mut text, 2, "sets", list(state.sets.iter()));
    attribute(&mut text, 2, "reads", list(state.reads.iter().map(|(name, place)| format!("{name} ({place})"))));
    attribute(&mut text, 2, "side effects", Some(state.has_side_effects).filter(|has| *has));
    attribute(&mut text, 2, "retried from", Some(state.is_retried_from).filter(|is| *is));
    attribute(&mut text, 2, "namespace", state.namespace.as_ref().map(path));
    attribute(&mut text, 2, "action", state.action.as_ref().map(path));
    attribute(&mut text, 2, "entry", state.entry.as_ref().map(path));
    attribute(&mut text, 2, "exit", state.exit.as_ref().map(path));
    if state.continuation_countdown.get() != 0 {
        attribute(&mut text, 2, "continuation countdown", Some(state.continuation_countdown));
    }
    let fan_in = state.fan_in.as_ref().map(|fan_in| {
        let group = fan_in.group.as_ref().map(|group| format!(" by {group}")).unwrap_or_default();
        let window = match fan_in.max_contexts {
            _ if fan_in.gathers_all => "all".to_owned(),
            Some(max) => format!("{} s or {max}", fan_in.period_seconds),
            None => fan_in.period_seconds.to_string(),
        };
        format!("{window}{group} ({})", fan_in.place)
    });
    attribute(&mut text, 2, "fan-in", fan_in);
    for item in &state.transitions {
        text.push_str(&transition(machine, item));
    }
    text
}

fn transition(machine: &Machine, transition: &Transition) -> String {
    let to = &machine[transition.to].name;
    let mut text = format!("    {} -> {to} ({})\n", transition.event, transition.place);
    attribute(&mut text, 3, "constant", transition.constant.as_ref().map(path));
    attribute(&mut text, 3, "renamed from", list(transition.renamed_from.iter()));
    attribute(&mut text, 3, "description", transition.description.as_deref());
    attribute(&mut text, 3, "action", transition.action.as_ref().map(path));
    attribute(&mut text, 3, "queue", Some(&transition.queue));
    attribute(&mut text, 3, "target", transition.target.as_deref());
    let countdown = match transition.countdown {
        Countdown::Fixed(seconds) => seconds.to_string(),
        Countdown::Between { minimum, maximum } => format!("{minimum} to {maximum}"),
        _ => "unknown".to_owned(),
    };
    attribute(&mut text, 3, "countdown", Some(countdown));
    attribute(&mut text, 3, "retry", Some(retry(&transition.retry)));
    text
}

fn list(names: impl Iterator<Item: ToString>) -> Option<String> {
    let names = names.map(|name| name.to_string()).collect::<Vec<_>>();
    (!names.is_empty()).then(|| names.join(", "))
}

fn attribute(text: &mut String, depth: usize, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        writeln!(text, "{:width$}{name} {value}", "", width = depth * 2).expect("a text takes all that is written");
    }
}

fn retry(retry: &RetryPolicy) -> String {
    format!(
        "limit {}, backoff {} to {}, age {}, doublings {}",
        number(retry.task_retry_limit),
        number(retry.min_backoff_seconds),
        number(retry.max_backoff_seconds),
        number(retry.task_age_limit),
        number(retry.max_doublings),
    )
}

fn number(number: Option<Integer>) -> String {
    number.map_or("-".to_owned(), |number| number.to_string())
}

fn path(path: &RustPath) -> String {
    format!("{path} ({} `{}`)", path.place, path.written)
}

fn context_type(ty: &ContextType) -> String {
    match ty {
        ContextType::Path(item) => path(item),
        ContextType::List(item) => format!("list of {}", context_type(item)),
        ContextType::Optional(item) => format!("optional {}", context_type(item)),
        other => format!("{other:?}"),
    }
}
