//! With its order a page closes at Midtrans; what is paid all the same is late money.

use chrono::TimeDelta;
use domain::{
    billing::{
        order::{State as OrderState, Status as OrderStatus},
        payment::Status as PaymentStatus,
        price::{Interval, NewPrice, PriceName},
    },
    id::{PriceId, UserId},
};
use service::{
    billing::orders::{NewOrder, Placed, Started},
    testing::{
        books,
        fault::Fault,
        midtrans::{BAD_CARD, Means, Status, Step},
    },
};

use super::{Bazaar, bazaar, destination, good_card, idr};
use crate::shop::{key, operator};

/// A shop where Pro costs something a year too.
async fn with_yearly() -> (Bazaar, PriceId) {
    let bazaar = bazaar().await;
    let price = NewPrice {
        name: PriceName::parse("Yearly").unwrap(),
        money: idr(990_000),
        interval: Interval::Year,
        trial_days: None,
        stripe_price_id: None,
    };
    let plans = bazaar.services().plans();
    let yearly = plans.add_price(&operator(), bazaar.shop.application, bazaar.shop.pro.id, price).await.unwrap().id;
    (bazaar, yearly)
}

impl Bazaar {
    /// Another order takes the place of the member's open one.
    async fn replaced(&self, member: UserId, price: PriceId) -> Placed {
        let new = NewOrder {
            plan: key("pro"),
            price: Some(price),
            coupon: None,
            destination: destination(),
            metadata: None,
            payer: None,
        };
        let started = self.services().orders().start(&operator(), self.shop.application, member, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("granted") };
        *placed
    }

    /// An order whose transfer is awaited.
    async fn awaited(&self, member: UserId) -> Placed {
        let placed = self.opened(member).await;
        self.act(&placed, Step::Begin(Means::Va("bca")));
        self.deliver().await;
        placed
    }

    /// Midtrans is told what is wanted; how much that was.
    async fn steer(&self) -> usize {
        self.services().steer().await.unwrap()
    }

    fn status(&self, placed: &Placed) -> Status {
        self.fake.transaction(&placed.order.id.to_string()).unwrap().status
    }

    fn is_open(&self, placed: &Placed) -> bool {
        self.fake.act(&placed.order.id.to_string(), Step::Begin(Means::Qris)).is_ok()
    }

    /// The books add up.
    async fn audit(&self) {
        assert_eq!(books::audit(self.services()).await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_closes_with_its_order() {
    let (bazaar, yearly) = with_yearly().await;
    let services = bazaar.services();
    let replaces = bazaar.shop.member().await;
    let placed = bazaar.awaited(replaces).await;
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (0, Status::Pending));
    bazaar.replaced(replaces, yearly).await;
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Expire), "another order took its place");
    bazaar.deliver().await;
    assert_eq!(bazaar.state(&placed).await.status(), OrderStatus::Canceled);
    assert_eq!(bazaar.payments(replaces).await, [(PaymentStatus::Expired, idr(99_000))]);

    let revoked = bazaar.shop.member().await;
    let placed = bazaar.opened(revoked).await;
    services.memberships().revoke(&operator(), bazaar.shop.application, revoked).await.unwrap();
    assert_eq!((bazaar.steer().await, bazaar.is_open(&placed)), (1, false), "nobody has access");

