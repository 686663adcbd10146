//! What rows of the directory say, one at a time.

use domain::{
    Money,
    application::Application,
    billing::{
        plan::{Plan, PlanKey, PlanName},
        price::{Interval, Price, PriceName},
    },
    oauth::client::{Client, ClientId, ClientType},
    stored,
    text::{Description, Slug},
};

use crate::{
    Error, Result,
    clock::at,
    entity::{applications, clients, plans, prices},
};

pub(crate) fn application(row: applications::Model) -> Result<Application> {
    Ok(Application {
        id: row.id.into(),
        slug: Slug::stored(row.slug),
        settings: stored::read(&row.settings).map_err(Error::internal)?,
        created_at: at(row.created_at),
    })
}

pub(crate) fn client(row: clients::Model) -> Result<Client> {
    Ok(Client {
        id: row.id.into(),
        application_id: row.application_id.into(),
        client_id: ClientId::stored(row.client_id),
        kind: ClientType::parse(&row.kind).ok_or_else(|| Error::internal("unknown kind"))?,
        settings: stored::read(&row.settings).map_err(Error::internal)?,
        is_registered: row.is_registered,
        created_at: at(row.created_at),
    })
}

pub(crate) fn plan(row: plans::Model, prices: Vec<Price>) -> Result<Plan> {
    Ok(Plan {
        id: row.id.into(),
        application_id: row.application_id.into(),
        key: PlanKey::stored(row.key),
        name: PlanName::stored(row.name),
        description: Description::stored(row.description),
        features: stored::read(&row.features).map_err(Error::internal)?,
        is_default: row.is_default,
        is_listed: row.is_listed,
        position: row.position,
        stripe_product_id: row.stripe_product_id,
        archived_at: row.archived_at.map(at),
        version: row.version,
        prices,
        created_at: at(row.created_at),
    })
}

pub(crate) fn price(row: prices::Model) -> Result<Price> {
    Ok(Price {
        id: row.id.into(),
        plan_id: row.plan_id.into(),
        name: PriceName::stored(row.name),
        money: Money::new(row.amount, row.currency.parse()?)?,
        interval: Interval::parse(&row.billing_interval)?,
        trial_days: row.trial_days.and_then(|days| u16::try_from(days).ok()),
        stripe_price_id: row.stripe_price_id,
        archived_at: row.archived_at.map(at),
        created_at: at(row.created_at),
    })
}
