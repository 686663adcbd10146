//! What is not believed: used, forged, broken or private answers.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{ErrorCode, Flaw, billing::ledger::Action, identity::upstream::MethodPatch};
use http::StatusCode;
use serde_json::json;
use service::{
    Ctx, Error,
    testing::{
        TestServices,
        http::{Answer, Reply},
        people::register,
        provider::CLIENT_ID,
    },
    upstream::{Back, Failure, Intent},
};

use super::{Left, World, arrive, code, failure, method, signed_in};
use crate::people::{email, new_user};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_back_counts_once_and_in_its_own_browser() {
    let world = World::start().await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    let elsewhere = [
        Back { browser: None, ..back.clone() },
        Back { browser: Some("up_another".into()), ..back.clone() },
        Back { state: "another".into(), ..back.clone() },
    ];
    for wrong in elsewhere {
        assert_eq!(code(world.arrive(wrong).await), ErrorCode::NoSession);
    }
    signed_in(world.arrive(back.clone()).await.unwrap().outcome);
    assert_eq!(code(world.arrive(back).await), ErrorCode::NoSession, "used");
    // The address of another method, or of another application's: an answer that was meant for somebody else.
    for (application, method) in [("acme", "doubted"), ("club", "corp"), ("acme", "nothing")] {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let mut back = world.approved(&left);
        (back.application, back.method) = (application.into(), method.into());
        assert_eq!(code(world.arrive(back).await), ErrorCode::NoSession);
    }
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let late = world.approved(&left);
    world.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(code(world.arrive(late).await), ErrorCode::NoSession);
    world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    world.test.clock.advance(TimeDelta::minutes(11));
    assert!(world.services().purge().await.unwrap() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_forged_is_believed() {
    let world = World::start().await;
    let (world, now) = (&world, TestServices::epoch().timestamp());
    let refused = |name: &'static str| async move {
        let failed = failure(world.visit("acme", "corp").await);
        assert!(matches!(failed, Failure::Untrusted(_)), "{name}: {failed:?}");
    };
    type Bend = fn(&mut serde_json::Value, &mut serde_json::Value, i64);
    let table: [(&'static str, Bend); 15] = [
        ("nonce", |_, claims, _| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims, _| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("iss", |_, claims, _| claims["iss"] = json!("https://evil.example")),
        ("aud", |_, claims, _| claims["aud"] = json!("another-client")),
        ("no aud", |_, claims, _| claims["aud"] = json!([])),
        ("aud of several", |_, claims, _| claims["aud"] = json!([CLIENT_ID, "another-client"])),
        ("azp", |_, claims, _| claims["azp"] = json!("another-client")),
        ("expired", |_, claims, now| claims["exp"] = json!(now - 61)),
        ("from the future", |_, claims, now| claims["iat"] = json!(now + 3600)),
        ("not yet", |_, claims, now| claims["nbf"] = json!(now + 3600)),
        ("at_hash", |_, claims, _| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("no sub", |_, claims, _| claims["sub"] = json!("")),
        ("alg none", |header, _, _| header["alg"] = json!("none")),
        ("alg of a shared secret", |header, _, _| header["alg"] = json!("HS256")),
        ("kid", |header, _, _| header["kid"] = json!("another")),
    ];
    for (name, bend) in table {
        world.provider.bend(move |header, claims| bend(header, claims, now));
        refused(name).await;
    }
    world.provider.be_honest();
    world.provider.forge();
    refused("another key").await;
    world.provider.be_honest();

    // Answers of the authorization endpoint.
    let back = |change: fn(&mut Back)| async move {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let mut back = world.approved(&left);
        change(&mut back);
        failure(world.arrive(back).await.unwrap().outcome)
    };
    let untrusted = |failed: Failure| assert!(matches!(failed, Failure::Untrusted(_)), "{failed:?}");
    untrusted(back(|back| back.iss = Some("https://evil.example".into())).await);
    untrusted(back(|back| back.iss = None).await);
    untrusted(back(|back| back.code = None).await);
    untrusted(back(|back| back.code = Some("code-0".into())).await);
    untrusted(back(|back| back.error = Some("invalid_scope".into())).await);
    assert_eq!(back(|back| back.error = Some("access_denied".into())).await, Failure::Denied);
    assert_eq!(back(|back| back.error = Some("server_error".into())).await, Failure::Unavailable);
    assert_eq!(world.services().users().find_by_email(&email("ann@example.com")).await.unwrap(), None);
    // And what is within the rules is believed.
    world.provider.bend(move |_, claims| {
        (claims["aud"], claims["azp"]) = (json!([CLIENT_ID, "another-client"]), json!(CLIENT_ID));
        (claims["exp"], claims["iat"]) = (json!(now - 59), json!(now + 59));
        claims["email_verified"] = json!("true");
    });
    signed_in(world.visit("acme", "corp").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_or_has_no_address_stops_nobody_else() {
    let world = World::start().await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    world.provider.go_down(true);
    assert_eq!(failure(world.arrive(back).await.unwrap().outcome), Failure::Unavailable);
    world.provider.go_down(false);
    world.provider.be(json!({ "sub": "7" }));
    assert_eq!(failure(world.visit("acme", "corp").await), Failure::NoAddress);
    assert_eq!(failure(world.visit("club", "corp").await), Failure::Closed);
    // Who is known needs none.
    world.provider.be(json!({ "sub": "7", "email": "seven@example.com", "email_verified": true }));
    let seven = signed_in(world.visit("acme", "corp").await);
    world.provider.be(json!({ "sub": "7" }));
    assert_eq!(signed_in(world.visit("acme", "corp").await), seven);
    world.services().admin_users().disable(&Ctx::operator(), seven.id).await.unwrap();
    assert_eq!(failure(world.visit("acme", "corp").await), Failure::Refused(ErrorCode::AccountDisabled));
    // Before anything was fetched, and before the documents are old, a silent provider is told apart.
    let fresh = world.test.another_node().await;
    world.provider.go_down(true);
    let left = fresh.upstreams().depart(&Ctx::anonymous(), world.departure("acme", "corp", Intent::SignIn)).await;
    assert_eq!(code(left), ErrorCode::ProviderUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_answers_sign_nobody_in() {
    let world = World::start().await;
    let json = |body: &str| Answer::new(StatusCode::OK, "application/json", body.to_owned());
    let broken = |status: StatusCode| Answer::new(status, "text/html", "<h1>Sorry</h1>");
    let large = format!("{{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"x\":\"{}\"}}", "x".repeat(70_000));
    let elsewhere = broken(StatusCode::FOUND).with("location", &format!("{}/token", world.provider.url()));
    let table = [
        (broken(StatusCode::INTERNAL_SERVER_ERROR), true),
        (broken(StatusCode::SERVICE_UNAVAILABLE), true),
        (json(&large), true),
        (json("no JSON"), false),
        (json("{}"), false),
        (json("[]"), false),
        // OAuth 2 without OpenID Connect.
        (json("{\"access_token\":\"a\",\"token_type\":\"Bearer\"}"), false),
        (json("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"a.b.c\"}"), false),
        (broken(StatusCode::OK), false),
        (broken(StatusCode::NOT_FOUND), false),
        (elsewhere.clone(), false),
    ];
    for (answer, silent) in table {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let back = world.approved(&left);
        world.provider.do_instead(Reply::Answer(answer.clone()));
        let failed = failure(world.arrive(back).await.unwrap().outcome);
        let fits = if silent { failed == Failure::Unavailable } else { matches!(failed, Failure::Untrusted(_)) };
        assert!(fits, "{failed:?}: {answer:?}");
        world.provider.go_down(false);
    }
    // Whoever says nothing at all is left after a while.
    let mut settings = TestServices::settings();
    settings.provider_timeout = Duration::from_secs(1);
    let node = world.test.node_with(settings).await;
    let departure = || world.departure("acme", "corp", Intent::SignIn);
    let gone = node.upstreams().depart(&Ctx::anonymous(), departure()).await.unwrap();
    let left = Left { url: gone.url, browser: gone.browser, application: "acme", method: "corp" };
    let back = world.approved(&left);
    world.provider.do_instead(Reply::Silence);
    let returned = arrive(&node, &Ctx::anonymous(), back).await.unwrap();
    assert_eq!(failure(returned.outcome), Failure::Unavailable);
    // Discovery is not redirected either, and is of its own issuer.
    world.provider.do_instead(Reply::Answer(elsewhere));
    let fresh = world.test.another_node().await;
    let refused = fresh.upstreams().depart(&Ctx::anonymous(), departure()).await;
    assert_eq!(code(refused), ErrorCode::ProviderUnavailable);
    let (application, entry) = (world.application("acme").application.id, method(&world, "corp"));
    let checked = fresh.sign_in_methods().check(&Ctx::operator(), application, entry.method.id).await;
    let Err(Error::Problem(problem)) = checked else { panic!("{checked:?}") };
    assert_eq!(problem.fields[0].flaw, Flaw::Discovery);
    assert_eq!(world.actions(Action::UserCreated).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_private_is_asked() {
    let world = World::start().await;
    let mut settings = TestServices::settings();
    settings.private_targets = false;
    let node = world.test.node_with(settings).await;
    let before = world.provider.requests();
    let left = node.upstreams().depart(&Ctx::anonymous(), world.departure("acme", "corp", Intent::SignIn)).await;
    assert_eq!(code(left), ErrorCode::ProviderUnavailable);
    let (application, entry) = (world.application("acme").application.id, method(&world, "corp"));
    let checked = node.sign_in_methods().check(&Ctx::operator(), application, entry.method.id).await;
    let Err(Error::Problem(problem)) = checked else { panic!("{checked:?}") };
    assert_eq!((problem.code, &problem.fields[0].flaw), (ErrorCode::ProviderNotConfigured, &Flaw::PrivateAddress));
    // Nor a code redeemed, where another node knows the addresses.
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let asked = world.provider.requests();
    let returned = arrive(&node, &Ctx::anonymous(), world.approved(&left)).await.unwrap();
    assert_eq!(failure(returned.outcome), Failure::Unavailable);
    assert_eq!((before, world.provider.requests()), (0, asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_was_switched_off_lets_nobody_in_who_was_under_way() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let (pending, browser) = world.unproved().await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    world.test.clock.advance(TimeDelta::seconds(1));
    let anns = world.signed_in(&ann).await;
    let (acme, corp) = (world.application("acme").application.id, method(&world, "corp").method.id);
    let switch = async |on: bool| {
        let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
        services.sign_in_methods().update(&Ctx::operator(), acme, corp, patch).await.unwrap();
    };
    switch(false).await;
    assert_eq!(code(services.upstreams().pending(&pending)), ErrorCode::NoSession);
    assert_eq!(code(services.upstreams().link(&anns, &pending, Some(&browser)).await), ErrorCode::NoSession);
    assert_eq!(code(world.arrive(world.approved(&left)).await), ErrorCode::NoSession);
    switch(true).await;
    services.upstreams().link(&anns, &pending, Some(&browser)).await.expect("nothing else stood in the way");
}
