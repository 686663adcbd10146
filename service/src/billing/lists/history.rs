//! What the ledger says of a member, newest first: the last hundred entries, and whether there are more.

use domain::{
    billing::ledger::{Action, Entry},
    id::{ApplicationId, UserId},
    page::{Page, PageRequest},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::payments::ListedPayment;
use crate::{Ctx, Result, Services, audit, entity::ledger};

/// See the module.
pub struct Histories<'a>(&'a Services);

impl Services {
    pub const fn histories(&self) -> Histories<'_> {
        Histories(self)
    }
}

impl Histories<'_> {
    /// What became of a member's money.
    ///
    /// # Errors
    /// As [`Services::require_admin`].
    pub async fn of_member(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Page<Entry>> {
        let actions = Action::ALL.iter().copied().filter(|action| is_about_money(*action)).map(Action::as_str);
        let about = Condition::all().add(ledger::Column::Action.is_in(actions));
        self.last(ctx, application, user, about).await
    }

    /// What became of a payment, its order and its invoice.
    ///
    /// # Errors
    /// As [`Services::require_admin`].
    pub async fn of_payment(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        listed: &ListedPayment,
    ) -> Result<Page<Entry>> {
        let ids = [
            Some(listed.payment.id.to_string()),
            listed.order.map(|id| id.to_string()),
            listed.invoice.map(|id| id.to_string()),
        ];
        let about = ids.into_iter().flatten().fold(Condition::any(), |about, id| {
            about
                .add(ledger::Column::BeforeJson.contains(&id))
                .add(ledger::Column::AfterJson.contains(&id))
                .add(ledger::Column::Reason.eq(id))
        });
        self.last(ctx, application, listed.user.id, about).await
    }

    /// Reads no more of the ledger than what is written of that user, by an index.
    async fn last(&self, ctx: &Ctx, application: ApplicationId, user: UserId, about: Condition) -> Result<Page<Entry>> {
        self.0.require_admin(ctx, application).await?;
        let rows = ledger::Entity::find()
            .filter(ledger::Column::ApplicationId.eq(application.get()))
            .filter(ledger::Column::UserId.eq(user.get()))
            .filter(about)
            .order_by_desc(ledger::Column::Id)
            .limit(PageRequest::MAX_LIMIT + 1)
            .all(self.0.db.read())
            .await?;
        let page = Page::cut(rows, PageRequest::MAX_LIMIT, |row| row.id);
        let items = page.items.into_iter().map(audit::entry).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

fn is_about_money(action: Action) -> bool {
    let kinds =
        ["subscription.", "order.", "invoice.", "payment.", "payment_method.", "credit.", "coupon.", "plan.selected"];
    kinds.iter().any(|kind| action.as_str().starts_with(kind))
}
