//! What members and admins see of payments, and refunds.

use domain::{
    ErrorCode, Money, Timestamp,
    billing::payment::Payment,
    id::{ApplicationId, InvoiceId, OrderId, PaymentId, UserId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::{Claim, consequences, learn};
use crate::{
    Ctx, Error, Result, Services,
    billing::hold,
    clock::at,
    entity::payments,
    payment::{self, Handle},
};

/// A payment as its payer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPayment {
    pub payment: Payment,
    pub order: Option<OrderId>,
    pub invoice: Option<InvoiceId>,
    /// `Visa •••• 4242`; empty while nobody knows.
    pub method: String,
    pub created_at: Timestamp,
}

/// See the module.
pub struct Payments<'a>(pub(super) &'a Services);

impl Services {
    pub const fn payments(&self) -> Payments<'_> {
        Payments(self)
    }
}

impl Payments<'_> {
    /// Every payment of a member, newest first.
    ///
    /// # Errors
    /// `USR_001` for somebody who is no member, `AUTH_011` for somebody else.
    pub async fn of_member(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Vec<MemberPayment>> {
        let member = self.0.require_member(ctx, application, user).await?;
        let rows = payments::Entity::find()
            .filter(payments::Column::MembershipId.eq(member.get()))
            .order_by_desc(payments::Column::Id)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(seen).collect()
    }

    /// Gives money back: `part`, or all that is left. What went back whole ends the subscription that it paid for.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent; `SUB_001` when the application has no such
    /// payment, `APP_001` on the field `amount` for more than is left, and the provider's own.
    pub async fn refund(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: PaymentId,
        part: Option<Money>,
        reason: Option<String>,
    ) -> Result<Payment> {
        self.0.require_manager(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        let row = payments::Entity::find_by_id(id.get())
            .filter(payments::Column::ApplicationId.eq(application.get()))
            .one(self.0.db.read())
            .await?
            .ok_or(ErrorCode::PlanNotFound)?;
        let payment: Payment = domain::stored::read(&row.known).map_err(Error::internal)?;
        let total = payment.refund(part.unwrap_or_else(|| payment.refundable()))?;
        let claim = claim(&row, payment)?;
        let provider = self.0.provider(application, claim.provider)?;
        if provider.mode() != claim.mode {
            return Err(ErrorCode::ProviderNotConfigured.into());
        }
        let handle = Handle { key: claim.key, reference: Some(row.reference.clone()) };
        let report = provider.refund(&handle, total).await.map_err(payment::between_us)?;
        self.0
            .transact(&ctx.because(reason), move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock(&tx, row.membership_id.into()).await?;
                    let learned = learn(&tx, &hold, &claim, &report).await?;
                    let learned = learned.ok_or_else(|| Error::internal("the refund is of another currency"))?;
                    consequences(&tx, &mut hold, &learned).await?;
                    Ok(learned.payment)
                })
            })
            .await
    }
}

/// What a row's payment is for.
pub(crate) fn claim(row: &payments::Model, payment: Payment) -> Result<Claim> {
    Ok(Claim {
        order: row.order_id.map(Into::into),
        invoice: row.invoice_id.map(Into::into),
        provider: domain::application::Provider::parse(&row.provider)?,
        mode: domain::billing::payment::Mode::parse(&row.mode).ok_or_else(|| Error::internal("an unknown mode"))?,
        key: row.key,
        expected: payment.amount,
    })
}

fn seen(row: payments::Model) -> Result<MemberPayment> {
    Ok(MemberPayment {
        payment: domain::stored::read(&row.known).map_err(Error::internal)?,
        order: row.order_id.map(Into::into),
        invoice: row.invoice_id.map(Into::into),
        method: row.method,
        created_at: at(row.created_at),
    })
}
