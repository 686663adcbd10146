//! `kill -9` between any two steps of checkout, of the handling of notifications, of a renewal and of a refund: what is
//! started again on the same data, and hears everything again, ends where one ends that was never killed, and nothing
//! is charged twice.
//!
//! The one that is killed is a process of its own: this program with [`life::the_one_that_is_killed`] alone. It works on
//! the database, and asks for the time before each step. Where something has changed since it last did, in the database
//! or at the provider, it may be killed: at the first such moment in the first round, and so on until one comes to its
//! end. Provider, bank and customer live here, behind a socket, and are
//! never killed. Only processes that are killed or started again make ids once the shop is open: ids of one process
//! never go back in time, those of the next are made a second or more later.

mod life;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
};

use chrono::TimeDelta;
use domain::{
    Money, Secret,
    application::{Provider, SettingsPatch},
    billing::price::{Interval, NewPrice, PriceName},
    id::UserId,
};
use service::{
    application::applications::ApplicationPatch,
    clock::{Clock, ManualClock},
    db::DatabaseUrl,
    payment::keys::NewKeys,
    testing::{
        TestServices,
        http::HttpServer,
        midtrans::{FakeMidtrans, GOOD_CARD, Means},
        stripe::{FakeStripe, TEST_KEY, WEBHOOK_SECRET, sign},
    },
};

use crate::shop::{Shop, operator};

const MIDTRANS_KEY: &str = "SB-Mid-server-of-the-shop";
/// Whose owner is asked once, by 3-D Secure.
const STRIPE_CARD: &str = "4000002500003155";
/// The events that an account's endpoint is set up for.
const EVENTS: [&str; 4] = ["checkout.session.", "customer.subscription.", "invoice.", "charge."];
/// How long after the one before each stage of a life begins: bought, at the end of the month, when what was billed is
/// final, and when a part of it can be given back.
const STAGES: [TimeDelta; 4] = [TimeDelta::zero(), TimeDelta::days(31), TimeDelta::hours(2), TimeDelta::days(2)];
/// Whoever starts again does so after what the one before had taken may be taken again.
const RESTART: TimeDelta = TimeDelta::minutes(5);

/// Who collects the money.
enum Desk {
    /// It keeps its books in our database.
    Sandbox,
    Stripe(FakeStripe, HttpServer),
    Midtrans(FakeMidtrans, HttpServer),
}

impl Desk {
    async fn open(provider: Provider, clock: &ManualClock) -> Self {
        match provider {
            Provider::Stripe => {
                let fake = FakeStripe::new(Arc::new(clock.clone()));
                let server = fake.serve().await;
                Self::Stripe(fake, server)
            }
            Provider::Midtrans => {
                let fake = FakeMidtrans::new(Arc::new(clock.clone()), MIDTRANS_KEY);
                let server = fake.serve().await;
                Self::Midtrans(fake, server)
            }
            _ => Self::Sandbox,
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sandbox => String::new(),
            Self::Stripe(_, server) | Self::Midtrans(_, server) => server.url(),
        }
    }

    /// The customer pays on the provider's page; not again on one where they have paid.
    fn pay(&self, order: &str, page: &str) {
        match self {
            Self::Sandbox => {}
            Self::Stripe(fake, _) => {
                let session = page.rsplit('/').next().unwrap();
                fake.test().enter_card(session, STRIPE_CARD);
                fake.test().authenticate(session, true);
            }
            Self::Midtrans(fake, _) if fake.transaction(order).is_some() => {}
            Self::Midtrans(fake, _) => fake.pay(order, Means::Card(GOOD_CARD.into())),
        }
    }

    /// The bodies of what it has to tell and has not told yet.
    fn told(&self) -> Vec<String> {
        match self {
            Self::Sandbox => vec![],
            Self::Stripe(fake, _) => {
                let told = fake.test().deliveries();
                let wanted = told.iter().filter(|told| EVENTS.iter().any(|kind| told.kind().starts_with(kind)));
                wanted.map(|told| told.event.to_string()).collect()
            }
            Self::Midtrans(fake, _) => fake.notifications().into_iter().map(|told| told.body).collect(),
        }
    }

    /// How often it was asked for something.
    fn requests(&self) -> u64 {
        match self {
            Self::Sandbox => 0,
            Self::Stripe(fake, _) => fake.requests(),
            Self::Midtrans(fake, _) => fake.calls("").len() as u64,
        }
    }

