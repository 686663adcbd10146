//! An order as the ledger tells of it.

use domain::{application::Provider, billing::order::Order, id::InvoiceId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Destination, Payer, Placed};

/// The order with how it is paid and where its customer goes on; only the provider's own name for the payment is left
/// out, which says nothing of the order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told<'a> {
    #[serde(flatten)]
    order: &'a Order,
    provider: Provider,
    destination: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<InvoiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<&'a Payer>,
}

impl<'a> Told<'a> {
    pub fn of(placed: &'a Placed) -> Self {
        Self {
            order: &placed.order,
            provider: placed.provider,
            destination: destination(&placed.destination),
            invoice_id: placed.invoice,
            metadata: placed.metadata.as_ref(),
            payer: placed.payer.as_ref(),
        }
    }
}

/// Without what would open something there: the sign-in that waits, or the code of a device.
fn destination(to: &Destination) -> Value {
    match to {
        Destination::Flow(_) => json!({ "to": "flow" }),
        Destination::Device { .. } => json!({ "to": "device" }),
        Destination::Application { .. } | Destination::Portal | Destination::Here => json!(to),
    }
}
