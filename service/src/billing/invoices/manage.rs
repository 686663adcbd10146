//! What members and admins do with invoices.

use domain::{
    ErrorCode, Problem,
    application::Provider,
    billing::{
        invoice::{Event, Invoice, State},
        ledger::Action,
        order::{Order, State as OrderState},
    },
    id::{ApplicationId, InvoiceId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::rows;
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        engine,
        hold::{self, Hold},
        orders::{self, Destination, Placed},
    },
    entity::{invoices, subscriptions},
    mail, payment,
    tx::Tx,
};

/// How long the page of an invoice's payment stays open.
const OPEN: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// See the module.
pub struct Invoices<'a>(pub(super) &'a Services);

impl Services {
    pub const fn invoices(&self) -> Invoices<'_> {
        Invoices(self)
    }
}

impl Invoices<'_> {
    /// Every invoice of a member, newest first.
    ///
    /// # Errors
    /// `USR_001` for somebody who is no member, `AUTH_011` for somebody else.
    pub async fn of_member(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Vec<Invoice>> {
        let member = self.0.require_member(ctx, application, user).await?;
        let rows = invoices::Entity::find()
            .filter(invoices::Column::MembershipId.eq(member.get()))
            .order_by_desc(invoices::Column::Id)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(rows::invoice).collect()
    }

    /// One invoice of an application.
    ///
    /// # Errors
    /// `SUB_001` when there is none.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: InvoiceId) -> Result<Invoice> {
        self.0.require_manager(ctx, application).await?;
        let found = rows::find(self.0.db.read(), id).await?;
        let found = found.filter(|(_, row)| row.application_id == application.get());
        Ok(found.ok_or(ErrorCode::PlanNotFound)?.0)
    }

    /// An order that pays a member's open invoice; again, the same one.
    ///
    /// # Errors
    /// `SUB_001` when the member has no such invoice, `SUB_004` when nobody owes it any more, or while it is being
    /// charged, `SUB_006` while the provider that renews the subscription bills it itself ([`Self::page_elsewhere`]),
    /// `SRV_002` without a provider.
    pub async fn pay(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        id: InvoiceId,
        destination: Destination,
    ) -> Result<Placed> {
        self.0.require_member(ctx, application, user).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = hold::lock_of(&tx, application, user).await?;
                    order(&tx, &hold, id, destination).await
                })
            })
            .await
    }

    /// The provider's page of a member's open invoice, where the provider that renews the subscription bills it itself
    /// and goes on trying: an order of ours beside it would be a second payment. `None` where an order pays it.
    ///
    /// # Errors
    /// `USR_001` for somebody who is no member, `AUTH_011` for somebody else, and the provider's own.
    pub async fn page_elsewhere(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        id: InvoiceId,
    ) -> Result<Option<String>> {
        let member = self.0.require_member(ctx, application, user).await?;
        let found = rows::find(self.0.db.read(), id).await?.filter(|(_, row)| row.membership_id == member.get());
        match found {
            Some((invoice, _)) => self.hosted(application, &invoice).await,
            None => Ok(None),
        }
    }

    /// As [`Self::page_elsewhere`], for whoever may see the invoice.
    pub(super) async fn hosted(&self, application: ApplicationId, invoice: &Invoice) -> Result<Option<String>> {
        let State::Open { .. } = invoice.state else { return Ok(None) };
        let id = invoice.subscription_id.get();
        let row = subscriptions::Entity::find_by_id(id).one(self.0.db.read()).await?;
        let Some((provider, reference)) = row.and_then(|row| row.provider.zip(row.reference)) else { return Ok(None) };
        let provider = self.0.provider(application, Provider::parse(&provider)?)?;
        provider.bill_page(&reference).await.map_err(payment::between_us)
    }

    /// An admin says that an invoice was paid elsewhere. What a charge under way brings after that is credit.
    ///
    /// # Errors
    /// `SUB_001` when the application has no such invoice, `SUB_004` when nobody owes it any more, `SUB_006` while the
    /// provider that renews the subscription bills it itself.
    pub async fn mark_paid(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: InvoiceId,
        reason: Option<String>,
    ) -> Result<Invoice> {
        self.0.require_manager(ctx, application).await?;
        let found = rows::find(self.0.db.read(), id).await?;
        let found = found.filter(|(_, row)| row.application_id == application.get());
        let member = found.ok_or(ErrorCode::PlanNotFound)?.1.membership_id;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock(&tx, member.into()).await?;
                    let invoice = ours(&hold, owed(&tx, &hold, id).await?)?;
                    let state = invoice.state.apply(Event::Pay { at: hold.now }).map_err(Error::internal)?;
                    let after = Invoice { state, ..invoice };
                    rows::update(&tx, &after).await?;
                    let entry = hold.entry(Action::InvoicePaid).to(&after);
                    hold.log(&tx, entry.because(reason.unwrap_or_else(|| "marked as paid".into()))).await?;
                    mail::money::receipt(&tx, &hold, &after).await?;
                    orders::cancel_open(&tx, &hold).await?;
                    engine::settle(&tx, &mut hold).await?;
                    Ok(after)
                })
            })
            .await
    }
}

/// The order that pays an open invoice of the member.
pub(super) async fn order(tx: &Tx<'_>, hold: &Hold, id: InvoiceId, destination: Destination) -> Result<Placed> {
    let invoice = ours(hold, owed(tx, hold, id).await?)?;
    if invoice.attempts.in_flight() {
        // Paid beside that, it would be paid twice.
        return Err(Problem::new(ErrorCode::SubscriptionExpired, "the invoice is being charged").into());
    }
    let provider = super::application(tx, hold)?.application.settings.provider;
    let order = Order {
        id: tx.id(),
        application_id: hold.application(),
        membership_id: hold.member(),
        quote: invoice.quote,
        mode: tx.services.provider(hold.application(), provider)?.mode(),
        state: OrderState::Open,
        expires_at: hold.now + OPEN,
        created_at: hold.now,
    };
    let placed =
        Placed { order, provider, destination, metadata: None, payer: None, reference: None, invoice: Some(id) };
    orders::replace_open(tx, hold, placed).await
}

/// An invoice that its subscription's provider does not collect by itself.
fn ours(hold: &Hold, invoice: Invoice) -> Result<Invoice> {
    let held = hold.subscription.as_ref().is_some_and(|held| held.id == invoice.subscription_id);
    if held && hold.billing.reference.is_some() { Err(ErrorCode::BilledByProvider.into()) } else { Ok(invoice) }
}

/// An open invoice of the member.
async fn owed(tx: &Tx<'_>, hold: &Hold, id: InvoiceId) -> Result<Invoice> {
    let found = rows::find(tx.db, id).await?.filter(|(_, row)| row.membership_id == hold.membership.id);
    let (invoice, _) = found.ok_or(ErrorCode::PlanNotFound)?;
    match invoice.state {
        State::Open { .. } => Ok(invoice),
        _ => Err(ErrorCode::SubscriptionExpired.into()),
    }
}
