//! What credit pays of what Stripe bills.

use domain::billing::{amount::Amount, payment::Status as PaymentStatus, price::Interval, subscription::State};
use service::{billing::orders::Started, portal::Exchange, testing::books};

use super::{Desk, POSTS, Post};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn credit_pays_what_stripe_bills_next() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.pay(desk.start_at(member, "team", Some(desk.price("team", Interval::Year))).await).await;
        desk.settle().await;
        desk.days(1).await;

        // More comes back for the year than the month costs.
        let monthly = Some(desk.price("team", Interval::Month));
        let changes = desk.services.changes();
        let quote = changes.preview(&operator(), application, member, key("team"), monthly, None).await.unwrap();
        let (_, next) = quote.next.unwrap();
        assert_eq!((quote.due.amount(), next.amount()), (0, 0), "{post:?}");
        let added = quote.credit_added.amount();
        assert!(added > 26_000, "{added}");
        assert!(matches!(desk.start_at(member, "team", monthly).await, Started::Granted(_)));
        desk.settle().await;
        assert_eq!(desk.credit(member).await, added, "{post:?}");

        let portal = desk.services.portal();
        let opened = portal.open(&operator(), application, member, None).await.unwrap();
        let Exchange::Entered(visit) = portal.exchange(opened.token.expose(), None).await.unwrap() else {
            panic!("no visit");
        };
        let visitor = portal.visitor(visit.expose()).await.unwrap().unwrap();
        let upcoming = portal.upcoming(&operator(), &visitor, &[]).await.unwrap().unwrap();
        assert_eq!(upcoming.money, next, "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![30_000], added - 3000), "{post:?}");
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.plan(member).await.as_deref()), (State::Active, Some("team")), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_pays_a_part_and_no_first_period() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        let given = Amount::new(400, "usd".parse().unwrap()).unwrap();
        desk.services.credits().add(&operator(), application, member, given, None).await.unwrap();
        let quote = desk.buy(member, "pro").await.order.quote;
        assert_eq!((quote.due.amount(), quote.next.unwrap().1.amount()), (1000, 600), "{post:?}");
        desk.settle().await;
        assert_eq!(desk.credit(member).await, 400, "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000, 600], 0), "{post:?}");
        let invoices = desk.services.invoices().of_member(&operator(), application, member).await.unwrap();
        let sums = (invoices[0].quote.due.amount(), invoices[0].quote.credit_used.amount());
        assert_eq!((sums, desk.payments(member).await), ((600, 400), vec![PaymentStatus::Succeeded; 2]), "{post:?}");
        desk.days(30).await;
        assert_eq!(desk.charged(), [1000, 600, 1000], "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_leaves_what_stripe_charges() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    let given = Amount::new(980, "usd".parse().unwrap()).unwrap();
    desk.services.credits().add(&operator(), application, member, given, None).await.unwrap();
    desk.buy(member, "pro").await;
    desk.settle().await;
    desk.days(33).await;
    assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000, 50], 30));
    assert_eq!(desk.held(member).await.unwrap().state, State::Active);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}
