//! An order as the ledger tells of it.

use domain::{application::Provider, billing::order::Order, id::InvoiceId};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Destination, Placed};

/// The order with how it is paid and where its customer goes on. Left out are the provider's own name for the payment,
/// which says nothing of the order, and what the application noted with it, which may say anything of anybody.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told<'a> {
    #[serde(flatten)]
    order: &'a Order,
    provider: Provider,
    destination: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<InvoiceId>,
    /// Somebody else than the member is billed; who, only the order says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    other_payer: bool,
}

impl<'a> Told<'a> {
    pub fn of(placed: &'a Placed) -> Self {
        Self {
            order: &placed.order,
            provider: placed.provider,
            destination: destination(&placed.destination),
            invoice_id: placed.invoice,
            other_payer: placed.payer.is_some(),
        }
    }
}

/// Without what would open something there: the sign-in that waits, the code of a device, the query of a return address.
fn destination(to: &Destination) -> Value {
    match to {
        Destination::Flow(_) => json!({ "to": "flow" }),
        Destination::Device { .. } => json!({ "to": "device" }),
        Destination::Application { success_url, cancel_url } => {
            let bare = |url: &str| url.split(['?', '#']).next().unwrap_or_default().to_owned();
            json!({ "to": "application", "success_url": bare(success_url), "cancel_url": bare(cancel_url) })
        }
        Destination::Portal | Destination::Here => json!(to),
    }
}
