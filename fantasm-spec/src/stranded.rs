//! Whether a stored task could be run by the machines of a file.

use crate::model::{Machine, Spec, State};

/// Why a task could not be run, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stranded {
    /// What the machines do not have, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Spec {
    /// Finds why a task that is stored with these names could not be run: the machine, the state it comes from, the event that
    /// it follows and the state that it leads to, each as far as the task has it.
    ///
    /// Names are looked for as a worker does it, by `renamed_from` too. The name of an event that is a constant is not in the
    /// file, so that in a state with such an event every event passes.
    ///
    /// # Examples
    ///
    /// ```
    /// let text = "state_machines: [{name: One, states: [{name: Start, initial: true, final: true}]}]";
    /// let spec = fantasm_spec::load_str("fsm.yaml", text)?.spec;
    /// assert_eq!(spec.stranded("One", None, None, Some("Start")), None);
    /// let stranded = spec.stranded("One", None, None, Some("Begin")).expect("there is no such state");
    /// assert_eq!(stranded.message, "machine `One` has no state `Begin`");
    /// # Ok::<(), fantasm_spec::Report>(())
    /// ```
    #[must_use]
    pub fn stranded(
        &self,
        machine: &str,
        from: Option<&str>,
        event: Option<&str>,
        to: Option<&str>,
    ) -> Option<Stranded> {
        let Some(found) = self.machine(machine) else {
            return Some(Stranded {
                message: format!("there is no machine `{machine}`"),
                help: renamed("machine", machine),
            });
        };
        let missing = |name: &&str| found.state(name).is_none();
        if let Some(name) = from.iter().chain(&to).copied().find(missing) {
            let message = format!("machine `{}` has no state `{name}`", found.name);
            return Some(Stranded { message, help: renamed("state", name) });
        }
        let (from, event) = (found.state(from?)?, event?);
        let mut transitions = from.transitions.iter();
        let is_known = transitions.any(|way| way.constant.is_some() || way.event.as_str() == event);
        (!is_known).then(|| Stranded {
            message: format!("state `{}` of machine `{}` has no event `{event}`", from.name, found.name),
            help: format!("keep a transition for `{event}` until no task that follows it is stored"),
        })
    }

    fn machine(&self, name: &str) -> Option<&Machine> {
        let find = |is_it: &dyn Fn(&Machine) -> bool| self.machines.iter().find(|machine| is_it(machine));
        find(&|machine| machine.name.as_str() == name)
            .or_else(|| find(&|machine| machine.renamed_from.as_ref().is_some_and(|old| old.as_str() == name)))
    }
}

impl Machine {
    fn state(&self, name: &str) -> Option<&State> {
        let find = |is_it: &dyn Fn(&State) -> bool| self.states.iter().find(|state| is_it(state));
        find(&|state| state.name.as_str() == name)
            .or_else(|| find(&|state| state.renamed_from.as_ref().is_some_and(|old| old.as_str() == name)))
    }
}

/// The advice for a name that is gone.
pub(crate) fn renamed(what: &str, name: &str) -> String {
    format!("write `renamed_from: {name}` at the {what} that it has become, or keep it until no instance needs it")
}
