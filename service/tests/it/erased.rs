//! What is left of somebody who was erased: every column of every table is looked through.

use domain::{
    application::OnEnd,
    billing::{
        feature::{FeatureKey, Override},
        ledger::Actor,
    },
    id::UserId,
    identity::{
        organization::OrganizationRole,
        profile::{Birthdate, PhoneNumber},
        proof::Proof,
    },
    text::{Name, Slug},
};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use serde_json::json;
use service::{
    Ctx, Services,
    billing::orders::{Destination, NewOrder, Payer, Started},
    identity::{account::ProfilePatch, admin_users::UserPatch, users::NewUser},
    organization::NewOrganization,
    testing::{books, people::register},
};

use crate::{
    people::{email, new_user},
    renewals::{self, GOOD},
    shop::{Shop, application, operator},
    upstream,
    webhooks::{Receiver, endpoint},
};

/// What only this person, or what is said of them, has in it. The last one is their address at another provider.
const MARKS: [&str; 5] = ["quetzal", "6281299887766", "1999-08-07", "192.0.2.77", "ann@example.com"];

/// Where the person is before.
const FILLED: &[(&str, &str)] = &[
    ("ledger", "after_json"),
    ("ledger", "before_json"),
    ("ledger", "idempotency_key"),
    ("ledger", "reason"),
    ("memberships", "claims"),
    ("memberships", "overrides"),
    ("orders", "destination"),
    ("orders", "metadata"),
    ("orders", "payer"),
    ("organization_invitations", "email"),
    ("passkeys", "name"),
    ("sessions", "address"),
    ("sessions", "user_agent"),
    ("upstream_identities", "email"),
    ("users", "email"),
    ("users", "name"),
    ("users", "profile"),
    ("webhook_deliveries", "body"),
];

/// What stays, and why.
const KEPT: &[(&str, &str)] = &[
    // The caller's own name for a request, by which it can be found again.
    ("ledger", "idempotency_key"),
    // Why something was done, in the words of whoever did it: an admin does not write there who somebody is.
    ("ledger", "reason"),
];

async fn rows(services: &Services, sql: String) -> Vec<QueryResult> {
    let db = services.db.read();
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}

async fn count(services: &Services, sql: String) -> i64 {
    rows(services, sql).await[0].try_get_by_index(0).unwrap()
}

/// The columns, by their table, that have one of the marks in them.
async fn found(services: &Services) -> Vec<(String, String)> {
    let columns = match services.db.read().get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT own.name, part.name FROM sqlite_master AS own JOIN pragma_table_info(own.name) AS part \
             WHERE own.type = 'table'"
        }
        _ => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
    };
    let mut found = Vec::new();
    for row in rows(services, columns.to_owned()).await {
        let [table, column] = [0, 1].map(|at| row.try_get_by_index::<String>(at).unwrap());
        let has = MARKS.map(|mark| format!("lower(CAST(\"{column}\" AS TEXT)) LIKE '%{mark}%'")).join(" OR ");
        if count(services, format!("SELECT count(*) FROM \"{table}\" WHERE {has}")).await > 0 {
            found.push((table, column));
        }
    }
    found.sort();
    found
}

