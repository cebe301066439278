//! A random draw that anyone can do again: every id gets the SHA-256 of the seed, a line break and itself; the smallest
//! are drawn. Pure.
use sha2::{Digest, Sha256};

/// The ids drawn, in the order of the draw.
pub fn draw<'a>(seed: &str, ids: &[&'a str], size: usize) -> Vec<&'a str> {
    let mut all: Vec<([u8; 32], &str)> = ids.iter().map(|id| (mark(seed, id), *id)).collect();
    all.sort_unstable();
    all.into_iter().take(size).map(|(_, id)| id).collect()
}

fn mark(seed: &str, id: &str) -> [u8; 32] {
    Sha256::digest(format!("{seed}\n{id}")).into()
}

/// The hash of a population: SHA-256 over its ids in byte order, each followed by a line break.
pub fn population_hash(ids: &[&str]) -> [u8; 32] {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha256::new();
    for id in sorted {
        hash.update(id.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draw_depends_on_seed_and_ids_alone() {
        let ids: Vec<String> = (0..100).map(|n| format!("claim-{n}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut turned = ids.clone();
        turned.reverse();
        let drawn = draw("abc", &ids, 5);
        assert_eq!(drawn, draw("abc", &turned, 5));
        assert_ne!(drawn, draw("abd", &ids, 5));
        assert_eq!(draw("abc", &ids, 200).len(), 100);
        assert_eq!(population_hash(&ids), population_hash(&turned));
    }

    #[test]
    fn over_many_seeds_every_id_is_drawn_about_as_often() {
        let ids: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let times = (0..2000).filter(|seed| draw(&seed.to_string(), &ids, 5).contains(&"7")).count();
        assert!((400..600).contains(&times), "{times} of 2000 draws of 5 out of 20");
    }
}
