//! The network simplex of Gansner, Koutsofios, North and Vo: draws things together that keep their distances.

/// `head` is at least `length` after `tail`; each unit that it is farther costs `weight`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bond {
    pub(super) tail: usize,
    pub(super) head: usize,
    pub(super) length: i64,
    pub(super) weight: i64,
}

impl Bond {
    fn slack(&self, places: &[i64]) -> i64 {
        places[self.head] - places[self.tail] - self.length
    }
}

/// How much work may be done, as things and bonds looked at: more than sixty states need, so that large machines do not run
/// away.
const MAX_WORK: usize = 12_000_000;

/// Moves things so that their bonds cost least in all.
///
/// `places` must keep all bonds at the start. They are kept at any time, and no step makes the cost greater, so the work can
/// end early; it does nothing where not everything is bound together.
pub(super) fn minimize(bonds: &[Bond], places: &mut [i64]) {
    let work_per_step = (bonds.len() + places.len()).max(1);
    if places.len() * work_per_step > 4 * MAX_WORK {
        return;
    }
    let Some(mut tree) = tight_tree(bonds, places) else { return };
    let pulls = pulls(bonds, places.len());
    for _ in 0..MAX_WORK / work_per_step {
        let rooted = Rooted::new(bonds, &tree, places.len());
        let Some((branch, is_rightwards)) = rooted.loosest(bonds, &pulls) else { return };
        let is_inside = |thing: usize| rooted.is_inside(thing, branch);
        let stops = bonds.iter().enumerate().filter(|(_, bond)| {
            let (inside, outside) = if is_rightwards { (bond.tail, bond.head) } else { (bond.head, bond.tail) };
            is_inside(inside) && !is_inside(outside)
        });
        let Some((stop, way)) = stops.map(|(at, bond)| (at, bond.slack(places))).min_by_key(|(_, slack)| *slack) else {
            return;
        };
        let way = if is_rightwards { way } else { -way };
        for (thing, place) in places.iter_mut().enumerate() {
            if is_inside(thing) {
                *place += way;
            }
        }
        let loosened = rooted.bond_above[branch];
        tree.iter_mut().filter(|bond| Some(**bond) == loosened).for_each(|bond| *bond = stop);
    }
}

/// Returns, for each thing, what a step to the right adds to the cost.
fn pulls(bonds: &[Bond], n_things: usize) -> Vec<i64> {
    let mut pulls = vec![0; n_things];
    for bond in bonds {
        pulls[bond.head] += bond.weight;
        pulls[bond.tail] -= bond.weight;
    }
    pulls
}

/// Moves things until bonds without slack join them all; returns a tree of such bonds.
fn tight_tree(bonds: &[Bond], places: &mut [i64]) -> Option<Vec<usize>> {
    let mut bonds_of = vec![Vec::new(); places.len()];
    for (at, bond) in bonds.iter().enumerate() {
        bonds_of[bond.tail].push(at);
        bonds_of[bond.head].push(at);
    }
    let mut is_inside = vec![false; places.len()];
    let (mut tree, mut inside) = (Vec::new(), vec![0]);
    *is_inside.first_mut()? = true;
    let mut at = 0;
    loop {
        while let Some(&thing) = inside.get(at) {
            at += 1;
            for &bond in &bonds_of[thing] {
                let other = bonds[bond].tail + bonds[bond].head - thing;
                if !is_inside[other] && bonds[bond].slack(places) == 0 {
                    is_inside[other] = true;
                    inside.push(other);
                    tree.push(bond);
                }
            }
        }
        if inside.len() == places.len() {
            return Some(tree);
        }
        let leaving = bonds.iter().filter(|bond| is_inside[bond.tail] != is_inside[bond.head]);
        let nearest = leaving.min_by_key(|bond| bond.slack(places))?;
        let slack = nearest.slack(places);
        let way = if is_inside[nearest.tail] { slack } else { -slack };
        inside.iter().for_each(|thing| places[*thing] += way);
        at = 0;
    }
}

