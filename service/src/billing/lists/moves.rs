//! What a move of the test clock brought about.

use domain::{
    billing::ledger::{Action, Entry},
    id::{ApplicationId, LedgerId},
    page::PageRequest,
};
use serde::{Deserialize, Serialize};

use crate::{Ctx, Result, audit::AuditFilter, billing::clocks::Clocks};

/// What the ledger says since a move of the clock, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The last hundred at most.
    pub entries: Vec<Entry>,
    /// There was more.
    pub more: bool,
}

impl Clocks<'_> {
    /// The ledger's entry of the last move, `None` while the clock was never moved.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn last_move(&self, ctx: &Ctx, application: ApplicationId) -> Result<Option<LedgerId>> {
        let filter = AuditFilter { application: Some(application), action: Some(Action::ClockAdvanced), user: None };
        let page = PageRequest { after: None, limit: 1 };
        Ok(self.0.audit().list(ctx, filter, &page).await?.items.first().map(|entry| entry.id))
    }

    /// What has happened in the application since the move that the ledger calls `since`.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn happened(&self, ctx: &Ctx, application: ApplicationId, since: LedgerId) -> Result<Moved> {
        let filter = AuditFilter { application: Some(application), ..AuditFilter::default() };
        let page = PageRequest { after: None, limit: PageRequest::MAX_LIMIT };
        let all = self.0.audit().list(ctx, filter, &page).await?.items;
        let full = all.len() as u64 == page.limit;
        // An id begins with the real moment at which it was made, in milliseconds.
        let moment = |id: LedgerId| id.get().as_u128() >> 80;
        let first = moment(since);
        let more = full && all.last().is_some_and(|entry| moment(entry.id) > first);
        let entries = all.into_iter().filter(|entry| entry.id != since && moment(entry.id) >= first);
        Ok(Moved { entries: entries.filter(|entry| entry.action != Action::ClockAdvanced).collect(), more })
    }
}
