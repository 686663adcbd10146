//! Midtrans, played in process: it tells what happens, and the post office does with it what the dice say.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    Secret,
    application::Provider,
    billing::payment::{Mode, Payment},
};
use serde_json::json;
use service::{
    Settings,
    billing::payments::MemberPayment,
    clock::ManualClock,
    payment::keys::NewKeys,
    testing::{
        http::HttpServer,
        midtrans::{BAD_CARD, FakeMidtrans, GOOD_CARD, Means, Status, Step, Transaction, signature},
    },
};
use uuid::Uuid;

use crate::{
    histories::{
        desk::{Desk, Dispute, Done, Page, none},
        history::{Card, Post, Trouble},
        member::Member,
        model::Subject,
        world::{World, get},
    },
    shop::operator,
};

const KEY: &str = "SB-Mid-server-of-the-histories";

pub struct Midtrans {
    fake: FakeMidtrans,
    server: HttpServer,
    post: Mutex<PostOffice>,
    /// One member's notifications are handled at a time: whoever works at the inbox handles everybody's.
    counter: tokio::sync::Mutex<()>,
    /// Makes what is told once more another notification.
    resent: AtomicU64,
}

/// Notifications by member.
#[derive(Default)]
struct PostOffice {
    /// Whose a key is.
    owners: HashMap<Uuid, Uuid>,
    waiting: HashMap<Uuid, Vec<Letter>>,
    arrived: HashMap<Uuid, Letter>,
    seen: HashSet<String>,
}

/// A notification.
#[derive(Clone)]
struct Letter {
    key: Uuid,
    body: String,
}

/// What an order id at Midtrans begins with.
fn key_of(order_id: &str) -> Option<Uuid> {
    order_id.split('~').next()?.parse().ok()
}

fn order_id(page: Page) -> String {
    if page.attempt == 0 { page.order.to_string() } else { format!("{}~{}", page.order, page.attempt) }
}

fn refused(why: String) -> service::Result<Done> {
    Ok(Done::Refused(why))
}