/// A tree of tight bonds, hung up at the first thing.
struct Rooted {
    /// All things, each before those below it.
    order: Vec<usize>,
    /// The place of each thing in `order`.
    first: Vec<usize>,
    /// How many things hang at each, itself included; they follow it in `order`.
    size: Vec<usize>,
    above: Vec<usize>,
    bond_above: Vec<Option<usize>>,
}

impl Rooted {
    fn new(bonds: &[Bond], tree: &[usize], n_things: usize) -> Self {
        let mut bonds_of = vec![Vec::new(); n_things];
        for &bond in tree {
            bonds_of[bonds[bond].tail].push(bond);
            bonds_of[bonds[bond].head].push(bond);
        }
        let mut rooted = Self {
            order: Vec::with_capacity(n_things),
            first: vec![0; n_things],
            size: vec![1; n_things],
            above: vec![0; n_things],
            bond_above: vec![None; n_things],
        };
        let mut open = vec![0];
        while let Some(thing) = open.pop() {
            rooted.first[thing] = rooted.order.len();
            rooted.order.push(thing);
            let above = rooted.bond_above[thing];
            for &bond in bonds_of[thing].iter().filter(|bond| Some(**bond) != above) {
                let below = bonds[bond].tail + bonds[bond].head - thing;
                rooted.above[below] = thing;
                rooted.bond_above[below] = Some(bond);
                open.push(below);
            }
        }
        for &thing in rooted.order.iter().skip(1).rev() {
            rooted.size[rooted.above[thing]] += rooted.size[thing];
        }
        rooted
    }

    fn is_inside(&self, thing: usize, branch: usize) -> bool {
        (self.first[branch]..self.first[branch] + self.size[branch]).contains(&self.first[thing])
    }

    /// Returns the branch that is drawn most away from what it hangs at, and whether to the right.
    fn loosest(&self, bonds: &[Bond], pulls: &[i64]) -> Option<(usize, bool)> {
        let mut sums = pulls.to_vec();
        let mut loosest: Option<(i64, usize, bool)> = None;
        for &thing in self.order.iter().skip(1).rev() {
            let sum = sums[thing];
            sums[self.above[thing]] += sum;
            let is_head = self.bond_above[thing].is_some_and(|bond| bonds[bond].head == thing);
            let gain = if is_head { -sum } else { sum };
            if gain > loosest.map_or(0, |(gain, ..)| gain) {
                loosest = Some((gain, thing, is_head));
            }
        }
        loosest.map(|(_, branch, is_head)| (branch, is_head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bond(tail: usize, head: usize, length: i64, weight: i64) -> Bond {
        Bond { tail, head, length, weight }
    }

    #[test]
    fn what_pulls_more_wins() {
        // 0 is to be 10 left of 1, and 2 is drawn to 0 with less weight than to 1.
        let bonds = [bond(0, 1, 10, 1), bond(0, 2, 0, 1), bond(2, 1, 0, 3)];
        let mut places = [0, 50, 20];
        minimize(&bonds, &mut places);
        assert_eq!([places[1] - places[0], places[2] - places[0]], [10, 10]);
    }

    #[test]
    fn whole_branches_move_together() {
        // A chain that is far from where its end wants to be.
        let bonds = [bond(0, 1, 5, 0), bond(1, 2, 5, 4), bond(2, 3, 5, 4), bond(0, 3, 0, 1)];
        let mut places = [0, 100, 200, 300];
        minimize(&bonds, &mut places);
        assert_eq!(places.map(|place| place - places[0]), [0, 5, 10, 15]);
    }

    #[test]
    fn what_is_not_bound_together_stays() {
        let mut places = [0, 7];
        minimize(&[], &mut places);
        assert_eq!(places, [0, 7]);
        minimize(&[], &mut []);
    }
}
