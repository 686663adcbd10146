//! The sandbox: its page is ours, and it tells nothing by itself.

use domain::{
    application::Provider,
    billing::payment::{Fact, Payment, Status},
};
use service::{
    Settings,
    billing::payments::MemberPayment,
    clock::ManualClock,
    payment::{MethodKind, sandbox::CardNumber},
};

use crate::histories::{
    desk::{Desk, Dispute, Done, Page, find, none},
    history::{Card, Post, Trouble},
    member::Member,
    model::Subject,
    world::{World, get},
};

pub struct Sandbox;

const fn number(card: Card) -> &'static str {
    match card {
        Card::Good | Card::Wallet { .. } => "4242424242424242",
        Card::Declined => "4000000000000002",
        Card::Secure(_) | Card::Left => "4000000000003220",
        Card::FailsLater => "4000000000000341",
        Card::Disputed => "4000000000000259",
    }
}

impl Desk for Sandbox {
    const PROVIDER: Provider = Provider::Sandbox;
    const CURRENCIES: &'static [&'static str] = &["usd", "usd", "idr", "jpy", "kwd"];
    const ABROAD: &'static [Option<&'static str>] = &[None, Some("idr"), Some("usd"), Some("kwd")];

    async fn open(_: &ManualClock) -> Self {
        Self
    }

    fn settings(&self, _: &mut Settings) {}

    async fn prepare(_: &World<Self>) {}

    async fn enter(world: &World<Self>, page: Page, card: Card) -> service::Result<Done> {
        let (sandbox, key) = (world.services.sandbox(), page.order.get());
        sandbox.enter_card(key, CardNumber::parse(number(card)).unwrap()).await?;
        if let Card::Secure(passed) = card {
            sandbox.authenticate(key, passed).await?;
        }
        Ok(Done::Carried)
    }

    async fn transfer(world: &World<Self>, page: Page) -> service::Result<Done> {
        world.services.sandbox().begin_transfer(page.order.get(), MethodKind::VirtualAccount).await?;
        Ok(Done::Carried)
    }

    async fn arrive(world: &World<Self>, page: Page) -> service::Result<Done> {
        world.services.sandbox().transfer_arrives(page.order.get()).await?;
        Ok(Done::Carried)
    }

    /// Nobody but the bank opens and decides disputes, and the sandbox's bank is a row.
    async fn dispute(
        world: &World<Self>,
        page: Option<Page>,
        payment: &MemberPayment,
        step: Dispute,
    ) -> service::Result<Done> {
        let Some(page) = page else { return Ok(none()) };
        let asked = format!("FROM sandbox_payments WHERE reference = '{}'", page.order);
        let Some(row) = world.rows(&format!("SELECT facts {asked}")).await.pop() else { return Ok(none()) };
        let mut facts: Vec<Fact> = serde_json::from_str(&get::<String>(&row, "facts")).unwrap();
        let is_open = payment.payment.state().status() == Status::Disputed;
        let is_over = facts.iter().any(|fact| matches!(fact, Fact::DisputeWon | Fact::DisputeLost));
        let fact = match step {
            Dispute::Opened if !is_open && !is_over => Fact::Disputed,
            Dispute::Decided { won: true } if is_open => Fact::DisputeWon,
            Dispute::Decided { won: false } if is_open => Fact::DisputeLost,
            _ => return Ok(none()),
        };
        if !facts.contains(&fact) {
            facts.push(fact);
        }
        let facts = serde_json::to_string(&facts).unwrap();
        world
            .execute(&format!("UPDATE sandbox_payments SET facts = '{facts}' WHERE reference = '{}'", page.order))
            .await;
        world.services.orders().look(find(world, page.order).await?).await?;
        Ok(Done::Carried)
    }

    /// It tells nothing; the customer can return to every order.
    async fn deliver(world: &World<Self>, member: &Member, how: Post) -> service::Result<Vec<Subject>> {
        let mut told = Vec::new();
        for (index, id) in member.orders.iter().enumerate().filter(|_| how == Post::Resent) {
            world.services.orders().look(find(world, *id).await?).await?;
            told.push(Subject::Order(index));
        }
        Ok(told)
    }

    fn disturb(&self, _: &str, _: Trouble) {}

    fn calm(&self) {}

    /// What it collected and gave back is what we know.
    async fn audit(world: &World<Self>) -> Vec<String> {
        let mut wrong = Vec::new();
        let pairs = "SELECT s.reference, s.facts, p.known FROM sandbox_payments s \
                     LEFT JOIN payments p ON p.reference = s.reference";
        for row in world.rows(pairs).await {
            let facts: Vec<Fact> = serde_json::from_str(&get::<String>(&row, "facts")).unwrap();
            let known: Option<String> = get(&row, "known");
            let known = known.map(|text| serde_json::from_str::<Payment>(&text).unwrap());
            let came = facts.iter().any(|fact| matches!(fact, Fact::Succeeded { .. }));
            let lost = facts.contains(&Fact::DisputeLost);
            let back = facts.iter().filter_map(|fact| match fact {
                Fact::Refunded { total } => Some(total.amount()),
                _ => None,
            });
            let ours = known.filter(|payment| payment.settled_at().is_some());
            let back = back.max().unwrap_or_default();
            let agrees = match ours {
                Some(payment) => came && (lost || payment.refunded().amount() == back),
                None => !came,
            };
            if !agrees {
                wrong.push(format!(
                    "the sandbox says {facts:?} of {}, we say {known:?}",
                    get::<String>(&row, "reference")
                ));
            }
        }
        wrong
    }
}