impl Desk for Midtrans {
    const PROVIDER: Provider = Provider::Midtrans;
    const CURRENCIES: &'static [&'static str] = &["idr"];

    async fn open(clock: &ManualClock) -> Self {
        let fake = FakeMidtrans::new(Arc::new(clock.clone()), KEY);
        // To the model every way of hearing of a payment is the same.
        fake.tell_tokens();
        let server = fake.serve().await;
        let (post, counter, resent) = Default::default();
        Self { fake, server, post, counter, resent }
    }

    fn settings(&self, settings: &mut Settings) {
        settings.midtrans_url = Some(self.server.url());
    }

    async fn prepare(world: &World<Self>) {
        let keys = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
        world.services.payment_keys().set(&operator(), world.application, Provider::Midtrans, keys).await.unwrap();
    }

    async fn enter(world: &World<Self>, page: Page, card: Card) -> service::Result<Done> {
        let (fake, id) = (&world.desk.fake, order_id(page));
        let means = match card {
            Card::Declined => Means::Card(BAD_CARD.into()),
            Card::Wallet { .. } => Means::GoPay,
            _ => Means::Card(GOOD_CARD.into()),
        };
        if let Err(why) = fake.act(&id, Step::Begin(means)) {
            return refused(why);
        }
        let then = match card {
            Card::Left => return Ok(Done::Carried),
            Card::Secure(false) => Step::Refuse,
            _ => Step::Complete,
        };
        fake.act(&id, then).unwrap();
        let paid = fake.transaction(&id).unwrap();
        match (card, paid.saved_token, paid.account) {
            (Card::FailsLater, Some(token), _) => fake.refuse_card(&token),
            (Card::Wallet { full }, _, Some((_, account))) => {
                fake.set_balance(&account, if full { 1_000_000_000 } else { 0 });
            }
            (Card::Disputed, ..) => fake.act(&id, Step::ChargeBack(Some(0))).unwrap(),
            _ => {}
        }
        Ok(Done::Carried)
    }

    async fn transfer(world: &World<Self>, page: Page) -> service::Result<Done> {
        match world.desk.fake.act(&order_id(page), Step::Begin(Means::Va("bca"))) {
            Ok(()) => Ok(Done::Carried),
            Err(why) => refused(why),
        }
    }

    async fn arrive(world: &World<Self>, page: Page) -> service::Result<Done> {
        let (fake, id) = (&world.desk.fake, order_id(page));
        let waiting = fake.transaction(&id).filter(|own| matches!(own.means, Means::Va(_)));
        let step = match waiting.map(|own| own.status) {
            Some(Status::Pending) => Step::Complete,
            Some(Status::Expire) => Step::PayLate,
            _ => return Ok(none()),
        };
        fake.act(&id, step).unwrap();
        Ok(Done::Carried)
    }

    async fn dispute(
        world: &World<Self>,
        page: Option<Page>,
        payment: &MemberPayment,
        step: Dispute,
    ) -> service::Result<Done> {
        let (fake, id) = (&world.desk.fake, payment.payment.id);
        let key: Uuid =
            match world.rows(&format!("SELECT key FROM payments WHERE id = {}", literal(id.get()))).await.pop() {
                Some(row) => get(&row, "key"),
                None => return Ok(none()),
            };
        let id = page.map_or_else(|| key.to_string(), order_id);
        let Some(own) = fake.transaction(&id) else { return Ok(none()) };
        let whole = match (step, own.status) {
            (Dispute::Opened, Status::Capture | Status::Settlement | Status::PartialRefund) => Some(0),
            (
                Dispute::Decided { won: false },
                Status::Capture | Status::Settlement | Status::PartialRefund | Status::PartialChargeback,
            ) => None,
            _ => return Ok(none()),
        };
        fake.act(&id, Step::ChargeBack(whole)).unwrap();
        Ok(Done::Carried)
    }

    async fn deliver(world: &World<Self>, member: &Member, how: Post) -> service::Result<Vec<Subject>> {
        let desk = &world.desk;
        let _turn = desk.counter.lock().await;
        desk.sort(world).await;
        let post = desk.letters(member, how);
        let inbox = world.services.inbox();
        for letter in &post.sent {
            inbox.receive_from_midtrans(&Vec::new(), letter.body.as_bytes()).await?;
            while inbox.work().await? > 0 {}
        }
        // What was spoiled is tried again by hand.
        for row in world.rows("SELECT id, subject FROM inbox WHERE handled_at IS NULL").await {
            let subject: String = get(&row, "subject");
            if post.sent.iter().any(|letter| subject.contains(&letter.key.to_string())) {
                inbox.retry(&operator(), world.application, get(&row, "id")).await?;
            }
        }
        let subjects = desk.told(world, member, &post.sent).await;
        desk.file(member, post);
        Ok(subjects)
    }

    fn disturb(&self, about: &str, trouble: Trouble) {
        for _ in 0..trouble.times {
            self.fake.fail_next(about, trouble.fault);
        }
    }

    fn calm(&self) {
        self.fake.calm();
    }

    /// Every rupiah that came there or went back is in our books, and no order was paid twice.
    async fn audit(world: &World<Self>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut ours = HashMap::new();
        for row in world.rows("SELECT key, known, mode FROM payments").await {
            let payment: Payment = serde_json::from_str(&get::<String>(&row, "known")).unwrap();
            if get::<String>(&row, "mode") != Mode::Test.as_str() {
                wrong.push(format!("{payment:?} is not of test mode"));
            }
            if payment.settled_at().is_some() {
                let sums = (payment.amount.amount() / world.coin, payment.refunded().amount() / world.coin);
                ours.insert(get::<Uuid>(&row, "key"), sums);
            }
        }
        for own in world.desk.fake.transactions() {
            let (Some(sums), Some(key)) = (sums(&own), key_of(&own.order_id)) else { continue };
            // Taken out, so that a second one for the same order finds nothing.
            if ours.remove(&key) != Some(sums) {
                wrong.push(format!("Midtrans has {sums:?} of {} {:?}, we another sum", own.order_id, own.status));
            }
        }
        if !ours.is_empty() {
            wrong.push(format!("Midtrans knows nothing of {ours:?}"));
        }
        wrong
    }
}

/// What came of a transaction and went back, `None` when nothing came.
fn sums(own: &Transaction) -> Option<(i64, i64)> {
    let back = match own.status {
        Status::Capture | Status::Settlement | Status::PartialChargeback => own.refunded(),
        Status::Refund | Status::PartialRefund => own.refunded(),
        Status::Chargeback => own.gross_amount,
        // A card that had paid is called off.
        Status::Cancel if own.batch_at.is_some() => own.gross_amount,
        _ => return None,
    };
    Some((own.gross_amount, back))
}

/// An id as SQL.
fn literal(id: Uuid) -> String {
    match std::env::var_os("TURNPIKE_TEST_DATABASE_URL") {
        Some(_) => format!("'{id}'"),
        None => format!("x'{}'", id.simple()),
    }
}

/// What is sent, and what waits on.
struct Sending {
    sent: Vec<Letter>,
    kept: Vec<Letter>,
}

