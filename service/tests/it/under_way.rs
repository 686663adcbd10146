//! What somebody has begun and not ended: how long it holds, and what puts it out.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::ledger::Actor,
    identity::{profile::Profile, proof::Proof, user::GlobalRole},
    route::ReturnTo,
};
use service::{
    Ctx, Error,
    identity::{admin_users::AdminNewUser, factors::Welcome, mail_links::Origin},
    testing::{
        TestServices, authenticator,
        people::{mailed_token, register},
    },
};

use crate::people::{email, new_user, password};

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_holds_for_half_an_hour() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    // A sign-in is recent for less than that.
    let signed_in = async || {
        let (session, _) = services.sessions().start(&Ctx::anonymous(), &ann, Proof::Password).await.unwrap();
        Ctx { actor: Actor::User(ann.id), session: Some(session), ..Ctx::anonymous() }
    };
    let factors = services.factors();
    let enrolment = factors.begin_totp(&signed_in().await).await.unwrap();
    test.clock.advance(TimeDelta::seconds(1799));
    factors.resume_totp(&signed_in().await, &enrolment.sealed).await.unwrap();
    test.clock.advance(TimeDelta::seconds(1));
    let (ctx, shown) = (signed_in().await, authenticator::code(&enrolment.key, services.now()));
    assert_eq!(code(factors.resume_totp(&ctx, &enrolment.sealed).await), ErrorCode::BadCredentials);
    assert_eq!(code(factors.confirm_totp(&ctx, &enrolment.sealed, &shown).await), ErrorCode::BadCredentials);
    assert!(!factors.of(ann.id).await.unwrap().any());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_password_puts_out_who_followed_a_link_before() {
    let test = TestServices::start().await;
    let (services, links) = (&test.services, test.services.mail_links());
    let new = AdminNewUser {
        email: email("ann@example.com"),
        name: None,
        role: GlobalRole::User,
        email_verified: true,
        locale: None,
        profile: Profile::default(),
    };
    let ann = services.admin_users().create(&Ctx::operator(), new).await.unwrap();
    let origin = Origin { to: ReturnTo::Flow("abc".into()), application: None };
    links.sign_in(&Ctx::anonymous(), ann.email.clone(), origin).await.unwrap();
    let token = mailed_token(services, &ann.email).await.expect("a link");
    let arrived = links.finish_sign_in(&Ctx::anonymous(), &token).await.unwrap();
    let follow = async || services.factors().welcome_by_mail(&Ctx::anonymous(), &arrived).await;
    assert!(matches!(follow().await, Ok(Welcome::Session(_))));
    let first = password("correct horse battery");
    services.users().reset_password(&Ctx::operator(), &ann.email, first).await.unwrap();
    assert_eq!(code(follow().await), ErrorCode::NoSession);
}
