//! One execution per key, alike answers for a day.

use chrono::TimeDelta;
use domain::{
    application::Settings,
    billing::ledger::Actor,
    oauth::client::ClientSettings,
    text::{Name, Slug},
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Ctx,
    application::applications::NewApplication,
    idempotency::{Answer, Begin, Caller, Ticket},
    testing::TestServices,
};

async fn client(test: &TestServices) -> Caller {
    let name = Name::parse("Acme").unwrap();
    let new = NewApplication {
        slug: Slug::parse("acme").unwrap(),
        settings: Settings::new(name.clone()),
        client: ClientSettings::new(name),
    };
    let made = test.services.applications().create(&Ctx::operator(), new).await.unwrap();
    Caller::of(Actor::Client(made.client.id)).unwrap()
}

fn executes(begin: Begin) -> Ticket {
    let Begin::Execute(ticket) = begin else { panic!("not executed: {begin:?}") };
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_repeated_for_a_day() {
    let test = TestServices::start().await;
    let client = client(&test).await;
    let keys = || test.services.idempotency();
    let ticket = executes(keys().begin(client, "k", "one").await.unwrap());
    let answer = Answer { status: 201, body: b"{\"a\":1}".to_vec(), until: None };
    keys().finish(ticket, Some(answer.clone())).await.unwrap();
    let db = test.services.db.read();
    let sql =
        Statement::from_string(db.get_database_backend(), "SELECT sealed_answer, request_hash FROM idempotency_keys");
    let row = db.query_one_raw(sql).await.unwrap().unwrap();
    let told: Vec<u8> = row.try_get("", "request_hash").unwrap();
    assert_ne!(told, service::crypto::hash("one"), "whoever has a copy of the database could guess it");
    let sealed: Vec<u8> = row.try_get("", "sealed_answer").unwrap();
    assert!(!sealed.windows(answer.body.len()).any(|part| part == answer.body), "kept as it is");

    test.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    let Begin::Repeat(again) = keys().begin(client, "k", "one").await.unwrap() else { panic!("not repeated") };
    assert_eq!(again, answer);
    assert!(matches!(keys().begin(client, "k", "two").await.unwrap(), Begin::Different));
    test.clock.advance(TimeDelta::seconds(1));
    executes(keys().begin(client, "k", "two").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_executes_and_the_others_wait() {
    let test = TestServices::start().await;
    let client = client(&test).await;
    let (first, second) = (test.services.clone(), test.another_node().await);
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..50 {
        let services = if i % 2 == 0 { first.clone() } else { second.clone() };
        tasks.spawn(async move {
            match services.idempotency().begin(client, "k", "one").await.unwrap() {
                Begin::Execute(ticket) => {
                    let answer = Answer { status: 200, body: i.to_string().into_bytes(), until: None };
                    services.idempotency().finish(ticket, Some(answer)).await.unwrap();
                    None
                }
                Begin::Repeat(answer) => Some(answer.body),
                other => panic!("{other:?}"),
            }
        });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1);
    let repeated: std::collections::BTreeSet<_> = answers.into_iter().flatten().collect();
    assert_eq!(repeated.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_not_answered_can_be_repeated() {
    let test = TestServices::start().await;
    let client = client(&test).await;
    let keys = || test.services.idempotency();
    let ticket = executes(keys().begin(client, "k", "one").await.unwrap());
    keys().finish(ticket, None).await.unwrap();
    let lost = executes(keys().begin(client, "k", "one").await.unwrap());

    test.clock.advance(TimeDelta::minutes(2));
    let ticket = executes(keys().begin(client, "k", "one").await.unwrap());
    // The lost one comes back too late to say anything.
    keys().finish(lost, Some(Answer { status: 500, body: Vec::new(), until: None })).await.unwrap();
    let answer = Answer { status: 200, body: Vec::new(), until: None };
    keys().finish(ticket, Some(answer.clone())).await.unwrap();
    let Begin::Repeat(again) = keys().begin(client, "k", "one").await.unwrap() else { panic!("not repeated") };
    assert_eq!(again, answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_a_secret_lives_no_longer_than_the_secret() {
    let test = TestServices::start().await;
    let client = client(&test).await;
    let keys = || test.services.idempotency();
    let until = Some(test.services.now() + TimeDelta::minutes(5));
    let ticket = executes(keys().begin(client, "k", "one").await.unwrap());
    let answer = Answer { status: 201, body: b"{\"a\":1}".to_vec(), until };
    keys().finish(ticket, Some(answer.clone())).await.unwrap();
    test.services.purge().await.unwrap();
    let Begin::Repeat(again) = keys().begin(client, "k", "one").await.unwrap() else { panic!("not repeated") };
    assert_eq!(again, answer);
    test.clock.advance(TimeDelta::minutes(5));
    assert!(matches!(keys().begin(client, "k", "two").await.unwrap(), Begin::Different), "the key is still taken");
    test.services.purge().await.unwrap();
    assert!(matches!(keys().begin(client, "k", "two").await.unwrap(), Begin::Different), "without its answer too");
    executes(keys().begin(client, "k", "one").await.unwrap());
}
