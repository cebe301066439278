//! Work on many things at once, on every core.
use std::{num::NonZero, thread};

use base::{Error, Result};

/// How many cores there are to work on.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Gives each core a part of the items; the answers come in the order of the parts. Blocks until all are there.
pub(crate) fn by_parts<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Result<Vec<R>> {
    let share = items.len().div_ceil(cores()).max(1);
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = items.chunks(share).map(|part| scope.spawn(move || work(part))).collect();
        threads.into_iter().map(|t| t.join().map_err(|_| Error::internal("a part stopped"))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::by_parts;

    #[test]
    fn parts_come_back_in_order_and_whole() {
        for size in [0_usize, 1, 2, 7, 1000] {
            let items: Vec<usize> = (0..size).collect();
            let parts = by_parts(&items, <[usize]>::to_vec).unwrap();
            assert_eq!(parts.concat(), items);
        }
    }
}
