//! A Merkle tree as in RFC 6962: leaves and nodes are hashed with different first bytes, so that neither passes as the
//! other; the left half is the largest power of two below the size. Pure.
use secrets::{hex, sha256};

/// A hash of the tree.
pub(crate) type Hash = [u8; 32];

/// The hash of a chain's head as a leaf.
pub(crate) fn leaf(person: &str, seq: i64, hash: &str) -> Hash {
    sha256(&[&[0], person.as_bytes(), b"\n", seq.to_string().as_bytes(), b"\n", hash.as_bytes()])
}

/// The hash of a bucket's root as a leaf of the upper tree.
pub(crate) fn bucket_leaf(root: &Hash) -> Hash {
    sha256(&[&[0], root.as_slice()])
}

/// The hash of a document's SHA-256 as a leaf.
pub(crate) fn document_leaf(digest: &Hash) -> Hash {
    bucket_leaf(digest)
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left.as_slice(), right.as_slice()])
}

fn split(size: usize) -> usize {
    let half = size.next_power_of_two() / 2;
    half.max(1)
}

/// The root over the leaves; of none, the hash of nothing.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The hashes beside the way from the leaf at `place` up to the root, the lowest first.
pub(crate) fn path(leaves: &[Hash], place: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return vec![];
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut way, beside) =
        if place < at { (path(left, place), root(right)) } else { (path(right, place - at), root(left)) };
    way.push(beside);
    way
}

/// The root that a leaf at `place` of `size` leaves leads to by its path; `None` where the path has a wrong length.
pub(crate) fn climb(from: Hash, (place, size): (usize, usize), path: &[Hash]) -> Option<Hash> {
    if size <= 1 {
        return (path.is_empty() && place == 0).then_some(from);
    }
    let (beside, below) = path.split_last()?;
    let at = split(size);
    if place < at {
        Some(node(&climb(from, (place, at), below)?, beside))
    } else {
        Some(node(beside, &climb(from, (place - at, size - at), below)?))
    }
}

/// Hashes as hex.
pub(crate) fn written(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|h| hex(h)).collect()
}

/// Hashes from hex; `None` if one of them is none.
pub(crate) fn read(hashes: &[String]) -> Option<Vec<Hash>> {
    hashes.iter().map(|h| read_one(h)).collect()
}

/// A hash from hex.
pub(crate) fn read_one(text: &str) -> Option<Hash> {
    secrets::from_hex(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf("p", i64::try_from(i).unwrap(), "h")).collect()
    }

    #[test]
    fn every_leaf_of_every_size_climbs_to_the_root_and_no_other_does() {
        for size in 1..40 {
            let all = leaves(size);
            let top = root(&all);
            for place in 0..size {
                let way = path(&all, place);
                assert_eq!(climb(all[place], (place, size), &way), Some(top), "{place} of {size}");
                assert_ne!(climb(leaf("q", 0, "h"), (place, size), &way), Some(top));
                if size > 1 {
                    assert_ne!(climb(all[place], ((place + 1) % size, size), &way), Some(top));
                    assert_ne!(climb(all[place], (place, size), &way[1..]), Some(top));
                }
            }
        }
    }

    #[test]
    fn the_root_depends_on_every_leaf_and_their_order() {
        let all = leaves(7);
        let mut swapped = all.clone();
        swapped.swap(2, 5);
        assert_ne!(root(&all), root(&swapped));
        assert_ne!(root(&all), root(&all[..6]));
    }

    #[test]
    fn a_place_beyond_the_size_leads_nowhere() {
        let all = leaves(5);
        assert_ne!(climb(all[4], (9, 5), &path(&all, 4)), Some(root(&all)));
    }
}
