//! Organizations, their people, and invitations to them.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::ledger::{Action, Actor},
    id::OrganizationId,
    identity::{
        organization::{Organization, OrganizationRole},
        proof::Proof,
        user::User,
    },
    page::PageRequest,
    text::{Name, Slug},
};
use serde_json::json;
use service::{
    Ctx, Error, Services,
    audit::AuditFilter,
    identity::mail_links::Origin,
    organization::NewOrganization,
    testing::{
        TestServices,
        people::{mailed_behind, register},
    },
};

use crate::{
    people::{email, new_user, newcomer, password},
    shop::operator,
};

const STRONG: &str = "another unrelated phrase";

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

async fn user(services: &Services, address: &str) -> User {
    register(services, new_user(address)).await
}

/// Somebody signed in, as they are now.
async fn ctx(services: &Services, user: &User) -> Ctx {
    let user = services.users().find(user.id).await.unwrap().unwrap();
    let (session, _) = services.sessions().start(&Ctx::anonymous(), &user, Proof::Password).await.unwrap();
    Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
}

async fn made(services: &Services, slug: &str, owner: &User) -> Organization {
    let new =
        NewOrganization { slug: Slug::parse(slug).unwrap(), name: Name::parse(slug).unwrap(), owner: Some(owner.id) };
    services.organizations().create(&operator(), new).await.unwrap()
}

async fn acts_for(services: &Services, user: &User) -> Option<OrganizationId> {
    services.users().find(user.id).await.unwrap().unwrap().organization
}

