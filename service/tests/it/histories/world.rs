//! A shop in which many members live their histories side by side under one clock.

use std::{cell::Cell, collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use chrono::{Months, TimeDelta};
use domain::{
    Money, Secret, Timestamp,
    application::{OnEnd, Provider, Settings as AppSettings, SettingsPatch},
    billing::{
        coupon::{BasisPoints, CouponCode, Discount, Duration, Off as DomainOff},
        payment::Payment,
        price::{Interval, NewPrice, PriceName},
    },
    id::{ApplicationId, CouponId, PriceId, UserId},
    oauth::client::ClientSettings,
    text::{Name, Slug},
};
use futures::{FutureExt, future::join_all};
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable};
use serde_json::json;
use service::{
    Services, Settings,
    application::applications::{ApplicationPatch, NewApplication},
    billing::coupons::NewCoupon,
    clock::{Clock, ManualClock},
    db,
    random::{Rng, SystemRng},
    testing::TestServices,
};
use uuid::Uuid;

use super::{
    catalogue::{COUPONS, Every, FREE, Lasts, Off, PLANS, PRICES},
    history::{Act, Dice, Move, Step},
    model::{Bill, Model, OrderState, Refused},
};
use crate::shop::{operator, plan};

tokio::task_local! {
    /// How often this step may still ask for the time.
    static LEFT: Cell<u32>;
}

/// What a step that is cut off ends with.
struct Cut;

/// A clock that stands still, and that cuts off what has asked it often enough: before a transaction, between two of
/// them, or (on PostgreSQL) inside one.
struct CuttingClock(ManualClock);

impl Clock for CuttingClock {
    fn now(&self) -> Timestamp {
        let cut = LEFT.try_with(|left| {
            let n = left.get();
            left.set(n.wrapping_sub(1));
            n == 0
        });
        if cut == Ok(true) {
            std::panic::resume_unwind(Box::new(Cut));
        }
        self.0.now()
    }
}

/// Runs `work` until it has asked for the time `cut` times; `None` when it was cut off.
async fn cut_off<T>(cut: Option<u32>, work: impl Future<Output = T>) -> Option<T> {
    let left = Cell::new(cut.unwrap_or(u32::MAX));
    match AssertUnwindSafe(LEFT.scope(left, work)).catch_unwind().await {
        Ok(value) => Some(value),
        Err(panic) if panic.is::<Cut>() => None,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The provider's side, and how we hear of it.
pub trait Desk: Sync {
    const PROVIDER: Provider;

    /// Does `act` for a member; `false` when it was refused.
    fn act(world: &World, member: &Member, act: Act) -> impl Future<Output = Result<Done, String>> + Send;
}

/// What came of an act.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    Refused(String),
    Carried,
    /// This order is open now.
    Order(domain::id::OrderId),
}

pub struct Member {
    pub user: UserId,
    pub membership: Uuid,
    pub model: Model,
    pub orders: Vec<domain::id::OrderId>,
    /// What is to come yet, the last first.
    plans: Vec<Step>,
    dice: Dice,
    seen: Option<(i64, View)>,
}

/// See the module.
pub struct World {
    /// Goes away with the world.
    test: TestServices,
    pub services: Services,
    pub application: ApplicationId,
    pub prices: Vec<PriceId>,
    coupons: Vec<CouponId>,
    on_end: OnEnd,
}

/// What an end looks like that follows from a seed.
#[derive(Clone, Copy)]
pub struct Setting {
    pub grace_days: u8,
    pub default_at_end: bool,
}

/// What happened to a member, in order.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    Did(Step),
    Clock(Move, Option<u32>),
}

/// Everything that can be seen of a member, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    plan: Option<String>,
    cycle: Option<String>,
    status: Option<String>,
    price: Option<usize>,
    period: Option<(i64, i64)>,
    cancel_at: Option<i64>,
    then: Option<Option<usize>>,
    /// The coupon, and the months that are left: 0 for one charge, -1 for ever.
    discount: Option<(usize, i64)>,
    credit: i64,
    /// Status and amount, oldest first.
    orders: Vec<(String, i64)>,
    /// Status, amount, credit used, period; oldest first.
    invoices: Vec<(String, i64, i64, i64, i64)>,
    received: i64,
    refunded: i64,
}

fn money(cents: i64) -> Money {
    Money::new(cents, "usd".parse().unwrap()).unwrap()
}

