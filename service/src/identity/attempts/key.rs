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
    Network(Network),
    Account(String),
    /// Mails that a network asked for, answered or not.
    Mails(Network),
    /// Codes of devices that a network guessed.
    Codes(Network),
    /// Sign-ins with other providers that a network began.
    Departures(Network),
    /// Wrong proofs of one client from one network.
    Proofs(Network, Uuid),
    /// Calls from a network by nobody who has proved who they are.
    Strangers(Network),
    /// Calls of one client, key or user.
    Caller(Uuid),
    /// New passwords whose strength a network asked for.
    Choices(Network),
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
    /// The same for the site of its network, which has many networks: IPv6 alone has such. Whoever has signed in before
    /// or has proved who they are is not counted by it.
    pub(super) fn wide(&self) -> Option<Self> {
        let wide = match self {
            Self::Network(network) => Self::Network(network.site()),
            Self::Mails(network) => Self::Mails(network.site()),
            Self::Codes(network) => Self::Codes(network.site()),
            Self::Departures(network) => Self::Departures(network.site()),
            Self::Strangers(network) => Self::Strangers(network.site()),
            Self::Choices(network) => Self::Choices(network.site()),
            Self::Proofs(network, client) => Self::Proofs(network.site(), *client),
            Self::Pair(..) | Self::Browsers(_) | Self::Account(_) | Self::Caller(_) => return None,
        };
        (wide != *self).then_some(wide)
    }

    pub(super) fn budget(&self) -> Budget {
        let budget = self.narrow();
        match self {
            Self::Network(Network::Site(_))
            | Self::Mails(Network::Site(_))
            | Self::Codes(Network::Site(_))
            | Self::Departures(Network::Site(_))
            | Self::Proofs(Network::Site(_), _)
            | Self::Strangers(Network::Site(_))
            | Self::Choices(Network::Site(_)) => {
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
            Self::Network(_) => {
                Budget { free: 50, forget_one_in: TimeDelta::seconds(30), longest_wait: TimeDelta::minutes(5) }
            }
            Self::Account(_) => {
                Budget { free: 50, forget_one_in: TimeDelta::minutes(3), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Codes(_) => {
                Budget { free: 10, forget_one_in: TimeDelta::minutes(1), longest_wait: TimeDelta::minutes(15) }
            }
            Self::Choices(_) => {
                Budget { free: 120, forget_one_in: TimeDelta::seconds(1), longest_wait: TimeDelta::minutes(1) }
            }
            Self::Mails(_) | Self::Departures(_) => {
                Budget { free: 300, forget_one_in: TimeDelta::seconds(5), longest_wait: TimeDelta::minutes(5) }
            }
            Self::Proofs(..) => {
                Budget { free: 100, forget_one_in: TimeDelta::seconds(6), longest_wait: TimeDelta::minutes(1) }
            }
            Self::Strangers(_) => {
                Budget { free: 5_000, forget_one_in: TimeDelta::milliseconds(10), longest_wait: TimeDelta::seconds(1) }
            }
            Self::Caller(_) => {
                Budget { free: 10_000, forget_one_in: TimeDelta::milliseconds(1), longest_wait: TimeDelta::seconds(1) }
            }
        }
    }

    /// The code for whoever has to wait.
    pub(super) const fn code(&self) -> ErrorCode {
        match self {
            Self::Proofs(..) | Self::Strangers(_) | Self::Caller(_) => ErrorCode::RateLimited,
            _ => ErrorCode::TooManyAttempts,
        }
    }
}
