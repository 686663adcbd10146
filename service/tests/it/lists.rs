//! What admins see of an application's money: filters, search, pages, and nothing of another application.

use domain::{
    ErrorCode,
    application::OnEnd,
    billing::{clock::ClockStep, ledger::Action, payment, subscription},
    id::{ApplicationId, UserId},
    page::{Page, PageRequest},
};
use service::{
    Ctx,
    audit::AuditFilter,
    billing::{
        alerts::AlertKind,
        lists::{
            cancel::{Ending, Hindrance},
            columns::{PaymentColumn, SubscriptionColumn},
            payments::{ListedPayment, PaymentFilter},
            subscriptions::{ListedSubscription, SubscriptionFilter},
        },
    },
    sorted::{Direction, Part, Sort, SortedBy},
};

use crate::{
    renewals::{FAILS_LATER, GOOD, buy, shop},
    shop::{Shop, application, operator},
};

const DISPUTED: &str = "4000000000000259";

/// The most entries that a page takes.
fn first(limit: u64) -> PageRequest {
    PageRequest { after: None, limit }
}

async fn payments(shop: &Shop, application: ApplicationId, filter: PaymentFilter) -> Vec<ListedPayment> {
    shop.services().payment_list().page(&operator(), application, &filter, &first(100)).await.unwrap().items
}

async fn subscriptions(shop: &Shop, application: ApplicationId, filter: SubscriptionFilter) -> Vec<ListedSubscription> {
    shop.services().subscription_list().page(&operator(), application, &filter, &first(100)).await.unwrap().items
}