impl World {
    pub async fn open(provider: Provider, setting: Setting) -> Self {
        let test = TestServices::start().await;
        let db = db::connect(&test.url).await.unwrap();
        let key = Secret::new("a secret key for tests, 32 bytes or more");
        let clock = Arc::new(CuttingClock(test.clock.clone()));
        let settings = Settings::new("http://127.0.0.1:8080");
        let services = Services::start(db, &key, settings, clock, Arc::new(SystemRng::default())).await.unwrap();
        let name = Name::parse("Acme").unwrap();
        let new = NewApplication {
            slug: Slug::parse("acme").unwrap(),
            settings: AppSettings::new(name.clone()),
            client: ClientSettings::new(name),
        };
        let application = services.applications().create(&operator(), new).await.unwrap().application.id;
        let on_end = if setting.default_at_end { OnEnd::DefaultPlan } else { OnEnd::None };
        let settings = SettingsPatch {
            provider: Some(provider),
            grace_days: Some(setting.grace_days),
            on_end: Some(on_end),
            ..Default::default()
        };
        let patch = ApplicationPatch { settings, ..Default::default() };
        services.applications().update(&operator(), application, patch).await.unwrap();
        let mut world = Self { test, services, application, prices: vec![], coupons: vec![], on_end };
        world.stock().await;
        world
    }

    async fn stock(&mut self) {
        let mut plans = Vec::new();
        for (index, key) in PLANS.iter().enumerate() {
            let new = domain::billing::plan::NewPlan { is_default: index == FREE, ..plan(key, json!({ "tier": key })) };
            plans.push(self.services.plans().create(&operator(), self.application, new).await.unwrap().id);
        }
        for (index, price) in PRICES.iter().enumerate() {
            let interval = match price.every {
                Every::Month => Interval::Month,
                Every::Year => Interval::Year,
                Every::Once => Interval::OneTime,
            };
            let new = NewPrice {
                name: PriceName::parse(&format!("Price {index}")).unwrap(),
                money: money(price.cents),
                interval,
                trial_days: price.trial_days,
                stripe_price_id: None,
            };
            let plans_of = self.services.plans();
            let made = plans_of.add_price(&operator(), self.application, plans[price.plan], new).await.unwrap();
            self.prices.push(made.id);
        }
        for coupon in COUPONS {
            let new = NewCoupon {
                code: CouponCode::parse(coupon.code).unwrap(),
                off: match coupon.off {
                    Off::Percent(points) => DomainOff::Percent(BasisPoints::parse(points).unwrap()),
                    Off::Cents(cents) => DomainOff::Amount(money(cents)),
                },
                duration: match coupon.lasts {
                    Lasts::Once => Duration::Once,
                    Lasts::Months(months) => Duration::Months(months as u16),
                    Lasts::Forever => Duration::Forever,
                },
                cap: None,
                expires_at: None,
                plans: coupon.plan.map(|plan| plans[plan]).into_iter().collect(),
            };
            self.coupons.push(self.services.coupons().create(&operator(), self.application, new).await.unwrap().id);
        }
    }

    pub fn now(&self) -> Timestamp {
        self.services.billing_now(self.application)
    }

    async fn member(&self, seed: u64, setting: Setting) -> Member {
        let id: Uuid = (&SystemRng::default() as &dyn Rng).id(self.now());
        let sql = format!(
            "INSERT INTO users (id, email, email_verified, role, created_at) VALUES ($1, '{id}@example.com', TRUE, 'user', 0)"
        );
        let db = self.services.db.read();
        let values = [sea_orm::Value::from(id)];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.unwrap();
        let member = self.services.memberships().grant(&operator(), self.application, id.into(), None).await.unwrap();
        Member {
            user: id.into(),
            membership: member.membership.id.get(),
            model: Model::new(self.now(), setting.grace_days.into(), setting.default_at_end),
            orders: vec![],
            plans: vec![],
            dice: Dice::new(seed),
            seen: None,
        }
    }

    /// Moves the clock, by hand or as an operator of the sandbox would, and does what is due.
    async fn shift(&self, by: Move, cut: Option<u32>) {
        let before = self.now();
        match by {
            Move::Minutes(minutes) => self.test.clock.advance(TimeDelta::minutes(minutes)),
            Move::Hours(hours) => self.test.clock.advance(TimeDelta::hours(hours)),
            Move::Days(days) => self.test.clock.advance(TimeDelta::days(days)),
            Move::Months(months) => self.test.clock.advance(before + Months::new(months) - before),
        }
        cut_off(cut, self.services.engine().tick()).await;
        self.services.engine().tick().await.unwrap();
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let db = self.services.db.read();
        db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
    }

