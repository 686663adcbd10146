//! Orders as rows.

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        ledger::Action,
        order::{Order, State, Status},
        payment::Mode,
    },
    id::{InvoiceId, OrderId},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    EntityTrait,
};

use super::{Destination, Payer, told::Told};
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        agreements, coupons,
        hold::{self, Hold},
    },
    clock::at,
    db::json,
    entity::orders,
    payment::Handle,
    tx::Tx,
};

/// An order with how it is paid and where its customer goes on.
#[derive(Clone, Debug)]
pub struct Placed {
    pub order: Order,
    pub provider: Provider,
    pub destination: Destination,
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// Who is billed, where it is somebody else than the member.
    pub payer: Option<Payer>,
    /// The provider's name for the payment, once it is open there.
    pub reference: Option<String>,
    /// The invoice that it pays.
    pub invoice: Option<InvoiceId>,
}

impl Placed {
    /// How its payment is named at the provider.
    pub fn handle(&self) -> Handle {
        Handle { key: self.order.id.get(), reference: self.reference.clone() }
    }
}

/// A row of `orders` with everything that goes with its order.
pub(crate) fn placed(row: orders::Model) -> Result<Placed> {
    let broken = || Error::internal("an order's row does not fit its status");
    let moment = || row.status_at.map(at).ok_or_else(broken);
    let state = match Status::parse(&row.status).ok_or_else(broken)? {
        Status::Open => State::Open,
        Status::Pending => State::Pending { until: moment()? },
        Status::Paid => State::Paid { at: moment()?, late: row.late },
        Status::Failed => State::Failed { at: moment()? },
        Status::Expired => State::Expired { at: moment()? },
        Status::Canceled => State::Canceled { at: moment()? },
    };
    let provider = Provider::parse(&row.provider)?;
    Ok(Placed {
        order: Order {
            id: row.id.into(),
            application_id: row.application_id.into(),
            membership_id: row.membership_id.into(),
            quote: domain::stored::read(&row.quote).map_err(Error::internal)?,
            mode: Mode::parse(&row.mode).ok_or_else(broken)?,
            state,
            expires_at: at(row.expires_at),
            created_at: at(row.created_at),
        },
        provider,
        destination: domain::stored::read(&row.destination).map_err(Error::internal)?,
        metadata: row.metadata.map(|text| domain::stored::read(&text)).transpose().map_err(Error::internal)?,
        payer: row.payer.map(|text| domain::stored::read(&text)).transpose().map_err(Error::internal)?,
        reference: row.reference,
        invoice: row.invoice_id.map(Into::into),
    })
}

fn row(placed: &Placed) -> Result<orders::ActiveModel> {
    let order = &placed.order;
    let (moment, late): (Option<Timestamp>, bool) = match order.state {
        State::Open => (None, false),
        State::Paid { at, late } => (Some(at), late),
        State::Pending { until: at } | State::Failed { at } | State::Expired { at } | State::Canceled { at } => {
            (Some(at), false)
        }
    };
    Ok(orders::ActiveModel {
        id: Set(order.id.get()),
        application_id: Set(order.application_id.get()),
        membership_id: Set(order.membership_id.get()),
        plan_id: Set(order.quote.plan_id.get()),
        status: Set(order.state.status().as_str().into()),
        status_at: Set(moment.map(|moment| moment.timestamp_millis())),
        late: Set(late),
        quote: Set(json(&order.quote)?),
        provider: Set(placed.provider.as_str().into()),
        destination: Set(json(&placed.destination)?),
        metadata: Set(placed.metadata.as_ref().map(json).transpose()?),
        created_at: Set(order.created_at.timestamp_millis()),
        expires_at: Set(order.expires_at.timestamp_millis()),
        mode: Set(order.mode.as_str().into()),
        reference: Set(placed.reference.clone()),
        payer: Set(placed.payer.as_ref().map(json).transpose()?),
        invoice_id: Set(placed.invoice.map(InvoiceId::get)),
    })
}

pub(super) async fn insert(tx: &Tx<'_>, placed: &Placed) -> Result<()> {
    orders::Entity::insert(row(placed)?).exec_without_returning(tx.db).await?;
    Ok(())
}

pub(super) async fn update(tx: &Tx<'_>, placed: &Placed) -> Result<()> {
    let row = orders::ActiveModel { id: Unchanged(placed.order.id.get()), ..row(placed)? };
    orders::Entity::update(row).exec(tx.db).await?;
    Ok(())
}

/// The order in its next state, with what that releases: one that ends unpaid gives back the coupon that it reserved, and
/// its page closes.
pub(super) async fn advance(tx: &Tx<'_>, hold: &Hold, placed: Placed, state: State, action: Action) -> Result<Placed> {
    let after = Placed { order: Order { state, ..placed.order }, ..placed };
    update(tx, &after).await?;
    if after.order.state.is_given_up() {
        coupons::release(tx, hold, after.order.id).await?;
        close_page(tx, &after).await?;
    }
    hold.log(tx, hold.entry(action).to(Told::of(&after))).await?;
    Ok(after)
}

/// Nobody is to pay on the page of an order that has ended: the money would come late, and where the provider renews by
/// itself, with a subscription. The provider is told after the transaction.
pub(super) async fn close_page(tx: &Tx<'_>, over: &Placed) -> Result<()> {
    let application = over.order.application_id;
    let closes = tx.services.provider(application, over.provider).is_ok_and(|provider| provider.closes_pages());
    match &over.reference {
        Some(page) if closes => agreements::close_page(tx, application, over.provider, page).await,
        _ => Ok(()),
    }
}

/// Notes the provider's name for an order's payment.
///
/// # Errors
/// `SUB_004` when the order has ended meanwhile: the page closes again.
pub(super) async fn name(services: &Services, id: OrderId, reference: String) -> Result<()> {
    let is_over = services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let find = || orders::Entity::find_by_id(id.get());
                let row = find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?;
                // Whatever changes an order holds its membership's lock: read again behind it.
                let hold = hold::lock_as_is(&tx, row.membership_id.into()).await?;
                let before = placed(find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?)?;
                let after = Placed { reference: Some(reference), ..before };
                update(&tx, &after).await?;
                let is_over = after.order.clone().settle(hold.now).state.is_given_up();
                if is_over {
                    close_page(&tx, &after).await?;
                }
                Ok(is_over)
            })
        })
        .await?;
    if is_over { Err(ErrorCode::SubscriptionExpired.into()) } else { Ok(()) }
}
