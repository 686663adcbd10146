//! Passwords: argon2id (RFC 9106) on threads of its own, so that hashing neither blocks a request that hashes
//! nothing nor takes more memory than was set aside.

mod known;
mod leaked;
mod phc;
mod pool;
mod queue;
mod strength;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Problem,
    identity::password::{Password, Strength},
};

use crate::{Error, Result, identity::attempts::Network, random::Rng};

pub(crate) use phc::{Cost, check as check_phc};
use pool::Pool;

/// Whether a password was right, and whether its hash should be made again with today's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub right: bool,
    pub outdated: bool,
}

/// Hashes, verifies and judges passwords, all on the threads of one pool. From whichever network most is asked, the
/// others have their turn.
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
    pub(crate) async fn hash(&self, by: Network, password: &Password, rng: &dyn Rng) -> Result<String> {
        let (cost, salt, password) = (self.cost, rng.bytes::<16>(), password.clone());
        let hash = self.pool.run(by, move |memory| cost.hash(&password, &salt, memory)).await;
        hash.ok_or_else(busy)?.map_err(Error::internal)
    }

    /// Compares a password with a PHC string; without one, takes the same time and answers no.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub(crate) async fn verify(&self, by: Network, password: &str, hash: Option<&str>) -> Result<Verdict> {
        let (cost, known) = (self.cost, hash.is_some());
        let (password, hash) = (password.to_owned(), hash.unwrap_or(&self.dummy).to_owned());
        let verdict = self.pool.run(by, move |memory| phc::verify(&cost, &password, &hash, memory)).await;
        let verdict = verdict.ok_or_else(busy)?;
        Ok(Verdict { right: verdict.right && known, outdated: verdict.outdated })
    }

    /// Refuses a password that is easily guessed by somebody who knows `hints`, such as the address and the name.
    ///
    /// # Errors
    /// `APP_001` on the field `password`, or as [`Self::hash`].
    pub(crate) async fn judge(&self, by: Network, password: &Password, hints: Vec<String>) -> Result<()> {
        if self.strength(by, password, hints).await? == Strength::Weak {
            return Err(Problem::field("password", "is too easy to guess; use several uncommon words").into());
        }
        Ok(())
    }

    /// How hard a password is to guess for somebody who knows `hints`.
    ///
    /// # Errors
    /// As [`Self::hash`].
    pub(crate) async fn strength(&self, by: Network, password: &Password, hints: Vec<String>) -> Result<Strength> {
        let password = password.clone();
        self.pool.run(by, move |_| strength::of(password.expose(), &hints)).await.ok_or_else(busy)
    }
}

fn busy() -> Error {
    let why = "too many people sign in at this moment";
    Problem::wait(ErrorCode::TooManyAttempts, why, TimeDelta::seconds(1)).into()
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Poll};

    use futures::poll;

    use super::*;
    use crate::random::SystemRng;

    /// Everything that is asynchronous shares one thread here, and the pool's only thread is held.
    #[tokio::test(flavor = "current_thread")]
    async fn who_waits_for_a_hash_holds_up_nobody_and_so_many_may_wait() {
        let passwords = Passwords::new(1, Cost { memory: 8, passes: 1 });
        let (password, rng) = (Password::parse("correct horse battery").unwrap(), SystemRng::default());
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let (begun, started) = tokio::sync::oneshot::channel();
        let mut held = pin!(passwords.pool.run(Network::Unknown, move |_| {
            let _ = begun.send(());
            gate.recv().is_err()
        }));
        assert!(poll!(held.as_mut()).is_pending());
        started.await.unwrap();
        let mut waiting = Vec::new();
        let refused = loop {
            let mut hash = Box::pin(passwords.hash(Network::Unknown, &password, &rng));
            let polled = poll!(&mut hash);
            match polled {
                Poll::Pending => waiting.push(hash),
                Poll::Ready(answer) => break answer,
            }
        };
        assert!(waiting.len() > 1, "only {} may wait", waiting.len());
        tokio::spawn(tokio::task::yield_now()).await.expect("others have their turn");
        for hash in &mut waiting {
            assert!(poll!(hash).is_pending(), "before the first is hashed");
        }
        let Err(Error::Problem(problem)) = refused else { panic!("not refused") };
        assert_eq!((problem.code, problem.retry_after()), (ErrorCode::TooManyAttempts, Some(1)));
        drop(open);
        assert_eq!(held.await, Some(true));
        for hash in waiting {
            assert!(hash.await.unwrap().starts_with("$argon2id$"));
        }
    }
}