    /// What the server says of every member.
    async fn views(&self) -> HashMap<Uuid, View> {
        let mut views: HashMap<Uuid, View> = HashMap::new();
        let price = |id: Option<Uuid>| id.and_then(|id| self.prices.iter().position(|own| own.get() == id));
        fn get<T: TryGetable>(row: &QueryResult, column: &str) -> T {
            row.try_get("", column).unwrap()
        }
        for row in self.rows("SELECT id FROM memberships").await {
            let empty = View {
                plan: None,
                cycle: None,
                status: None,
                price: None,
                period: None,
                cancel_at: None,
                then: None,
                discount: None,
                credit: 0,
                orders: vec![],
                invoices: vec![],
                received: 0,
                refunded: 0,
            };
            views.insert(get(&row, "id"), empty);
        }
        let live = "SELECT * FROM subscriptions WHERE status NOT IN ('canceled', 'expired')";
        for row in self.rows(live).await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            view.price = price(get(&row, "price_id"));
            view.period = get::<Option<i64>>(&row, "period_start_at").zip(get(&row, "period_end_at"));
            view.cancel_at = get(&row, "cancel_at");
            let changes: Option<i64> = get(&row, "scheduled_at");
            view.then = changes.map(|_| price(get(&row, "scheduled_price_id")));
            let discount: Option<String> = get(&row, "discount");
            view.discount = discount.map(|text| {
                let discount: Discount = serde_json::from_str(&text).unwrap();
                let coupon = self.coupons.iter().position(|own| *own == discount.coupon_id).unwrap();
                let left = match discount.remaining {
                    Duration::Once => 0,
                    Duration::Months(months) => months.into(),
                    Duration::Forever => -1,
                };
                (coupon, left)
            });
        }
        for row in self.rows("SELECT membership_id, amount FROM credits").await {
            views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap().credit += get::<i64>(&row, "amount");
        }
        let due = |quote: &str, field: &str| {
            let quote: serde_json::Value = serde_json::from_str(quote).unwrap();
            quote[field]["amount"].as_i64().unwrap()
        };
        for row in self.rows("SELECT membership_id, status, quote FROM orders ORDER BY id").await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            view.orders.push((get(&row, "status"), due(&get::<String>(&row, "quote"), "due")));
        }
        let invoices = "SELECT membership_id, status, quote, period_start_at, period_end_at FROM invoices ORDER BY id";
        for row in self.rows(invoices).await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            let quote: String = get(&row, "quote");
            let (start, end) = (get(&row, "period_start_at"), get(&row, "period_end_at"));
            view.invoices.push((get(&row, "status"), due(&quote, "due"), due(&quote, "credit_used"), start, end));
        }
        for row in self.rows("SELECT membership_id, known FROM payments").await {
            let view = views.get_mut(&get::<Uuid>(&row, "membership_id")).unwrap();
            let payment: Payment = serde_json::from_str(&get::<String>(&row, "known")).unwrap();
            if payment.settled_at().is_some() {
                view.received += payment.amount.amount();
                view.refunded += payment.refunded().amount();
            }
        }
        views
    }

    /// Compares a member with their model.
    async fn check(&self, member: &mut Member, seen: Option<View>) -> Result<(), String> {
        let ctx = operator();
        let entitled = self.services.entitlements().of(&ctx, self.application, member.user).await;
        let entitled = entitled.map_err(|error| format!("no entitlement: {error:?}"))?;
        let text = |value: Option<&serde_json::Value>| value.and_then(|value| value.as_str()).map(str::to_owned);
        let seen = View {
            plan: entitled.plan.as_ref().map(|plan| plan.as_str().to_owned()),
            cycle: text(entitled.claims.get("billing_cycle")),
            status: entitled.status.map(|status| status.as_str().to_owned()),
            ..seen.ok_or("no such member")?
        };
        let wanted = View::of(&member.model);
        if seen != wanted {
            return Err(format!("at {}\n  the model: {wanted:?}\n  the server: {seen:?}", self.now()));
        }
        let tier = text(entitled.features.get("tier"));
        if tier != seen.plan {
            return Err(format!("features of {tier:?} with the plan {:?}", seen.plan));
        }
        let number = entitled.ent_ver;
        if let Some((before, view)) = &member.seen {
            let gives = |view: &View| (view.plan.clone(), view.cycle.clone(), view.status.clone());
            let changed = gives(view) != gives(&seen);
            if number < *before || (changed && number == *before) {
                return Err(format!("ent_ver went from {before} to {number} while it became {:?}", gives(&seen)));
            }
        }
        member.seen = Some((number, seen));
        Ok(())
    }
}

