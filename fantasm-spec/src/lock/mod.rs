//! What stored instances rely on, as a file that is kept beside fsm.yaml: a change that they could not live with is found.

mod change;
mod first_name;
mod judgement;
mod shape;
mod text;
mod value;

use std::collections::BTreeMap;
use std::fmt;

use crate::model::Spec;
use crate::source::Place;
use crate::stranded::renamed;

pub use self::judgement::Judgement;
use self::shape::Shape;

/// The shapes of the machines at one time: states, of which kind they are and how fan-ins gather, their events, the types of
/// the context, what becomes of its unknown keys, and the names that machines, states and events had before.
///
/// # Examples
///
/// ```
/// let text = "state_machines: [{name: One, states: [{name: Start, initial: true, final: true}]}]";
/// let before = fantasm_spec::load_str("fsm.yaml", text)?;
/// let lock = fantasm_spec::Lock::of(&before.spec);
/// assert_eq!(fantasm_spec::Lock::parse(&lock.to_string()), Ok(lock.clone()));
///
/// let after = fantasm_spec::load_str("fsm.yaml", &text.replace("Start", "Begin"))?;
/// assert_eq!(lock.breaks(&after.spec)[0].message, "machine `One` no longer has the state `Start`");
/// # Ok::<(), fantasm_spec::Report>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<String, Shape>);

/// A change that instances which are stored could not live with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Break {
    /// What is no longer there, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where in fsm.yaml it would be; none where that has no machine at all.
    pub place: Option<Place>,
}

/// Why a text is no lock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockError {
    /// The line that is wrong.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl Lock {
    /// Takes the shapes of machines.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self(spec.machines.iter().map(|machine| (machine.name.to_string(), Shape::of(machine))).collect())
    }

    /// Takes the shapes of machines that had these before: what is no longer in the file stays where stored contexts may have it.
    ///
    /// So a value that comes back later, with another type, is found.
    #[must_use]
    pub fn after(&self, spec: &Spec) -> Self {
        let mut lock = Self::of(spec);
        for machine in &spec.machines {
            let Some(shape) = lock.0.get_mut(machine.name.as_str()) else { continue };
            let names = [&machine.name].into_iter().chain(&machine.renamed_from);
            names.filter_map(|name| self.0.get(name.as_str())).for_each(|before| shape.remember(before));
        }
        lock
    }

    /// Finds what instances that were stored by machines of these shapes could not live with.
    ///
    /// A machine, a state or an event that is there under another name has to say so with `renamed_from`. More machines, states,
    /// events and values of the context are no harm, nor are fewer values: they are passed over when they are read.
    #[must_use]
    pub fn breaks(&self, spec: &Spec) -> Vec<Break> {
        let mut breaks = Vec::new();
        for (name, shape) in &self.0 {
            match spec.machine(name) {
                Some(machine) => {
                    let owner = ("machine", machine.name.as_str(), &machine.place);
                    let is_it = |name: &str| spec.machine(name).map(|found| std::ptr::eq(found, machine));
                    breaks.extend(Break::of_earlier_names(owner, &shape.earlier_names, is_it));
                    shape.breaks(machine, &mut breaks);
                }
                None => breaks.push(Break {
                    message: format!("there is no longer a machine `{name}`"),
                    help: renamed("machine", name),
                    place: spec.machines.first().map(|machine| machine.place.clone()),
                }),
            }
        }
        breaks
    }
}

impl Break {
    /// Earlier names that are forgotten; `is_it` says of a name whether it leads to the owner, or to nothing at all.
    fn of_earlier_names(
        (what, name, place): (&str, &str, &Place),
        earlier_names: &[String],
        is_it: impl Fn(&str) -> Option<bool>,
    ) -> Vec<Self> {
        let told = |earlier: &String| {
            let keep = format!("keep `renamed_from: {earlier}` until nothing is stored under that name");
            let help = match is_it(earlier) {
                Some(true) => return None,
                Some(false) => format!("give the {what} that is called `{earlier}` now another name, and {keep}"),
                None => keep,
            };
            let message = format!("{what} `{name}` no longer says that it was `{earlier}`");
            Some(Self { message, help, place: Some(place.clone()) })
        };
        earlier_names.iter().filter_map(told).collect()
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LockError {}
