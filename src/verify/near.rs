//! Finds names that are similar to a misspelled one.

/// Returns the names that `wanted` may be a misspelling of, the most similar first. At most a third of the characters
/// may differ. The comparison ignores ASCII case.
pub(super) fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted_folded = folded(wanted);
    let mut found: Vec<_> = names
        .filter_map(|name| {
            let name_folded = folded(name);
            let most = wanted_folded.len().max(name_folded.len()) / 3;
            // The length check rules out most names, and avoids the quadratic comparison of very long ones.
            if wanted_folded.len().abs_diff(name_folded.len()) > most {
                return None;
            }
            let distance = distance(&wanted_folded, &name_folded);
            (distance <= most).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

fn folded(name: &str) -> Vec<char> {
    name.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns the number of insertions, deletions, replacements and swaps of neighbouring characters that turn one text
/// into the other (the optimal string alignment distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_insertions_deletions_replacements_and_swaps() {
        let between = |a: &str, b: &str| distance(&folded(a), &folded(b));
        assert_eq!(between("photos", "photos"), 0);
        assert_eq!(between("photo", "photos"), 1);
        assert_eq!(between("photoss", "photos"), 1);
        assert_eq!(between("phodos", "photos"), 1);
        assert_eq!(between("phtoos", "photos"), 1);
        assert_eq!(between("", "photos"), 6);
        assert_eq!(between("videos", "photos"), 4);
    }

    #[test]
    fn only_similar_names_are_suggested_the_most_similar_first() {
        let suggested = |wanted: &str, names: &[&'static str]| near(wanted, names.iter().copied());
        assert_eq!(suggested("photo", &["videos", "phosots", "photos"]), ["photos"]);
        assert_eq!(suggested("PHOTOS", &["photos", "photos2"]), ["photos", "photos2"]);
        assert_eq!(suggested("backup_2024", &["backup-2024", "backup-2023"]), ["backup-2024", "backup-2023"]);
        // With one or two letters, every other short name would be similar.
        assert!(suggested("v", &["w", "vv", "x"]).is_empty());
        assert!(suggested(&"v".repeat(100_000), &["v", "w"]).is_empty());
    }
}
