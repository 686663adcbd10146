//! What members and admins change of what is held.

use chrono::TimeDelta;

use super::{Bill, Model, Refused, State};

impl Model {
    /// What members do to a subscription that is billed; it makes every open order untrue.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.billed().ok_or(Refused)?;
        change(self)?;
        self.cancel_open();
        Ok(())
    }

    pub(super) fn cancel(&mut self) -> Result<(), Refused> {
        let sub = self.sub.clone().ok_or(Refused)?;
        let Some((_, end)) = sub.period.filter(|_| !matches!(sub.state, State::Behind { .. })) else {
            self.end();
            return Ok(());
        };
        if sub.cancel_at.is_some() {
            return Ok(());
        }
        let paid_until = self.next_invoice().filter(|next| matches!(next.state, Bill::Paid { .. }));
        let at = paid_until.map_or(end, |next| next.span.1);
        self.void_open();
        if let Some(sub) = &mut self.sub {
            sub.cancel_at = Some(at);
        }
        Ok(())
    }

    /// Access is taken away: what is held ends at once, nobody owes anything for it, and what was kept goes.
    pub(super) fn revoke(&mut self) {
        if self.is_kept_out {
            return;
        }
        self.void_open();
        self.cancel_open();
        (self.sub, self.card, self.is_kept_out) = (None, None, true);
    }

    pub(super) fn undo(&mut self) -> Result<(), Refused> {
        let sub = self.sub.as_mut().ok_or(Refused)?;
        let keeps = sub.state == State::Trial;
        if sub.cancel_at.is_none() && (keeps || sub.then.is_none()) {
            return Err(Refused);
        }
        sub.cancel_at = None;
        if !keeps {
            sub.then = None;
        }
        self.release_next();
        Ok(())
    }

    pub(super) fn pause(&mut self) -> Result<(), Refused> {
        let now = self.now;
        let sub = self.sub.as_mut().filter(|sub| sub.state == State::Active).ok_or(Refused)?;
        // Its provider charges the next period at this moment.
        if sub.agreement.is_some() && sub.period.is_some_and(|period| period.1 <= now) {
            return Err(Refused);
        }
        sub.state = State::Paused { since: self.now };
        self.release_next();
        Ok(())
    }

    pub(super) fn resume(&mut self) -> Result<(), Refused> {
        let now = self.now;
        let sub = self.sub.as_mut().ok_or(Refused)?;
        let State::Paused { since } = sub.state else { return Err(Refused) };
        sub.state = State::Active;
        let Some(before) = sub.period.filter(|_| since < now) else { return Ok(()) };
        let after = (before.0 + (now - since), before.1 + (now - since));
        (sub.period, sub.anchor) = (Some(after), after.1);
        if sub.cancel_at == Some(before.1) {
            sub.cancel_at = Some(after.1);
        }
        let id = sub.id;
        for paid in self.invoices.iter_mut().filter(|own| own.sub == id && own.span == before) {
            if matches!(paid.state, Bill::Paid { .. }) {
                paid.span = after;
            }
        }
        Ok(())
    }

    pub(super) fn extend_trial(&mut self, days: i64) -> Result<(), Refused> {
        let sub = self.sub.as_mut().filter(|sub| sub.state == State::Trial).ok_or(Refused)?;
        let (start, end) = sub.period.ok_or(Refused)?;
        if days <= 0 {
            return Err(Refused);
        }
        let until = end + TimeDelta::days(days);
        (sub.period, sub.anchor) = (Some((start, until)), until);
        if sub.cancel_at == Some(end) {
            sub.cancel_at = Some(until);
        }
        let moved = sub.clone();
        // What was asked or paid for the period after the old end.
        if let Some(sub) = &mut self.sub {
            sub.period = Some((start, end));
        }
        self.release_next();
        self.sub = Some(moved);
        Ok(())
    }
}