async fn token(services: &Services, address: &str) -> String {
    mailed_behind(services, &email(address), "/invitation/").await.expect("an invitation")
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmins_make_name_and_delete_them() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let ann = user(services, "ann@example.com").await;
    let acme = made(services, "acme", &ann).await;
    let again = NewOrganization { slug: acme.slug.clone(), name: acme.name.clone(), owner: None };
    assert_eq!(code(organizations.create(&operator(), again.clone()).await), ErrorCode::OrganizationTaken);
    let own = ctx(services, &ann).await;
    assert_eq!(code(organizations.create(&own, again).await), ErrorCode::InsufficientRights);
    assert_eq!(code(organizations.delete(&own, acme.id).await), ErrorCode::InsufficientRights);
    let renamed = organizations.rename(&own, acme.id, Name::parse("Acme, Inc.").unwrap()).await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.slug), ("Acme, Inc.", &acme.slug));
    let other = made(services, "other", &ann).await;
    let found = organizations.list(&operator(), &PageRequest::default(), Some("INC")).await.unwrap();
    assert_eq!(found.items, [renamed]);
    assert_eq!(acts_for(services, &ann).await, Some(acme.id), "the first that she joined");
    organizations.delete(&operator(), acme.id).await.unwrap();
    assert_eq!(acts_for(services, &ann).await, Some(other.id), "the one that is left");
    assert_eq!(code(organizations.get(&operator(), acme.id).await), ErrorCode::OrganizationNotFound);
    organizations.delete(&operator(), other.id).await.unwrap();
    assert_eq!(acts_for(services, &ann).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_does_what_it_may() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let [ann, bob, cem, dan] = [
        user(services, "ann@x.com").await,
        user(services, "bob@x.com").await,
        user(services, "cem@x.com").await,
        user(services, "dan@x.com").await,
    ];
    let acme = made(services, "acme", &ann).await.id;
    organizations.add(&operator(), acme, bob.id, OrganizationRole::Admin).await.unwrap();
    organizations.add(&operator(), acme, cem.id, OrganizationRole::Member).await.unwrap();
    let twice = organizations.add(&operator(), acme, cem.id, OrganizationRole::Owner).await;
    assert_eq!(code(twice), ErrorCode::OrganizationMemberTaken);
    let (owner, admin, member, outsider) =
        (ctx(services, &ann).await, ctx(services, &bob).await, ctx(services, &cem).await, ctx(services, &dan).await);
    let list = organizations.members(&member, acme, &PageRequest::default()).await.unwrap();
    let roles: Vec<_> = list.items.iter().map(|own| (own.user.id, own.role.as_str())).collect();
    assert_eq!(roles, [(ann.id, "owner"), (bob.id, "admin"), (cem.id, "member")]);
    assert_eq!(
        code(organizations.members(&outsider, acme, &PageRequest::default()).await),
        ErrorCode::OrganizationNotFound
    );
    let set = |ctx, person, role| organizations.set_role(ctx, acme, person, role);
    use OrganizationRole::{Admin, Member, Owner};
    assert_eq!(code(set(&member, cem.id, Admin).await), ErrorCode::InsufficientRights);
    assert_eq!(code(set(&admin, cem.id, Owner).await), ErrorCode::InsufficientRights);
    assert_eq!(code(set(&admin, ann.id, Member).await), ErrorCode::InsufficientRights);
    assert_eq!(code(set(&outsider, cem.id, Admin).await), ErrorCode::OrganizationNotFound);
    assert_eq!(code(set(&owner, dan.id, Admin).await), ErrorCode::OrganizationMemberNotFound);
    assert_eq!(set(&admin, cem.id, Admin).await.unwrap().role, Admin);
    let invite = |ctx, role| organizations.invite(ctx, acme, email("new@x.com"), role);
    assert_eq!(code(invite(&outsider, Member).await), ErrorCode::OrganizationNotFound);
    assert_eq!(code(invite(&admin, Owner).await), ErrorCode::InsufficientRights);
    let waiting = invite(&admin, Member).await.unwrap();
    organizations.set_role(&owner, acme, cem.id, Member).await.unwrap();
    assert_eq!(code(organizations.uninvite(&member, acme, waiting.id).await), ErrorCode::InsufficientRights);
    organizations.remove(&admin, acme, cem.id).await.unwrap();
    assert_eq!(acts_for(services, &cem).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_decides_as_long_as_anybody_is_there() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let acme = made(services, "acme", &ann).await.id;
    organizations.add(&operator(), acme, bob.id, OrganizationRole::Member).await.unwrap();
    let own = ctx(services, &ann).await;
    assert_eq!(code(organizations.remove(&own, acme, ann.id).await), ErrorCode::OrganizationInvalid);
    let less = organizations.set_role(&operator(), acme, ann.id, OrganizationRole::Admin).await;
    assert_eq!(code(less), ErrorCode::OrganizationInvalid, "superadmins neither");
    organizations.set_role(&own, acme, bob.id, OrganizationRole::Owner).await.unwrap();
    organizations.remove(&own, acme, ann.id).await.unwrap();
    let last = ctx(services, &bob).await;
    organizations.remove(&last, acme, bob.id).await.unwrap();
    let left = organizations.members(&operator(), acme, &PageRequest::default()).await.unwrap();
    assert!(left.items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_where_nobody_decides() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let new = NewOrganization { slug: Slug::parse("acme").unwrap(), name: Name::parse("acme").unwrap(), owner: None };
    let acme = organizations.create(&operator(), new).await.unwrap().id;
    organizations.add(&operator(), acme, ann.id, OrganizationRole::Admin).await.unwrap();
    organizations.add(&operator(), acme, bob.id, OrganizationRole::Member).await.unwrap();
    let (admin, member) = (ctx(services, &ann).await, ctx(services, &bob).await);
    organizations.remove(&member, acme, bob.id).await.unwrap();
    organizations.add(&operator(), acme, bob.id, OrganizationRole::Admin).await.unwrap();
    organizations.set_role(&admin, acme, bob.id, OrganizationRole::Member).await.unwrap();
    organizations.remove(&admin, acme, bob.id).await.unwrap();
    organizations.remove(&admin, acme, ann.id).await.unwrap();
    let left = organizations.members(&operator(), acme, &PageRequest::default()).await.unwrap();
    assert!(left.items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_follows_the_last_owner() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let [ann, bob, cem, dan] = [
        user(services, "ann@x.com").await,
        user(services, "bob@x.com").await,
        user(services, "cem@x.com").await,
        user(services, "dan@x.com").await,
    ];
    let (acme, shared) = (made(services, "acme", &ann).await.id, made(services, "shared", &ann).await.id);
    organizations.add(&operator(), shared, bob.id, OrganizationRole::Owner).await.unwrap();
    organizations.add(&operator(), shared, cem.id, OrganizationRole::Admin).await.unwrap();
    use OrganizationRole::{Admin, Member, Owner};
    for (person, role) in [(&dan, Member), (&cem, Admin), (&bob, Admin)] {
        test.clock.advance(TimeDelta::minutes(1));
        organizations.add(&operator(), acme, person.id, role).await.unwrap();
    }
    let people = async |id| {
        let found = organizations.members(&operator(), id, &PageRequest::default()).await.unwrap();
        found.items.into_iter().map(|own| (own.user.id, own.role)).collect::<Vec<_>>()
    };
    services.account().delete(&ctx(services, &ann).await, "correct horse battery").await.unwrap();
    assert_eq!(people(acme).await, [(bob.id, Admin), (cem.id, Owner), (dan.id, Member)], "the first of the admins");
    assert_eq!(people(shared).await, [(bob.id, Owner), (cem.id, Admin)], "there is another owner");
    let filter = AuditFilter { user: Some(cem.id), action: Some(Action::OrganizationMemberUpdated), application: None };
    let told = services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].actor, told[0].to.as_ref().unwrap()["role"].as_str()), (Actor::User(ann.id), Some("owner")));

    services.admin_users().delete(&operator(), cem.id).await.unwrap();
    assert_eq!(people(acme).await, [(bob.id, Owner), (dan.id, Member)]);
    services.admin_users().delete(&operator(), bob.id).await.unwrap();
    assert_eq!(people(acme).await, [(dan.id, Owner)]);
    assert!(people(shared).await.is_empty());
    services.admin_users().delete(&operator(), dan.id).await.unwrap();
    assert!(people(acme).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_acts_for_one_of_theirs() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let (one, two) = (made(services, "one", &ann).await.id, made(services, "two", &ann).await.id);
    let foreign = made(services, "three", &bob).await.id;
    let own = ctx(services, &ann).await;
    organizations.choose(&own, two).await.unwrap();
    assert_eq!(acts_for(services, &ann).await, Some(two));
    assert_eq!(code(organizations.choose(&own, foreign).await), ErrorCode::OrganizationNotFound);
    let mine = organizations.mine(&ctx(services, &ann).await).await.unwrap();
    let mine: Vec<_> = mine.iter().map(|own| (own.organization.id, own.is_current)).collect();
    assert_eq!(mine, [(one, false), (two, true)]);
    let copy = services.account().export(&own).await.unwrap();
    let copied = json!({ "organization": "one", "role": "owner", "joinedAt": services.now() });
    assert_eq!((copy["organizations"].as_array().unwrap().len(), &copy["organizations"][0]), (2, &copied));
    organizations.remove(&own, two, ann.id).await.unwrap();
    assert_eq!(acts_for(services, &ann).await, Some(one));
    services.admin_users().delete(&operator(), ann.id).await.unwrap();
    let left = organizations.members(&operator(), one, &PageRequest::default()).await.unwrap();
    assert!(left.items.is_empty(), "whoever is gone belongs to nothing");
}

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