    /// What it has charged, and what of it went back.
    fn books(&self) -> Vec<String> {
        match self {
            Self::Sandbox => vec![],
            Self::Stripe(fake, _) => {
                let said = |charge: serde_json::Value| {
                    format!("{} {} {}", charge["paid"], charge["amount"], charge["amount_refunded"])
                };
                let side = fake.test();
                let agreements = side.all("subscription").into_iter().map(|held| held["status"].to_string());
                side.all("charge").into_iter().map(said).chain(agreements).collect()
            }
            Self::Midtrans(fake, _) => {
                let said = |made: service::testing::midtrans::Transaction| {
                    format!("{} {} {}", made.status.as_str(), made.gross_amount, made.refunded())
                };
                let mut all: Vec<_> = fake.transactions().into_iter().map(said).collect();
                all.sort();
                all
            }
        }
    }
}

/// A shop where Pro costs something a month, and a member who is going to buy it.
struct Base {
    shop: Shop,
    user: UserId,
    provider: Provider,
}

impl Base {
    async fn open(provider: Provider) -> Arc<Self> {
        let shop = Shop::open().await;
        let secret = match provider {
            Provider::Stripe => Some((TEST_KEY, Some(WEBHOOK_SECRET))),
            Provider::Midtrans => Some((MIDTRANS_KEY, None)),
            _ => None,
        };
        let services = shop.services();
        if let Some((secret, webhook)) = secret {
            let new = NewKeys { secret: Some(Secret::new(secret)), webhook: webhook.map(Secret::new) };
            services.payment_keys().set(&operator(), shop.application, provider, new).await.unwrap();
        }
        let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings, ..Default::default() };
        services.applications().update(&operator(), shop.application, patch).await.unwrap();
        let (amount, currency) = if provider == Provider::Midtrans { (9_900_000, "idr") } else { (1000, "usd") };
        let price = NewPrice {
            name: PriceName::parse("Monthly").unwrap(),
            money: Money::new(amount, currency.parse().unwrap()).unwrap(),
            interval: Interval::Month,
            trial_days: None,
            stripe_price_id: None,
        };
        services.plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
        let user = shop.member().await;
        Arc::new(Self { shop, user, provider })
    }

    /// The database of a round, and whose shop is in it.
    async fn copy(self: &Arc<Self>) -> (String, Arc<Self>) {
        match &self.shop.test.url {
            DatabaseUrl::Sqlite(_) => {
                let file = self.shop.test.path().join("round.db");
                for left in ["", "-wal", "-shm"] {
                    _ = std::fs::remove_file(format!("{}{left}", file.display()));
                }
                self.shop.test.execute(&format!("VACUUM INTO '{}'", file.display())).await;
                (format!("sqlite://{}", file.display()), self.clone())
            }
            // None is copied to which somebody is connected.
            DatabaseUrl::Postgres(_) => {
                let own = Self::open(self.provider).await;
                let DatabaseUrl::Postgres(url) = &own.shop.test.url else { panic!("another database") };
                (url.expose().to_owned(), own)
            }
        }
    }
}

/// One life, with everything that is not the server.
struct Round {
    base: Arc<Base>,
    database: String,
    clock: ManualClock,
    desk: Desk,
    /// How many stages have come.
    stages: usize,
    /// How often a process has asked for the time.
    asked: u64,
    told: Vec<String>,
}

impl Round {
    async fn open(base: &Arc<Base>) -> Self {
        let (database, base) = base.copy().await;
        let clock = ManualClock::new(TestServices::epoch());
        let desk = Desk::open(base.provider, &clock).await;
        Self { base, database, clock, desk, stages: 1, asked: 0, told: Vec::new() }
    }

