use chrono::{DateTime, Utc};
use domain::{
    Timestamp,
    billing::{amount::Amount, invoice::Invoice, quote::Quote},
};
use serde::Serialize;
use service::billing::lists::subscriptions::ListedSubscription;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::admin::subscription::SubscriptionView;

/// A subscription with whose it is and how it is paid.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedSubscriptionView {
    #[serde(flatten)]
    subscription: SubscriptionView,
    user_id: Uuid,
    email: String,
    /// Whose decision it was: `default`, `user`, `admin`, `api`, `catalog` or `provider`.
    source: &'static str,
    /// Who collects for it; null when nobody does.
    provider: Option<&'static str>,
    /// The provider's name for it, where the provider renews by itself.
    reference: Option<String>,
    current_period_start: Option<DateTime<Utc>>,
    /// A change of plan that waits for its moment.
    scheduled: Option<ScheduledView>,
    started_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledView {
    plan_id: Uuid,
    price_id: Option<Uuid>,
    at: DateTime<Utc>,
}

impl ListedSubscriptionView {
    pub fn new(listed: ListedSubscription, now: Timestamp) -> Self {
        let held = &listed.subscription;
        Self {
            subscription: SubscriptionView::new(held, now),
            user_id: listed.user.id.get(),
            email: listed.user.email.to_string(),
            source: held.source.as_str(),
            provider: listed.provider.map(|provider| provider.as_str()),
            current_period_start: held.period.map(|period| period.start),
            scheduled: held.scheduled.map(|change| ScheduledView {
                plan_id: change.plan_id.get(),
                price_id: change.price_id.map(|id| id.get()),
                at: change.at,
            }),
            started_at: held.started_at,
            reference: listed.reference,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListedSubscriptionBody {
    pub subscription: ListedSubscriptionView,
}

#[derive(Serialize, ToSchema)]
pub struct SubscriptionDetailBody {
    pub subscription: ListedSubscriptionView,
    /// Newest first.
    pub invoices: Vec<InvoiceView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionList {
    pub subscriptions: Vec<ListedSubscriptionView>,
    pub next_cursor: Option<String>,
}

/// What was asked for a period. Amounts are in the smallest unit of the currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceView {
    id: Uuid,
    #[schema(example = "ACME-000123")]
    number: String,
    /// `open`, `paid`, `void` or `uncollectible`.
    #[schema(example = "paid")]
    status: &'static str,
    amount_due: i64,
    #[schema(example = "usd")]
    currency: String,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl From<&Invoice> for InvoiceView {
    fn from(invoice: &Invoice) -> Self {
        Self {
            id: invoice.id.get(),
            number: invoice.number.to_string(),
            status: invoice.state.status().as_str(),
            amount_due: invoice.quote.due.amount(),
            currency: invoice.quote.currency().lower(),
            period_start: invoice.period.start,
            period_end: invoice.period.end,
            created_at: invoice.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct InvoiceBody {
    pub invoice: InvoiceView,
}

/// What a change costs. Amounts are in the smallest unit of the currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    /// `new`, `upgrade`, `downgrade`, `one_time`, `trial` or `free`.
    kind: &'static str,
    #[schema(example = "usd")]
    currency: String,
    lines: Vec<LineView>,
    /// What is paid today.
    due: i64,
    /// What the credit balance pays of it.
    credit_used: i64,
    /// What goes to the credit balance.
    credit_added: i64,
    next_charge_at: Option<DateTime<Utc>>,
    next_charge_amount: Option<i64>,
    /// To send along with the change, so that nothing else is charged than what this says.
    agreed: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// `plan`, `remaining_time`, `unused_time`, `discount` or `credit`.
    kind: &'static str,
    plan_id: Uuid,
    /// Negative for what is taken off.
    amount: i64,
}

impl QuoteView {
    /// As it is shown now.
    pub fn new(quote: &Quote, now: Timestamp) -> Self {
        let line =
            |kind: &'static str, plan_id: Uuid, amount: Amount| LineView { kind, plan_id, amount: amount.amount() };
        let lines = quote.lines.iter().map(|own| line(own.kind.as_str(), own.plan_id.get(), own.amount));
        Self {
            kind: quote.kind.as_str(),
            currency: quote.currency().lower(),
            lines: lines.collect(),
            due: quote.due.amount(),
            credit_used: quote.credit_used.amount(),
            credit_added: quote.credit_added.amount(),
            next_charge_at: quote.next.map(|(at, _)| at),
            next_charge_amount: quote.next.map(|(_, money)| money.amount()),
            agreed: quote.seen(now).to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct QuoteBody {
    pub quote: QuoteView,
}
