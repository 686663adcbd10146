use chrono::{DateTime, Utc};
use domain::billing::payment::Payment;
use serde::Serialize;
use serde_json::{Map, Value};
use service::billing::lists::payments::ListedPayment;
use utoipa::ToSchema;
use uuid::Uuid;

/// Money that was asked for, and what became of it. Amounts are in the smallest unit of the currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    id: Uuid,
    /// `pending`, `succeeded`, `differs`, `partially_refunded`, `refunded`, `failed`, `expired`, `disputed` or
    /// `charged_back`.
    #[schema(example = "succeeded")]
    status: &'static str,
    amount: i64,
    #[schema(example = "usd")]
    currency: String,
    /// What went back so far.
    refunded_amount: i64,
    /// What can still be refunded.
    refundable_amount: i64,
    user_id: Uuid,
    email: String,
    plan_id: Uuid,
    /// What was bought: `new`, `trial`, `one_time`, `upgrade`, `renewal` …
    purpose: &'static str,
    order_id: Option<Uuid>,
    invoice_id: Option<Uuid>,
    /// `sandbox`, `stripe` or `midtrans`.
    provider: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// The provider's name for it.
    reference: String,
    /// As its owner knows it, such as `Visa •••• 4242`.
    method: Option<String>,
    /// What was sent with the checkout session or the bill.
    metadata: Option<Map<String, Value>>,
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<ListedPayment> for PaymentView {
    fn from(listed: ListedPayment) -> Self {
        let payment: &Payment = &listed.payment;
        Self {
            id: payment.id.get(),
            status: payment.state().status().as_str(),
            amount: payment.amount.amount(),
            currency: payment.amount.currency().lower(),
            refunded_amount: payment.refunded().amount(),
            refundable_amount: payment.refundable().amount(),
            user_id: listed.user.id.get(),
            email: listed.user.email.to_string(),
            plan_id: listed.plan.get(),
            purpose: listed.quote.kind.as_str(),
            order_id: listed.order.map(|id| id.get()),
            invoice_id: listed.invoice.map(|id| id.get()),
            provider: listed.provider.as_str(),
            mode: listed.mode.as_str(),
            settled_at: payment.settled_at(),
            created_at: listed.created_at,
            method: Some(listed.method).filter(|method| !method.is_empty()),
            reference: listed.reference,
            metadata: listed.metadata,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PaymentBody {
    pub payment: PaymentView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentList {
    pub payments: Vec<PaymentView>,
    pub next_cursor: Option<String>,
}
