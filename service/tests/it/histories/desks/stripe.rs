//! Stripe, played in process. It renews by itself, and decides when.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{Secret, Timestamp, application::Provider, billing::payment::Payment};
use serde_json::Value;
use service::{
    Settings,
    billing::payments::MemberPayment,
    clock::ManualClock,
    payment::keys::NewKeys,
    testing::{
        http::HttpServer,
        stripe::{Delivery, Entered, FakeStripe, Side, TEST_KEY, WEBHOOK_SECRET},
    },
};

use uuid::Uuid;

use crate::{
    histories::{
        cut::cut_off,
        desk::{Desk, Dispute, Done, Page, find, none},
        history::{Card, Post, Telling, Trouble},
        member::Member,
        model::{
            Subject,
            agreement::{Agreement, Billed},
        },
        world::{World, get},
    },
    shop::operator,
};

/// Until nobody has anything to tell any more.
const ROUNDS: usize = 8;
/// Marks what credit takes off a bill.
const CREDIT: &str = "turnpike_credit";

pub struct Stripe {
    fake: FakeStripe,
    server: HttpServer,
}

impl Stripe {
    fn side(&self) -> Side<'_> {
        self.fake.test()
    }

    /// What has to be told, as it arrives.
    fn letters(&self, how: Post) -> Vec<Delivery> {
        let told = self.side().deliveries();
        match how {
            Post::Backwards => told.into_iter().rev().collect(),
            Post::Oldest => one_of_each(told),
            Post::Newest => one_of_each(told.into_iter().rev().collect()),
            Post::Twice => {
                let told = one_of_each(told);
                told.iter().chain(&told).cloned().collect()
            }
            // The reconciler asks about everything but old charges.
            Post::Lost => told.into_iter().filter(|own| own.kind().starts_with("charge.")).collect(),
            Post::InOrder | Post::Again | Post::Resent => told,
        }
    }
}

/// The first one about each object. What one says is only what to ask about.
fn one_of_each(told: Vec<Delivery>) -> Vec<Delivery> {
    let mut seen = HashSet::new();
    let about = |own: &Delivery| {
        let object = &own.event["data"]["object"];
        let names = [
            &object["parent"]["subscription_details"]["subscription"],
            &object["metadata"]["turnpike_key"],
            &object["payment_intent"],
            &object["id"],
        ];
        let kind = own.kind();
        let kind = kind.split('.').next().unwrap_or_default().to_owned();
        (kind != "customer").then(|| names.into_iter().find_map(|name| name.as_str().map(str::to_owned)))
    };
    told.into_iter().filter(|own| about(own).is_none_or(|name| seen.insert(name))).collect()
}

const fn number(card: Card) -> &'static str {
    match card {
        Card::Good | Card::Wallet { .. } => "4242424242424242",
        Card::Declined => "4000000000000002",
        Card::Secure(_) | Card::Left => "4000000000003220",
        Card::FailsLater => "4000000000000341",
        Card::Disputed => "4000000000000259",
    }
}

/// Stripe's seconds.
fn moment(seconds: &Value) -> Option<Timestamp> {
    Timestamp::from_timestamp(seconds.as_i64()?, 0)
}