impl View {
    fn of(model: &Model) -> Self {
        let millis = |at: Timestamp| at.timestamp_millis();
        let sub = model.sub.as_ref();
        Self {
            plan: model.plan().map(|plan| PLANS[plan].to_owned()),
            cycle: model.cycle().map(str::to_owned),
            status: model.status().map(str::to_owned),
            price: model.held_price(),
            period: sub.and_then(|sub| sub.period).map(|(start, end)| (millis(start), millis(end))),
            cancel_at: sub.and_then(|sub| sub.cancel_at).map(millis),
            then: sub.and_then(|sub| sub.then),
            discount: sub.and_then(|sub| sub.discount).map(|own| {
                let left = match own.left {
                    Lasts::Once => 0,
                    Lasts::Months(months) => months.into(),
                    Lasts::Forever => -1,
                };
                (own.coupon, left)
            }),
            credit: model.credit,
            orders: model
                .orders
                .iter()
                .map(|order| {
                    let status = match model.order_state(order) {
                        OrderState::Open => "open",
                        OrderState::Pending { .. } => "pending",
                        OrderState::Failed => "failed",
                        OrderState::Paid => "paid",
                        OrderState::Expired => "expired",
                        OrderState::Canceled => "canceled",
                    };
                    (status.to_owned(), order.quote.due)
                })
                .collect(),
            invoices: model
                .invoices
                .iter()
                .map(|own| {
                    let status = match own.state {
                        Bill::Open => "open",
                        Bill::Paid { .. } => "paid",
                        Bill::Void => "void",
                        Bill::GivenUp => "uncollectible",
                    };
                    (status.to_owned(), own.quote.due, own.quote.used, millis(own.span.0), millis(own.span.1))
                })
                .collect(),
            received: model.payments.iter().map(|payment| payment.amount).sum(),
            refunded: model.payments.iter().map(|payment| payment.refunded).sum(),
        }
    }
}

/// Does a step on both sides; an error is a sentence about how they differ.
async fn step<D: Desk>(world: &World, member: &mut Member, step: Step) -> Result<(), String> {
    let wanted = member.model.act(step.act);
    if let Some(Some(ended)) = match step.cut {
        Some(_) => Some(cut_off(step.cut, D::act(world, member, step.act)).await),
        None => None,
    } {
        return compare(member, step.act, wanted, ended?);
    }
    let ended = D::act(world, member, step.act).await?;
    compare(member, step.act, wanted, ended)
}

fn compare(member: &mut Member, act: Act, wanted: Result<(), Refused>, done: Done) -> Result<(), String> {
    match (wanted, done) {
        (Err(Refused), Done::Refused(_)) | (Ok(()), Done::Carried) => Ok(()),
        (Ok(()), Done::Order(id)) => {
            if !member.orders.contains(&id) {
                member.orders.push(id);
            }
            Ok(())
        }
        (wanted, done) => Err(format!("{act:?}: the model says {wanted:?}, the server {done:?}")),
    }
}

