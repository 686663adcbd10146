//! The plans and prices of an application in a catalog.

use std::collections::HashSet;

use domain::{
    billing::{
        ledger::Action,
        plan::{NewPlan, PlanPatch},
        price::Price,
    },
    id::{ApplicationId, PlanId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{ApplicationItem, Changes, PlanItem, PriceItem, Verb, apply::left};
use crate::{
    Result,
    application::applications,
    billing::{plans, prices},
    directory,
    entity::{plans as rows, prices as price_rows},
    ledger::Entry,
    tx::Tx,
};

pub(super) async fn apply(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    id: ApplicationId,
    changes: &mut Changes,
) -> Result<()> {
    let owner = applications::lock(tx, id).await?;
    let own = all(tx, id).await?;
    let mut kept = HashSet::new();
    for item in &application.plans {
        let row = own.iter().find(|row| row.key == item.key.as_str());
        kept.insert(plan(tx, application, item, id, row, changes).await?);
    }
    if !application.seed {
        archive_others(tx, application.slug.as_str(), id, &kept, changes).await?;
    }
    let blame = |error| application.place.blame("applications.payment_provider", error);
    prices::check_taken(tx, &owner).await.map_err(blame)?;
    for price in application.plans.iter().flat_map(|item| &item.prices) {
        let blame = |error| price.place.blame("applications.plans.prices.stripe_price_id", error);
        prices::check_link(tx, id, price.new.stripe_price_id.as_deref()).await.map_err(blame)?;
    }
    Ok(())
}

async fn all(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<rows::Model>> {
    Ok(rows::Entity::find()
        .filter(rows::Column::ApplicationId.eq(application.get()))
        .filter(rows::Column::DeletedAt.is_null())
        .order_by_asc(rows::Column::Id)
        .all(tx.db)
        .await?)
}

async fn plan(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    item: &PlanItem,
    id: ApplicationId,
    row: Option<&rows::Model>,
    changes: &mut Changes,
) -> Result<Uuid> {
    let blame = |error| item.place.blame("applications.plans", error);
    let path = format!("{}/{}", application.slug, item.key);
    let what = format!("plan {path}");
    let Some(row) = row else {
        let made = plans::insert(tx, id, new(item), !application.seed).await.map_err(blame)?;
        changes.note(Verb::Create, &what);
        for price in &item.prices {
            changes.note(Verb::Create, format!("price {path}/{}", price.new.name));
        }
        return Ok(made.id.get());
    };
    let plan = PlanId::from(row.id);
    let repriced = prices(tx, &path, item, Owner { application: id, plan, seed: application.seed }, changes).await?;
    let before = directory::plan(row.clone(), prices::of(tx.db, plan).await?)?;
    let after = plans::update(tx, id, plan, item.patch.clone()).await.map_err(blame)?;
    if after != before {
        changes.note(Verb::Update, what);
    } else if repriced {
        prices::changed(tx, before).await?;
    }
    Ok(plan.get())
}

fn new(item: &PlanItem) -> NewPlan {
    let blank = NewPlan::new(item.name.clone());
    let patch = item.patch.clone();
    NewPlan {
        key: Some(item.key.clone()),
        description: patch.description.unwrap_or(blank.description),
        features: patch.features.unwrap_or(blank.features),
        is_default: patch.is_default.unwrap_or(blank.is_default),
        is_listed: patch.is_listed.unwrap_or(blank.is_listed),
        position: patch.position,
        stripe_product_id: patch.stripe_product_id.flatten(),
        prices: item.prices.iter().map(|price| price.new.clone()).collect(),
        name: blank.name,
    }
}

#[derive(Clone, Copy)]
struct Owner {
    application: ApplicationId,
    plan: PlanId,
    seed: bool,
}

/// Matches prices by name. Answers whether any changed.
async fn prices(tx: &Tx<'_>, path: &str, item: &PlanItem, owner: Owner, changes: &mut Changes) -> Result<bool> {
    let Owner { application: id, plan, seed } = owner;
    let own = price_rows::Entity::find()
        .filter(price_rows::Column::PlanId.eq(plan.get()))
        .filter(price_rows::Column::ArchivedAt.is_null())
        .order_by_asc(price_rows::Column::Id)
        .all(tx.db)
        .await?;
    let count = changes.list.len();
    let mut kept = HashSet::new();
    for wanted in &item.prices {
        let what = format!("price {}/{}", path, wanted.new.name);
        let row = own.iter().find(|row| row.name == wanted.new.name.as_str());
        match row.map(|row| directory::price(row.clone())).transpose()? {
            Some(price) if price.money == wanted.new.money && price.interval == wanted.new.interval => {
                kept.insert(price.id.get());
                if set_rest(tx, wanted, &price).await? {
                    changes.note(Verb::Update, what);
                }
            }
            Some(price) => {
                prices::archive(tx, id, price.id).await?;
                kept.insert(price.id.get());
                tx.log(Entry::new(Action::PriceDeleted).application(id).from(&price)).await?;
                create(tx, owner, wanted).await?;
                changes.note(Verb::Archive, format!("{what} ({})", terms(&price)));
                changes.note(Verb::Create, what);
            }
            None => {
                create(tx, owner, wanted).await?;
                changes.note(Verb::Create, what);
            }
        }
    }
    for row in left(&own, &kept, |row| (row.id, row.from_catalog && !seed, row.archived_at.is_some())) {
        let price = directory::price(row.clone())?;
        prices::archive(tx, id, price.id).await?;
        changes.note(Verb::Archive, format!("price {}/{}", path, price.name));
        tx.log(Entry::new(Action::PriceDeleted).application(id).from(&price)).await?;
    }
    Ok(changes.list.len() > count)
}

async fn create(tx: &Tx<'_>, owner: Owner, wanted: &PriceItem) -> Result<()> {
    let made = prices::insert(tx, owner.application, owner.plan, wanted.new.clone(), !owner.seed).await;
    made.map(|_| ()).map_err(|error| wanted.place.blame("applications.plans.prices", error))
}

/// What may change without a new price: the trial of future subscriptions, the provider's id.
async fn set_rest(tx: &Tx<'_>, wanted: &PriceItem, price: &Price) -> Result<bool> {
    let stripe = wanted.new.stripe_price_id.clone().or_else(|| price.stripe_price_id.clone());
    if wanted.new.trial_days == price.trial_days && stripe == price.stripe_price_id {
        return Ok(false);
    }
    price_rows::Entity::update_many()
        .col_expr(price_rows::Column::TrialDays, Expr::value(wanted.new.trial_days.map(i32::from)))
        .col_expr(price_rows::Column::StripePriceId, Expr::value(stripe))
        .filter(price_rows::Column::Id.eq(price.id.get()))
        .exec(tx.db)
        .await?;
    Ok(true)
}

fn terms(price: &Price) -> String {
    format!("{} {}", price.money.format(domain::Locale::En), price.interval.cycle())
}

/// Archives the plans that a file made and no longer names.
pub(super) async fn archive_others(
    tx: &Tx<'_>,
    slug: &str,
    application: ApplicationId,
    kept: &HashSet<Uuid>,
    changes: &mut Changes,
) -> Result<()> {
    let own = all(tx, application).await?;
    for row in left(&own, kept, |row| (row.id, row.from_catalog, row.archived_at.is_some())) {
        let patch = PlanPatch { archived: Some(true), ..PlanPatch::default() };
        plans::update(tx, application, row.id.into(), patch).await?;
        changes.note(Verb::Archive, format!("plan {slug}/{}", row.key));
    }
    Ok(())
}
