//! A shop in which many members live their histories side by side under one clock.

use std::{sync::Arc, time::Duration as StdDuration};

use chrono::{Months, TimeDelta};
use domain::{
    Currency, Money, Secret, Timestamp,
    application::{OnEnd, Settings as AppSettings, SettingsPatch},
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off as DomainOff},
        price::{Interval, NewPrice, PriceName},
    },
    id::{ApplicationId, CouponId, PriceId},
    oauth::client::ClientSettings,
    text::{Name, Slug},
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable};
use serde_json::json;
use service::{
    Services, Settings,
    application::applications::{ApplicationPatch, NewApplication},
    billing::coupons::NewCoupon,
    db,
    random::{Rng, SystemRng},
    testing::TestServices,
};
use uuid::Uuid;

use super::{
    catalogue::{AT_HOME, COUPONS, Every, FREE, Lasts, Off, PLANS, PRICES},
    cut::{CuttingClock, cut_off},
    desk::Desk,
    dice::Dice,
    history::{Move, Passing, Trouble},
    member::Member,
    model::Model,
};
use crate::shop::{operator, plan};

/// See the module.
pub struct World<D> {
    /// Goes away with the world.
    test: TestServices,
    pub desk: D,
    pub services: Services,
    pub application: ApplicationId,
    pub prices: Vec<PriceId>,
    pub coupons: Vec<CouponId>,
    pub currency: Currency,
    /// The smallest coin that is paid, in minor units.
    pub coin: i64,
    setting: Setting,
}

/// What follows from a seed.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub grace_days: u8,
    pub default_at_end: bool,
    pub currency: &'static str,
    /// Of some prices, where the provider takes more than one.
    pub abroad: Option<&'static str>,
}

impl Setting {
    pub fn of<D: Desk>(dice: &mut Dice) -> Self {
        let (grace_days, default_at_end) = (dice.pick(&[7, 7, 2, 14]), dice.one_in(3));
        let (currency, abroad) = (dice.pick(D::CURRENCIES), dice.pick(D::ABROAD));
        Self { grace_days, default_at_end, currency, abroad: abroad.filter(|abroad| *abroad != currency) }
    }
}

impl<D: Desk> World<D> {
    pub async fn open(setting: Setting) -> Self {
        let test = TestServices::start().await;
        let desk = D::open(&test.clock).await;
        let db = db::connect(&test.url).await.unwrap();
        let key = Secret::new("a secret key for tests, 32 bytes or more");
        let clock = Arc::new(CuttingClock(test.clock.clone()));
        let mut settings = Settings::new("http://127.0.0.1:8080");
        settings.provider_timeout = StdDuration::from_secs(20);
        settings.provider_waits = [StdDuration::ZERO; 2];
        desk.settings(&mut settings);
        let services = Services::start(db, &key, settings, clock, Arc::new(SystemRng::default())).await.unwrap();
        let name = Name::parse("Acme").unwrap();
        let new = NewApplication {
            slug: Slug::parse("acme").unwrap(),
            settings: AppSettings::new(name.clone()),
            client: ClientSettings::new(name),
        };
        let application = services.applications().create(&operator(), new).await.unwrap().application.id;
        let currency: Currency = setting.currency.parse().unwrap();
        let (prices, coupons, coin) = (vec![], vec![], currency.step());
        let mut world = Self { test, desk, services, application, prices, coupons, currency, coin, setting };
        D::prepare(&world).await;
        let settings = SettingsPatch {
            provider: Some(D::PROVIDER),
            grace_days: Some(setting.grace_days),
            on_end: Some(if setting.default_at_end { OnEnd::DefaultPlan } else { OnEnd::None }),
            ..Default::default()
        };
        let patch = ApplicationPatch { settings, ..Default::default() };
        world.services.applications().update(&operator(), application, patch).await.unwrap();
        world.stock().await;
        world
    }

