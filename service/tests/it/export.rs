//! What somebody takes along of what they ordered and were given.

use domain::{
    application::{OnEnd, RoleName},
    billing::{
        amount::Amount,
        coupon::{BasisPoints, CouponCode, Duration, Off},
        ledger::Action,
    },
    identity::organization::OrganizationRole,
    text::{Name, Slug},
};
use serde_json::{Value, json};
use service::{
    Ctx,
    billing::{
        coupons::NewCoupon,
        orders::{NewOrder, Started},
    },
    organization::NewOrganization,
    testing::{TestServices, people::register},
};
use uuid::Uuid;

use crate::{
    account::signed_in,
    people::new_user,
    renewals::{self, GOOD},
    shop::operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn orders_credit_coupons_and_invitations_go_along() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let (services, application) = (shop.services(), shop.application);
    let id = shop.member().await;
    let user = services.users().find(id).await.unwrap().unwrap();
    renewals::buy(&shop, id, "pro", GOOD).await;
    let code = CouponCode::parse("HALF").unwrap();
    let off = Off::Percent(BasisPoints::parse(5_000).unwrap());
    let half =
        NewCoupon { code: code.clone(), off, duration: Duration::Once, cap: None, expires_at: None, plans: vec![] };
    services.coupons().create(&operator(), application, half).await.unwrap();
    let note = json!({ "team": "seven" });
    let new = NewOrder { coupon: Some(code), metadata: note.as_object().cloned(), ..renewals::wanted("team") };
    let called = Ctx { idempotency_key: Some("of-the-caller".into()), ..operator() };
    let started = services.orders().start(&called, application, id, new).await.unwrap();
    let Started::Order(placed) = started else { panic!("granted") };
    let amount = Amount::new(500, "usd".parse().unwrap()).unwrap();
    services.credits().add(&operator(), application, id, amount, None).await.unwrap();
    let team = NewOrganization { slug: Slug::parse("kopi").unwrap(), name: Name::parse("Kopi").unwrap(), owner: None };
    let team = services.organizations().create(&operator(), team).await.unwrap().id;
    services.organizations().invite(&operator(), team, user.email.clone(), OrganizationRole::Admin).await.unwrap();

    let (ctx, ..) = signed_in(services, &user).await;
    let all = services.account().export(&ctx).await.unwrap();
    let (own, now) = (&all["applications"][0], services.now());
    let team = services.directory().application(application).unwrap().plan_by_key("team").unwrap().id;
    assert_eq!(own["roles"][0]["name"], RoleName::USER);
    assert_eq!(own["roles"][0]["id"], own["membership"]["roles"][0]);
    let plans = [(shop.pro.id, "pro", "Pro"), (team, "team", "Team")];
    let plans = plans.map(|(id, key, name)| json!({ "id": id, "key": key, "name": name }));
    for plan in &plans {
        assert!(own["plans"].as_array().unwrap().contains(plan), "{plan}: {}", own["plans"]);
    }
    let orders = own["orders"].as_array().unwrap();
    let told: Vec<_> = orders.iter().map(|order| (&order["state"]["status"], &order["metadata"])).collect();
    assert_eq!(told, [(&json!("paid"), &Value::Null), (&json!("open"), &note)]);
    assert_eq!(orders[1]["id"], json!(placed.order.id));
    assert_eq!(
        (&own["credit"][0]["amount"]["amount"], &own["credit"][0]["reason"]),
        (&json!(500), &json!({ "reason": "admin" }))
    );
    assert_eq!(own["coupons"], json!([{ "code": "HALF", "order": placed.order.id, "redeemedAt": now }]));
    let invitation = all["invitations"][0].clone();
    assert_eq!((&invitation["organization"], &invitation["role"]), (&json!("Kopi"), &json!("admin")));
    assert_eq!(invitation["invitedAt"], json!(now));
    let text = all.to_string();
    assert!(!text.contains("of-the-caller") && !text.contains("idempotency"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_says_that_it_is_cut() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let whose = test.literal(ann.id.get());
    let (columns, action) = ("id, at, actor_kind, action, user_id", Action::UserSignedOut.as_str());
    // With the one that they registered there are as many as go along, and then one more.
    for (from, to, is_cut) in [(1, 10_000, false), (10_000, 10_001, true)] {
        let rows: Vec<_> = (from..to).collect();
        for some in rows.chunks(2_000) {
            let row = |n: &u128| format!("({}, 0, 'operator', '{action}', {whose})", test.literal(Uuid::from_u128(*n)));
            let rows: Vec<_> = some.iter().map(row).collect();
            test.execute(&format!("INSERT INTO ledger ({columns}) VALUES {}", rows.join(", "))).await;
        }
        let all = services.account().export(&ctx).await.unwrap();
        assert_eq!((all["history"].as_array().unwrap().len(), &all["historyTruncated"]), (10_000, &json!(is_cut)));
    }
}
