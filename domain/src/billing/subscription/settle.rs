//! What the clock does to a subscription by itself, and what the subscription gives at a moment.

use super::{Ended, Scheduled, Source, State, Subscription};
use crate::Timestamp;

impl Subscription {
    /// The end that time alone brings, wherever it lies; the earliest counts.
    pub fn scheduled_end(&self) -> Option<Ended> {
        if self.state.is_final() {
            return None;
        }
        let trial = match self.state {
            State::Trialing { ends_at } if self.scheduled.is_some_and(|change| change.at <= ends_at) => None,
            State::Trialing { ends_at } => Some(Ended { at: ends_at, state: State::Expired { at: ends_at } }),
            State::PastDue { grace_until: at, .. } => Some(Ended { at, state: State::Expired { at } }),
            _ => None,
        };
        let expiry = self.expires_at.map(|at| Ended { at, state: State::Expired { at } });
        let cancel = self.cancel_at.map(|at| Ended { at, state: State::Canceled { at } });
        [trial, expiry, cancel].into_iter().flatten().min_by_key(|end| end.at)
    }

    /// The end that is due at `now` and has not been written yet.
    pub fn due(&self, now: Timestamp) -> Option<Ended> {
        self.scheduled_end().filter(|end| end.at <= now)
    }

    /// The change that time alone brings, wherever it lies: none behind the end, none while it is paused.
    pub fn scheduled_change(&self) -> Option<Scheduled> {
        let moves = matches!(self.state, State::Trialing { .. } | State::Active | State::PastDue { .. });
        let end = self.scheduled_end().map(|end| end.at);
        self.scheduled.filter(|change| moves && end.is_none_or(|end| change.at < end))
    }

    /// The change that is due at `now` and has not been written yet.
    pub fn due_change(&self, now: Timestamp) -> Option<Scheduled> {
        self.scheduled_change().filter(|change| change.at <= now)
    }

    /// The next moment at which time alone changes what it gives.
    pub fn next_change(&self) -> Option<Timestamp> {
        let end = self.scheduled_end().map(|end| end.at);
        let change = self.scheduled_change().map(|change| change.at);
        end.into_iter().chain(change).min()
    }

    /// This subscription after its scheduled change: a trial turns active; what is free has no period and no grace, and
    /// nobody bills it.
    /// What the new price costs is another matter: [`crate::billing::renewal`].
    fn changed(mut self, change: Scheduled) -> Self {
        (self.plan_id, self.price_id, self.scheduled) = (change.plan_id, change.price_id, None);
        if self.price_id.is_none() {
            (self.period, self.source) = (None, Source::User);
        }
        match self.state {
            State::Trialing { .. } => self.state = State::Active,
            State::PastDue { .. } if self.price_id.is_none() => self.state = State::Active,
            _ => (),
        }
        self
    }

    /// This subscription as it stands at `now`, whether or not anybody wrote it down.
    pub fn settle(mut self, now: Timestamp) -> Self {
        if let Some(change) = self.due_change(now) {
            self = self.changed(change);
        }
        if let Some(end) = self.due(now) {
            self.state = end.state;
        }
        self
    }

    /// Not canceled or expired, by status and by date.
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.state.is_final() && self.due(now).is_none()
    }

    /// Trialing, active, or past due within grace, and live.
    pub fn gives_features(&self, now: Timestamp) -> bool {
        self.is_live(now) && matches!(self.state, State::Trialing { .. } | State::Active | State::PastDue { .. })
    }
}
