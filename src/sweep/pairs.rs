//! Pairs of faults, and samples of runs.

use super::catalogue::Point;
use super::run::Plan;

/// Returns the pairs of a fault with each fault at a later call of its run.
pub(super) fn pairs<'a>(first: &Plan<'a>, later: Vec<Point<'a>>) -> Vec<Plan<'a>> {
    let after = first.points.last().map_or(0, |point| point.seen.number);
    let later = later.into_iter().filter(|point| point.seen.number > after);
    later.map(|point| Plan { points: first.points.iter().cloned().chain([point]).collect() }).collect()
}

/// Returns at most `n` of the items, which the seed chooses. They keep their order.
pub(super) fn sample<T>(items: Vec<T>, size: Option<(usize, u64)>) -> Vec<T> {
    let Some((n, seed)) = size else { return items };
    let chosen = {
        let mut places: Vec<usize> = (0..items.len()).collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut places);
        places.truncate(n);
        let mut chosen = vec![false; items.len()];
        places.into_iter().for_each(|place| chosen[place] = true);
        chosen
    };
    items.into_iter().zip(chosen).filter_map(|(item, is_chosen)| is_chosen.then_some(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_chooses_the_same_sample_each_time() {
        let items: Vec<usize> = (0..100).collect();
        let chosen = sample(items.clone(), Some((10, 7)));
        assert_eq!(chosen.len(), 10);
        assert!(chosen.is_sorted());
        assert_eq!(sample(items.clone(), Some((10, 7))), chosen);
        assert_ne!(sample(items.clone(), Some((10, 8))), chosen);
        assert_eq!(sample(items.clone(), Some((1000, 7))), items);
        assert_eq!(sample(items.clone(), None), items);
    }
}
