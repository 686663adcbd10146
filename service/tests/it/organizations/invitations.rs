//! Invitations.

use chrono::TimeDelta;
use domain::{ErrorCode, identity::organization::OrganizationRole, page::PageRequest};
use service::{Ctx, Error, identity::mail_links::Origin, testing::TestServices};

use super::{STRONG, acts_for, code, ctx, made, token, user};
use crate::{
    people::{email, newcomer, password},
    shop::operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_for_its_address_and_works_once() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let acme = made(services, "acme", &ann).await.id;
    let own = ctx(services, &ann).await;
    let taken = organizations.invite(&own, acme, email("ann@x.com"), OrganizationRole::Member).await;
    assert_eq!(code(taken), ErrorCode::OrganizationMemberTaken);
    organizations.invite(&own, acme, email("bob@x.com"), OrganizationRole::Member).await.unwrap();
    let first = token(services, "bob@x.com").await;
    organizations.invite(&own, acme, email("bob@x.com"), OrganizationRole::Admin).await.unwrap();
    let second = token(services, "bob@x.com").await;
    assert_eq!(code(organizations.invited(&first).await), ErrorCode::BadCredentials, "another is in its place");
    assert_eq!(organizations.invitations(&own, acme).await.unwrap().len(), 1);
    assert!(organizations.invited(&second).await.unwrap().has_account);
    assert_eq!(code(organizations.accept(&own, &second).await), ErrorCode::InsufficientRights);
    let newly = organizations.accept_newly(&Ctx::anonymous(), &second, None, password(STRONG)).await;
    assert_eq!(code(newly), ErrorCode::UserInvalid, "the address has an account");
    let theirs = ctx(services, &bob).await;
    organizations.accept(&theirs, &second).await.unwrap();
    assert_eq!(acts_for(services, &bob).await, Some(acme));
    assert_eq!(code(organizations.accept(&theirs, &second).await), ErrorCode::BadCredentials);
    let late = organizations.invite(&own, acme, email("cem@x.com"), OrganizationRole::Member).await.unwrap();
    let cem = token(services, "cem@x.com").await;
    organizations.uninvite(&own, acme, late.id).await.unwrap();
    organizations.uninvite(&own, acme, late.id).await.unwrap();
    assert_eq!(code(organizations.invited(&cem).await), ErrorCode::BadCredentials);
    organizations.invite(&own, acme, email("cem@x.com"), OrganizationRole::Member).await.unwrap();
    let cem = token(services, "cem@x.com").await;
    test.clock.advance(TimeDelta::days(7));
    assert_eq!(code(organizations.invited(&cem).await), ErrorCode::BadCredentials);
    assert!(organizations.invitations(&own, acme).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_five_invitations_an_hour_from_all_organizations() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let (acme, other) = (made(services, "acme", &ann).await.id, made(services, "other", &bob).await.id);
    let (own, theirs) = (ctx(services, &ann).await, ctx(services, &bob).await);
    for _ in 0..3 {
        let sent = organizations.invite(&own, acme, email("new@x.com"), OrganizationRole::Member).await.unwrap();
        // Taking it back gives no other one free.
        organizations.uninvite(&own, acme, sent.id).await.unwrap();
    }
    for _ in 0..2 {
        organizations.invite(&theirs, other, email("new@x.com"), OrganizationRole::Member).await.unwrap();
    }
    for (ctx, id) in [(&own, acme), (&theirs, other), (&operator(), other)] {
        let sixth = organizations.invite(ctx, id, email("new@x.com"), OrganizationRole::Admin).await;
        let Err(Error::Problem(problem)) = sixth else { panic!("a sixth mail") };
        assert_eq!((problem.code, problem.facts.as_slice()), (ErrorCode::TooManyAttempts, &[("retryAfter", 3600)][..]));
    }
    let waiting = organizations.invitations(&theirs, other).await.unwrap();
    assert_eq!(waiting.len(), 1, "what was sent before works still");
    assert_eq!(waiting[0].role, OrganizationRole::Member);
    organizations.invite(&own, acme, email("cem@x.com"), OrganizationRole::Member).await.unwrap();
    // Its owner gets the links that they ask for themselves.
    services.mail_links().register(&Ctx::anonymous(), newcomer("new@x.com"), Origin::default()).await.unwrap();
    test.clock.advance(TimeDelta::hours(1));
    organizations.invite(&own, acme, email("new@x.com"), OrganizationRole::Member).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_follow_an_invitation_one_makes_an_account() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = user(services, "ann@x.com").await;
    let acme = made(services, "acme", &ann).await.id;
    let own = ctx(services, &ann).await;
    services.organizations().invite(&own, acme, email("new@x.com"), OrganizationRole::Admin).await.unwrap();
    let token = token(services, "new@x.com").await;
    assert!(!services.organizations().invited(&token).await.unwrap().has_account);
    let tries = (0..50).map(|_| {
        let (services, token) = (services.clone(), token.clone());
        tokio::spawn(async move {
            services.organizations().accept_newly(&Ctx::anonymous(), &token, None, password(STRONG)).await.is_ok()
        })
    });
    let mut won = 0;
    for one in tries.collect::<Vec<_>>() {
        won += usize::from(one.await.unwrap());
    }
    assert_eq!(won, 1);
    let members = services.organizations().members(&own, acme, &PageRequest::default()).await.unwrap();
    let new = members.items.iter().find(|member| member.user.email == email("new@x.com")).unwrap();
    assert_eq!((new.role, new.user.email_verified), (OrganizationRole::Admin, true));
}