/// Three customers: one who pays for Pro, one whose renewal of Pro has failed, one who took Team a month later.
async fn busy() -> (Shop, [UserId; 3]) {
    let shop = shop(false, OnEnd::None).await;
    let (payer, debtor, late) = (shop.member().await, shop.member().await, shop.member().await);
    buy(&shop, payer, "pro", GOOD).await;
    buy(&shop, debtor, "pro", FAILS_LATER).await;
    let month = ClockStep::parse("1mo").unwrap();
    shop.services().clocks().advance(&operator(), shop.application, month).await.unwrap();
    buy(&shop, late, "team", GOOD).await;
    (shop, [payer, debtor, late])
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_filtered_and_found() {
    let (shop, [payer, debtor, late]) = busy().await;
    let app = shop.application;
    let all = payments(&shop, app, PaymentFilter::default()).await;
    let mut whose: Vec<_> = all.iter().map(|listed| listed.user.id).collect();
    assert_eq!(whose.remove(0), late, "newest first");
    whose.sort();
    let mut expected = vec![payer, payer, debtor, debtor];
    expected.sort();
    assert_eq!(whose, expected);
    let by_status = async |status| payments(&shop, app, PaymentFilter { status: Some(status), search: None }).await;
    let failed = by_status(payment::Status::Failed).await;
    assert_eq!(failed.iter().map(|listed| listed.user.id).collect::<Vec<_>>(), [debtor]);
    assert_eq!(by_status(payment::Status::Succeeded).await.len(), 4);
    assert!(by_status(payment::Status::Refunded).await.is_empty());

    let find = async |text: &str| {
        let found = payments(&shop, app, PaymentFilter { status: None, search: Some(text.into()) }).await;
        found.into_iter().map(|listed| listed.payment.id).collect::<Vec<_>>()
    };
    let newest = &all[0];
    let ids = vec![newest.payment.id];
    assert_eq!(find(&newest.payment.id.to_string()).await, ids);
    assert_eq!(find(&newest.order.unwrap().to_string()).await, ids);
    assert_eq!(find(&newest.reference).await, ids);
    let email = newest.user.email.to_string();
    assert_eq!(find(&format!("  {}  ", email.to_uppercase())).await, ids);
    assert_eq!(find("@example.com").await.len(), all.len());
    for nothing in ["%", "_", "nobody", "00000000-0000-0000-0000-000000000000"] {
        assert!(find(nothing).await.is_empty(), "{nothing}");
    }
    assert_eq!(find(" ").await.len(), all.len(), "nothing typed is no filter");
    let both = PaymentFilter { status: Some(payment::Status::Failed), search: Some(email) };
    assert!(payments(&shop, app, both).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_filtered_and_found() {
    let (shop, [payer, debtor, late]) = busy().await;
    let app = shop.application;
    let users = |found: Vec<ListedSubscription>| {
        let mut ids: Vec<_> = found.into_iter().map(|listed| listed.user.id).collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let sorted = |mut ids: Vec<UserId>| {
        ids.sort();
        ids
    };
    let by_status = async |status| {
        let filter = SubscriptionFilter { status: Some(status), ..Default::default() };
        users(subscriptions(&shop, app, filter).await)
    };
    assert_eq!(by_status(subscription::Status::Active).await, sorted(vec![payer, late]));
    assert_eq!(by_status(subscription::Status::PastDue).await, [debtor]);
    assert!(by_status(subscription::Status::Trialing).await.is_empty());
    let pro = SubscriptionFilter { plan: Some(shop.pro.id), ..Default::default() };
    assert_eq!(users(subscriptions(&shop, app, pro).await), sorted(vec![payer, debtor]));

    let find = async |text: String| {
        let filter = SubscriptionFilter { search: Some(text), ..Default::default() };
        subscriptions(&shop, app, filter).await
    };
    let held = find(late.to_string()).await.into_iter().find(|listed| listed.subscription.price_id.is_some()).unwrap();
    assert_eq!(find(held.subscription.id.to_string()).await, std::slice::from_ref(&held));
    assert_eq!(users(find(held.user.email.to_string()).await), [late]);
    assert!(find("%".into()).await.is_empty());
    let method = shop.services().subscription_list().method(&operator(), app, held.subscription.id).await.unwrap();
    assert!(method.unwrap().ends_with("4242"));
    // What has ended stays in the list.
    let year = ClockStep::parse("1y").unwrap();
    shop.services().clocks().advance(&operator(), app, year).await.unwrap();
    assert!(!users(subscriptions(&shop, app, SubscriptionFilter::default()).await).is_empty());
    assert!(!by_status(subscription::Status::PastDue).await.contains(&debtor));
    assert!(users(find(debtor.to_string()).await).contains(&debtor));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gaps() {
    let (shop, _) = busy().await;
    let (services, app) = (shop.services(), shop.application);
    let whole = payments(&shop, app, PaymentFilter::default()).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest { after, limit: 2 };
        let list = services.payment_list();
        let page: Page<_> = list.page(&operator(), app, &PaymentFilter::default(), &request).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items);
        match page.next_cursor {
            Some(cursor) => after = Some(cursor.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, whole);
    let held = subscriptions(&shop, app, SubscriptionFilter::default()).await;
    let request = PageRequest { after: Some(held[0].subscription.id.get()), limit: 100 };
    let list = services.subscription_list();
    let rest = list.page(&operator(), app, &SubscriptionFilter::default(), &request).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next_cursor), (&held[1..], None));
}

/// Every way to sort by these columns.
fn sorts<C: SortedBy>() -> Vec<Sort<C>> {
    let both = |by: &C| [Direction::Ascending, Direction::Descending].map(|direction| Sort { by: *by, direction });
    C::ALL.iter().flat_map(both).collect()
}

/// Whether rows stand in the order of a sort: `keys` are what they are sorted by, and their ids.
fn stand<K: PartialOrd>(mut keys: Vec<K>, direction: Direction) -> bool {
    if direction == Direction::Descending {
        keys.reverse();
    }
    keys.is_sorted()
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_go_on_from_page_to_page_however_they_are_sorted() {
    let (shop, _) = busy().await;
    // Of two currencies, of which the one has the larger numbers, and the other comes first.
    shop.test.execute("UPDATE payments SET currency = 'eur' WHERE amount = 3000").await;
    let (list, app) = (shop.services().payment_list(), shop.application);
    let read = async |sort: Sort<PaymentColumn>, limit: u64| {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let part = Part { sort, after, limit };
            let page = list.part(&operator(), app, &PaymentFilter::default(), &part).await.unwrap();
            seen.extend(page.items);
            let Some(cursor) = page.next_cursor else { break seen };
            after = sort.by.place(&cursor);
            assert!(after.is_some(), "{cursor}");
        }
    };
    for sort in sorts::<PaymentColumn>() {
        let whole = read(sort, 100).await;
        let key = |listed: &ListedPayment| match sort.by {
            PaymentColumn::Date => (0, listed.payment.id),
            PaymentColumn::Amount => (-listed.payment.amount.amount(), listed.payment.id),
        };
        assert_eq!(whole.len(), 5);
        assert!(stand(whole.iter().map(key).collect(), sort.direction), "{sort}: {whole:?}");
        for limit in 1..=4 {
            assert_eq!(read(sort, limit).await, whole, "{sort}, {limit} at a time");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_go_on_from_page_to_page_however_they_are_sorted() {
    let (shop, [payer, debtor, late]) = busy().await;
    let free = shop.member().await;
    let (list, app) = (shop.services().subscription_list(), shop.application);
    let filter = SubscriptionFilter::default();
    let read = async |sort: Sort<SubscriptionColumn>, mut after, limit: u64| {
        let mut seen: Vec<ListedSubscription> = Vec::new();
        loop {
            let page = list.part(&operator(), app, &filter, &Part { sort, after, limit }).await.unwrap();
            seen.extend(page.items);
            let Some(cursor) = page.next_cursor else { break seen };
            after = sort.by.place(&cursor);
            assert!(after.is_some(), "{cursor}");
        }
    };
    for sort in sorts::<SubscriptionColumn>() {
        let whole = read(sort, None, 100).await;
        let key = |listed: &ListedSubscription| {
            let held = &listed.subscription;
            let end = held.period.map_or(i64::MAX, |period| period.end.timestamp_millis());
            (if sort.by == SubscriptionColumn::PeriodEnd { end } else { 0 }, held.id)
        };
        assert_eq!(whole.len(), 4, "{whole:?}");
        assert!(stand(whole.iter().map(key).collect(), sort.direction), "{sort}: {whole:?}");
        for limit in 1..=3 {
            assert_eq!(read(sort, None, limit).await, whole, "{sort}, {limit} at a time");
        }
    }
    // Where a page ends is kept in its cursor: that the last row has moved away since then loses no other.
    let soonest = Sort::of(SubscriptionColumn::PeriodEnd);
    let part = Part { sort: soonest, after: None, limit: 1 };
    let first = list.part(&operator(), app, &filter, &part).await.unwrap();
    assert_eq!(first.items[0].user.id, debtor);
    let moved = "UPDATE subscriptions SET period_start_at = NULL, period_end_at = NULL WHERE status = 'past_due'";
    shop.test.execute(moved).await;
    let rest = read(soonest, soonest.by.place(&first.next_cursor.unwrap()), 1).await;
    let mut rest: Vec<_> = rest.iter().map(|listed| listed.user.id).filter(|user| *user != debtor).collect();
    assert_eq!(rest.pop(), Some(free), "without a period after all others");
    rest.sort();
    let mut others = vec![payer, late];
    others.sort();
    assert_eq!(rest, others);
}

/// Theirs are looked for another way.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_with_many_members_is_listed_the_same() {
    let (shop, [payer, ..]) = busy().await;
    let (services, app) = (shop.services(), shop.application);
    let read = async || {
        let mut all = Vec::new();
        for sort in sorts::<SubscriptionColumn>() {
            for search in [None, Some(payer.to_string()), Some("example.com".into())] {
                let filter = SubscriptionFilter { search, plan: Some(shop.pro.id), ..Default::default() };
                for filter in [SubscriptionFilter { plan: None, ..filter.clone() }, filter] {
                    let part = Part { sort, after: None, limit: 100 };
                    let list = services.subscription_list();
                    let items = list.part(&operator(), app, &filter, &part).await.unwrap().items;
                    assert!(!items.is_empty(), "{sort}, {filter:?}");
                    all.push(items);
                }
            }
        }
        all
    };
    let before = read().await;
    let ids: Vec<_> = (1..=1001).map(|n| shop.test.literal(uuid::Uuid::from_u128(n))).collect();
    let users: Vec<_> =
        ids.iter().zip(1..).map(|(id, n)| format!("({id}, 'many{n}@x.com', FALSE, 'user', 0)")).collect();
    let columns = "id, email, email_verified, role, created_at";
    shop.test.execute(&format!("INSERT INTO users ({columns}) VALUES {}", users.join(", "))).await;
    let of = shop.test.literal(app.get());
    let members: Vec<_> = ids.iter().map(|id| format!("({id}, {id}, {of}, 'active', '{{}}', '{{}}', 0, 0)")).collect();
    let columns = "id, user_id, application_id, status, claims, overrides, ent_ver, created_at";
    shop.test.execute(&format!("INSERT INTO memberships ({columns}) VALUES {}", members.join(", "))).await;
    assert_eq!(read().await, before);
    services.reconcile(&operator(), app).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_canceled_together_but_none_at_once() {
    let (shop, [payer, debtor, late]) = busy().await;
    let free = shop.member().await;
    let (services, app) = (shop.services(), shop.application);
    let gone = shop.member().await;
    buy(&shop, gone, "pro", GOOD).await;
    services.changes().cancel_now(&operator(), app, gone, None).await.unwrap();
    let all = subscriptions(&shop, app, SubscriptionFilter::default()).await;
    let mut ids: Vec<_> = all.iter().map(|listed| listed.subscription.id).collect();
    ids.push(domain::id::SubscriptionId::from(uuid::Uuid::from_u128(7)));
    let looked = services.changes().endings(&operator(), app, &ids).await.unwrap();
    assert_eq!(subscriptions(&shop, app, SubscriptionFilter::default()).await, all, "looking changes nothing");
    let of = |user: UserId| looked.iter().find(|(listed, _)| listed.user.id == user).unwrap().1;
    let end = |user: UserId| {
        let held = all.iter().find(|listed| listed.user.id == user).unwrap();
        Ok(held.subscription.period.unwrap().end)
    };
    assert_eq!((of(payer), of(late)), (end(payer), end(late)));
    assert_eq!((of(debtor), of(free)), (Err(Hindrance::AtOnce), Err(Hindrance::NotBilled)));
    assert_eq!(of(gone), Err(Hindrance::Ended));
    assert_eq!(looked.len(), 5, "what is not there is left out");

    for _ in 0..2 {
        let done = services.changes().cancel_each(&operator(), app, &ids, Some("We move".into())).await.unwrap();
        let told = |all: &[Ending]| all.iter().map(|(listed, end)| (listed.subscription.id, *end)).collect::<Vec<_>>();
        assert_eq!(told(&done), told(&looked));
    }
    for listed in subscriptions(&shop, app, SubscriptionFilter::default()).await {
        let kept = [payer, late].contains(&listed.user.id);
        assert_eq!(listed.subscription.cancel_at.is_some(), kept, "{listed:?}");
        assert_eq!(listed.subscription.state.is_final(), listed.user.id == gone, "{listed:?}");
    }
    let filter = AuditFilter { application: Some(app), action: Some(Action::SubscriptionScheduled), user: None };
    let entries = services.audit().list(&operator(), filter.clone(), &first(100)).await.unwrap().items;
    assert_eq!(entries.len(), 2, "once each");
    let own = AuditFilter { user: Some(payer), ..filter };
    let own = services.audit().list(&operator(), own, &first(100)).await.unwrap().items;
    assert_eq!(own, entries.iter().filter(|entry| entry.user_id == Some(payer)).cloned().collect::<Vec<_>>());
    assert_eq!(own.len(), 1);
    assert!(entries.iter().all(|entry| entry.reason.as_deref() == Some("We move")));

    let other = application(services, "other").await;
    assert!(services.changes().cancel_each(&operator(), other, &ids, None).await.unwrap().is_empty());
    let refused = services.changes().cancel_each(&Ctx::anonymous(), app, &ids, None).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_sees_nothing_of_it() {
    let (shop, [payer, ..]) = busy().await;
    let (services, app) = (shop.services(), shop.application);
    let other = application(services, "other").await;
    let (payment, held) = {
        let payment = payments(&shop, app, PaymentFilter::default()).await.remove(0).payment.id;
        (payment, subscriptions(&shop, app, SubscriptionFilter::default()).await.remove(0).subscription.id)
    };
    for search in [None, Some(payment.to_string()), Some(payer.to_string()), Some("example.com".into())] {
        assert!(payments(&shop, other, PaymentFilter { status: None, search: search.clone() }).await.is_empty());
        let filter = SubscriptionFilter { search, ..Default::default() };
        assert!(subscriptions(&shop, other, filter).await.is_empty());
    }
    let (money, holds) = (services.payment_list(), services.subscription_list());
    assert!(money.get(&operator(), app, payment).await.is_ok());
    assert_eq!(money.get(&operator(), other, payment).await.unwrap_err().code(), ErrorCode::PlanNotFound);
    assert!(holds.get(&operator(), app, held).await.is_ok());
    assert_eq!(holds.get(&operator(), other, held).await.unwrap_err().code(), ErrorCode::PlanNotFound);
    assert_eq!(holds.method(&operator(), other, held).await.unwrap_err().code(), ErrorCode::PlanNotFound);
    let nobody = Ctx::anonymous();
    let refused = money.page(&nobody, app, &PaymentFilter::default(), &first(1)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoSession);
    let refused = holds.page(&nobody, app, &SubscriptionFilter::default(), &first(1)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_waits_until_somebody_resolves_it() {
    let shop = shop(false, OnEnd::None).await;
    let (services, app, alerts) = (shop.services(), shop.application, shop.services().alerts());
    let other = application(services, "other").await;
    let customer = shop.member().await;
    buy(&shop, customer, "pro", DISPUTED).await;
    while services.inbox().work().await.unwrap() > 0 {}
    let page = async |app, resolved| alerts.page(&operator(), app, resolved, &first(10)).await.unwrap().items;
    let [alert] = page(app, false).await.try_into().unwrap();
    let disputed = payments(&shop, app, PaymentFilter { status: Some(payment::Status::Disputed), search: None }).await;
    assert_eq!((alert.kind, &alert.subject), (AlertKind::Dispute, &disputed[0].payment.id.to_string()));
    assert_eq!((alerts.waiting(app).await.unwrap(), alerts.waiting(other).await.unwrap()), (1, 0));
    assert!(page(app, true).await.is_empty() && page(other, false).await.is_empty());
    let foreign = alerts.resolve(&operator(), other, alert.id).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::PlanNotFound);
    let resolved = alerts.resolve(&operator(), app, alert.id).await.unwrap();
    assert!(resolved.resolved_at.is_some());
    shop.test.clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(alerts.resolve(&operator(), app, alert.id).await.unwrap(), resolved, "once");
    assert!(page(app, false).await.is_empty());
    assert_eq!(page(app, true).await, [resolved]);
    assert_eq!(alerts.waiting(app).await.unwrap(), 0);
    assert!(alerts.failed(&operator(), app).await.unwrap().is_empty());
}
