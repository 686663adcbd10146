//! A payment as the ledger tells of it.

use domain::{
    billing::payment::Payment,
    id::{InvoiceId, OrderId},
};
use serde::Serialize;

use crate::{Error, Result, entity::payments};

/// What is known of a payment, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    pub payment: Payment,
    pub order_id: Option<OrderId>,
    pub invoice_id: Option<InvoiceId>,
}

impl Told {
    /// # Errors
    /// When the row cannot be read.
    pub fn of(row: &payments::Model) -> Result<Self> {
        Ok(Self {
            payment: domain::stored::read(&row.known).map_err(Error::internal)?,
            order_id: row.order_id.map(Into::into),
            invoice_id: row.invoice_id.map(Into::into),
        })
    }
}
