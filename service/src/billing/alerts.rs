//! What a person has to look at: money that differs from what was shown, refunds that failed, disputes, drift, webhooks
//! that nobody takes.

use std::fmt;

use domain::{
    Timestamp,
    billing::{ledger::Action, order::Difference},
    id::{ApplicationId, SubscriptionId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use super::hold::Hold;
use crate::{Result, entity::alerts, ledger::Entry, tx::Tx};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A payment is not what was shown: it granted nothing.
    PaymentDiffers,
    /// Money came for what could not be had any more: it became credit, or is to be given back.
    PaymentUnused,
    /// Money that had become credit went back after that was spent.
    CreditSpent,
    /// Money that was given back did not arrive: the merchant has it again.
    RefundFailed,
    /// The customer's bank asks for the money back.
    Dispute,
    /// The provider and we disagreed.
    Drift,
    /// A webhook could not be delivered for days, and was given up.
    WebhookFailed,
}

impl AlertKind {
    pub const ALL: [Self; 7] = [
        Self::PaymentDiffers,
        Self::PaymentUnused,
        Self::CreditSpent,
        Self::RefundFailed,
        Self::Dispute,
        Self::Drift,
        Self::WebhookFailed,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentDiffers => "payment_differs",
            Self::PaymentUnused => "payment_unused",
            Self::CreditSpent => "credit_spent",
            Self::RefundFailed => "refund_failed",
            Self::Dispute => "dispute",
            Self::Drift => "drift",
            Self::WebhookFailed => "webhook_failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why an alert was raised, where that is not the provider's or another server's to say. Written down in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What was paid is not what was shown.
    Differs(Difference),
    /// Who it is for may not use the application any more.
    NoAccess,
    /// It came for what was paid already.
    OnceMore,
    /// Nobody holds the subscription that it was taken for.
    NotHeld,
    /// It went back when its credit was gone.
    CreditSpent,
    AnotherPrice,
    ChargeUnknown,
    NoRenewal,
    BilledWhilePaused,
}

impl Cause {
    pub const ALL: [Self; 14] = [
        Self::Differs(Difference::Mode),
        Self::Differs(Difference::Order),
        Self::Differs(Difference::User),
        Self::Differs(Difference::Plan),
        Self::Differs(Difference::Currency),
        Self::Differs(Difference::Amount),
        Self::NoAccess,
        Self::OnceMore,
        Self::NotHeld,
        Self::CreditSpent,
        Self::AnotherPrice,
        Self::ChargeUnknown,
        Self::NoRenewal,
        Self::BilledWhilePaused,
    ];

    /// Reads one cause of an alert; `None` for what somebody else said.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.to_string() == text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Differs(difference) => return fmt::Display::fmt(difference, f),
            Self::NoAccess => "the member has no access",
            Self::OnceMore => "paid more than once",
            Self::NotHeld => "charged for a subscription that has ended here, or is billed elsewhere",
            Self::CreditSpent => "given back after its credit was spent",
            Self::AnotherPrice => "another price is billed at the provider",
            Self::ChargeUnknown => "nobody can say what became of a charge",
            Self::NoRenewal => "the provider knows of no renewal",
            Self::BilledWhilePaused => "a paused subscription is billed at the provider",
        };
        f.write_str(text)
    }
}

/// Raises an alert, once for each kind, subject and cause. The subject is the id of an order, a payment or a
/// subscription.
pub(crate) async fn raise(
    tx: &Tx<'_>,
    hold: &Hold,
    kind: AlertKind,
    subject: impl ToString,
    detail: impl ToString,
) -> Result<()> {
    write(tx, hold, kind, subject.to_string(), detail.to_string(), false).await
}

/// Raises an alert that the provider and we disagree about a subscription, unless one that is open says so.
pub(crate) async fn raise_drift(
    tx: &Tx<'_>,
    hold: &Hold,
    subscription: SubscriptionId,
    detail: impl ToString,
) -> Result<()> {
    let subject = subscription.to_string();
    forget_resolved(tx, hold.application(), AlertKind::Drift, &subject).await?;
    raise(tx, hold, AlertKind::Drift, subject, detail).await
}

/// Notes something that was put right already: it is shown, and asks for nothing.
pub(crate) async fn raise_repaired(
    tx: &Tx<'_>,
    hold: &Hold,
    kind: AlertKind,
    subject: impl ToString,
    detail: impl ToString,
) -> Result<()> {
    let subject = format!("{} {}", subject.to_string(), hold.now.timestamp_millis());
    write(tx, hold, kind, subject, detail.to_string(), true).await
}

