//! The life of one customer, as the process that may be killed lives it: they buy, are heard of, renew, get a part of
//! their money back and cancel. Lived again from its beginning, it does what has not been done yet.

use std::{
    io::{BufRead, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    ErrorCode, Money, Secret, Timestamp,
    application::Provider,
    id::{ApplicationId, UserId},
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Services,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    clock::{Clock, ManualClock},
    db::{self, DatabaseUrl},
    payment::sandbox::CardNumber,
    random::SystemRng,
    testing::{TestServices, books},
};

use crate::shop::{key, operator};

/// What the process is told.
pub const DATABASE: &str = "TURNPIKE_TEST_KILL_DATABASE";
pub const PROVIDER: &str = "TURNPIKE_TEST_KILL_PROVIDER";
pub const NOW: &str = "TURNPIKE_TEST_KILL_NOW";
pub const MEMBER: &str = "TURNPIKE_TEST_KILL_MEMBER";

/// What its lines begin with, among those of the test runner, and what they say. All but the last are answered by a line.
pub const SAYS: &str = "kill> ";
/// It stands where it may be killed.
pub const HERE: &str = "here";
/// The customer of an order is on a page of the provider.
pub const PAY: &str = "pay";
/// What does the provider tell?
pub const NEWS: &str = "news";
/// This stage begins; what time is it?
pub const UNTIL: &str = "until";
pub const ENDED: &str = "ended";

/// A clock that stands. Whoever asks it for the time, before a transaction, inside one, or after the provider was asked,
/// goes on only when nobody kills the process there.
struct StoppingClock {
    clock: ManualClock,
    stops: AtomicBool,
}

impl Clock for StoppingClock {
    fn now(&self) -> Timestamp {
        if self.stops.load(Ordering::SeqCst) {
            ask(HERE);
        }
        self.clock.now()
    }
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{SAYS}{words}").and_then(|()| out.flush()).unwrap();
}

fn ask(words: &str) -> String {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap();
    say(words);
    std::io::stdin().lock().lines().next().unwrap().unwrap()
}

struct Life {
    services: Services,
    application: ApplicationId,
    user: UserId,
    provider: Provider,
    clock: ManualClock,
}

impl Life {
    /// They come back before anybody has told of their money at the sandbox, and afterwards everywhere else.
    async fn buy(&self) {
        let url = || "https://app.example/".to_owned();
        let destination = Destination::Application { success_url: url(), cancel_url: url() };
        let new = NewOrder { plan: key("pro"), price: None, coupon: None, destination, payer: None, metadata: None };
        match self.services.orders().start(&operator(), self.application, self.user, new).await {
            Ok(Started::Order(placed)) => {
                self.pay(&placed).await;
                if self.provider != Provider::Sandbox {
                    self.hear().await;
                }
                self.services.orders().look(*placed).await.unwrap();
            }
            Ok(Started::Granted(held)) => panic!("granted: {held:?}"),
            Err(error) => assert_eq!(error.code(), ErrorCode::AlreadySubscribed),
        }
        self.hear().await;
    }

    async fn pay(&self, placed: &Placed) {
        let order = placed.order.id;
        let pressed = self.services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
        let Pressed::Go(page) = pressed else { return };
        if self.provider == Provider::Sandbox {
            let card = CardNumber::parse("4000000000003220").unwrap();
            self.services.sandbox().enter_card(order.get(), card).await.unwrap();
            self.services.sandbox().authenticate(order.get(), true).await.unwrap();
        } else {
            ask(&format!("{PAY} {order} {page}"));
        }
    }

    /// What the provider tells is taken and handled, and the provider is told what is wanted.
    async fn hear(&self) {
        let news: Vec<(String, String)> = serde_json::from_str(&ask(NEWS)).unwrap();
        let inbox = self.services.inbox();
        for (body, signature) in news {
            let headers = vec![("stripe-signature".to_owned(), signature)];
            match self.provider {
                Provider::Midtrans => inbox.receive_from_midtrans(&headers, body.as_bytes()).await.unwrap(),
                provider => inbox.receive(self.application, provider, &headers, body.as_bytes()).await.unwrap(),
            }
        }
        while inbox.work().await.unwrap() > 0 {}
        self.services.engine().tick().await.unwrap();
        self.services.steer().await.unwrap();
    }

    fn wait_until(&self, stage: usize) {
        let now = Timestamp::from_timestamp_millis(ask(&format!("{UNTIL} {stage}")).parse().unwrap()).unwrap();
        self.clock.advance(now - self.clock.now());
    }

    /// An admin gives a part of the newest payment back, and cancels.
    async fn leave(&self) {
        let payments = self.services.payments().of_member(&operator(), self.application, self.user).await.unwrap();
        let newest = &payments[0].payment;
        if newest.refunded().is_zero() {
            let part = Money::new(300, newest.amount.currency()).unwrap();
            self.services.payments().refund(&operator(), self.application, newest.id, Some(part), None).await.unwrap();
        }
        self.services.changes().cancel(&operator(), self.application, self.user, None).await.unwrap();
        self.hear().await;
    }

    /// Everything that matters of how it ended; moments are left out.
    async fn ending(&self) -> Vec<String> {
        let mut all = books::audit(&self.services).await.unwrap();
        let entitled = self.services.entitlements().of(&operator(), self.application, self.user).await.unwrap();
        all.push(format!("{:?} {:?} {:?} {}", entitled.plan, entitled.features, entitled.claims, entitled.ent_ver));
        let tables = [
            "SELECT status || ' ' || source || ' ' || CAST(cancel_at = period_end_at AS TEXT) FROM subscriptions ORDER BY id",
            "SELECT number || ' ' || status || ' ' || CAST(is_renewal AS TEXT) FROM invoices ORDER BY number",
            "SELECT status || ' ' || CAST(amount AS TEXT) FROM payments ORDER BY id",
            "SELECT status || ' ' || CAST(late AS TEXT) FROM orders ORDER BY id",
            "SELECT CAST(amount AS TEXT) FROM credits ORDER BY id",
            "SELECT facts FROM sandbox_payments ORDER BY created_at",
            "SELECT kind || ' ' || subject FROM alerts ORDER BY id",
            "SELECT 'unheard ' || event_id FROM inbox WHERE handled_at IS NULL",
            "SELECT 'untold ' || wanted FROM steering WHERE next_at IS NOT NULL",
            "SELECT DISTINCT action FROM ledger WHERE action LIKE 'payment.%' OR action LIKE 'order.%' ORDER BY 1",
        ];
        let db = self.services.db.read();
        for sql in tables {
            for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap() {
                all.push(row.try_get_by_index::<String>(0).unwrap());
            }
        }
        all
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the tests of this module start it"]
async fn the_one_that_is_killed() {
    let told = |name: &str| std::env::var(name).unwrap();
    let two = |name: &str| told(name).split_once(' ').map(|(one, two)| (one.to_owned(), two.to_owned())).unwrap();
    let (provider, url) = two(PROVIDER);
    let (application, user) = two(MEMBER);
    let mut settings = TestServices::settings();
    settings.provider_timeout = Duration::from_secs(5);
    (settings.stripe_url, settings.midtrans_url) = (Some(url.clone()), Some(url));
    let clock = ManualClock::new(Timestamp::from_timestamp_millis(told(NOW).parse().unwrap()).unwrap());
    // Only what comes after the start counts.
    let stopping = Arc::new(StoppingClock { clock: clock.clone(), stops: AtomicBool::new(false) });
    let db = db::connect(&DatabaseUrl::parse(&told(DATABASE)).unwrap()).await.unwrap();
    let secret_key = Secret::new("a secret key for tests, 32 bytes or more");
    let rng = Arc::new(SystemRng::default());
    let services = Services::start(db, &secret_key, settings, stopping.clone(), rng).await.unwrap();
    let (application, user) = (application.parse().unwrap(), user.parse().unwrap());
    let life = Life { services, application, user, provider: Provider::parse(&provider).unwrap(), clock };
    stopping.stops.store(true, Ordering::SeqCst);
    life.buy().await;
    for stage in 1..=3 {
        life.wait_until(stage);
        life.hear().await;
    }
    life.leave().await;
    stopping.stops.store(false, Ordering::SeqCst);
    say(&format!("{ENDED} {}", serde_json::to_string(&life.ending().await).unwrap()));
}
