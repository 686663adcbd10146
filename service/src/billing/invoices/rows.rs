//! Invoices as rows.

use domain::{
    Timestamp,
    billing::{
        invoice::{Invoice, InvoiceNumber, State, Status},
        subscription::Period,
    },
    id::InvoiceId,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    Error, Result, billing::hold::Hold, clock::at, db::json, entity::invoice_numbers, entity::invoices, tx::Tx,
};

pub(crate) async fn find(db: &impl ConnectionTrait, id: InvoiceId) -> Result<Option<(Invoice, invoices::Model)>> {
    let row = invoices::Entity::find_by_id(id.get()).one(db).await?;
    row.map(|row| Ok((invoice(row.clone())?, row))).transpose()
}

pub(crate) fn invoice(row: invoices::Model) -> Result<Invoice> {
    let broken = || Error::internal("an invoice's row does not fit its status");
    let moment = at(row.status_at);
    Ok(Invoice {
        id: row.id.into(),
        number: InvoiceNumber::stored(row.number),
        subscription_id: row.subscription_id.into(),
        period: Period { start: at(row.period_start_at), end: at(row.period_end_at) },
        anchor: at(row.anchor_at),
        quote: domain::stored::read(&row.quote).map_err(Error::internal)?,
        state: match Status::parse(&row.status).ok_or_else(broken)? {
            Status::Open => State::Open { due_at: moment },
            Status::Paid => State::Paid { at: moment },
            Status::Void => State::Void { at: moment },
            Status::Uncollectible => State::Uncollectible { at: moment },
        },
        attempts: domain::stored::read(&row.attempts).map_err(Error::internal)?,
        created_at: at(row.created_at),
    })
}

const fn moment(state: State) -> Timestamp {
    match state {
        State::Open { due_at: at } | State::Paid { at } | State::Void { at } | State::Uncollectible { at } => at,
    }
}

pub(super) async fn insert(tx: &Tx<'_>, hold: &Hold, invoice: &Invoice, is_renewal: bool) -> Result<()> {
    let row = invoices::ActiveModel {
        id: Set(invoice.id.get()),
        application_id: Set(hold.membership.application_id),
        membership_id: Set(hold.membership.id),
        subscription_id: Set(invoice.subscription_id.get()),
        number: Set(invoice.number.to_string()),
        is_renewal: Set(is_renewal),
        period_start_at: Set(invoice.period.start.timestamp_millis()),
        period_end_at: Set(invoice.period.end.timestamp_millis()),
        anchor_at: Set(invoice.anchor.timestamp_millis()),
        quote: Set(json(&invoice.quote)?),
        status: Set(invoice.state.status().as_str().into()),
        status_at: Set(moment(invoice.state).timestamp_millis()),
        attempts: Set(json(&invoice.attempts)?),
        created_at: Set(invoice.created_at.timestamp_millis()),
    };
    invoices::Entity::insert(row).exec_without_returning(tx.db).await?;
    Ok(())
}

/// Writes what can change of an invoice: its state and its attempts.
pub(crate) async fn update(tx: &Tx<'_>, invoice: &Invoice) -> Result<()> {
    let row = invoices::ActiveModel {
        id: Unchanged(invoice.id.get()),
        status: Set(invoice.state.status().as_str().into()),
        status_at: Set(moment(invoice.state).timestamp_millis()),
        attempts: Set(json(&invoice.attempts)?),
        ..Default::default()
    };
    invoices::Entity::update(row).exec(tx.db).await?;
    Ok(())
}

/// Writes what a paid invoice is for by now: another period, or another subscription's.
pub(super) async fn assign(tx: &Tx<'_>, invoice: &Invoice) -> Result<()> {
    let row = invoices::ActiveModel {
        id: Unchanged(invoice.id.get()),
        subscription_id: Set(invoice.subscription_id.get()),
        period_start_at: Set(invoice.period.start.timestamp_millis()),
        period_end_at: Set(invoice.period.end.timestamp_millis()),
        is_renewal: Set(false),
        ..Default::default()
    };
    invoices::Entity::update(row).exec(tx.db).await?;
    Ok(())
}

/// Notes that the period of a paid renewal is somebody else's.
pub(super) async fn free_period(tx: &Tx<'_>, id: InvoiceId) -> Result<()> {
    invoices::Entity::update_many()
        .col_expr(invoices::Column::IsRenewal, Expr::value(false))
        .filter(invoices::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// The next number of the application, without gaps: a transaction that is taken back takes it back too.
pub(super) async fn next_number(tx: &Tx<'_>, hold: &Hold) -> Result<u32> {
    use invoice_numbers::{ActiveModel, Column, Entity};
    let first = ActiveModel { application_id: Set(hold.membership.application_id), last: Set(1) };
    let next = OnConflict::column(Column::ApplicationId)
        .value(Column::Last, Expr::col((Entity, Column::Last)).add(1))
        .to_owned();
    Entity::insert(first).on_conflict(next).exec_without_returning(tx.db).await?;
    let row = Entity::find_by_id(hold.membership.application_id).one(tx.db).await?;
    let last = row.map_or(1, |row| row.last);
    u32::try_from(last).map_err(Error::internal)
}
