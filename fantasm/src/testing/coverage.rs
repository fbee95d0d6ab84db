//! Which transitions of a machine were taken.

use std::{collections::BTreeMap, fmt};

use crate::{
    engine::Path,
    machine::{MachineDescriptor, StateDescriptor},
    registry::Registration,
    store::{Hop, Step, StepVerdict},
};

/// The ways through machines that instances went, as data, as a table (`Display`) and as a picture
/// ([`Coverage::to_mermaid`]).
///
/// A way was taken by each step that was done; one that was retried or given up has not led anywhere.
///
/// ```
/// # async fn example(run: fantasm::Run, machines: &'static [fantasm::Registration]) -> fantasm::Result<()> {
/// use fantasm::testing::Coverage;
///
/// let mut coverage = Coverage::new(machines);
/// coverage.add("EmailBatch", &run.history().await?);
/// println!("{coverage}");
/// assert!(coverage.missed().is_empty(), "no test goes there");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Coverage {
    machines: Vec<&'static MachineDescriptor>,
    n_taken: BTreeMap<(&'static str, Hop), u64>,
}

/// A way through a machine, and how often it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Taken {
    /// The machine.
    pub machine: &'static str,
    /// The way.
    pub hop: Hop,
    /// How many steps went it.
    pub n_steps: u64,
}

impl Coverage {
    /// Of these machines, of which nothing was taken yet.
    #[must_use]
    pub fn new(machines: &'static [Registration]) -> Self {
        let mut coverage = Self { machines: Vec::new(), n_taken: BTreeMap::new() };
        coverage.know(machines);
        coverage
    }

    /// Takes further machines into account.
    pub(super) fn know(&mut self, machines: &'static [Registration]) {
        for machine in machines.iter().map(|registration| registration.descriptor) {
            self.machines.push(machine);
            self.n_taken.extend(hops(machine).into_iter().map(|hop| ((machine.name, hop), 0)));
        }
    }

    /// Adds what an instance of that machine has gone through; a machine that is not known here adds nothing. Where somebody
    /// has retried it [from another state](crate::Run::retry_from), that is a way too.
    pub fn add(&mut self, machine: &str, history: &[Step]) {
        let Some(machine) = self.machines.iter().find(|known| known.name == machine) else { return };
        for step in history.iter().filter(|step| step.verdict == StepVerdict::Done) {
            let way = (machine.name, present(machine, &step.hop));
            if self.n_taken.contains_key(&way) || matches!(step.hop, Hop::Jump { .. }) {
                *self.n_taken.entry(way).or_default() += 1;
            }
        }
    }

    /// Every way there is, in the order of fsm.yaml, with how often it was taken; then those that a retry has led to.
    #[must_use]
    pub fn ways(&self) -> Vec<Taken> {
        let of_machine = |machine: &&'static MachineDescriptor| {
            let machine = *machine;
            let of_file = hops(machine);
            let taken = self.n_taken.keys().filter(|(of, hop)| *of == machine.name && !of_file.contains(hop));
            let retried: Vec<Hop> = taken.map(|(_, hop)| hop.clone()).collect();
            of_file.into_iter().chain(retried).map(move |hop| {
                let n_steps = self.n_taken.get(&(machine.name, hop.clone())).copied().unwrap_or(0);
                Taken { machine: machine.name, hop, n_steps }
            })
        };
        self.machines.iter().flat_map(of_machine).collect()
    }

    /// The ways that nobody went.
    #[must_use]
    pub fn missed(&self) -> Vec<Taken> {
        self.ways().into_iter().filter(|way| way.n_steps == 0).collect()
    }

    /// The graph of a machine as a [Mermaid](https://mermaid.js.org) flowchart, which GitHub and most editors draw: what was
    /// taken is thick and has its count, what was not is dashed. `None` for a machine that is not known here.
    #[must_use]
    pub fn to_mermaid(&self, machine: &str) -> Option<String> {
        let machine = self.machines.iter().find(|known| known.name == machine)?;
        let mut graph = String::from("flowchart TD\n");
        for (at, state) in machine.states.iter().enumerate() {
            let (open, close) = if state.is_final { ("([", "])") } else { ("[", "]") };
            graph += &format!("    s{at}{open}\"{}\"{close}\n", state.name);
        }
        let at = |name: Option<&str>| machine.states.iter().position(|state| Some(state.name) == name);
        for Taken { hop, n_steps, .. } in self.ways().into_iter().filter(|way| way.machine == machine.name) {
            let (from, to) = (at(hop.from()), at(hop.to()));
            let from = from.map_or("start((start))".to_owned(), |from| format!("s{from}"));
            let to = to.map_or("exit((exit))".to_owned(), |to| format!("s{to}"));
            let label = label(machine, &hop);
            graph += &match n_steps {
                0 => format!("    {from} -. \"{label}\" .-> {to}\n"),
                _ => format!("    {from} == \"{label} × {n_steps}\" ==> {to}\n"),
            };
        }
        Some(graph)
    }
}

/// A way by the names of today: what leads into a fan-in is stored by the first that states and events ever had.
fn present(machine: &MachineDescriptor, hop: &Hop) -> Hop {
    let Ok(path) = Path::resolve(machine, hop) else { return hop.clone() };
    let state = |state: Option<(usize, &StateDescriptor)>| state.map(|(_, state)| state.name.to_owned());
    let event = path.transition.map(|transition| transition.event.to_owned());
    Hop::from_columns(state(path.from), event, state(path.to)).unwrap_or_else(|| hop.clone())
}