    let deleted = bazaar.shop.member().await;
    let placed = bazaar.awaited(deleted).await;
    services.admin_users().delete(&operator(), deleted).await.unwrap();
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Expire), "nobody is there");

    // An order that was pressed late closes before its page would.
    let slow = bazaar.shop.member().await;
    let Started::Order(placed) = bazaar.start(slow).await else { panic!("granted") };
    bazaar.shop.test.clock.advance(TimeDelta::hours(5));
    bazaar.press(&placed).await;
    bazaar.pass(TimeDelta::hours(20)).await;
    assert_eq!((bazaar.steer().await, bazaar.is_open(&placed)), (1, false), "it has run out");

    let buys = bazaar.shop.member().await;
    let placed = bazaar.opened(buys).await;
    bazaar.pay(&placed, Means::Qris);
    bazaar.deliver().await;
    assert_eq!((bazaar.steer().await, bazaar.plan(buys).await), (0, "pro".into()));
    bazaar.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_midtrans_does_not_answer_it_is_told_again() {
    let (bazaar, yearly) = with_yearly().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.awaited(member).await;
    bazaar.replaced(member, yearly).await;
    // Each call is repeated once by itself.
    for _ in 0..4 {
        bazaar.fake.fail_next("/expire", Fault::Unavailable);
    }
    for wait in [10, 20] {
        assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Pending));
        assert_eq!(bazaar.steer().await, 0, "not at once");
        bazaar.shop.test.clock.advance(TimeDelta::seconds(wait));
    }
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Expire));
    assert_eq!(bazaar.steer().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_at_the_same_moment_is_late_money() {
    let (bazaar, yearly) = with_yearly().await;
    let (alone, both) = (bazaar.shop.member().await, bazaar.shop.member().await);
    let first = bazaar.awaited(alone).await;
    bazaar.replaced(alone, yearly).await;
    bazaar.act(&first, Step::Complete);
    assert_eq!((bazaar.steer().await, bazaar.status(&first)), (1, Status::Settlement));
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&first).await, OrderState::Paid { late: true, .. }));
    assert_eq!(bazaar.plan(alone).await, "pro", "nothing else was bought");

    // The transfer is sent although its account has expired.
    let second = bazaar.awaited(both).await;
    let other = bazaar.replaced(both, yearly).await;
    assert_eq!((bazaar.steer().await, bazaar.status(&second)), (1, Status::Expire));
    bazaar.press(&other).await;
    bazaar.pay(&other, Means::Qris);
    bazaar.deliver().await;
    bazaar.act(&second, Step::PayLate);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&second).await, OrderState::Paid { late: true, .. }));
    assert!(bazaar.services().orders().is_unused(&second).await.unwrap());
    let balance = bazaar.services().credits().balance(&operator(), bazaar.shop.application, both).await.unwrap();
    assert_eq!(balance.available("idr".parse().unwrap()).amount(), idr(99_000).amount());
    bazaar.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_after_a_card_was_refused_expires_when_it_is_heard_of() {
    let (bazaar, yearly) = with_yearly().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, Means::Card(BAD_CARD.into()));
    bazaar.deliver().await;
    bazaar.replaced(member, yearly).await;
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Deny));
    bazaar.act(&placed, Step::Begin(Means::Va("bri")));
    bazaar.deliver().await;
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Expire));
    bazaar.deliver().await;
    assert_eq!((bazaar.steer().await, bazaar.state(&placed).await.status()), (0, OrderStatus::Canceled));
    bazaar.audit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_being_looked_at_is_told_no_more_once_its_time_is_over() {
    let (bazaar, yearly) = with_yearly().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.act(&placed, Step::Begin(good_card()));
    bazaar.act(&placed, Step::Challenge);
    bazaar.deliver().await;
    bazaar.replaced(member, yearly).await;
    assert_eq!((bazaar.steer().await, bazaar.status(&placed)), (1, Status::Capture), "it does not expire");
    let ask = async || bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap();
    assert_eq!((ask().await.failed, bazaar.steer().await), (0, 1), "it is within its time");
    bazaar.shop.test.clock.advance(TimeDelta::minutes(11));
    for _ in 0..2 {
        assert_eq!((ask().await.failed, bazaar.steer().await, bazaar.status(&placed)), (0, 0, Status::Capture));
    }
    // Whoever looks at it lets it pass.
    bazaar.act(&placed, Step::Accept);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Paid { late: true, .. }));
    bazaar.audit().await;
}