impl Desk for Stripe {
    const PROVIDER: Provider = Provider::Stripe;
    const RENEWS: bool = true;
    const CURRENCIES: &'static [&'static str] = &["usd", "idr", "jpy"];

    fn least(currency: &str) -> i64 {
        if currency == "idr" { 0 } else { 50 }
    }

    async fn open(clock: &ManualClock) -> Self {
        let fake = FakeStripe::new(Arc::new(clock.clone()));
        let server = fake.serve().await;
        Self { fake, server }
    }

    fn settings(&self, settings: &mut Settings) {
        settings.stripe_url = Some(self.server.url());
    }

    async fn prepare(world: &World<Self>) {
        let keys = NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
        world.services.payment_keys().set(&operator(), world.application, Provider::Stripe, keys).await.unwrap();
    }

    async fn enter(world: &World<Self>, page: Page, card: Card) -> service::Result<Done> {
        let Some(session) = find(world, page.order).await?.reference else { return Ok(none()) };
        let side = world.desk.side();
        if side.get(&session)["status"] != "open" {
            return Ok(Done::Refused("the page is closed".into()));
        }
        if side.enter_card(&session, number(card)) == Entered::Authenticate
            && let Card::Secure(passed) = card
        {
            side.authenticate(&session, passed);
        }
        Ok(Done::Carried)
    }

    async fn transfer(_: &World<Self>, _: Page) -> service::Result<Done> {
        Ok(none())
    }

    async fn arrive(_: &World<Self>, _: Page) -> service::Result<Done> {
        Ok(none())
    }

    async fn dispute(
        world: &World<Self>,
        _: Option<Page>,
        payment: &MemberPayment,
        step: Dispute,
    ) -> service::Result<Done> {
        let id = payment.payment.id;
        let rows = world.rows("SELECT id, reference FROM payments").await;
        let named = rows.iter().find(|row| get::<Uuid>(row, "id") == id.get());
        let Some(intent) = named.map(|row| get::<String>(row, "reference")).filter(|name| name.starts_with("pi_"))
        else {
            return Ok(none());
        };
        let side = world.desk.side();
        let known = side.all("dispute").into_iter().find(|own| own["payment_intent"] == intent.as_str());
        match (step, known) {
            (Dispute::Opened, None) => _ = side.dispute(&intent),
            (Dispute::Decided { won }, Some(known)) if known["status"] == "needs_response" => {
                side.decide(known["id"].as_str().unwrap(), won);
            }
            _ => return Ok(none()),
        }
        Ok(Done::Carried)
    }

    async fn cards_work(world: &World<Self>, member: &Member, works: bool) {
        let side = world.desk.side();
        let customers = side.all("customer");
        for customer in customers.iter().filter(|own| own["email"] == member.email.as_str()) {
            let number = number(if works { Card::Good } else { Card::FailsLater });
            side.cards_become(customer["id"].as_str().unwrap(), number);
        }
    }

    /// It tells after every step: [`Self::tell`].
    async fn deliver(_: &World<Self>, _: &Member, _: Post) -> service::Result<Vec<Subject>> {
        Ok(vec![])
    }

    async fn tell(world: &World<Self>, telling: Telling) -> Result<(), String> {
        let (desk, services, mut cut) = (&world.desk, &world.services, telling.cut);
        let inbox = services.inbox();
        for _ in 0..ROUNDS {
            let letters = desk.letters(telling.post);
            if let Some(trouble) = telling.trouble {
                desk.disturb("", trouble);
            }
            for letter in &letters {
                let (body, signature) = letter.signed(world.now());
                let headers = vec![("stripe-signature".to_owned(), signature)];
                let receive = || inbox.receive(world.application, Provider::Stripe, &headers, body.as_bytes());
                // A notification that was not acknowledged comes again.
                if cut_off(cut.take(), receive()).await.is_none() {
                    receive().await.unwrap();
                }
            }
            cut_off(telling.cut, async { while inbox.work().await.unwrap() > 0 {} }).await;
            cut_off(telling.cut, services.steer()).await;
            desk.calm();
            world.hurry().await;
            while inbox.work().await.unwrap() > 0 {}
            if telling.post == Post::Lost {
                world.reconcile().await;
            }
            services.engine().tick().await.unwrap();
            let steered = services.steer().await.unwrap();
            if steered == 0 && letters.is_empty() {
                break;
            }
        }
        for row in world.rows("SELECT id FROM inbox WHERE next_at IS NOT NULL").await {
            let again = inbox.retry(&operator(), world.application, get(&row, "id")).await;
            again.map_err(|error| format!("a notification is not handled: {error:?}"))?;
        }
        if let Some(row) = world.rows("SELECT wanted, error FROM steering WHERE next_at IS NOT NULL").await.first() {
            let (wanted, error) = (get::<String>(row, "wanted"), get::<Option<String>>(row, "error"));
            return Err(format!("Stripe does not take {wanted}: {error:?}"));
        }
        Ok(())
    }

    fn books(&self, coin: i64) -> Vec<(Uuid, Agreement)> {
        let side = self.side();
        let mut billed: HashMap<String, Vec<Billed>> = HashMap::new();
        for invoice in side.all("invoice") {
            let counts = ["open", "paid", "uncollectible"].iter().any(|status| invoice["status"] == *status);
            let lines = invoice["lines"]["data"].as_array().into_iter().flatten();
            let (credits, lines): (Vec<_>, Vec<_>) = lines.partition(|line| !line["metadata"][CREDIT].is_null());
            let credit: i64 = credits.iter().map(|line| -line["amount"].as_i64().unwrap()).sum();
            let Some(line) = lines.last() else { continue };
            let is_free = invoice["subtotal"].as_i64().unwrap() + credit == 0;
            if !counts || is_free || invoice["billing_reason"] == "subscription_create" {
                continue;
            }
            let paid = invoice["status"] == "paid";
            let intent = side.get(invoice["_intent"].as_str().unwrap_or_default());
            let charge = side.get(intent["latest_charge"].as_str().unwrap_or_default());
            let failed = charge["created"].as_i64().filter(|_| !paid && invoice["attempted"] == true);
            billed.entry(invoice["_subscription"].as_str().unwrap().to_owned()).or_default().push(Billed {
                id: invoice["id"].as_str().unwrap().to_owned(),
                span: (moment(&line["period"]["start"]).unwrap(), moment(&line["period"]["end"]).unwrap()),
                total: invoice["total"].as_i64().unwrap() / coin,
                credit: credit / coin,
                paid,
                failed: failed.and_then(|at| Timestamp::from_timestamp(at, 0)),
            });
        }
        let agreement = |own: Value| {
            let item = &own["items"]["data"][0];
            let order = own["metadata"]["turnpike_key"].as_str()?.parse().ok()?;
            let agreement = Agreement {
                order: 0,
                ended: moment(&own["ended_at"]),
                bills: item["price"]["unit_amount"].as_i64()? / coin,
                until: moment(&item["current_period_end"])?,
                ends: own["cancel_at_period_end"] == true,
                paused: !own["pause_collection"].is_null(),
                billed: billed.remove(own["id"].as_str()?).unwrap_or_default(),
            };
            Some((order, agreement))
        };
        side.all("subscription").into_iter().filter_map(agreement).collect()
    }

    fn disturb(&self, _: &str, trouble: Trouble) {
        // Calls are repeated by themselves, twice.
        self.fake.plan("", trouble.fault, trouble.times as u32 * 2);
    }

    fn calm(&self) {
        self.fake.calm();
    }

    /// Every coin that came there or went back is in our books; no order and no period was paid twice.
    async fn audit(world: &World<Self>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut ours = HashMap::new();
        for row in world.rows("SELECT reference, known FROM payments").await {
            let payment: Payment = serde_json::from_str(&get::<String>(&row, "known")).unwrap();
            if payment.settled_at().is_some() && !payment.amount.is_zero() {
                let sums = (payment.amount.amount(), payment.refunded().amount());
                ours.insert(get::<String>(&row, "reference"), sums);
            }
        }
        let side = world.desk.side();
        let lost: Vec<Value> = side.all("dispute").into_iter().filter(|own| own["status"] == "lost").collect();
        let mut paid: HashMap<String, usize> = HashMap::new();
        for charge in side.all("charge").into_iter().filter(|charge| charge["paid"] == true) {
            let amount = charge["amount"].as_i64().unwrap();
            let is_lost = lost.iter().any(|own| own["charge"] == charge["id"]);
            let back = if is_lost { amount } else { charge["amount_refunded"].as_i64().unwrap() };
            let intent = charge["payment_intent"].as_str().unwrap();
            if ours.remove(intent) != Some((amount, back)) {
                wrong.push(format!("Stripe has {amount}, {back} back, of {intent}; we another sum"));
            }
            if let Some(key) = side.get(intent)["metadata"]["turnpike_key"].as_str() {
                *paid.entry(key.to_owned()).or_default() += 1;
            }
        }
        for invoice in side.all("invoice") {
            if invoice["status"] == "paid" && invoice["amount_paid"] != 0 {
                let start = &invoice["lines"]["data"][0]["period"]["start"];
                *paid.entry(format!("{} from {start}", invoice["_subscription"])).or_default() += 1;
            }
        }
        wrong.extend(paid.into_iter().filter(|(_, times)| *times > 1).map(|twice| format!("paid twice: {twice:?}")));
        if !ours.is_empty() {
            wrong.push(format!("Stripe knows nothing of {ours:?}"));
        }
        wrong
    }
}
