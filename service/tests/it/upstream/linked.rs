//! Accounts that are linked and unlinked, beside other ways to sign in.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::ledger::Action,
    identity::{
        upstream::MethodPatch,
        user::{GlobalRole, User},
    },
};
use serde_json::json;
use service::{
    Ctx, Settings,
    identity::admin_users::UserPatch,
    testing::{
        TestServices, authenticator,
        passkey::SoftPasskey,
        people::{mailed_behind, register},
        provider::Provider,
    },
    upstream::{Failure, Intent, Outcome},
};

use super::{World, arrive, code, failure, oidc, signed_in};
use crate::people::new_user;

#[tokio::test(flavor = "multi_thread")]
async fn one_links_and_unlinks_for_oneself() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let bob = register(services, new_user("bob@example.com")).await;
    let (anns, bobs) = (world.signed_in(&ann).await, world.signed_in(&bob).await);
    services.memberships().admit(&bobs, &bob, world.application("acme").application.id).await.unwrap();
    let offers = services.identities().offers(&bobs).await.unwrap();
    let offered: Vec<_> = offers.iter().map(|(_, entry)| entry.method.name.as_str()).collect();
    assert_eq!(offered, ["Corp"], "each issuer once");
    let link = |ctx: Ctx, user: &User| {
        let (world, owner) = (&world, user.id);
        async move {
            let left = world.leave("acme", "corp", Intent::Link(owner), &ctx).await;
            arrive(world.services(), &ctx, world.approved(&left)).await
        }
    };
    // An account of another address can be linked: its owner asks for it, signed in.
    assert!(matches!(link(bobs.clone(), &bob).await.unwrap().outcome, Outcome::Linked));
    assert!(matches!(link(bobs.clone(), &bob).await.unwrap().outcome, Outcome::Linked), "again");
    assert_eq!(failure(link(anns.clone(), &ann).await.unwrap().outcome), Failure::SomebodyElses);
    // Who signed out meanwhile, or is somebody else by now, links nothing.
    let left = world.leave("acme", "corp", Intent::Link(ann.id), &anns).await;
    let signed_out = arrive(services, &Ctx::anonymous(), world.approved(&left)).await;
    assert_eq!(code(signed_out), ErrorCode::NoSession);
    assert_eq!(code(link(bobs.clone(), &ann).await), ErrorCode::NoSession);
    assert_eq!(signed_in(world.visit("acme", "corp").await), bob);
    let own = services.identities().list(&bobs).await.unwrap();
    services.identities().unlink(&anns, own[0].id).await.unwrap();
    assert_eq!(services.identities().list(&bobs).await.unwrap().len(), 1, "not by others");
    services.identities().unlink(&bobs, own[0].id).await.unwrap();
    services.identities().unlink(&bobs, own[0].id).await.unwrap();
    assert!(services.identities().list(&bobs).await.unwrap().is_empty());
    assert_eq!(world.actions(Action::IdentityUnlinked).await, 1);
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let told = mails.iter().filter(|own| own.mail.to == bob.email && own.mail.subject.contains("was removed"));
    assert_eq!(told.count(), 1, "once, and to its owner");
    // The only way to sign in stays.
    world.provider.be(json!({ "sub": "5", "email": "five@example.com", "email_verified": true }));
    let five = signed_in(world.visit("acme", "corp").await);
    let fives = world.signed_in(&five).await;
    let own = services.identities().list(&fives).await.unwrap();
    assert_eq!(code(services.identities().unlink(&fives, own[0].id).await), ErrorCode::UserInvalid);
    // Another one counts while an application offers its provider.
    let second = Provider::start(TestServices::epoch().timestamp()).await;
    let (acme, operator) = (world.application("acme").application.id, Ctx::operator());
    let other = services.sign_in_methods().create(&operator, acme, oidc("Other", &second.url())).await.unwrap();
    let left = world.leave("acme", "other", Intent::Link(five.id), &fives).await;
    let returned = arrive(services, &fives, World::approved_by(&second, &left)).await.unwrap();
    assert!(matches!(returned.outcome, Outcome::Linked), "{returned:?}");
    let methods = services.sign_in_methods();
    let switch = |on: bool| {
        let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
        methods.update(&operator, acme, other.method.id, patch)
    };
    switch(false).await.unwrap();
    assert_eq!(code(services.identities().unlink(&fives, own[0].id).await), ErrorCode::UserInvalid);
    switch(true).await.unwrap();
    services.identities().unlink(&fives, own[0].id).await.unwrap();
    let last = services.identities().list(&fives).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!(code(services.identities().unlink(&fives, last[0].id).await), ErrorCode::UserInvalid);
    // A session that was left open changes nothing of it.
    world.test.clock.advance(TimeDelta::minutes(15));
    let departure = world.departure("acme", "corp", Intent::Link(ann.id));
    assert_eq!(code(services.upstreams().depart(&anns, departure).await), ErrorCode::NoSession);
    assert_eq!(code(services.identities().unlink(&fives, last[0].id).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_and_a_linked_account_stand_in_for_each_other() {
    let origin = "http://localhost:8080";
    let world = World::start_with(Settings::new(origin)).await;
    let services = world.services();
    world.provider.be(json!({ "sub": "5", "email": "five@example.com", "email_verified": true }));
    let five = signed_in(world.visit("acme", "corp").await);
    let ctx = world.signed_in(&five).await;
    let linked = services.identities().list(&ctx).await.unwrap()[0].id;
    let (factors, identities) = (services.factors(), services.identities());
    let challenge = factors.begin_passkey(&ctx).await.unwrap();
    let (_, answer) = SoftPasskey::make(&challenge.options, origin);
    let made = factors.finish_passkey(&ctx, &challenge.sealed, &answer).await.unwrap();
    let session = services.sessions().find(made.token.expose()).await.unwrap();
    let ctx = Ctx { session, ..ctx };
    let passkey = factors.of(five.id).await.unwrap().passkeys[0].id;
    // A linked account counts while an application offers its provider.
    let switch = async |on: bool| {
        for slug in ["acme", "club"] {
            let application = world.application(slug);
            for own in &application.sign_in_methods {
                let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
                let (operator, application) = (Ctx::operator(), application.application.id);
                services.sign_in_methods().update(&operator, application, own.method.id, patch).await.unwrap();
            }
        }
    };
    switch(false).await;
    assert_eq!(code(factors.remove_passkey(&ctx, passkey).await), ErrorCode::UserInvalid);
    switch(true).await;
    // Of both at once one stays, whichever it is.
    let (removed, unlinked) = tokio::join!(factors.remove_passkey(&ctx, passkey), identities.unlink(&ctx, linked));
    let refused: Vec<_> = [removed, unlinked].into_iter().filter_map(Result::err).map(|error| error.code()).collect();
    assert_eq!(refused, [ErrorCode::UserInvalid]);
    let left = (factors.of(five.id).await.unwrap().passkeys.len(), identities.list(&ctx).await.unwrap().len());
    assert!(matches!(left, (1, 0) | (0, 1)), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_factor_links_by_it() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let (factors, ctx) = (services.factors(), world.signed_in(&ann).await);
    let enrolment = factors.begin_totp(&ctx).await.unwrap();
    let shown = authenticator::code(&enrolment.key, services.now());
    let raised = factors.confirm_totp(&ctx, &enrolment.sealed, &shown).await.unwrap().token;
    let (pending, browser) = world.unproved().await;
    world.test.clock.advance(TimeDelta::seconds(1));
    let single = world.signed_in(&ann).await;
    assert_eq!(code(services.upstreams().link(&single, &pending, Some(&browser)).await), ErrorCode::MfaRequired);
    let departure = world.departure("acme", "corp", Intent::Link(ann.id));
    assert_eq!(code(services.upstreams().depart(&single, departure).await), ErrorCode::MfaRequired);
    let session = services.sessions().find(raised.expose()).await.unwrap();
    let own = Ctx { session, ..ctx };
    assert!(services.identities().list(&own).await.unwrap().is_empty());
    services.upstreams().link(&own, &pending, Some(&browser)).await.expect("nothing else stood in the way");
    assert_eq!(services.identities().list(&own).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_by_what_the_server_vouches_for() {
    let world = World::start().await;
    let services = world.services();
    let ann = signed_in(world.visit("acme", "corp").await);
    assert_eq!(signed_in(world.visit("acme", "doubted").await), ann, "who looks after nothing");
    for role in [GlobalRole::Admin, GlobalRole::Superadmin] {
        let patch = UserPatch { role: Some(role), ..UserPatch::default() };
        let ann = services.admin_users().update(&Ctx::operator(), ann.id, patch).await.unwrap();
        assert_eq!(failure(world.visit("acme", "doubted").await), Failure::NotVouchedFor, "{role:?}");
        assert_eq!(signed_in(world.visit("acme", "corp").await), ann, "{role:?}");
        // Nor can it be linked, by whichever way.
        let boss = register(services, new_user(&format!("{role:?}@example.com"))).await;
        let patch = UserPatch { role: Some(role), ..UserPatch::default() };
        let boss = services.admin_users().update(&Ctx::operator(), boss.id, patch).await.unwrap();
        let ctx = world.signed_in(&boss).await;
        services.memberships().admit(&ctx, &boss, world.application("acme").application.id).await.unwrap();
        let offers = services.identities().offers(&ctx).await.unwrap();
        assert!(offers.iter().all(|(_, entry)| entry.method.trust_email), "{offers:?}");
        let left = world.leave("acme", "doubted", Intent::Link(boss.id), &ctx).await;
        let returned = arrive(services, &ctx, world.approved(&left)).await.unwrap();
        assert_eq!(failure(returned.outcome), Failure::NotVouchedFor);
        let person = json!({ "sub": format!("{role:?}"), "email": boss.email, "email_verified": true });
        world.provider.be(person);
        let left = world.leave("acme", "doubted", Intent::SignIn, &Ctx::anonymous()).await;
        let browser = left.browser.expose().to_owned();
        assert!(matches!(world.arrive(world.approved(&left)).await.unwrap().outcome, Outcome::MailSent(_)));
        let pending = mailed_behind(services, &boss.email, "/sign-in?pending=").await.unwrap();
        world.test.clock.advance(TimeDelta::seconds(1));
        let ctx = world.signed_in(&boss).await;
        let linked = services.upstreams().link(&ctx, &pending, Some(&browser)).await;
        assert_eq!(code(linked), ErrorCode::InsufficientRights);
        world.provider.be(json!({ "sub": "1001", "email": "ann@example.com", "email_verified": true }));
    }
}