/// Every way through a machine.
fn hops(machine: &MachineDescriptor) -> Vec<Hop> {
    let name = |state: usize| machine.states[state].name.to_owned();
    let mut hops = vec![Hop::Start { to: name(machine.initial) }];
    for state in machine.states {
        let from = || state.name.to_owned();
        hops.extend(state.transitions.iter().map(|transition| {
            let event = transition.event.to_owned();
            Hop::Transition { from: from(), event, to: name(transition.to) }
        }));
        hops.extend(state.on_failure.map(|to| Hop::Jump { from: from(), to: name(to) }));
        hops.extend((state.is_final && state.has_exit).then(|| Hop::Exit { from: from() }));
    }
    hops
}

/// What stands at the arrow.
fn label<'a>(machine: &MachineDescriptor, hop: &'a Hop) -> &'a str {
    match hop {
        Hop::Start { .. } => "start",
        Hop::Transition { event, .. } => event,
        Hop::Jump { .. } if hops(machine).contains(hop) => "on failure",
        Hop::Jump { .. } => "retried from",
        Hop::Exit { .. } => "exit",
    }
}

/// A line for each way, those that nobody went marked.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = self.ways();
        let n_taken = ways.iter().filter(|way| way.n_steps > 0).count();
        writeln!(f, "{n_taken} of {} transitions were taken", ways.len())?;
        for Taken { machine, hop, n_steps } in &ways {
            let label = self.machines.iter().find(|known| known.name == *machine).map_or("", |known| label(known, hop));
            let (from, to) = (hop.from().unwrap_or("(start)"), hop.to().unwrap_or("(end)"));
            let count = if *n_steps == 0 { "never".to_owned() } else { n_steps.to_string() };
            writeln!(f, "{count:>7}  {machine}: {from} ─{label}─▶ {to}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{TaskId, WorkerId},
        machine::TransitionDescriptor,
    };

    const ORDER: MachineDescriptor = MachineDescriptor::new(
        "Order",
        &[
            StateDescriptor::new("Pay").on_failure(2).transitions(&[TransitionDescriptor::new("paid", 1)]),
            StateDescriptor::new("Ship").final_state().exit(),
            StateDescriptor::new("Refund").final_state(),
        ],
    );

    #[test]
    fn a_coverage_is_a_table_and_a_picture() {
        let hops = hops(&ORDER).into_iter().map(|hop| (("Order", hop), 0)).collect();
        let mut coverage = Coverage { machines: vec![&ORDER], n_taken: hops };
        let paid = Hop::Transition { from: "Pay".into(), event: "paid".into(), to: "Ship".into() };
        let done = StepVerdict::Done;
        let history = [
            step(Hop::Start { to: "Pay".into() }, done),
            step(paid.clone(), StepVerdict::Retry),
            step(paid.clone(), done),
            step(paid, done),
            step(Hop::Exit { from: "Ship".into() }, done),
            step(Hop::Jump { from: "Ship".into(), to: "Refund".into() }, done),
        ];
        coverage.add("Order", &history);
        coverage.add("Other", &history);
        let table = "4 of 5 transitions were taken\n      1  Order: (start) ─start─▶ Pay\n      2  Order: Pay ─paid─▶ Ship\n  \
                     never  Order: Pay ─on failure─▶ Refund\n      1  Order: Ship ─exit─▶ (end)\n      \
                     1  Order: Ship ─retried from─▶ Refund\n";
        assert_eq!(coverage.to_string(), table);
        assert_eq!(coverage.missed().len(), 1);
        let picture = "flowchart TD\n    s0[\"Pay\"]\n    s1([\"Ship\"])\n    s2([\"Refund\"])\n    start((start)) == \
                       \"start × 1\" ==> s0\n    s0 == \"paid × 2\" ==> s1\n    s0 -. \"on failure\" .-> s2\n    s1 == \
                       \"exit × 1\" ==> exit((exit))\n    s1 == \"retried from × 1\" ==> s2\n";
        assert_eq!(coverage.to_mermaid("Order").as_deref(), Some(picture));
        assert_eq!(coverage.to_mermaid("Other"), None);
    }

    #[test]
    fn a_way_into_a_fan_in_is_counted_by_the_names_of_today() {
        const MEET: MachineDescriptor = MachineDescriptor::new(
            "Meet",
            &[
                StateDescriptor::new("Come")
                    .renamed_from(&["Go"])
                    .transitions(&[TransitionDescriptor::new("come", 1).renamed_from(&["went", "go"])]),
                StateDescriptor::new("Gather").renamed_from(&["Collect"]).final_state().fan_in(2, None),
            ],
        );
        let hops = hops(&MEET).into_iter().map(|hop| (("Meet", hop), 0)).collect();
        let mut coverage = Coverage { machines: vec![&MEET], n_taken: hops };
        let stored = Hop::Transition { from: "Go".into(), event: "go".into(), to: "Collect".into() };
        coverage
            .add("Meet", &[step(Hop::Start { to: "Come".into() }, StepVerdict::Done), step(stored, StepVerdict::Done)]);
        assert_eq!(coverage.missed(), []);
    }

    fn step(hop: Hop, verdict: StepVerdict) -> Step {
        let at = jiff::Timestamp::UNIX_EPOCH;
        Step {
            task: TaskId(1),
            hop,
            token: None,
            attempt: 1,
            verdict,
            error: None,
            worker: WorkerId::random(),
            started_at: at,
            ended_at: at,
        }
    }
}
