//! Randomness, drawn in one place, so that tests can replay it.
use rand::TryRng;

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// A number below `bound`, without bias.
    fn below(&self, bound: u64) -> u64 {
        let limit = u64::MAX - u64::MAX % bound.max(1);
        loop {
            let mut bytes = [0; 8];
            self.fill(&mut bytes);
            let drawn = u64::from_le_bytes(bytes);
            if drawn < limit {
                return drawn % bound.max(1);
            }
        }
    }
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness nothing the system promises holds; the kernel's generator fails only where none exists.
        while rand::rngs::SysRng.try_fill_bytes(buffer).is_err() {
            std::thread::yield_now();
        }
    }
}

/// An array of random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}

/// `n` decimal digits, leading zeros kept, each drawn uniformly.
pub fn digits(random: &dyn Random, n: usize) -> String {
    (0..n).map(|_| char::from(b'0' + u8::try_from(random.below(10)).unwrap_or(0))).collect()
}
