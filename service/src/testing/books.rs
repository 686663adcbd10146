//! Whether the books of a database add up: what holds at every moment, whatever has happened.

use std::collections::HashMap;

use domain::billing::{
    amount::Amount,
    credit::{Credit, Reason},
    invoice::State as InvoiceState,
    ledger::Action,
    payment::{Payment, State as PaymentState},
    subscription::Subscription,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    Result, Services,
    billing::{hold, invoices},
    entity::{credits, invoices as invoice_rows, ledger, payments, subscriptions},
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

/// The ledger's last word on every subscription is its row, byte for byte.
async fn replay(services: &Services, wrong: &mut Vec<String>) -> Result<()> {
    let entries = ledger::Entity::find()
        .filter(ledger::Column::Action.like("subscription.%"))
        .order_by_asc(ledger::Column::Id)
        .all(services.db.read())
        .await?;
    let mut last: HashMap<Uuid, String> = HashMap::new();
    for text in entries.into_iter().filter_map(|entry| entry.after_json) {
        if let Ok(after) = serde_json::from_str::<Subscription>(&text) {
            last.insert(after.id.get(), text);
        }
    }
    for row in subscriptions::Entity::find().all(services.db.read()).await? {
        let id = row.id;
        let text = serde_json::to_value(hold::subscription(row)?).map(|value| value.to_string()).unwrap_or_default();
        if last.get(&id) != Some(&text) {
            wrong.push(format!("the ledger says {:?} where the row says {text}", last.get(&id)));
        }
    }
    Ok(())
}

/// Credits as the ledger tells them are the credits.
async fn balances(services: &Services, wrong: &mut Vec<String>) -> Result<()> {
    let told = [Action::CreditAdded.as_str(), Action::CreditUsed.as_str()];
    let entries = ledger::Entity::find().filter(ledger::Column::Action.is_in(told)).all(services.db.read()).await?;
    let mut sums: HashMap<(Uuid, String), i64> = HashMap::new();
    for text in entries.into_iter().filter_map(|entry| entry.after_json) {
        match serde_json::from_str::<Credit>(&text) {
            Ok(entry) => {
                *sums.entry(key(entry.membership_id.get(), entry.amount)).or_default() += entry.amount.amount()
            }
            Err(_) => wrong.push(format!("the ledger has an unreadable credit: {text}")),
        }
    }
    let mut balances: HashMap<(Uuid, String), i64> = HashMap::new();
    for row in credits::Entity::find().all(services.db.read()).await? {
        *balances.entry((row.membership_id, row.currency)).or_default() += row.amount;
    }
    for (whose, sum) in &balances {
        if *sum < 0 || sums.get(whose).copied().unwrap_or_default() != *sum {
            wrong.push(format!("the credit of {whose:?} is {sum}, by the ledger {:?}", sums.get(whose)));
        }
    }
    Ok(())
}

fn key(membership: Uuid, amount: Amount) -> (Uuid, String) {
    (membership, amount.currency().lower())
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
