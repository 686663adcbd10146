//! What is counted by, and how much of it is free.

use chrono::TimeDelta;
use domain::ErrorCode;
use uuid::Uuid;

use super::Network;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Pair(String, Network),
    /// An account in the browsers that it has signed in with before, wherever they are.
    Browsers(String),
    Account(String),
    /// Calls of one client, key or user.
    Caller(Uuid),
    /// What a user changes of their own account.
    Changes(Uuid),
    /// What comes from a network, whoever it is there.
    From(Network, What),
}

/// What comes from a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// Wrong proofs of who somebody is.
    Failures,
    /// Mails that were asked for, answered or not.
    Mails,
    /// Guessed codes of devices.
    Codes,
    /// Tried codes of coupons.
    Coupons,
    /// Sign-ins with other providers that began.
    Departures,
    /// Wrong proofs of one client.
    Proofs(Uuid),
    /// Calls by nobody who has proved who they are.
    Strangers,
    /// Requests by nobody who has proved who they are, each of them kept until somebody answers it.
    Requests,
    /// New passwords whose strength was asked for.
    Choices,
}

/// How many failures are free, how fast they are forgotten, and how long the wait becomes at most.
pub(super) struct Budget {
    pub(super) free: i32,
    pub(super) forget_one_in: TimeDelta,
    pub(super) longest_wait: TimeDelta,
}

/// A site may do as much as so many networks.
const NETWORKS: i32 = 10;

impl Key {
    /// The same for the site of its network, which has many networks: IPv6 alone has such. Whoever signs in in a
    /// browser that the account knows, or has proved who they are, does not wait for it.
    pub(super) fn wide(&self) -> Option<Self> {
        match *self {
            Self::From(network, what) if network.site() != network => Some(Self::From(network.site(), what)),
            _ => None,
        }
    }

    pub(super) fn budget(&self) -> Budget {
        let budget = self.narrow();
        match self {
            Self::From(Network::Site(_), _) => {
                Budget { free: budget.free * NETWORKS, forget_one_in: budget.forget_one_in / NETWORKS, ..budget }
            }
            _ => budget,
        }
    }

    const fn narrow(&self) -> Budget {
        match self {
            Self::Pair(..) | Self::Browsers(_) => {
                Budget { free: 5, forget_one_in: TimeDelta::minutes(3), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Account(_) => {
                Budget { free: 50, forget_one_in: TimeDelta::minutes(3), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Caller(_) => {
                Budget { free: 10_000, forget_one_in: TimeDelta::milliseconds(1), longest_wait: TimeDelta::seconds(1) }
            }
            Self::Changes(_) => {
                Budget { free: 60, forget_one_in: TimeDelta::seconds(10), longest_wait: TimeDelta::seconds(10) }
            }
            Self::From(_, What::Failures | What::Coupons) => {
                Budget { free: 50, forget_one_in: TimeDelta::seconds(30), longest_wait: TimeDelta::minutes(5) }
            }
            Self::From(_, What::Codes) => {
                Budget { free: 10, forget_one_in: TimeDelta::minutes(1), longest_wait: TimeDelta::minutes(15) }
            }
            Self::From(_, What::Choices) => {
                Budget { free: 120, forget_one_in: TimeDelta::seconds(1), longest_wait: TimeDelta::minutes(1) }
            }
            Self::From(_, What::Mails | What::Departures) => {
                Budget { free: 300, forget_one_in: TimeDelta::seconds(5), longest_wait: TimeDelta::minutes(5) }
            }
            Self::From(_, What::Proofs(_)) => {
                Budget { free: 100, forget_one_in: TimeDelta::seconds(6), longest_wait: TimeDelta::minutes(1) }
            }
            Self::From(_, What::Requests) => {
                Budget { free: 100, forget_one_in: TimeDelta::milliseconds(500), longest_wait: TimeDelta::minutes(1) }
            }
            Self::From(_, What::Strangers) => {
                Budget { free: 5_000, forget_one_in: TimeDelta::milliseconds(10), longest_wait: TimeDelta::seconds(1) }
            }
        }
    }

    /// The code for whoever has to wait.
    pub(super) const fn code(&self) -> ErrorCode {
        match self {
            Self::From(_, What::Proofs(_) | What::Strangers | What::Requests) | Self::Caller(_) | Self::Changes(_) => {
                ErrorCode::RateLimited
            }
            _ => ErrorCode::TooManyAttempts,
        }
    }
}