/// What the ledger says of money, oldest first.
async fn money(services: &Services) -> Vec<Option<String>> {
    let all = "SELECT after_json FROM ledger WHERE action LIKE 'invoice.%' OR action LIKE 'payment.%' ORDER BY id";
    rows(services, all.to_owned()).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

fn names(columns: &[(&str, &str)]) -> Vec<(String, String)> {
    columns.iter().map(|(table, column)| ((*table).to_owned(), (*column).to_owned())).collect()
}

/// Somebody of whom everything is known that can be, everywhere.
async fn known(shop: &Shop) -> UserId {
    let services = shop.services();
    let name = || Some(Name::parse("Quetzal").unwrap());
    let user = register(services, NewUser { name: name(), ..new_user("quetzal.first@example.com") }).await;
    let team = NewOrganization { slug: Slug::parse("kopi").unwrap(), name: Name::parse("Kopi").unwrap(), owner: None };
    let team = services.organizations().create(&operator(), team).await.unwrap().id;
    let invite = async |to| {
        services.organizations().invite(&operator(), team, to, OrganizationRole::Member).await.unwrap();
    };
    invite(user.email).await;
    let address = email("quetzal@example.com");
    let patch = UserPatch { email: Some(address.clone()), email_verified: Some(true), ..UserPatch::default() };
    let user = services.admin_users().update(&operator(), user.id, patch).await.unwrap();
    let browser = Ctx {
        user_agent: Some("quetzal/1.0 (X11; Linux x86_64)".into()),
        address: Some("192.0.2.77".into()),
        ..Ctx::anonymous()
    };
    let (session, _) = services.sessions().start(&browser, &user, Proof::Password).await.unwrap();
    let ctx = Ctx { actor: Actor::User(user.id), session: Some(session), ..browser };
    let profile = ProfilePatch {
        given_name: Some(name()),
        preferred_username: Some(name()),
        phone_number: Some(Some(PhoneNumber::parse("+6281299887766").unwrap())),
        birthdate: Some(Some(Birthdate::parse("1999-08-07").unwrap())),
        ..ProfilePatch::default()
    };
    services.account().patch(&ctx, profile).await.unwrap();

    // In two applications, of which the other has taken access away.
    let other = application(services, "other").await;
    let asked = Ctx { reason: Some("quetzal asked".into()), idempotency_key: Some("quetzal-1".into()), ..operator() };
    for application in [shop.application, other] {
        services.memberships().grant(&operator(), application, user.id, None).await.unwrap();
        let note = json!({ "note": "quetzal" });
        services.claims().merge(&asked, application, user.id, note).await.unwrap();
        let (key, own) =
            (FeatureKey::parse("quetzal").unwrap(), Override { value: json!("quetzal"), expires_at: None });
        services.overrides().set(&operator(), application, user.id, key, own).await.unwrap();
    }
    services.memberships().revoke(&operator(), other, user.id).await.unwrap();
    upstream::link(services, shop.application, &ctx).await;
    invite(address).await;

    // One order is paid, and one waits.
    let url = || "https://app.example/?for=quetzal".to_owned();
    let orders = [
        ("pro", Destination::Application { success_url: url(), cancel_url: url() }),
        ("team", Destination::Device { sealed: "quetzal".into() }),
    ];
    for (plan, destination) in orders {
        let new = NewOrder {
            destination,
            metadata: json!({ "who": "quetzal" }).as_object().cloned(),
            payer: Some(Payer { email: email("quetzal.boss@example.com"), name: name() }),
            ..renewals::wanted(plan)
        };
        let started = services.orders().start(&operator(), shop.application, user.id, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("{plan} is granted") };
        if plan == "pro" {
            renewals::pay(shop, *placed, GOOD).await;
        }
    }
    let bytes = if shop.test.url.is_sqlite() { "X'01'" } else { "'\\x01'" };
    let id = shop.test.literal(user.id.get());
    let passkey = format!("({id}, {id}, {bytes}, 'the phone of quetzal', '{{}}', 0)");
    let columns = "id, user_id, credential_id, name, credential, created_at";
    shop.test.execute(&format!("INSERT INTO passkeys ({columns}) VALUES {passkey}")).await;
    user.id
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_says_who_was_erased() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let services = shop.services();
    let receiver = Receiver::start().await;
    endpoint(&shop, &receiver, &[]).await;
    let person = known(&shop).await;
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
    // As older versions wrote it down.
    let noted = r#""metadata":{"who":"quetzal"},"provider":"#;
    let note = format!(r#"replace(after_json, '"provider":', '{noted}')"#);
    shop.test.execute(&format!("UPDATE ledger SET after_json = {note} WHERE action LIKE 'order.%'")).await;
    let before = found(services).await;
    for filled in names(FILLED) {
        assert!(before.contains(&filled), "nothing is in {filled:?}");
    }
    let (entries, of_money) = (count(services, "SELECT count(*) FROM ledger".into()).await, money(services).await);

    services.admin_users().delete(&operator(), person).await.unwrap();
    assert_eq!(found(services).await, names(KEPT));
    let labels = "SELECT count(*) FROM ledger WHERE action LIKE 'payment\\_method.%' ESCAPE '\\' \
                  AND (before_json IS NOT NULL OR after_json IS NOT NULL)";
    assert_eq!(count(services, labels.into()).await, 0, "what they paid with is gone");
    assert_eq!(count(services, "SELECT count(*) FROM payment_methods".into()).await, 0);
    assert!(count(services, "SELECT count(*) FROM ledger".into()).await > entries, "no entry is");
    assert!(money(services).await.starts_with(&of_money), "books are kept");
    assert_eq!(renewals::payments(&shop, person).await, [("succeeded", 1000)]);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}