async fn write(
    tx: &Tx<'_>,
    hold: &Hold,
    kind: AlertKind,
    subject: String,
    detail: String,
    repaired: bool,
) -> Result<()> {
    let alert = alerts::Model {
        resolved_at: repaired.then(|| hold.now.timestamp_millis()),
        ..alert(tx, hold.application(), kind, &subject, &detail, hold.now)
    };
    if put(tx, alert).await? {
        hold.log(tx, hold.entry(Action::AlertRaised).to([kind.as_str(), &detail]).because(subject)).await?;
    }
    Ok(())
}

/// Raises an alert about something of an application that is no member's, unless one that is open says so.
pub(crate) async fn raise_again(
    tx: &Tx<'_>,
    application: ApplicationId,
    kind: AlertKind,
    subject: impl ToString,
    detail: impl ToString,
) -> Result<()> {
    let (subject, detail) = (subject.to_string(), detail.to_string());
    forget_resolved(tx, application, kind, &subject).await?;
    if put(tx, alert(tx, application, kind, &subject, &detail, tx.now)).await? {
        let entry = Entry::new(Action::AlertRaised).application(application);
        tx.log(entry.to([kind.as_str(), &detail]).because(subject)).await?;
    }
    Ok(())
}

/// Forgets an alert about something that is no more; one that is open is resolved by that.
pub(crate) async fn forget(
    tx: &Tx<'_>,
    application: ApplicationId,
    kind: AlertKind,
    subject: impl ToString,
) -> Result<()> {
    let subject = subject.to_string();
    let own = about(application, kind.as_str(), &subject);
    let forgotten = alerts::Entity::delete_many().filter(own).exec_with_returning(tx.db).await?;
    for alert in forgotten.iter().filter(|alert| alert.resolved_at.is_none()) {
        let entry = Entry::new(Action::AlertResolved).application(application);
        tx.log(entry.to([kind.as_str(), &alert.detail]).because(&subject)).await?;
    }
    Ok(())
}

/// The one alert of its kind about a subject.
fn about(application: ApplicationId, kind: &str, subject: &str) -> Condition {
    Condition::all()
        .add(alerts::Column::ApplicationId.eq(application.get()))
        .add(alerts::Column::Kind.eq(kind))
        .add(alerts::Column::Subject.eq(subject))
}

/// Lets an alert that was resolved be raised once more.
async fn forget_resolved(tx: &Tx<'_>, application: ApplicationId, kind: AlertKind, subject: &str) -> Result<()> {
    alerts::Entity::delete_many()
        .filter(about(application, kind.as_str(), subject))
        .filter(alerts::Column::ResolvedAt.is_not_null())
        .exec(tx.db)
        .await?;
    Ok(())
}

/// An open alert, raised at `now`.
fn alert(
    tx: &Tx<'_>,
    application: ApplicationId,
    kind: AlertKind,
    subject: &str,
    detail: &str,
    now: Timestamp,
) -> alerts::Model {
    alerts::Model {
        id: tx.id(),
        application_id: application.get(),
        kind: kind.as_str().into(),
        subject: subject.into(),
        detail: detail.into(),
        created_at: now.timestamp_millis(),
        resolved_at: None,
    }
}

/// Writes an alert, and says whether it is news. One of its kind and subject gives way to it where it tells of another
/// cause; unless that was resolved by somebody, both are told.
async fn put(tx: &Tx<'_>, alert: alerts::Model) -> Result<bool> {
    if insert(tx, &alert).await? {
        return Ok(true);
    }
    let same = about(alert.application_id.into(), &alert.kind, &alert.subject);
    let Some(before) = alerts::Entity::find().filter(same).one(tx.db).await? else { return Ok(false) };
    if format!("; {}; ", before.detail).contains(&format!("; {}; ", alert.detail)) {
        return Ok(false);
    }
    // A row of its own: nobody resolves the old one without having seen the new cause.
    alerts::Entity::delete_by_id(before.id).exec(tx.db).await?;
    let detail = match (before.resolved_at, alert.resolved_at) {
        (Some(_), None) => alert.detail,
        _ => format!("{}; {}", before.detail, alert.detail),
    };
    insert(tx, &alerts::Model { detail, ..alert }).await
}

/// Writes an alert, unless there is one of its kind and subject, and says whether it did.
async fn insert(tx: &Tx<'_>, alert: &alerts::Model) -> Result<bool> {
    let row = alerts::ActiveModel {
        id: Set(alert.id),
        application_id: Set(alert.application_id),
        kind: Set(alert.kind.clone()),
        subject: Set(alert.subject.clone()),
        detail: Set(alert.detail.clone()),
        created_at: Set(alert.created_at),
        resolved_at: Set(alert.resolved_at),
    };
    let columns = [alerts::Column::ApplicationId, alerts::Column::Kind, alerts::Column::Subject];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    Ok(alerts::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await? > 0)
}
