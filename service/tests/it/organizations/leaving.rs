//! What people leave, and who is erased.

use domain::{
    ErrorCode,
    billing::ledger::Action,
    identity::{organization::OrganizationRole, user::User},
    page::PageRequest,
};
use service::{
    Ctx, Services,
    audit::AuditFilter,
    identity::admin_users::UserPatch,
    testing::{TestServices, people::mailed_token},
};

use super::{STRONG, acts_for, code, ctx, made, token, user};
use crate::{
    people::{email, password},
    shop::operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_for_what_they_left_on_another_node() {
    let test = TestServices::start().await;
    let (services, other) = (&test.services, test.another_node().await);
    let ann = user(services, "ann@x.com").await;
    let (one, two) = (made(services, "one", &ann).await.id, made(services, "two", &ann).await.id);
    let mut people = Vec::new();
    for n in 0..20 {
        people.push(user(services, &format!("person{n}@x.com")).await);
    }
    let leave = |node: &Services, id, person: &User| {
        let (node, person) = (node.clone(), person.id);
        tokio::spawn(async move { node.organizations().remove(&operator(), id, person).await.unwrap() })
    };
    for both_are_left in [true, false] {
        for person in &people {
            for id in [one, two] {
                services.organizations().add(&operator(), id, person.id, OrganizationRole::Member).await.unwrap();
            }
            assert_eq!(acts_for(services, person).await, Some(one));
        }
        let mut changes: Vec<_> = people.iter().map(|person| leave(services, one, person)).collect();
        if both_are_left {
            changes.extend(people.iter().map(|person| leave(&other, two, person)));
        } else {
            let other = other.clone();
            changes.push(tokio::spawn(async move { other.organizations().delete(&operator(), two).await.unwrap() }));
        }
        for change in changes {
            change.await.unwrap();
        }
        for person in &people {
            assert_eq!(acts_for(services, person).await, None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_being_erased_joins_nothing() {
    let test = TestServices::start().await;
    let (services, other) = (&test.services, test.another_node().await);
    let ann = user(services, "ann@x.com").await;
    let acme = made(services, "acme", &ann).await.id;
    let mut people = Vec::new();
    for n in 0..20 {
        people.push(user(services, &format!("person{n}@x.com")).await.id);
    }
    let changes = people.into_iter().map(|person| {
        let (services, other) = (services.clone(), other.clone());
        let joins = tokio::spawn(async move {
            other.organizations().add(&operator(), acme, person, OrganizationRole::Member).await
        });
        let goes = tokio::spawn(async move { services.admin_users().delete(&operator(), person).await });
        (joins, goes)
    });
    for (joins, goes) in changes.collect::<Vec<_>>() {
        goes.await.unwrap().unwrap();
        if let Err(late) = joins.await.unwrap() {
            assert_eq!(late.code(), ErrorCode::UserNotFound);
        }
    }
    let left = services.organizations().members(&operator(), acme, &PageRequest::default()).await.unwrap();
    let left: Vec<_> = left.items.iter().map(|own| own.user.id).collect();
    assert_eq!(left, [ann.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_whoever_is_erased() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let (acme, other) = (made(services, "acme", &ann).await.id, made(services, "other", &ann).await.id);
    for (id, address) in [(acme, "bob@x.com"), (acme, "cem@x.com"), (other, "bob@x.com")] {
        organizations.invite(&operator(), id, email(address), OrganizationRole::Member).await.unwrap();
    }
    let token = token(services, "bob@x.com").await;
    services.admin_users().delete(&operator(), bob.id).await.unwrap();
    let waiting = organizations.invitations(&operator(), acme).await.unwrap();
    assert_eq!(waiting.iter().map(|own| own.email.as_str()).collect::<Vec<_>>(), ["cem@x.com"]);
    assert!(organizations.invitations(&operator(), other).await.unwrap().is_empty());
    let newly = organizations.accept_newly(&Ctx::anonymous(), &token, None, password(STRONG)).await;
    assert_eq!(code(newly), ErrorCode::BadCredentials, "whoever has the address by then was not meant");
    let filter = AuditFilter { action: Some(Action::InvitationRevoked), ..AuditFilter::default() };
    let told = services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    assert_eq!(told.len(), 2);
}

/// Their mailbox may be somebody else's by then.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_at_an_address_that_was_left() {
    for by_link in [true, false] {
        let test = TestServices::start().await;
        let (services, organizations) = (&test.services, test.services.organizations());
        let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
        let acme = made(services, "acme", &ann).await.id;
        for address in ["bob@x.com", "cem@x.com", "bobby@x.com"] {
            organizations.invite(&operator(), acme, email(address), OrganizationRole::Member).await.unwrap();
        }
        let invitation = token(services, "bob@x.com").await;
        let new = email("bobby@x.com");
        if by_link {
            let own = ctx(services, &bob).await;
            services.mail_links().change_address(&own, new.clone()).await.unwrap();
            let link = mailed_token(services, &new).await.expect("a link");
            assert!(organizations.invited(&invitation).await.is_ok(), "nothing has changed yet");
            services.mail_links().finish_address(&own, &link).await.unwrap();
        } else {
            let patch = |email| UserPatch { email, name: Some(None), ..UserPatch::default() };
            services.admin_users().update(&operator(), bob.id, patch(None)).await.unwrap();
            assert!(organizations.invited(&invitation).await.is_ok(), "it is the same address");
            services.admin_users().update(&operator(), bob.id, patch(Some(new))).await.unwrap();
        }
        let newly = organizations.accept_newly(&Ctx::anonymous(), &invitation, None, password(STRONG)).await;
        assert_eq!(code(newly), ErrorCode::BadCredentials);
        let waiting = organizations.invitations(&operator(), acme).await.unwrap();
        let waiting: Vec<_> = waiting.iter().map(|own| own.email.as_str()).collect();
        assert_eq!(waiting, ["cem@x.com", "bobby@x.com"]);
        let filter = AuditFilter { action: Some(Action::InvitationRevoked), ..AuditFilter::default() };
        let told = services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
        let told: Vec<_> = told.iter().map(|entry| entry.reason.as_deref()).collect();
        assert_eq!(told, [Some("the address was changed")]);
    }
}
