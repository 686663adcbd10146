//! Payments: what providers say of money, kept as facts that only grow.

mod consequences;
mod manage;
mod refresh;
mod told;

use domain::{
    Money, Timestamp,
    application::Provider,
    billing::{
        credit::Reason,
        ledger::Action,
        order::Difference,
        payment::{Mode, Payment, State, Status},
    },
    id::{InvoiceId, OrderId},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

pub(crate) use consequences::consequences;
pub use manage::{MemberPayment, Payments};
pub(crate) use refresh::{ask, refresh};
pub(crate) use told::Told;

use super::{
    alerts::{self, AlertKind, Cause},
    credits,
    hold::Hold,
};
use crate::{
    Error, Result,
    clock::at,
    db::json,
    entity::payments,
    payment::{Method, Report},
    tx::Tx,
};

/// What a payment is for.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub order: Option<OrderId>,
    pub invoice: Option<InvoiceId>,
    pub provider: Provider,
    pub mode: Mode,
    /// The key of the request.
    pub key: Uuid,
    /// What was asked for.
    pub expected: Money,
}

/// A payment after a report, and before it.
pub(crate) struct Learned {
    pub before: Option<Payment>,
    pub payment: Payment,
    pub row: payments::Model,
}

/// Writes down that money is asked for, before the provider is.
pub(super) async fn begin(tx: &Tx<'_>, hold: &Hold, claim: &Claim, method: Option<&Method>) -> Result<()> {
    let payment = Payment::new(tx.id(), claim.expected);
    let label = method.map(|method| method.label.clone()).unwrap_or_default();
    let row = row(hold, claim, &payment, claim.key.to_string(), label)?;
    payments::Entity::insert(row).exec_without_returning(tx.db).await?;
    let told = Told { payment, order_id: claim.order, invoice_id: claim.invoice };
    hold.log(tx, hold.entry(Action::PaymentCreated).to(told)).await
}

/// The latest charge of an invoice of which nobody knows the outcome, and the moment at which it was due. One before it
/// may have been given up unheard at another account.
pub(super) async fn pending_of(tx: &Tx<'_>, hold: &Hold, invoice: InvoiceId) -> Result<Option<(Claim, Timestamp)>> {
    let row = payments::Entity::find()
        .filter(payments::Column::MembershipId.eq(hold.membership.id))
        .filter(payments::Column::InvoiceId.eq(invoice.get()))
        .filter(payments::Column::OrderId.is_null())
        .filter(payments::Column::Status.eq(Status::Pending.as_str()))
        .order_by_desc(payments::Column::Id)
        .one(tx.db)
        .await?;
    row.map(|row| Ok((claim_of(&row)?, at(row.created_at)))).transpose()
}

/// Forgets a payment that the provider has never heard of.
pub(super) async fn forget(tx: &Tx<'_>, hold: &Hold, key: Uuid) -> Result<()> {
    let pending = payments::Entity::find()
        .filter(payments::Column::Key.eq(key))
        .filter(payments::Column::Status.eq(Status::Pending.as_str()))
        .all(tx.db)
        .await?;
    for row in pending {
        payments::Entity::delete_by_id(row.id).exec(tx.db).await?;
        hold.log(tx, hold.entry(Action::PaymentForgotten).from(Told::of(&row)?)).await?;
    }
    Ok(())
}

