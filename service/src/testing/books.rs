//! Whether the books of a database add up: what holds at every moment, whatever has happened.

use std::collections::HashMap;

use domain::billing::{
    credit::Reason,
    invoice::State as InvoiceState,
    payment::{Payment, State as PaymentState},
};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::replay::replay;
use crate::{
    Result, Services,
    billing::invoices,
    entity::{credits, invoices as invoice_rows, payments},
};

/// Everything that does not add up, as sentences; empty when all is well.
///
/// # Errors
/// The database's own.
pub async fn audit(services: &Services) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    replay(services, &mut wrong).await?;
    balances(services, &mut wrong).await?;
    money(services, &mut wrong).await?;
    Ok(wrong)
}

/// Nobody's credit is below zero.
async fn balances(services: &Services, wrong: &mut Vec<String>) -> Result<()> {
    let mut balances: HashMap<(Uuid, String), i64> = HashMap::new();
    for row in credits::Entity::find().all(services.db.read()).await? {
        *balances.entry((row.membership_id, row.currency)).or_default() += row.amount;
    }
    for (whose, sum) in balances.into_iter().filter(|(_, sum)| *sum < 0) {
        wrong.push(format!("the credit of {whose:?} is {sum}"));
    }
    Ok(())
}

/// Money that came has paid one invoice or become credit, never both; no invoice was paid twice.
async fn money(services: &Services, wrong: &mut Vec<String>) -> Result<()> {
    let db = services.db.read();
    let mut credited: HashMap<Uuid, i64> = HashMap::new();
    for row in credits::Entity::find().all(db).await? {
        if let Ok(Reason::Payment(id)) = serde_json::from_str(&row.reason)
            && row.amount > 0
        {
            *credited.entry(id.get()).or_default() += row.amount;
        }
    }
    let mut paid_by: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in payments::Entity::find().all(db).await? {
        let Ok(payment) = serde_json::from_str::<Payment>(&row.known) else { continue };
        // What differs from what was asked for pays nothing, and waits for a person.
        let differs = matches!(payment.state(), PaymentState::Differs { .. });
        if payment.settled_at().is_none() || payment.amount.is_zero() || differs {
            continue;
        }
        match (credited.get(&row.id), row.invoice_id) {
            (Some(sum), _) if *sum > payment.amount.amount() => {
                wrong.push(format!("payment {} became credit of {sum}", row.id));
            }
            (Some(_), _) => (),
            (None, Some(invoice)) => paid_by.entry(invoice).or_default().push(row.id),
            (None, None) => wrong.push(format!("payment {} is lost", row.id)),
        }
    }
    for row in invoice_rows::Entity::find().all(db).await? {
        let by = paid_by.remove(&row.id).unwrap_or_default();
        let invoice = invoices::rows::invoice(row)?;
        if by.len() > 1 || (!by.is_empty() && !matches!(invoice.state, InvoiceState::Paid { .. })) {
            wrong.push(format!("invoice {} is {:?} and paid by {by:?}", invoice.number, invoice.state));
        }
    }
    if !paid_by.is_empty() {
        wrong.push(format!("paid for nothing: {paid_by:?}"));
    }
    Ok(())
}
