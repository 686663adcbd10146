//! A provider as histories use it: its own side, and how we hear of it.

use domain::{
    Money,
    application::Provider,
    billing::{amount::Amount, coupon::CouponCode},
    id::OrderId,
};
use service::{
    Settings,
    billing::{
        orders::{Destination, NewOrder, Placed, Started},
        payments::MemberPayment,
    },
    clock::ManualClock,
};
use uuid::Uuid;

use super::{
    catalogue::{COUPONS, FREE, PLANS, PRICES},
    history::{Act, Card, Post, Telling, Trouble},
    member::Member,
    model::{Subject, agreement::Agreement},
    world::World,
};
use crate::shop::{key, operator};

/// See the module. What a page, a bank or a post office refuses is no error.
pub trait Desk: Sized + Send + Sync {
    const PROVIDER: Provider;
    /// Whether it renews by itself. Then everything is told after every step, and its books are read.
    const RENEWS: bool = false;
    /// The currencies of its shops.
    const CURRENCIES: &'static [&'static str];

    /// The other currency of some of their prices.
    const ABROAD: &'static [Option<&'static str>] = &[None];

    /// The least that it takes, in coins.
    fn least(_currency: &str) -> i64 {
        0
    }

    /// Opens it, by this clock.
    fn open(clock: &ManualClock) -> impl Future<Output = Self> + Send;

    /// How services find it.
    fn settings(&self, settings: &mut Settings);

    /// What an application needs before it can collect there.
    fn prepare(world: &World<Self>) -> impl Future<Output = ()> + Send;

    /// The customer enters a card on an order's page; `attempt` counts the pages.
    fn enter(world: &World<Self>, page: Page, card: Card) -> impl Future<Output = service::Result<Done>> + Send;

    fn transfer(world: &World<Self>, page: Page) -> impl Future<Output = service::Result<Done>> + Send;

    fn arrive(world: &World<Self>, page: Page) -> impl Future<Output = service::Result<Done>> + Send;

    /// The bank of a payment's owner asks for it, or decides.
    fn dispute(
        world: &World<Self>,
        page: Option<Page>,
        payment: &MemberPayment,
        step: Dispute,
    ) -> impl Future<Output = service::Result<Done>> + Send;

    /// The cards that it keeps of a member work from now on, or fail.
    fn cards_work(_: &World<Self>, _: &Member, _: bool) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Everything is told, in some way, and it is told what is wanted of it, until both sides are quiet.
    fn tell(_: &World<Self>, _: Telling) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }

    /// What it renews by itself, with the order that it came of.
    fn books(&self, _coin: i64) -> Vec<(Uuid, Agreement)> {
        vec![]
    }

    /// Notifications arrive.
    fn deliver(
        world: &World<Self>,
        member: &Member,
        post: Post,
    ) -> impl Future<Output = service::Result<Vec<Subject>>> + Send;

    /// The next calls about something go wrong: its words are in their path or body.
    fn disturb(&self, about: &str, trouble: Trouble);

    /// Nothing goes wrong any more.
    fn calm(&self);

    /// What its own books say otherwise than ours.
    fn audit(world: &World<Self>) -> impl Future<Output = Vec<String>> + Send;
}

/// Where an order is paid.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub order: OrderId,
    /// How many pages of it came to nothing before.
    pub attempt: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispute {
    Opened,
    Decided { won: bool },
}

/// What came of an act.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    Refused(String),
    Carried,
    /// This order is open now.
    Order(OrderId),
    /// These were told of, in this order.
    Told(Vec<Subject>),
}

/// Where somebody goes on after checkout.
fn destination() -> Destination {
    let url = || "https://app.example/".to_owned();
    Destination::Application { success_url: url(), cancel_url: url() }
}

/// Does `act` for a member.
pub async fn act<D: Desk>(world: &World<D>, member: &Member, act: Act) -> service::Result<Done> {
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
            let Some(id) = member.order(order) else { return Ok(none()) };
            let placed = find(world, id).await?;
            services.orders().press(placed, "https://here.example/".into()).await?;
        }
        Act::Enter { order, card } => {
            let Some(page) = member.page(order) else { return Ok(none()) };
            return D::enter(world, page, card).await;
        }
        Act::Transfer { order } => {
            let Some(page) = member.page(order) else { return Ok(none()) };
            return D::transfer(world, page).await;
        }
        Act::Arrive { order } => {
            let Some(page) = member.page(order) else { return Ok(none()) };
            return D::arrive(world, page).await;
        }
        Act::Tell { order } => {
            if let Some(id) = member.order(order) {
                services.orders().look(find(world, id).await?).await?;
            }
        }
        Act::Deliver(post) => return D::deliver(world, member, post).await.map(Done::Told),
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
            let (currency, coin) = (own.payment.amount.currency(), own.payment.amount.currency().step());
            let left = (own.payment.amount.amount() - own.payment.refunded().amount()) / coin;
            let part = Money::new(left * percent / 100 * coin, currency)?;
            services.payments().refund(&ctx, application, own.payment.id, Some(part), None).await?;
        }
        Act::Dispute { payment } => return disputed(world, member, payment, Dispute::Opened).await,
        Act::Decide { payment, won } => return disputed(world, member, payment, Dispute::Decided { won }).await,
        Act::Credit { coins } => {
            let amount = Amount::new(coins * world.coin, world.currency).unwrap();
            services.credits().add(&ctx, application, user, amount, None).await?;
        }
        Act::Revoke => services.memberships().revoke(&ctx, application, user).await?,
        Act::Admit => _ = services.memberships().grant(&ctx, application, user, None).await?,
        Act::RemoveMethod => services.methods().remove(&ctx, application, user).await?,
        Act::CardsWork(works) => D::cards_work(world, member, works).await,
    }
    Ok(Done::Carried)
}

pub fn none() -> Done {
    Done::Refused("there is none".into())
}

async fn disputed<D: Desk>(world: &World<D>, member: &Member, payment: usize, step: Dispute) -> service::Result<Done> {
    let Some(own) = payment_of(world, member, payment).await? else { return Ok(none()) };
    if own.payment.refunded() == own.payment.amount {
        return Ok(none());
    }
    let page = own.order.and_then(|id| member.page_of(id));
    D::dispute(world, page, &own, step).await
}

/// An order as it stands.
pub async fn find<D: Desk>(world: &World<D>, id: OrderId) -> service::Result<Placed> {
    let orders = world.services.orders();
    let path = orders.path(id)?;
    orders.find(path.rsplit('/').next().unwrap_or_default()).await
}

/// The payment that the model means: of one of its orders, or of the charge of one of its invoices.
async fn payment_of<D: Desk>(world: &World<D>, member: &Member, back: usize) -> service::Result<Option<MemberPayment>> {
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