impl Midtrans {
    /// Sorts what Midtrans has to tell by member.
    async fn sort(&self, world: &World<Self>) {
        let told = self.fake.notifications();
        let letters =
            told.into_iter().filter_map(|told| Some(Letter { key: key_of(&told.order_id)?, body: told.body }));
        let letters: Vec<_> = letters.collect();
        let unknown = letters.iter().any(|letter| !self.office().owners.contains_key(&letter.key));
        if unknown {
            let owners = "SELECT id AS key, membership_id FROM orders UNION SELECT key, membership_id FROM payments";
            let owners = world.rows(owners).await;
            let owners = owners.iter().map(|row| (get::<Uuid>(row, "key"), get::<Uuid>(row, "membership_id")));
            self.office().owners.extend(owners);
        }
        let mut office = self.office();
        for letter in letters {
            let Some(owner) = office.owners.get(&letter.key).copied() else { continue };
            office.waiting.entry(owner).or_default().push(letter);
        }
    }

    fn office(&self) -> std::sync::MutexGuard<'_, PostOffice> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn letters(&self, member: &Member, how: Post) -> Sending {
        let office = self.office();
        let mut waiting = office.waiting.get(&member.membership).cloned().unwrap_or_default();
        let (sent, kept) = match how {
            Post::InOrder => (waiting, vec![]),
            Post::Backwards => (waiting.into_iter().rev().collect(), vec![]),
            Post::Twice => (waiting.iter().chain(&waiting).cloned().collect(), vec![]),
            Post::Oldest => {
                let kept = waiting.split_off(waiting.len().min(1));
                (waiting, kept)
            }
            Post::Newest => {
                let sent = waiting.split_off(waiting.len().saturating_sub(1));
                (sent, waiting)
            }
            Post::Again => (office.arrived.get(&member.membership).cloned().into_iter().collect(), waiting),
            Post::Lost => (vec![], vec![]),
            Post::Resent => (self.resend(&office, member), vec![]),
        };
        Sending { sent, kept }
    }

    /// Everything that Midtrans knows of a member's money, in words that it has not used yet.
    fn resend(&self, office: &PostOffice, member: &Member) -> Vec<Letter> {
        let own = |order_id: &str| key_of(order_id).filter(|key| office.owners.get(key) == Some(&member.membership));
        let letter = |own_id: &str, key: Uuid| {
            let time = self.resent.fetch_add(1, Ordering::Relaxed).to_string();
            let body = json!({
                "order_id": own_id,
                "status_code": "200",
                "gross_amount": "1.00",
                "signature_key": signature(own_id, "200", "1.00", KEY),
                "transaction_time": time,
            });
            Letter { key, body: body.to_string() }
        };
        let transactions = self.fake.transactions();
        transactions.iter().filter_map(|found| Some(letter(&found.order_id, own(&found.order_id)?))).collect()
    }

    /// What new letters are about.
    async fn told(&self, world: &World<Self>, member: &Member, letters: &[Letter]) -> Vec<Subject> {
        let mut seen = HashSet::new();
        let fresh = |letter: &&Letter| !self.office().seen.contains(&letter.body) && seen.insert(letter.body.clone());
        let fresh: Vec<Uuid> = letters.iter().filter(fresh).map(|letter| letter.key).collect();
        let owner = literal(member.membership);
        let charged =
            format!("SELECT key, invoice_id FROM payments WHERE membership_id = {owner} AND invoice_id IS NOT NULL");
        let charged: HashMap<Uuid, Uuid> =
            world.rows(&charged).await.iter().map(|row| (get(row, "key"), get(row, "invoice_id"))).collect();
        let invoices = format!("SELECT id FROM invoices WHERE membership_id = {owner} ORDER BY id");
        let invoices: Vec<Uuid> = world.rows(&invoices).await.iter().map(|row| get(row, "id")).collect();
        let subject = |key: Uuid| {
            if let Some(order) = member.orders.iter().position(|own| own.get() == key) {
                return Some(Subject::Order(order));
            }
            let invoice = charged.get(&key)?;
            invoices.iter().position(|own| own == invoice).map(Subject::Charge)
        };
        fresh.into_iter().filter_map(subject).collect()
    }

    fn file(&self, member: &Member, post: Sending) {
        let mut office = self.office();
        office.waiting.insert(member.membership, post.kept);
        office.seen.extend(post.sent.iter().map(|letter| letter.body.clone()));
        if let Some(last) = post.sent.into_iter().next_back() {
            office.arrived.insert(member.membership, last);
        }
    }
}
