//! What somebody has begun and not ended: how long it holds, and what puts it out.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    billing::ledger::Actor,
    identity::{
        profile::Profile,
        proof::{Proof, Proofs},
        user::GlobalRole,
    },
    route::ReturnTo,
};
use service::{
    Ctx, Error, Settings,
    identity::{admin_users::AdminNewUser, factors::Welcome, mail_links::Origin},
    testing::{
        TestServices, authenticator,
        passkey::SoftPasskey,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_that_is_taken_away_takes_the_other_sessions_along() {
    let origin = "http://localhost:8080";
    let test = TestServices::start_with(Settings::new(origin)).await;
    let (services, factors) = (&test.services, test.services.factors());
    let ann = register(services, new_user("ann@example.com")).await;
    let begin = async || {
        let proofs = Proofs::from(Proof::Password).and(Proof::Passkey);
        services.sessions().start(&Ctx::anonymous(), &ann, proofs).await.unwrap().1
    };
    let find = async |token: &Secret| services.sessions().find(token.expose()).await.unwrap();
    let by = async |token: &Secret| Ctx { actor: Actor::User(ann.id), session: find(token).await, ..Ctx::anonymous() };
    let own = by(&begin().await).await;
    let enrolment = factors.begin_totp(&own).await.unwrap();
    let shown = authenticator::code(&enrolment.key, services.now());
    let token = factors.confirm_totp(&own, &enrolment.sealed, &shown).await.unwrap().token;
    let own = by(&token).await;
    let challenge = factors.begin_passkey(&own).await.unwrap();
    let (_, answer) = SoftPasskey::make(&challenge.options, origin);
    let token = factors.finish_passkey(&own, &challenge.sealed, &answer).await.unwrap().token;
    let own = by(&token).await;
    let passkey = factors.of(ann.id).await.unwrap().passkeys[0].id;
    // Who was put out meanwhile takes nothing away.
    let put_out = by(&begin().await).await;
    services.sessions().end(&put_out, put_out.session.as_ref().unwrap().id).await.unwrap();
    assert_eq!(code(factors.remove_passkey(&put_out, passkey).await), ErrorCode::NoSession);
    assert_eq!(code(factors.remove_totp(&put_out).await), ErrorCode::NoSession);
    let lives = async |token: &Secret| find(token).await.is_some();
    let elsewhere = begin().await;
    factors.remove_passkey(&own, passkey).await.unwrap();
    assert_eq!((lives(&token).await, lives(&elsewhere).await), (true, false));
    let elsewhere = begin().await;
    factors.remove_totp(&own).await.unwrap();
    assert_eq!((lives(&token).await, lives(&elsewhere).await), (true, false));
    let elsewhere = begin().await;
    factors.remove_totp(&own).await.unwrap();
    assert!(lives(&elsewhere).await, "there was nothing to take away");
}