/// Writes down what a provider says; `None` when a person has to look at it. Saying the same again changes nothing.
pub(crate) async fn learn(tx: &Tx<'_>, hold: &Hold, claim: &Claim, report: &Report) -> Result<Option<Learned>> {
    if report.mode != claim.mode {
        alerts::raise(tx, hold, AlertKind::PaymentDiffers, &report.reference, Difference::Mode).await?;
        return Ok(None);
    }
    let found = find(tx, claim, report).await?;
    let before: Option<Payment> =
        found.as_ref().map(|row| domain::stored::read(&row.known)).transpose().map_err(Error::internal)?;
    let mut payment = before.unwrap_or_else(|| Payment::new(tx.id(), claim.expected));
    for fact in &report.facts {
        match payment.learn(*fact, hold.now) {
            Ok(more) => payment = more,
            Err(_) => {
                let subject = claim.order.map_or_else(|| payment.id.to_string(), |order| order.to_string());
                alerts::raise(tx, hold, AlertKind::PaymentDiffers, subject, Difference::Currency).await?;
                return Ok(None);
            }
        }
    }
    let label = report.method.as_ref().map(|method| method.label.clone());
    let label = label.or_else(|| found.as_ref().map(|row| row.method.clone())).unwrap_or_default();
    let mut values = row(hold, claim, &payment, report.reference.clone(), label)?;
    if let Some(found) = &found {
        if before == Some(payment) && found.reference == report.reference {
            return Ok(Some(Learned { before, payment, row: found.clone() }));
        }
        values.id = Unchanged(found.id);
        values.created_at = Unchanged(found.created_at);
        values.invoice_id = Set(claim.invoice.map(InvoiceId::get).or(found.invoice_id));
        values.order_id = Set(claim.order.map(OrderId::get).or(found.order_id));
        payments::Entity::update(values).exec(tx.db).await?;
    } else {
        payments::Entity::insert(values).exec_without_returning(tx.db).await?;
    }
    let row = payments::Entity::find_by_id(payment.id.get()).one(tx.db).await?;
    let row = row.ok_or_else(|| Error::internal("a payment that was just written is gone"))?;
    let (old, new) = (found.as_ref().map(Told::of).transpose()?, Told::of(&row)?);
    if old != Some(new) {
        hold.log(tx, hold.entry(action(before, payment)).from(old).to(new)).await?;
    }
    Ok(Some(Learned { before, payment, row }))
}

/// Money that buys nothing: it came once more for what was paid already, or too late. It becomes credit, and a person
/// hears why.
pub(super) async fn surplus(tx: &Tx<'_>, hold: &mut Hold, claim: &Claim, report: &Report, why: Cause) -> Result<()> {
    let Some(learned) = learn(tx, hold, claim, report).await? else { return Ok(()) };
    consequences(tx, hold, &learned).await?;
    let is_new = learned.before.is_none_or(|before| before.settled_at().is_none());
    let Some(received) = report.received().filter(|_| is_new) else { return Ok(()) };
    let back = learned.payment.refunded();
    let left = Money::new((received.amount() - back.amount()).max(0), received.currency())?;
    credits::give(tx, hold, left, Reason::Payment(learned.payment.id)).await?;
    alerts::raise(tx, hold, AlertKind::PaymentUnused, learned.payment.id, why).await
}

/// The row of a payment: by the provider's name, or by the key under which it was asked for.
async fn find(tx: &Tx<'_>, claim: &Claim, report: &Report) -> Result<Option<payments::Model>> {
    use payments::Column;
    let of_provider = || payments::Entity::find().filter(Column::Provider.eq(claim.provider.as_str()));
    let named = of_provider().filter(Column::Reference.eq(&report.reference)).one(tx.db).await?;
    if named.is_some() {
        return Ok(named);
    }
    // A provider may call a payment otherwise once it is paid.
    Ok(of_provider().filter(Column::Key.eq(claim.key)).one(tx.db).await?)
}

/// The payment that a provider knows by this name.
pub(super) async fn named(tx: &Tx<'_>, reference: &str) -> Result<Option<payments::Model>> {
    Ok(payments::Entity::find().filter(payments::Column::Reference.eq(reference)).one(tx.db).await?)
}

/// What a row's payment is for.
pub(super) fn claim_of(row: &payments::Model) -> Result<Claim> {
    manage::claim(row, domain::stored::read(&row.known).map_err(Error::internal)?)
}

