//! What the ledger tells of orders and of what was chosen by them.

use chrono::TimeDelta;
use domain::{
    billing::ledger::{Action, Actor},
    identity::email::Email,
    page::PageRequest,
};
use serde_json::json;
use service::{
    Ctx,
    audit::AuditFilter,
    billing::orders::{Destination, NewOrder, Payer, Started},
    testing::books,
};

use super::{GOOD, card, look, opened, paid_shop, pro};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_says_who_pays_what_for_and_where_they_go_on() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let note = json!({ "team": "seven" }).as_object().cloned();
    let boss = Payer { email: Email::parse("boss@example.com").unwrap(), name: None };
    let sealed = "sealed code of a device".to_owned();
    for new in [
        pro(),
        pro(),
        NewOrder { metadata: note, payer: Some(boss), ..pro() },
        NewOrder { destination: Destination::Device { sealed }, ..pro() },
    ] {
        shop.services().orders().start(&operator(), shop.application, member, new).await.unwrap();
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new());
    }
    let filter = AuditFilter { user: Some(member), action: Some(Action::OrderUpdated), application: None };
    let told = shop.services().audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    let [device, paid] = [&told[0], &told[1]].map(|entry| entry.to.clone().unwrap());
    assert_eq!((told.len(), &paid["other_payer"]), (2, &json!(true)), "once for each change, newest first");
    assert!(["boss", "seven"].iter().all(|known| !paid.to_string().contains(known)), "the order says it: {paid}");
    assert_eq!(paid["destination"]["success_url"], "https://app.example/");
    assert_eq!((&device["destination"], &device["other_payer"]), (&json!({ "to": "device" }), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_chooses_by_paying_is_told_once() {
    let shop = paid_shop(false).await;
    let (buyer, managed) = (shop.member().await, shop.member().await);
    let told = async |user| {
        let filter = AuditFilter { user: Some(user), action: Some(Action::PlanSelected), application: None };
        let told = shop.services().audit().list(&operator(), filter, &PageRequest::default()).await.unwrap();
        told.items.into_iter().map(|entry| entry.to.unwrap()).collect::<Vec<_>>()
    };
    let (pro_id, free_id) = (json!(shop.pro.id), json!(shop.free.id));
    for member in [buyer, managed] {
        let placed = opened(&shop, member).await;
        assert!(told(member).await.is_empty(), "nothing is paid");
        card(&shop, &placed, GOOD).await;
        for _ in 0..2 {
            look(&shop, &placed).await;
        }
        assert_eq!(told(member).await, std::slice::from_ref(&pro_id));
    }
    shop.test.clock.advance(TimeDelta::minutes(1));
    // What waits for the end of the period is chosen now; where an admin decides, nobody chooses.
    for (actor, member) in [(Actor::User(buyer), buyer), (Actor::Operator, managed)] {
        let ctx = Ctx { actor, ..Ctx::anonymous() };
        let free = NewOrder { plan: key("free"), ..pro() };
        let started = shop.services().orders().start(&ctx, shop.application, member, free).await.unwrap();
        assert!(matches!(started, Started::Granted(held) if held.scheduled.is_some()));
    }
    assert_eq!(told(buyer).await, [free_id, pro_id.clone()]);
    assert_eq!(told(managed).await, [pro_id]);
}
