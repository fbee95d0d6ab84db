//! What an author may have meant.

/// Twice the longest name. Comparing two words takes time in the product of their lengths.
const LONGEST_WORD: usize = 100;

/// The candidate that a misspelt word is closest to, if one is close enough.
pub(crate) fn similar<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let farthest = (length / 3).max(1);
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        // A distance is never below the difference in length; most candidates end here, which keeps large files fast.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= farthest)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= farthest && *candidate != word)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_closest_word() {
        let states = ["initial", "final", "action"];
        assert_eq!(similar("inital", states), Some("initial"));
        assert_eq!(similar("Final", states), Some("final"));
        assert_eq!(similar("queue", states), None);
        assert_eq!(similar("ok", ["a", "b"]), None);
    }
}