/// The payment that has paid a member's invoice; not one that came twice, nor one that was marked as paid by hand.
pub(super) async fn of_invoice(tx: &Tx<'_>, hold: &Hold, invoice: InvoiceId) -> Result<Option<Payment>> {
    Ok(paying(tx, hold, invoice).await?.map(|(payment, _)| payment))
}

/// Whether a member's invoice was paid with real money; `None` where no payment has paid it.
pub(super) async fn mode_of(tx: &Tx<'_>, hold: &Hold, invoice: InvoiceId) -> Result<Option<Mode>> {
    Ok(paying(tx, hold, invoice).await?.and_then(|(_, row)| Mode::parse(&row.mode)))
}

async fn paying(tx: &Tx<'_>, hold: &Hold, invoice: InvoiceId) -> Result<Option<(Payment, payments::Model)>> {
    let rows = payments::Entity::find()
        .filter(payments::Column::MembershipId.eq(hold.membership.id))
        .filter(payments::Column::InvoiceId.eq(invoice.get()))
        .all(tx.db)
        .await?;
    for row in rows {
        let payment: Payment = domain::stored::read(&row.known).map_err(Error::internal)?;
        if payment.settled_at().is_some() && credits::of_payment(tx.db, hold.membership.id, payment.id).await?.is_none()
        {
            return Ok(Some((payment, row)));
        }
    }
    Ok(None)
}

/// Notes the invoice that a payment has paid.
pub(super) async fn attach(tx: &Tx<'_>, hold: &Hold, key: Uuid, invoice: InvoiceId) -> Result<()> {
    for row in payments::Entity::find().filter(payments::Column::Key.eq(key)).all(tx.db).await? {
        let before = Told::of(&row)?;
        let row =
            payments::ActiveModel { id: Unchanged(row.id), invoice_id: Set(Some(invoice.get())), ..Default::default() };
        payments::Entity::update(row).exec(tx.db).await?;
        let after = Told { invoice_id: Some(invoice), ..before };
        hold.log(tx, hold.entry(Action::PaymentAttached).from(before).to(after)).await?;
    }
    Ok(())
}

fn row(
    hold: &Hold,
    claim: &Claim,
    payment: &Payment,
    reference: String,
    label: String,
) -> Result<payments::ActiveModel> {
    Ok(payments::ActiveModel {
        id: Set(payment.id.get()),
        application_id: Set(hold.membership.application_id),
        membership_id: Set(hold.membership.id),
        order_id: Set(claim.order.map(OrderId::get)),
        invoice_id: Set(claim.invoice.map(InvoiceId::get)),
        provider: Set(claim.provider.as_str().into()),
        mode: Set(claim.mode.as_str().into()),
        key: Set(claim.key),
        reference: Set(reference),
        status: Set(payment.state().status().as_str().into()),
        known: Set(json(payment)?),
        amount: Set(payment.amount.amount()),
        currency: Set(payment.amount.currency().lower()),
        method: Set(label),
        created_at: Set(hold.now.timestamp_millis()),
    })
}

/// What has become of a payment.
fn action(before: Option<Payment>, after: Payment) -> Action {
    use State as S;
    if let Some(before) = before {
        if before.state() == after.state() {
            return Action::PaymentUpdated;
        }
        // Money that came, and was told to have come, stays.
        let stays = before.settled_at().is_some() && before.refunded() == after.refunded();
        if stays && matches!(before.state(), S::Disputed { .. }) {
            return Action::PaymentDisputeWon;
        }
    }
    match after.state() {
        S::Pending => Action::PaymentCreated,
        S::Succeeded { .. } | S::Differs { .. } => Action::PaymentSettled,
        S::PartiallyRefunded { .. } | S::Refunded { .. } => Action::PaymentRefunded,
        S::Failed { .. } => Action::PaymentFailed,
        S::Expired { .. } => Action::PaymentExpired,
        S::Disputed { .. } => Action::PaymentDisputed,
        S::ChargedBack { .. } => Action::PaymentChargedBack,
    }
}
