//! What a person has to look at: money that differs from what was shown, disputes, drift.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use domain::billing::ledger::Action;

use super::hold::Hold;
use crate::{Result, entity::alerts, tx::Tx};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A payment is not what was shown: it granted nothing.
    PaymentDiffers,
    /// Money came for what could not be had any more: it became credit, or is to be given back.
    PaymentUnused,
    /// The customer's bank asks for the money back.
    Dispute,
    /// The provider and we disagreed.
    Drift,
}

impl AlertKind {
    pub const ALL: [Self; 4] = [Self::PaymentDiffers, Self::PaymentUnused, Self::Dispute, Self::Drift];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentDiffers => "payment_differs",
            Self::PaymentUnused => "payment_unused",
            Self::Dispute => "dispute",
            Self::Drift => "drift",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Raises an alert, once for each kind and subject: the id of an order, a payment or a subscription.
pub(crate) async fn raise(
    tx: &Tx<'_>,
    hold: &Hold,
    kind: AlertKind,
    subject: impl ToString,
    detail: impl ToString,
) -> Result<()> {
    write(tx, hold, kind, subject.to_string(), detail.to_string(), false).await
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
    let row = alerts::ActiveModel {
        id: Set(tx.id()),
        application_id: Set(hold.membership.application_id),
        kind: Set(kind.as_str().into()),
        subject: Set(subject.clone()),
        detail: Set(detail.clone()),
        created_at: Set(hold.now.timestamp_millis()),
        resolved_at: Set(repaired.then(|| hold.now.timestamp_millis())),
    };
    let columns = [alerts::Column::ApplicationId, alerts::Column::Kind, alerts::Column::Subject];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    let raised = alerts::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    if raised > 0 {
        hold.log(tx, hold.entry(Action::AlertRaised).to([kind.as_str(), &detail]).because(subject)).await?;
    }
    Ok(())
}
