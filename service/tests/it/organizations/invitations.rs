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
async fn an_invitation_ends_with_the_rights_of_its_sender() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let [ann, bob, cem] =
        [user(services, "ann@x.com").await, user(services, "bob@x.com").await, user(services, "cem@x.com").await];
    let acme = made(services, "acme", &ann).await.id;
    use OrganizationRole::{Admin, Member, Owner};
    organizations.add(&operator(), acme, bob.id, Owner).await.unwrap();
    let (own, bobs, cems) = (ctx(services, &ann).await, ctx(services, &bob).await, ctx(services, &cem).await);
    organizations.invite(&bobs, acme, email("new@x.com"), Member).await.unwrap();
    organizations.invite(&bobs, acme, email("cem@x.com"), Owner).await.unwrap();
    let (new, owner) = (token(services, "new@x.com").await, token(services, "cem@x.com").await);
    let works = async |token: &str| match organizations.invited(token).await {
        Ok(_) => true,
        refused => {
            assert_eq!(code(refused), ErrorCode::BadCredentials);
            false
        }
    };
    // Oldest first: as a member, then as an owner.
    let listed = async || {
        let waiting = organizations.invitations(&own, acme).await.unwrap();
        waiting.iter().map(|one| one.works).collect::<Vec<_>>()
    };
    assert!(works(&new).await && works(&owner).await);
    assert_eq!(listed().await, [true, true]);
    organizations.set_role(&own, acme, bob.id, Admin).await.unwrap();
    assert!(works(&new).await && !works(&owner).await, "an admin makes nobody an owner");
    assert_eq!(listed().await, [true, false], "it waits for the rights to come back, or to be taken back");
    assert_eq!(code(organizations.accept(&cems, &owner).await), ErrorCode::BadCredentials);
    organizations.set_role(&own, acme, bob.id, Member).await.unwrap();
    assert!(!works(&new).await, "a member invites nobody");
    assert_eq!(listed().await, [false, false]);
    organizations.set_role(&own, acme, bob.id, Admin).await.unwrap();
    services.admin_users().disable(&operator(), bob.id).await.unwrap();
    assert!(!works(&new).await);
    services.admin_users().enable(&operator(), bob.id).await.unwrap();
    assert!(works(&new).await);
    organizations.remove(&own, acme, bob.id).await.unwrap();
    let newly = organizations.accept_newly(&Ctx::anonymous(), &new, None, password(STRONG)).await;
    assert_eq!(code(newly), ErrorCode::BadCredentials);
    let people = organizations.members(&operator(), acme, &PageRequest::default()).await.unwrap();
    assert_eq!(people.items.iter().map(|own| own.user.id).collect::<Vec<_>>(), [ann.id]);

    // Of those who need not belong to it.
    let root = email("root@x.com");
    let root = services.users().create_superadmin(&operator(), root, password(STRONG), None).await.unwrap();
    organizations.invite(&ctx(services, &root).await, acme, email("cem@x.com"), Owner).await.unwrap();
    organizations.accept(&cems, &token(services, "cem@x.com").await).await.unwrap();
    organizations.invite(&operator(), acme, email("new@x.com"), Owner).await.unwrap();
    assert!(works(&token(services, "new@x.com").await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_undoes_no_invitation_of_an_owner() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let acme = made(services, "acme", &ann).await.id;
    use OrganizationRole::{Admin, Member, Owner};
    organizations.add(&operator(), acme, bob.id, Admin).await.unwrap();
    let (owner, admin) = (ctx(services, &ann).await, ctx(services, &bob).await);
    let sent = organizations.invite(&owner, acme, email("new@x.com"), Owner).await.unwrap();
    let first = token(services, "new@x.com").await;
    for role in [Member, Admin] {
        let replaced = organizations.invite(&admin, acme, email("new@x.com"), role).await;
        assert_eq!(code(replaced), ErrorCode::InsufficientRights);
    }
    assert_eq!(code(organizations.uninvite(&admin, acme, sent.id).await), ErrorCode::InsufficientRights);
    assert_eq!(organizations.invited(&first).await.unwrap().invitation.role, Owner);
    assert_eq!(token(services, "new@x.com").await, first, "no other mail");

    // What is over is nobody's decision, and an owner's own is theirs.
    test.clock.advance(TimeDelta::days(7));
    organizations.uninvite(&admin, acme, sent.id).await.unwrap();
    let (owner, admin) = (ctx(services, &ann).await, ctx(services, &bob).await);
    let sent = organizations.invite(&admin, acme, email("new@x.com"), Admin).await.unwrap();
    organizations.uninvite(&admin, acme, sent.id).await.unwrap();
    let sent = organizations.invite(&owner, acme, email("new@x.com"), Owner).await.unwrap();
    organizations.uninvite(&owner, acme, sent.id).await.unwrap();
    assert!(organizations.invitations(&owner, acme).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_gets_five_invitations_an_hour_from_one_organization() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let (acme, other) = (made(services, "acme", &ann).await.id, made(services, "other", &bob).await.id);
    let (own, theirs) = (ctx(services, &ann).await, ctx(services, &bob).await);
    for _ in 0..5 {
        let sent = organizations.invite(&own, acme, email("new@x.com"), OrganizationRole::Member).await.unwrap();
        // Taking it back gives no other one free.
        organizations.uninvite(&own, acme, sent.id).await.unwrap();
    }
    for ctx in [&own, &operator()] {
        let sixth = organizations.invite(ctx, acme, email("new@x.com"), OrganizationRole::Admin).await;
        let Err(Error::Problem(problem)) = sixth else { panic!("a sixth mail") };
        assert_eq!((problem.code, problem.facts.as_slice()), (ErrorCode::TooManyAttempts, &[("retryAfter", 3600)][..]));
    }
    // Nobody keeps another organization from inviting them.
    organizations.invite(&theirs, other, email("new@x.com"), OrganizationRole::Member).await.unwrap();
    let waiting = organizations.invitations(&theirs, other).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].role), (1, OrganizationRole::Member));
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

/// Whoever had the account may have invited themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_was_sent_with_the_one_of_before() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let ann = user(services, "ann@x.com").await;
    let acme = made(services, "acme", &ann).await.id;
    let own = ctx(services, &ann).await;
    organizations.invite(&own, acme, email("thief@x.com"), OrganizationRole::Owner).await.unwrap();
    let sent = token(services, "thief@x.com").await;
    assert!(organizations.invited(&sent).await.is_ok());
    test.clock.advance(TimeDelta::seconds(1));
    services.users().reset_password(&operator(), &ann.email, password("another unrelated phrase")).await.unwrap();
    assert_eq!(code(organizations.invited(&sent).await), ErrorCode::BadCredentials);
    let waiting = organizations.invitations(&ctx(services, &ann).await, acme).await.unwrap();
    assert!(!waiting[0].works, "the list says so");
}
