//! Randomness as a parameter.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand::SecureRandom};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{Secret, Timestamp};
use uuid::{ContextV7, Timestamp as UuidTimestamp, Uuid};

/// Where random bytes come from.
pub trait Rng: Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Default)]
pub struct SystemRng(aws_lc_rs::rand::SystemRandom);

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only when the operating system has no randomness at all; nothing can be done safely then.
        self.0.fill(bytes).expect("the operating system gives random bytes");
    }
}

/// The same bytes for the same seed, for tests.
pub struct SeededRng {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRng {
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, Ordering::SeqCst);
            let block = digest::digest(&digest::SHA256, &[self.seed.to_be_bytes(), counter.to_be_bytes()].concat());
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}

impl dyn Rng {
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A secret of 256 bits behind a prefix that leak scanners know, such as `sec_`.
    pub fn secret(&self, prefix: &str) -> Secret {
        Secret::new(format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(self.bytes::<32>())))
    }

    /// A UUIDv7 (RFC 9562, section 5.7) of the moment `now`. Ids of one process grow in the order they are made.
    pub fn id<T: From<Uuid>>(&self, now: Timestamp) -> T {
        static CONTEXT: std::sync::Mutex<Option<ContextV7>> = std::sync::Mutex::new(None);
        let millis = now.timestamp_millis().unsigned_abs();
        let (seconds, nanos) = (millis / 1000, u32::try_from(millis % 1000).unwrap_or_default() * 1_000_000);
        let mut context = CONTEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let context = context.get_or_insert_with(ContextV7::new);
        Uuid::new_v7(UuidTimestamp::from_unix(&*context, seconds, nanos)).into()
    }
}
