//! Whether the ledger replays: its last word on what money and entitlements hang on is the row, byte for byte.

mod members;

use std::collections::{BTreeMap, BTreeSet};

use domain::billing::ledger::Action;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Services,
    billing::{coupons, credits, hold, invoices, orders, payments, prices},
    directory,
    entity::{self, ledger},
};

/// What is said of each thing, by its key.
type Words = BTreeMap<String, String>;

/// The field that names most things.
const ID: &[&str] = &["id"];
/// Those that name a redemption of a coupon.
const REDEMPTION: &[&str] = &["coupon_id", "membership_id"];

/// Adds a sentence for everything of which the ledger says one thing and the rows another.
pub(super) async fn replay(services: &Services, wrong: &mut Vec<String>) -> Result<()> {
    let db = services.db.read();
    let entries = ledger::Entity::find().order_by_asc(ledger::Column::Id).all(db).await?;
    let all = [
        ("subscription", subscriptions(db).await?),
        ("order", orders(db).await?),
        ("invoice", invoices(db).await?),
        ("payment", payments(db).await?),
        ("plan", plans(db).await?),
        ("coupon", coupons(db).await?),
        ("credit", credits(db).await?),
    ];
    for (kind, said) in &all {
        compare(kind, &told(&entries, kind, ID), said, wrong);
    }
    compare("redemption", &told(&entries, "coupon", REDEMPTION), &redemptions(db).await?, wrong);
    renewals(db, &entries, wrong).await?;
    counts(db, &entries, wrong).await?;
    members::replay(db, &entries, wrong).await
}

async fn subscriptions(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::subscriptions::Entity::find().all(db).await?;
    let mut said = Words::new();
    for row in rows {
        let (id, billing) = (row.id.to_string(), hold::rows::billing(&row)?);
        let subscription = hold::subscription(row)?;
        said.insert(id, text(&hold::told::Told { subscription: &subscription, billing: &billing }));
    }
    Ok(said)
}

async fn orders(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::orders::Entity::find().all(db).await?;
    let mut said = Words::new();
    for row in rows {
        let (id, placed) = (row.id.to_string(), orders::rows::placed(row)?);
        said.insert(id, text(&orders::told::Told::of(&placed)));
    }
    Ok(said)
}

async fn invoices(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::invoices::Entity::find().all(db).await?;
    rows.into_iter().map(|row| says(row.id, invoices::rows::invoice(row))).collect()
}

/// The invoice of a renewal is that of its period until this is another one's.
async fn renewals(db: &DatabaseConnection, entries: &[ledger::Model], wrong: &mut Vec<String>) -> Result<()> {
    let mut told = Words::new();
    for entry in entries {
        let Some(state) = &entry.after_json else { continue };
        let is_renewal = match Action::parse(&entry.action) {
            Some(Action::InvoiceCreated) if state.contains(r#""kind":"renewal""#) => true,
            Some(Action::InvoiceMoved | Action::InvoiceReleased) => false,
            _ => continue,
        };
        if let Some(id) = key(state, ID) {
            told.insert(id, is_renewal.to_string());
        }
    }
    let rows = entity::invoices::Entity::find().all(db).await?;
    let said = rows.into_iter().map(|row| (row.id.to_string(), row.is_renewal.to_string()));
    let said: Words = said.filter(|(id, _)| told.contains_key(id)).collect();
    compare("a renewal's invoice", &told, &said, wrong);
    Ok(())
}

async fn payments(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::payments::Entity::find().all(db).await?;
    rows.into_iter().map(|row| says(row.id, payments::Told::of(&row))).collect()
}

/// The last number that an application has given to an invoice is how many it has made.
async fn counts(db: &DatabaseConnection, entries: &[ledger::Model], wrong: &mut Vec<String>) -> Result<()> {
    let (mut told, mut said) = (Words::new(), Words::new());
    for row in entity::invoice_numbers::Entity::find().all(db).await? {
        let made = |entry: &&ledger::Model| {
            entry.application_id == Some(row.application_id) && entry.action == Action::InvoiceCreated.as_str()
        };
        told.insert(row.application_id.to_string(), entries.iter().filter(made).count().to_string());
        said.insert(row.application_id.to_string(), row.last.to_string());
    }
    compare("the invoices of", &told, &said, wrong);
    Ok(())
}

/// Plans with their prices.
async fn plans(db: &DatabaseConnection) -> Result<Words> {
    let there = entity::plans::Entity::find().filter(entity::plans::Column::DeletedAt.is_null()).all(db).await?;
    let mut said = Words::new();
    for row in there {
        let prices = prices::of(db, row.id.into()).await?;
        said.insert(row.id.to_string(), text(&directory::plan(row, prices)?));
    }
    Ok(said)
}

async fn coupons(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::coupons::Entity::find().all(db).await?;
    rows.into_iter().map(|row| says(row.id, coupons::coupon(row))).collect()
}

async fn redemptions(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::redemptions::Entity::find().all(db).await?;
    let said = rows.iter().map(|row| {
        let key = format!("{} {}", row.coupon_id, row.membership_id);
        (key, text(&coupons::Redeemed::of(row)))
    });
    Ok(said.collect())
}

async fn credits(db: &DatabaseConnection) -> Result<Words> {
    let rows = entity::credits::Entity::find().all(db).await?;
    rows.into_iter().map(|row| says(row.id, credits::credit(row))).collect()
}

/// The ledger's last word on each thing of a kind, which these fields of its state name. What is no more is forgotten.
fn told(entries: &[ledger::Model], kind: &str, names: &[&str]) -> Words {
    let mut told = Words::new();
    for entry in entries.iter().filter(|entry| entry.action.split_once('.').is_some_and(|(own, _)| own == kind)) {
        let state = entry.after_json.as_ref().or(entry.before_json.as_ref());
        let Some((key, state)) = state.and_then(|state| Some((key(state, names)?, state))) else { continue };
        if entry.after_json.is_some() {
            told.insert(key, state.clone());
        } else {
            told.remove(&key);
        }
    }
    told
}

fn key(state: &str, names: &[&str]) -> Option<String> {
    let state: Value = serde_json::from_str(state).ok()?;
    let parts: Option<Vec<&str>> = names.iter().map(|name| state.get(name)?.as_str()).collect();
    Some(parts?.join(" "))
}

/// A row's key and its state.
fn says(id: Uuid, state: Result<impl Serialize>) -> Result<(String, String)> {
    Ok((id.to_string(), text(&state?)))
}

/// A state as the ledger writes it.
fn text(state: &impl Serialize) -> String {
    serde_json::to_value(state).map(|value| value.to_string()).unwrap_or_default()
}

fn compare(kind: &str, told: &Words, said: &Words, wrong: &mut Vec<String>) {
    for key in told.keys().chain(said.keys()).collect::<BTreeSet<_>>() {
        let (told, said) = (told.get(key), said.get(key));
        if told != said {
            wrong.push(format!("of {kind} {key} the ledger says {told:?} where the row says {said:?}"));
        }
    }
}