    /// Starts a process and kills it at the `n`-th moment. `Some` when it came to its end before: how the life ended.
    fn live(&mut self, n: u64) -> Option<Vec<String>> {
        // A clock that is started again has gone on.
        self.clock.advance(TimeDelta::seconds(1));
        let mut process = self.spawn();
        let mut answers = process.stdin.take().unwrap();
        let again = !self.told.is_empty();
        let (mut ended, mut moments, mut before) = (None, 0, None);
        for line in BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap) {
            let Some(said) = line.strip_prefix(life::SAYS) else { continue };
            let (word, rest) = said.split_once(' ').unwrap_or((said, ""));
            match word {
                life::HERE => {
                    let now = Some(self.changes());
                    moments += u64::from(now != before);
                    if moments == n {
                        break;
                    }
                    before = now;
                    writeln!(answers).unwrap();
                }
                life::ENDED => ended = Some(serde_json::from_str(rest).unwrap()),
                _ => self.answer(&mut answers, word, rest, again),
            }
        }
        // SIGKILL.
        process.kill().unwrap();
        let status = process.wait().unwrap();
        assert!(ended.is_some() || status.code().is_none(), "it ended by itself: {status}");
        ended
    }

    fn answer(&mut self, to: &mut ChildStdin, word: &str, rest: &str, again: bool) {
        let answer = match word {
            life::PAY => {
                let (order, page) = rest.split_once(' ').unwrap();
                self.desk.pay(order, page);
                String::new()
            }
            life::UNTIL => {
                let wanted: usize = rest.parse().unwrap();
                while self.stages <= wanted {
                    self.clock.advance(STAGES[self.stages]);
                    self.stages += 1;
                }
                self.clock.now().timestamp_millis().to_string()
            }
            life::NEWS => {
                // Nobody knows what was heard by one that was killed.
                let known = if again { 0 } else { self.told.len() };
                self.told.extend(self.desk.told());
                // Stripe signs each delivery anew.
                let at = self.clock.now().timestamp();
                let signed = |body: &String| (body.clone(), sign(WEBHOOK_SECRET, at, body));
                serde_json::to_string(&self.told[known..].iter().map(signed).collect::<Vec<_>>()).unwrap()
            }
            other => panic!("it says {other}"),
        };
        writeln!(to, "{answer}").unwrap();
    }

    /// What differs after a commit, or a request to the provider. A PostgreSQL does not show it: each moment is another.
    fn changes(&mut self) -> (Option<std::time::SystemTime>, u64) {
        let Some(file) = self.database.strip_prefix("sqlite://") else {
            self.asked += 1;
            return (None, self.asked);
        };
        let log = std::fs::metadata(format!("{file}-wal")).unwrap();
        (log.modified().ok(), log.len() + self.desk.requests())
    }

    fn spawn(&self) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["kill::life::the_one_that_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(life::DATABASE, &self.database)
            .env(life::PROVIDER, format!("{} {}", self.base.provider.as_str(), self.desk.url()))
            .env(life::NOW, self.clock.now().timestamp_millis().to_string())
            .env(life::MEMBER, format!("{} {}", self.base.shop.application, self.base.user))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// A whole life: killed once at moment `n`, and started again. Whether it was killed, and how it ended.
    fn whole_life(&mut self, n: u64) -> (bool, Vec<String>) {
        let (killed, ours) = match self.live(n) {
            Some(ours) => (false, ours),
            None => {
                self.clock.advance(RESTART);
                (true, self.live(u64::MAX).expect("nobody kills it"))
            }
        };
        (killed, [ours, self.desk.books()].concat())
    }
}

/// Kills at every `step`-th moment from the `first` on, until none is left.
async fn kill_everywhere(provider: Provider, first: u64, step: usize) {
    let base = Base::open(provider).await;
    let (_, wanted) = Round::open(&base).await.whole_life(u64::MAX);
    for n in (first..).step_by(step) {
        let (killed, ended) = Round::open(&base).await.whole_life(n);
        assert_eq!(ended, wanted, "killed at moment {n}");
        if !killed {
            println!("{n} moments");
            assert!(n > 20, "only {n} moments");
            return;
        }
    }
}

/// PostgreSQL's server outlives it all, and says the same at fewer moments.
fn step() -> usize {
    if std::env::var_os("TURNPIKE_TEST_DATABASE_URL").is_some() { 14 } else { 2 }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_odd_moment_of_the_sandbox() {
    kill_everywhere(Provider::Sandbox, 1, step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_even_moment_of_the_sandbox() {
    kill_everywhere(Provider::Sandbox, 2, step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_odd_moment_of_stripe() {
    kill_everywhere(Provider::Stripe, 1, step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_even_moment_of_stripe() {
    kill_everywhere(Provider::Stripe, 2, step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_odd_moment_of_midtrans() {
    kill_everywhere(Provider::Midtrans, 1, step()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_even_moment_of_midtrans() {
    kill_everywhere(Provider::Midtrans, 2, step()).await;
}
