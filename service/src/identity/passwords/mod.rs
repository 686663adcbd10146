//! Passwords: argon2id (RFC 9106) on threads of its own, so that hashing neither blocks a request that hashes
//! nothing nor takes more memory than was set aside.

mod known;
mod phc;
mod pool;
mod strength;

use domain::{
    ErrorCode, Problem,
    identity::password::{Password, Strength},
};

use crate::{Error, Result, random::Rng};

pub(crate) use known::hints;
pub(crate) use phc::{Cost, check as check_phc};
use pool::Pool;

/// Whether a password was right, and whether its hash should be made again with today's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub right: bool,
    pub outdated: bool,
}

/// Hashes, verifies and judges passwords, all on the threads of one pool.
pub(crate) struct Passwords {
    pool: Pool,
    cost: Cost,
    /// Costs as much to verify as a real one, and no password fits.
    dummy: String,
}

impl Passwords {
    pub(crate) fn new(threads: usize, cost: Cost) -> Self {
        Self { pool: Pool::new(threads), cost, dummy: cost.dummy() }
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// `AUTH_007` when more passwords wait than the queue takes.
    pub(crate) async fn hash(&self, password: &Password, rng: &dyn Rng) -> Result<String> {
        let (cost, salt, password) = (self.cost, rng.bytes::<16>(), password.clone());
        let hash = self.pool.run(move |memory| cost.hash(&password, &salt, memory)).await.ok_or_else(busy)?;
        hash.map_err(Error::internal)
    }

    /// Compares a password with a PHC string; without one, takes the same time and answers no.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<Verdict> {
        let (cost, known) = (self.cost, hash.is_some());
        let (password, hash) = (password.to_owned(), hash.unwrap_or(&self.dummy).to_owned());
        let verdict =
            self.pool.run(move |memory| phc::verify(&cost, &password, &hash, memory)).await.ok_or_else(busy)?;
        Ok(Verdict { right: verdict.right && known, outdated: verdict.outdated })
    }

    /// Refuses a password that is easily guessed by somebody who knows `hints`, such as the address and the name.
    ///
    /// # Errors
    /// `APP_001` on the field `password`, or as [`Self::hash`].
    pub(crate) async fn judge(&self, password: &Password, hints: Vec<String>) -> Result<()> {
        if self.strength(password, hints).await? == Strength::Weak {
            return Err(Problem::field("password", "is too easy to guess; use several uncommon words").into());
        }
        Ok(())
    }

    /// How hard a password is to guess for somebody who knows `hints`.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub(crate) async fn strength(&self, password: &Password, hints: Vec<String>) -> Result<Strength> {
        let password = password.clone();
        self.pool.run(move |_| strength::of(password.expose(), &hints)).await.ok_or_else(busy)
    }
}

fn busy() -> Error {
    Problem::new(ErrorCode::TooManyAttempts, "too many people sign in at this moment").with_fact("retryAfter", 1).into()
}
