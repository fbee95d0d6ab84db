//! Spreads things along a line: each as near to where it wants to be as its neighbours and the ends allow.

/// Returns places for `wishes`, which are sorted: at least `gap` apart, within `low..=high`, and as near to the wishes as that
/// allows. Where there is too little room, the gap shrinks.
pub(super) fn spread(wishes: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let n_gaps = wishes.len().saturating_sub(1) as f64;
    let gap = gap.min((high - low).max(0.0) / n_gaps.max(1.0));
    // Without the gaps, the places need only not decrease: those that would are pooled at their mean.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (at, wish) in wishes.iter().enumerate() {
        let mut pool = (wish - gap * at as f64, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let size = last.1 + pool.1;
            pool = ((last.0 * last.1 as f64 + pool.0 * pool.1 as f64) / size as f64, size);
        }
        pools.push(pool);
    }
    let (low, high) = (low, (high - gap * n_gaps).max(low));
    let bases = pools.into_iter().flat_map(|(base, size)| std::iter::repeat_n(base, size));
    bases.enumerate().map(|(at, base)| base.clamp(low, high) + gap * at as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn wishes_that_fit_are_met() {
        assert_eq!(spread(&[10.0, 30.0], 5.0, 0.0, 40.0), [10.0, 30.0]);
    }

    #[test]
    fn equal_wishes_are_spread_around_their_place() {
        assert_eq!(spread(&[20.0, 20.0, 20.0], 5.0, 0.0, 40.0), [15.0, 20.0, 25.0]);
    }

    #[test]
    fn the_ends_hold_and_the_gap_shrinks() {
        assert_eq!(spread(&[-50.0, 90.0], 5.0, 0.0, 40.0), [0.0, 40.0]);
        assert_eq!(spread(&[0.0, 0.0, 0.0], 50.0, 0.0, 40.0), [0.0, 20.0, 40.0]);
        assert_eq!(spread(&[7.0], 5.0, 3.0, 3.0), [3.0]);
        assert_eq!(spread(&[], 5.0, 0.0, 40.0), [0.0; 0]);
    }
}
