//! How often anybody may call. Each node counts in memory, by whoever has proved who they are and else by the network;
//! calls from this machine itself are not counted.

use domain::billing::ledger::Actor;
use uuid::Uuid;

use crate::{Ctx, Result, Services, directory::ClientEntry, identity::attempts::Network};

impl Services {
    /// Counts a call of the actor, or of a network's strangers where nobody has proved who they are.
    ///
    /// # Errors
    /// `RATE_001` (fact `retryAfter`, in seconds) after too many.
    pub fn pace(&self, ctx: &Ctx) -> Result<()> {
        let network = ctx.network();
        let caller: Uuid = match ctx.actor {
            Actor::Anonymous => return self.pace_unproved(network),
            Actor::User(id) => id.get(),
            Actor::ApiKey(id) => id.get(),
            Actor::Client(id) => id.get(),
            Actor::Operator | Actor::System => return Ok(()),
        };
        if self.paces(network) { self.attempts.call(caller, self.now()) } else { Ok(()) }
    }

    /// Counts a call of somebody who has not proved who they are.
    ///
    /// # Errors
    /// As [`Self::pace`].
    pub(crate) fn pace_unproved(&self, network: Network) -> Result<()> {
        if self.paces(network) { self.attempts.call_unproved(network, self.now()) } else { Ok(()) }
    }

    /// Counts a request that is kept until somebody answers it, of a client that needs no proof: anybody can fill the
    /// database with such.
    ///
    /// # Errors
    /// As [`Self::pace`].
    pub(crate) fn pace_kept(&self, client: &ClientEntry, network: Network) -> Result<()> {
        let counts = client.client.is_public() && self.paces(network);
        if counts { self.attempts.keep_unproved(network, self.now()) } else { Ok(()) }
    }

    fn paces(&self, network: Network) -> bool {
        self.settings.limits && network.is_remote()
    }

    /// Whether somebody on that network may try to prove that they are the client.
    ///
    /// # Errors
    /// `RATE_001` (fact `retryAfter`, in seconds) after too many wrong proofs.
    pub(crate) fn may_prove(&self, client: &ClientEntry, network: Network) -> Result<()> {
        match self.settings.limits {
            true => self.attempts.may_prove(client.client.id.get(), network, self.now()),
            false => Ok(()),
        }
    }

    /// They tried, and the proof was wrong.
    pub(crate) fn not_proved(&self, client: &ClientEntry, network: Network) {
        if self.settings.limits {
            self.attempts.not_proved(client.client.id.get(), network, self.now());
        }
    }
}
