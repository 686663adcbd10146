//! Who is signed in, made, or asked to prove an account.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::ledger::Action, route::ReturnTo, text::Name};
use serde_json::json;
use service::{
    Ctx,
    testing::people::{mailed_token, register},
    upstream::{Failure, Intent, Outcome},
};

use super::{World, code, failure, signed_in};
use crate::people::{email, new_user};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_gets_an_account_and_comes_back_to_it() {
    let world = World::start().await;
    let ann = signed_in(world.visit("acme", "corp").await);
    assert_eq!((ann.email.as_str(), ann.email_verified), ("ann@example.com", true));
    assert_eq!(ann.name.as_ref().map(Name::as_str), Some("Ann"));
    // Whatever the provider says about the address later: the account is linked to the subject.
    world.provider.be(json!({ "sub": "1001", "email": "renamed@example.com", "email_verified": true }));
    world.test.clock.advance(TimeDelta::minutes(3));
    assert_eq!(signed_in(world.visit("acme", "corp").await), ann);
    // The other application has another client at the same issuer.
    assert_eq!(signed_in(world.visit("club", "corp").await), ann);
    let ctx = world.signed_in(&ann).await;
    let linked = world.services().identities().list(&ctx).await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!((linked[0].provider.as_str(), linked[0].email.as_deref()), ("Corp", Some("ann@example.com")));
    assert_eq!(linked[0].used_at - linked[0].linked_at, TimeDelta::minutes(3));
    assert_eq!((world.actions(Action::UserCreated).await, world.actions(Action::IdentityLinked).await), (1, 1));
    assert!(world.services().identities().offers(&ctx).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_same_address_is_linked_by_its_owner_only() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let bob = register(services, new_user("bob@example.com")).await;
    let old = world.signed_in(&ann).await;
    world.test.clock.advance(TimeDelta::seconds(5));
    let (pending, browser) = world.unproved().await;
    let upstreams = services.upstreams();
    let shown = upstreams.pending(&pending).unwrap();
    assert_eq!((shown.email.as_str(), &shown.to), ("ann@example.com", &ReturnTo::Flow("abc".into())));
    // Nobody, somebody else, a session from before, another browser.
    let (bobs, anns) = (world.signed_in(&bob).await, world.signed_in(&ann).await);
    let another = Some("up_another-browser");
    for (ctx, browser) in [
        (&Ctx::anonymous(), Some(browser.as_str())),
        (&bobs, Some(browser.as_str())),
        (&old, Some(browser.as_str())),
        (&anns, another),
        (&anns, None),
    ] {
        assert_eq!(code(upstreams.link(ctx, &pending, browser).await), ErrorCode::NoSession);
    }
    assert!(services.identities().list(&anns).await.unwrap().is_empty());
    assert!(matches!(world.visit("acme", "corp").await, Outcome::Prove(_)), "still not linked");
    upstreams.link(&anns, &pending, Some(&browser)).await.unwrap();
    upstreams.link(&anns, &pending, Some(&browser)).await.unwrap();
    assert_eq!(signed_in(world.visit("acme", "corp").await), ann);
    assert_eq!(world.actions(Action::IdentityLinked).await, 1);
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let told = mails.iter().filter(|own| own.mail.to == ann.email && own.mail.plain.contains("127.0.0.1"));
    assert_eq!(told.filter(|own| own.mail.subject.contains("another way to sign in")).count(), 1);
    world.test.clock.advance(TimeDelta::minutes(31));
    assert_eq!(code(upstreams.pending(&pending)), ErrorCode::NoSession);
    assert_eq!(code(upstreams.pending("bent")), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_vouches_for_is_asked_by_mail() {
    let world = World::start().await;
    let services = world.services();
    register(services, new_user("known@example.com")).await;
    let unverified = |address: &str| json!({ "sub": address, "email": address, "email_verified": false });
    let claimed = |address: &str| json!({ "sub": address, "email": address, "email_verified": true });
    // A provider whose word does not count is told the same as one that does not give it.
    for (method, person) in [
        ("corp", unverified("known@example.com")),
        ("corp", unverified("new@example.com")),
        ("doubted", claimed("known@example.com")),
        ("doubted", claimed("new@example.com")),
    ] {
        world.provider.be(person);
        assert!(matches!(world.visit("acme", method).await, Outcome::MailSent(_)), "{method}");
    }
    // Where nobody can register it is the same too.
    for address in ["known@example.com", "new@example.com"] {
        world.provider.be(unverified(address));
        assert_eq!(failure(world.visit("club", "corp").await), Failure::Closed);
    }
    assert!(services.users().find_by_email(&email("new@example.com")).await.unwrap().is_none(), "not before");
    assert_eq!(world.actions(Action::IdentityLinked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_makes_the_account_and_the_same_browser_links_it() {
    let world = World::start().await;
    let services = world.services();
    let left = world.leave("acme", "doubted", Intent::SignIn, &Ctx::anonymous()).await;
    let browser = left.browser.expose().to_owned();
    let returned = world.arrive(world.approved(&left)).await.unwrap();
    assert!(matches!(returned.outcome, Outcome::MailSent(_)));
    let token = mailed_token(services, &email("ann@example.com")).await.unwrap();
    let password = crate::people::password("four unrelated plain words");
    let arrived = services.mail_links().finish_registration(&Ctx::anonymous(), &token, password).await.unwrap();
    let ReturnTo::Link { pending } = arrived.to else { panic!("{arrived:?}") };
    let ctx = world.signed_in(&arrived.user).await;
    // Whoever reads the mail elsewhere has an account, and nobody else's way into it.
    assert_eq!(code(services.upstreams().link(&ctx, &pending, Some("up_elsewhere")).await), ErrorCode::NoSession);
    services.upstreams().link(&ctx, &pending, Some(&browser)).await.unwrap();
    assert_eq!(signed_in(world.visit("acme", "doubted").await), arrived.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_may_say_who_somebody_is() {
    let world = World::start().await;
    world.provider.keep_to_userinfo();
    assert_eq!(signed_in(world.visit("acme", "corp").await).email.as_str(), "ann@example.com");
    world.provider.bend(|_, claims| claims["sub"] = json!("1002"));
    assert!(matches!(failure(world.visit("acme", "corp").await), Failure::Untrusted(_)), "somebody else's userinfo");
}
