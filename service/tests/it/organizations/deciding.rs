//! Who decides in an organization, and who acts for it.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::ledger::{Action, Actor},
    identity::organization::OrganizationRole,
    page::PageRequest,
    text::{Name, Slug},
};
use serde_json::json;
use service::{audit::AuditFilter, organization::NewOrganization, testing::TestServices};

use super::{acts_for, code, ctx, made, user};
use crate::{people::email, shop::operator};

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
async fn whoever_is_disabled_decides_for_nobody() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let [ann, bob, cem] =
        [user(services, "ann@x.com").await, user(services, "bob@x.com").await, user(services, "cem@x.com").await];
    let (acme, two) = (made(services, "acme", &ann).await.id, made(services, "two", &ann).await.id);
    use OrganizationRole::{Admin, Member, Owner};
    for (id, person, role) in [(acme, &bob, Admin), (acme, &cem, Member), (two, &bob, Admin)] {
        organizations.add(&operator(), id, person.id, role).await.unwrap();
    }
    services.admin_users().disable(&operator(), bob.id).await.unwrap();
    let own = ctx(services, &ann).await;
    organizations.set_role(&own, acme, bob.id, Owner).await.unwrap();
    for id in [acme, two] {
        assert_eq!(code(organizations.remove(&own, id, ann.id).await), ErrorCode::OrganizationInvalid);
        assert_eq!(code(organizations.set_role(&own, id, ann.id, Admin).await), ErrorCode::OrganizationInvalid);
    }
    services.account().delete(&own, "correct horse battery").await.unwrap();
    let people = async |id| {
        let found = organizations.members(&operator(), id, &PageRequest::default()).await.unwrap();
        found.items.into_iter().map(|own| (own.user.id, own.role)).collect::<Vec<_>>()
    };
    assert_eq!(people(acme).await, [(bob.id, Owner), (cem.id, Owner)], "somebody who can decide");
    assert_eq!(people(two).await, [(bob.id, Admin)], "nobody can");
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