    async fn stock(&mut self) {
        let mut plans = Vec::new();
        for (index, key) in PLANS.iter().enumerate() {
            let new = domain::billing::plan::NewPlan { is_default: index == FREE, ..plan(key, json!({ "tier": key })) };
            plans.push(self.services.plans().create(&operator(), self.application, new).await.unwrap().id);
        }
        let prices = if self.setting.abroad.is_some() { PRICES.len() } else { AT_HOME };
        for (index, price) in PRICES[..prices].iter().enumerate() {
            let interval = match price.every {
                Every::Month => Interval::Month,
                Every::Year => Interval::Year,
                Every::Once => Interval::OneTime,
            };
            let new = NewPrice {
                name: PriceName::parse(&format!("Price {index}")).unwrap(),
                money: self.money(price.coins, price.abroad),
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
                    Off::Coins(off) => DomainOff::Amount(self.money(off, false)),
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

    fn money(&self, coins: i64, abroad: bool) -> Money {
        let abroad = self.setting.abroad.filter(|_| abroad).map(|code| code.parse().unwrap());
        let currency: Currency = abroad.unwrap_or(self.currency);
        Money::new(coins * currency.step(), currency).unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.services.billing_now(self.application)
    }

    pub async fn member(&self, seed: u64) -> Member {
        let id: Uuid = (&SystemRng::default() as &dyn Rng).id(self.now());
        let email = format!("{id}@example.com");
        let sql = format!(
            "INSERT INTO users (id, email, email_verified, role, created_at) VALUES ($1, '{email}', TRUE, 'user', 0)"
        );
        let db = self.services.db.read();
        let values = [sea_orm::Value::from(id)];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await.unwrap();
        let member = self.services.memberships().grant(&operator(), self.application, id.into(), None).await.unwrap();
        let setting = self.setting;
        let rules = (setting.grace_days.into(), setting.default_at_end, setting.abroad.is_some());
        Member {
            user: id.into(),
            membership: member.membership.id.get(),
            email,
            model: Model::new(D::PROVIDER, self.now(), rules, D::least(setting.currency)),
            orders: vec![],
            plans: vec![],
            dice: Dice::new(seed),
            seen: None,
        }
    }

    /// Moves the clock and does what is due, while charges of some members go wrong.
    pub async fn pass(&self, passing: Passing, troubles: &[(String, Trouble)]) {
        for (email, trouble) in troubles {
            self.desk.disturb(email, *trouble);
        }
        let before = self.now();
        self.test.clock.advance(match passing.by {
            Move::Minutes(minutes) => TimeDelta::minutes(minutes),
            Move::Hours(hours) => TimeDelta::hours(hours),
            Move::Days(days) => TimeDelta::days(days),
            Move::Months(months) => before + Months::new(months) - before,
        });
        cut_off(passing.cut, self.services.engine().tick()).await;
        self.services.engine().tick().await.unwrap();
        if troubles.is_empty() {
            return;
        }
        self.desk.calm();
        // As though the minute had passed after which the engine asks again.
        let now = self.now().timestamp_millis();
        self.test.execute(&format!("UPDATE subscriptions SET due_at = {now} WHERE due_at = {now} + 60000")).await;
        self.services.engine().tick().await.unwrap();
    }

    /// As though the time had passed after which what went wrong is tried again.
    pub async fn hurry(&self) {
        let now = self.services.now().timestamp_millis();
        for table in ["inbox", "steering"] {
            self.test.execute(&format!("UPDATE {table} SET next_at = {now} WHERE next_at > {now}")).await;
        }
    }

    /// The provider is told which pages are to close, first cut off and then to the end.
    pub async fn close_pages(&self, cut: Option<u32>) {
        cut_off(cut, self.services.steer()).await;
        while self.services.steer().await.unwrap() > 0 {}
        let untold = self.rows("SELECT reference, error FROM steering WHERE next_at IS NOT NULL").await;
        let untold = untold.iter().map(|row| (get::<String>(row, "reference"), get::<Option<String>>(row, "error")));
        let untold: Vec<_> = untold.collect();
        assert!(untold.is_empty(), "pages stay open: {untold:?}");
    }

    /// The reconciler looks.
    pub async fn reconcile(&self) {
        let found = self.services.reconcile(&operator(), self.application).await.unwrap();
        assert_eq!(found.failed, 0, "{found:?}");
        self.services.engine().tick().await.unwrap();
    }

    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let db = self.services.db.read();
        db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
    }

    /// Changes rows behind the back of the services.
    pub async fn execute(&self, sql: &str) {
        self.test.execute(sql).await;
    }
}

/// A column of a row.
pub fn get<T: TryGetable>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap()
}
