//! Histories at the sandbox.

use domain::{
    Money,
    application::Provider,
    billing::{amount::Amount, coupon::CouponCode},
    id::OrderId,
};
use service::{
    billing::{
        orders::{Destination, NewOrder, Placed, Started},
        payments::MemberPayment,
    },
    payment::{MethodKind, sandbox::CardNumber},
};

use super::{
    catalogue::{COUPONS, FREE, PLANS, PRICES},
    history::{Act, Card},
    world::{Desk, Done, Member, World, refused},
};
use crate::shop::{key, operator};

/// Where somebody goes on after checkout.
fn destination() -> Destination {
    let url = || "https://app.example/".to_owned();
    Destination::Application { success_url: url(), cancel_url: url() }
}

pub struct Sandbox;

const fn number(card: Card) -> &'static str {
    match card {
        Card::Good => "4242424242424242",
        Card::Declined => "4000000000000002",
        Card::Secure(_) => "4000000000003220",
        Card::FailsLater => "4000000000000341",
        Card::Disputed => "4000000000000259",
    }
}

impl Desk for Sandbox {
    const PROVIDER: Provider = Provider::Sandbox;

    async fn act(world: &World, member: &Member, act: Act) -> Result<Done, String> {
        match try_act(world, member, act).await {
            Ok(done) => Ok(done),
            Err(error) => refused(error),
        }
    }
}

async fn try_act(world: &World, member: &Member, act: Act) -> service::Result<Done> {
    let (services, application, user, ctx) = (&world.services, world.application, member.user, operator());
    match act {
        Act::Order { price, coupon } => {
            let new = NewOrder {
                plan: key(PLANS[price.map_or(FREE, |price| PRICES[price].plan)]),
                price: price.map(|price| world.prices[price]),
                coupon: coupon.map(|coupon| CouponCode::parse(COUPONS[coupon].code).unwrap()),
                destination: destination(),
                payer: None,
                metadata: None,
            };
            return Ok(match services.orders().start(&ctx, application, user, new).await? {
                Started::Granted(_) => Done::Carried,
                Started::Order(placed) => Done::Order(placed.order.id),
            });
        }
        Act::Press { order } => {
            let Some(placed) = find(world, member, order).await? else { return Ok(none()) };
            services.orders().press(placed, "https://here.example/".into()).await?;
        }
        Act::Enter { order, card } => {
            let Some(placed) = find(world, member, order).await? else { return Ok(none()) };
            let page = placed.order.id.get();
            services.sandbox().enter_card(page, CardNumber::parse(number(card)).unwrap()).await?;
            if let Card::Secure(passed) = card {
                services.sandbox().authenticate(page, passed).await?;
            }
        }
        Act::Transfer { order } => {
            let Some(placed) = find(world, member, order).await? else { return Ok(none()) };
            services.sandbox().begin_transfer(placed.order.id.get(), MethodKind::VirtualAccount).await?;
        }
        Act::Arrive { order } => {
            let Some(placed) = find(world, member, order).await? else { return Ok(none()) };
            services.sandbox().transfer_arrives(placed.order.id.get()).await?;
        }
        Act::Tell { order } => {
            if let Some(placed) = find(world, member, order).await? {
                services.orders().look(placed).await?;
            }
        }
        Act::PayInvoice => {
            let invoices = services.invoices().of_member(&ctx, application, user).await?;
            let owed = invoices.into_iter().find(|own| own.state.status().as_str() == "open");
            if let Some(owed) = owed {
                let placed = services.invoices().pay(&ctx, application, user, owed.id, destination()).await?;
                return Ok(Done::Order(placed.order.id));
            }
        }
        Act::Cancel => _ = services.changes().cancel(&ctx, application, user, None).await?,
        Act::CancelNow => _ = services.changes().cancel_now(&ctx, application, user, None).await?,
        Act::Undo => _ = services.changes().undo(&ctx, application, user).await?,
        Act::Pause => _ = services.changes().pause(&ctx, application, user).await?,
        Act::Resume => _ = services.changes().resume(&ctx, application, user).await?,
        Act::ExtendTrial { days } => {
            let held = services.subscriptions().get(&ctx, application, user).await?;
            let Some(period) = held.and_then(|held| held.period) else { return Ok(none()) };
            let until = period.end + chrono::TimeDelta::days(days);
            services.changes().extend_trial(&ctx, application, user, until).await?;
        }
        Act::Refund { payment, percent } => {
            let Some(own) = payment_of(world, member, payment).await? else { return Ok(none()) };
            let left = own.payment.amount.amount() - own.payment.refunded().amount();
            let part = Money::new(left * percent / 100, own.payment.amount.currency())?;
            services.payments().refund(&ctx, application, own.payment.id, Some(part), None).await?;
        }
        Act::Credit { cents } => {
            let amount = Amount::new(cents, "usd".parse().unwrap()).unwrap();
            services.credits().add(&ctx, application, user, amount, None).await?;
        }
        Act::RemoveMethod => services.methods().remove(&ctx, application, user).await?,
    }
    Ok(Done::Carried)
}

fn none() -> Done {
    Done::Refused("there is none".into())
}

async fn find(world: &World, member: &Member, back: usize) -> service::Result<Option<Placed>> {
    let Some(id) = member.orders.len().checked_sub(back + 1).map(|index| member.orders[index]) else {
        return Ok(None);
    };
    fresh(world, id).await.map(Some)
}

async fn fresh(world: &World, id: OrderId) -> service::Result<Placed> {
    let orders = world.services.orders();
    let path = orders.path(id)?;
    orders.find(path.rsplit('/').next().unwrap_or_default()).await
}

/// The payment that the model means: of one of its orders, or of the charge of one of its invoices.
async fn payment_of(world: &World, member: &Member, back: usize) -> service::Result<Option<MemberPayment>> {
    let Some(own) = member.model.payments.iter().rev().nth(back) else { return Ok(None) };
    let (ctx, application) = (operator(), world.application);
    let all = world.services.payments().of_member(&ctx, application, member.user).await?;
    let arrived = |payment: &MemberPayment| payment.payment.settled_at().is_some();
    if let Some(order) = own.order {
        let id = member.orders[order];
        return Ok(all.into_iter().find(|payment| payment.order == Some(id)));
    }
    let mut invoices = world.services.invoices().of_member(&ctx, application, member.user).await?;
    invoices.reverse();
    let id = own.charged.map(|index| invoices[index].id);
    Ok(all.into_iter().find(|payment| payment.order.is_none() && payment.invoice == id && arrived(payment)))
}
