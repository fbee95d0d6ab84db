//! A model written as a file again, with nothing inherited and nothing left to a default.

use std::fmt::Write;

use fantasm_spec::{
    ContextType, Countdown, FanIn, Integer, Literal, Machine, Queue, RetryPolicy, RustPath, Spec, State, Transition,
};

pub(crate) fn spec(spec: &Spec) -> String {
    let mut file = File(format!("edition: 2\nroot_url: {}\n", quote(&spec.root_url)));
    if !spec.queues.is_empty() {
        file.line(0, "queues:");
        spec.queues.iter().for_each(|item| file.queue(item));
    }
    file.line(0, if spec.machines.is_empty() { "state_machines: []" } else { "state_machines:" });
    spec.machines.iter().for_each(|item| file.machine(item));
    file.0
}

struct File(String);

impl File {
    fn line(&mut self, depth: usize, line: &str) {
        writeln!(self.0, "{:depth$}{line}", "").expect("a text takes all that is written");
    }

    fn some(&mut self, depth: usize, key: &str, value: Option<String>) {
        if let Some(value) = value {
            self.line(depth, &format!("{key}: {value}"));
        }
    }

    fn queue(&mut self, queue: &Queue) {
        self.line(0, &format!("- name: {}", quote(&queue.name)));
        self.some(2, "rate", queue.rate.map(|rate| format!("'{}/{}'", rate.n_tasks, unit(rate.seconds))));
        self.some(2, "bucket_size", queue.bucket_size.map(|size| size.to_string()));
        self.some(2, "max_concurrent_requests", queue.max_concurrent_requests.map(|most| most.to_string()));
        self.some(2, "target", queue.target.as_deref().map(quote));
        if queue.retry != RetryPolicy::default() {
            self.line(2, "retry_parameters:");
            self.retry(4, &queue.retry);
        }
    }

    fn machine(&mut self, machine: &Machine) {
        self.line(0, &format!("- name: {}", quote(machine.name.as_str())));
        self.some(2, "description", machine.description.as_deref().map(quote));
        self.some(2, "doc", machine.doc.as_deref().map(quote));
        self.some(2, "schedule", machine.schedule.as_deref().map(quote));
        self.some(2, "priority", Some(machine.priority.to_string()));
        self.some(2, "renamed_from", list(machine.renamed_from.iter().map(|name| name.as_str())));
        self.some(2, "namespace", machine.namespace.as_ref().map(|path| quote(&path.written)));
        self.some(2, "queue", Some(quote(&machine.queue)));
        self.some(2, "target", machine.target.as_deref().map(quote));
        self.some(2, "countdown", Some(literal(&machine.countdown)));
        self.some(2, "logging", Some(format!("{:?}", machine.logging).to_lowercase()));
        self.some(2, "log_level", machine.log_level.map(|level| level.as_str().to_owned()));
        self.some(2, "use_run_once_semaphore", Some(machine.use_run_once_semaphore.to_string()));
        self.retry(2, &machine.retry);
        if !machine.context_types.is_empty() {
            self.line(2, "context_types:");
            for field in &machine.context_types {
                self.line(4, &format!("{}: {}", quote(field.name.as_str()), context_type(&field.ty)));
            }
        }
        self.line(2, "states:");
        for state in &machine.states {
            self.state(machine, state);
        }
    }