/// Lives one history alone, as it was written down. `Err` says where the server and the model part.
async fn live<D: Desk>(setting: Setting, history: &[Happening]) -> Result<(), String> {
    let world = World::open(D::PROVIDER, setting).await;
    let mut member = world.member(0, setting).await;
    for happening in history {
        match *happening {
            Happening::Did(act) => {
                step::<D>(&world, &mut member, act).await?;
                world.services.engine().tick().await.map_err(|error| format!("{error:?}"))?;
                member.model.pass(world.now());
            }
            Happening::Clock(by, cut) => {
                world.shift(by, cut).await;
                member.model.pass(world.now());
            }
        }
        let seen = world.views().await.remove(&member.membership);
        world.check(&mut member, seen).await.map_err(|wrong| format!("after {happening:?}: {wrong}"))?;
    }
    let wrong = service::testing::books::audit(&world.services).await.map_err(|error| format!("{error:?}"))?;
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// A history that fails, without the steps that it does not need.
async fn shrink<D: Desk>(setting: Setting, mut history: Vec<Happening>) -> (Vec<Happening>, Option<String>) {
    let fails = async |history: &[Happening]| Box::pin(live::<D>(setting, history)).await.err();
    let Some(mut why) = fails(&history).await else { return (history, None) };
    let mut from = history.len();
    while from > 0 {
        from -= 1;
        let mut shorter = history.clone();
        shorter.remove(from);
        if let Some(still) = fails(&shorter).await {
            (history, why) = (shorter, still);
            from = from.min(history.len());
        } else if let Happening::Did(Step { act, cut: Some(_) }) = history[from] {
            let mut calmer = history.clone();
            calmer[from] = Happening::Did(Step { act, cut: None });
            if let Some(still) = fails(&calmer).await {
                (history, why) = (calmer, still);
            }
        }
    }
    (history, Some(why))
}

/// Lives `members` histories side by side that follow from `seed`.
///
/// # Panics
/// When the server and the model part, with the shortest history in which they do.
pub async fn histories<D: Desk>(seed: u64, members: usize, rounds: usize) {
    let mut dice = Dice::new(seed);
    let setting = Setting { grace_days: dice.pick(&[7, 7, 2, 14]), default_at_end: dice.one_in(3) };
    let world = World::open(D::PROVIDER, setting).await;
    assert_eq!(world.on_end == OnEnd::DefaultPlan, setting.default_at_end);
    let mut people = Vec::new();
    for index in 0..members as u64 {
        people.push((world.member(seed.wrapping_mul(1_000_003) + index, setting).await, Vec::new()));
    }
    for round in 0..rounds {
        let wrong: Vec<Option<String>> = if round % 3 == 2 {
            let (by, cut) = (dice.clock(), dice.one_in(3).then(|| dice.up_to(40) as u32));
            world.shift(by, cut).await;
            for (_, trail) in &mut people {
                trail.push(Happening::Clock(by, cut));
            }
            vec![None; people.len()]
        } else {
            let steps = people.iter_mut().map(|(member, trail)| {
                if member.plans.is_empty() {
                    member.plans = member.dice.steps(&member.model);
                    member.plans.reverse();
                }
                let next = member.plans.pop();
                trail.extend(next.map(Happening::Did));
                let world = &world;
                async move {
                    match next {
                        Some(next) => step::<D>(world, member, next).await.err(),
                        None => None,
                    }
                }
            });
            join_all(steps).await
        };
        world.services.engine().tick().await.unwrap();
        let mut views = world.views().await;
        let now = world.now();
        let checks = people.iter_mut().map(|(member, _)| {
            member.model.pass(now);
            let seen = views.remove(&member.membership);
            world.check(member, seen)
        });
        let checked = join_all(checks).await;
        let parted = wrong.into_iter().zip(checked).map(|(did, seen)| did.or(seen.err()));
        let trails: Vec<_> = parted.zip(&people).filter_map(|(parted, own)| Some((own.1.clone(), parted?))).collect();
        if !trails.is_empty() {
            fail::<D>(seed, setting, trails).await;
        }
    }
    let wrong = service::testing::books::audit(&world.services).await.unwrap();
    if !wrong.is_empty() {
        let mut trails = Vec::new();
        for (_, trail) in people {
            if let Err(why) = live::<D>(setting, &trail).await {
                trails.push((trail, why));
            }
        }
        fail::<D>(seed, setting, trails).await;
    }
}

/// How many of the histories that fail are told.
const TOLD: usize = 3;

async fn fail<D: Desk>(seed: u64, setting: Setting, trails: Vec<(Vec<Happening>, String)>) -> ! {
    let mut told = String::new();
    for (trail, first) in trails.into_iter().take(TOLD) {
        let (history, why) = shrink::<D>(setting, trail).await;
        let why = why.unwrap_or_else(|| format!("alone it is right; among others: {first}"));
        for happening in history {
            told.push_str(&format!("{happening:?}\n"));
        }
        told.push_str(&format!("{why}\n\n"));
    }
    panic!("seed {seed}, grace {}, default at the end {}:\n{told}", setting.grace_days, setting.default_at_end);
}

/// The seeds to live: one that is asked for by `TURNPIKE_HISTORY`, or `count` from `first` on.
pub fn seeds(first: u64, count: u64) -> Vec<u64> {
    match std::env::var("TURNPIKE_HISTORY").ok().and_then(|text| text.parse().ok()) {
        Some(seed) => vec![seed],
        None => (first..first + count).collect(),
    }
}

/// Whether the error is one that a person may see: a server that breaks is never right.
pub fn refused(error: service::Error) -> Result<Done, String> {
    if error.code() == domain::ErrorCode::Internal {
        return Err(format!("broke: {error:?}"));
    }
    Ok(Done::Refused(format!("{error:?}")))
}