    fn state(&mut self, machine: &Machine, state: &State) {
        self.line(2, &format!("- name: {}", quote(state.name.as_str())));
        self.some(4, "description", state.description.as_deref().map(quote));
        self.some(4, "doc", state.doc.as_deref().map(quote));
        self.some(4, "on_failure", state.on_failure.map(|id| quote(machine[id].name.as_str())));
        self.some(4, "timeout_seconds", state.timeout_seconds.map(|seconds| seconds.to_string()));
        self.some(4, "priority", Some(state.priority.to_string()));
        self.some(4, "renamed_from", list(state.renamed_from.iter().map(|name| name.as_str())));
        self.some(4, "side_effects", Some(state.has_side_effects.to_string()));
        self.some(4, "retry_from", Some(state.is_retried_from.to_string()));
        self.some(4, "namespace", Some(state.namespace.as_ref().map_or(String::new(), |path| quote(&path.written))));
        self.some(4, "action", state.action.as_ref().map(|path| quote(&path.written)));
        self.some(4, "entry", state.entry.as_ref().map(|path| quote(&path.written)));
        self.some(4, "exit", state.exit.as_ref().map(|path| quote(&path.written)));
        self.some(4, "initial", Some(state.is_initial.to_string()));
        self.some(4, "final", Some(state.is_final.to_string()));
        self.some(4, "continuation", Some(state.is_continuation.to_string()));
        self.some(4, "continuation_countdown", Some(state.continuation_countdown.to_string()));
        self.some(4, "fan_in", state.fan_in.as_ref().map(fan_in));
        self.some(4, "fan_in_group", Some(literal(&state.written_fan_in_group)));
        self.line(4, if state.transitions.is_empty() { "transitions: []" } else { "transitions:" });
        for transition in &state.transitions {
            self.transition(machine, transition);
        }
    }

    fn transition(&mut self, machine: &Machine, transition: &Transition) {
        self.line(4, &format!("- event: {}", quote(transition.event.as_str())));
        self.some(6, "renamed_from", list(transition.renamed_from.iter().map(|name| name.as_str())));
        self.some(6, "description", transition.description.as_deref().map(quote));
        self.some(6, "to", Some(quote(machine[transition.to].name.as_str())));
        self.some(6, "namespace", Some(String::new()));
        self.some(6, "action", transition.action.as_ref().map(whole));
        self.some(6, "queue", Some(quote(&transition.queue)));
        self.some(6, "target", transition.target.as_deref().map(quote));
        self.some(6, "countdown", Some(countdown(transition.countdown)));
        self.retry(6, &transition.retry);
    }

    fn retry(&mut self, depth: usize, retry: &RetryPolicy) {
        let number = |number: Option<Integer>| number.map(|number| number.to_string());
        self.some(depth, "task_retry_limit", number(retry.task_retry_limit));
        self.some(depth, "min_backoff_seconds", number(retry.min_backoff_seconds));
        self.some(depth, "max_backoff_seconds", number(retry.max_backoff_seconds));
        self.some(depth, "task_age_limit", number(retry.task_age_limit));
        self.some(depth, "max_doublings", number(retry.max_doublings));
    }
}

fn fan_in(fan_in: &FanIn) -> String {
    match fan_in.max_contexts {
        _ if fan_in.gathers_all => "all".to_owned(),
        Some(max) => format!("{{seconds: {}, max: {max}}}", fan_in.period_seconds),
        None => fan_in.period_seconds.to_string(),
    }
}

fn countdown(countdown: Countdown) -> String {
    match countdown {
        Countdown::Fixed(seconds) => seconds.to_string(),
        Countdown::Between { minimum, maximum } => format!("{{minimum: {minimum}, maximum: {maximum}}}"),
        other => panic!("a countdown that this test does not know: {other:?}"),
    }
}

fn context_type(ty: &ContextType) -> String {
    match ty {
        ContextType::DateTime => "datetime".to_owned(),
        ContextType::DatastoreKey => "ndb.Key".to_owned(),
        ContextType::List(item) => format!("[{}]", context_type(item)),
        ContextType::Path(path) => quote(&path.written),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The path with its namespace.
fn whole(path: &RustPath) -> String {
    let prefix = if path.is_absolute { "::" } else { "" };
    quote(&format!("{prefix}{}", path.segments.join("::")))
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "~".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Integer(number) => number.to_string(),
        Literal::Float(number) => format!("{number:?}").replace("inf", ".inf").replace("NaN", ".nan"),
        Literal::Text(text) => quote(text),
        Literal::List(items) => format!("[{}]", items.iter().map(self::literal).collect::<Vec<_>>().join(", ")),
        Literal::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", quote(key), self::literal(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => panic!("a literal that this test does not know: {other:?}"),
    }
}

fn unit(seconds: u32) -> char {
    match seconds {
        1 => 's',
        60 => 'm',
        3600 => 'h',
        _ => 'd',
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names = names.map(quote).collect::<Vec<_>>();
    (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
}

/// JSON's texts are YAML's.
fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}
