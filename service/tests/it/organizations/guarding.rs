//! What a browser that was left open cannot do, and who is told of what was done.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale,
    identity::organization::OrganizationRole::{Admin, Member, Owner},
    text::{Name, Slug},
};
use service::{Ctx, identity::admin_users::UserPatch, organization::NewOrganization, testing::TestServices};

use super::{STRONG, code, ctx, made, token, user};
use crate::{
    people::{email, password},
    shop::operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_gives_or_takes_power_wants_a_recent_sign_in() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let root = email("root@x.com");
    let root = services.users().create_superadmin(&operator(), root, password(STRONG), None).await.unwrap();
    let acme = made(services, "acme", &ann).await.id;
    organizations.add(&operator(), acme, bob.id, Member).await.unwrap();
    let (owner, member, boss) = (ctx(services, &ann).await, ctx(services, &bob).await, ctx(services, &root).await);
    test.clock.advance(TimeDelta::minutes(16));

    let stale = ErrorCode::NoSession;
    for role in [Admin, Owner] {
        assert_eq!(code(organizations.invite(&owner, acme, email("new@x.com"), role).await), stale);
        assert_eq!(code(organizations.set_role(&owner, acme, bob.id, role).await), stale);
    }
    assert_eq!(code(organizations.remove(&owner, acme, bob.id).await), stale);
    assert_eq!(code(organizations.add(&boss, acme, root.id, Member).await), stale);
    let new = || NewOrganization { slug: Slug::parse("new").unwrap(), name: Name::parse("New").unwrap(), owner: None };
    assert_eq!(code(organizations.create(&boss, new()).await), stale);
    assert_eq!(code(organizations.delete(&boss, acme).await), stale);
    assert!(organizations.invitations(&owner, acme).await.unwrap().is_empty());

    // Rights come first, and what gives no power asks for nothing.
    assert_eq!(code(organizations.set_role(&member, acme, ann.id, Member).await), ErrorCode::InsufficientRights);
    organizations.invite(&owner, acme, email("new@x.com"), Member).await.unwrap();
    organizations.set_role(&owner, acme, bob.id, Member).await.unwrap();
    organizations.remove(&member, acme, bob.id).await.unwrap();

    let (owner, boss) = (ctx(services, &ann).await, ctx(services, &root).await);
    organizations.invite(&owner, acme, email("new@x.com"), Owner).await.unwrap();
    organizations.add(&boss, acme, bob.id, Member).await.unwrap();
    organizations.set_role(&owner, acme, bob.id, Owner).await.unwrap();
    organizations.remove(&owner, acme, bob.id).await.unwrap();
    organizations.create(&boss, new()).await.unwrap();
}

/// Who was told since then, and in which words; each mail once.
async fn told(test: &TestServices) -> Vec<(String, String)> {
    let mails = test.services.mails().latest(&operator()).await.unwrap();
    let notices = mails.into_iter().filter(|own| own.kind == "organization_changed");
    let mut told: Vec<_> = notices.map(|own| (own.mail.to.to_string(), own.mail.subject)).collect();
    told.sort();
    test.execute("DELETE FROM mails").await;
    told
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(to, what)| ((*to).to_owned(), format!("Turnpike: {what}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_and_the_other_owners_are_told() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let [ann, bob, cem] =
        [user(services, "ann@x.com").await, user(services, "bob@x.com").await, user(services, "cem@x.com").await];
    let acme = made(services, "acme", &ann).await.id;
    let own = ctx(services, &ann).await;
    assert!(told(&test).await.is_empty());

    organizations.add(&operator(), acme, cem.id, Member).await.unwrap();
    assert!(told(&test).await.is_empty(), "a member more");
    organizations.add(&operator(), acme, bob.id, Owner).await.unwrap();
    assert_eq!(told(&test).await, said(&[("ann@x.com", "bob@x.com is now an owner of acme")]));
    organizations.set_role(&own, acme, cem.id, Admin).await.unwrap();
    assert_eq!(told(&test).await, said(&[("cem@x.com", "Your role in acme was changed")]));
    organizations.set_role(&own, acme, cem.id, Admin).await.unwrap();
    assert!(told(&test).await.is_empty(), "nothing has changed");
    organizations.set_role(&own, acme, cem.id, Owner).await.unwrap();
    let another = "cem@x.com is now an owner of acme";
    let expected = [("ann@x.com", another), ("bob@x.com", another), ("cem@x.com", "Your role in acme was changed")];
    assert_eq!(told(&test).await, said(&expected));
    organizations.set_role(&own, acme, cem.id, Member).await.unwrap();
    let less = "cem@x.com is no longer an owner of acme";
    let expected = [("ann@x.com", less), ("bob@x.com", less), ("cem@x.com", "Your role in acme was changed")];
    assert_eq!(told(&test).await, said(&expected));

    // Of two owners both are told, also the one by whose session it was done.
    organizations.remove(&own, acme, bob.id).await.unwrap();
    let expected =
        [("ann@x.com", "bob@x.com is no longer an owner of acme"), ("bob@x.com", "You no longer belong to acme")];
    assert_eq!(told(&test).await, said(&expected));
    organizations.invite(&own, acme, email("bob@x.com"), Owner).await.unwrap();
    let back = token(services, "bob@x.com").await;
    organizations.accept(&ctx(services, &bob).await, &back).await.unwrap();
    assert_eq!(told(&test).await, said(&[("ann@x.com", "bob@x.com is now an owner of acme")]));

    services.admin_users().disable(&operator(), bob.id).await.unwrap();
    organizations.set_role(&own, acme, cem.id, Owner).await.unwrap();
    let expected = [("ann@x.com", another), ("cem@x.com", "Your role in acme was changed")];
    assert_eq!(told(&test).await, said(&expected), "who is disabled is told nothing");
    services.account().delete(&own, "correct horse battery").await.unwrap();
    organizations.set_role(&operator(), acme, bob.id, Member).await.unwrap();
    assert_eq!(told(&test).await, said(&[("cem@x.com", "bob@x.com is no longer an owner of acme")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_says_what_and_leads_to_the_people() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let acme = made(services, "acme", &ann).await.id;
    organizations.add(&operator(), acme, bob.id, Member).await.unwrap();
    let page = format!("/account/organizations/{acme}");
    for (locale, owners, own) in [
        (Locale::En, "This person is now: admin.", "In acme you are now: admin."),
        (Locale::Id, "Orang ini sekarang: admin.", "Di acme Anda sekarang: admin."),
    ] {
        let in_it = Ctx { locale: Some(locale), ..operator() };
        organizations.set_role(&operator(), acme, bob.id, Owner).await.unwrap();
        test.execute("DELETE FROM mails").await;
        organizations.set_role(&in_it, acme, bob.id, Admin).await.unwrap();
        let mails = services.mails().latest(&operator()).await.unwrap();
        let to = |user: &str| &mails.iter().find(|one| one.mail.to.as_str() == user).expect("a mail").mail;
        for text in [&to("ann@x.com").plain, &to("ann@x.com").html] {
            assert!(text.contains(owners) && text.contains(&page), "{text}");
        }
        for text in [&to("bob@x.com").plain, &to("bob@x.com").html] {
            assert!(text.contains(own) && !text.contains("ann@x.com"), "{text}");
        }
    }
}

/// Nobody leads strangers anywhere by what they call themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_would_be_a_link_is_in_no_mail() {
    let test = TestServices::start().await;
    let (services, organizations) = (&test.services, test.services.organizations());
    let (ann, bob) = (user(services, "ann@x.com").await, user(services, "bob@x.com").await);
    let acme = made(services, "acme", &ann).await.id;
    organizations.add(&operator(), acme, bob.id, Admin).await.unwrap();
    let name = Name::parse("Security Team (https://evil.test/login)").unwrap();
    let patch = UserPatch { name: Some(Some(name)), ..UserPatch::default() };
    services.admin_users().update(&operator(), bob.id, patch).await.unwrap();
    let admin = ctx(services, &bob).await;
    let mails = async || {
        let mails = services.mails().latest(&operator()).await.unwrap();
        let told = mails.into_iter().map(|own| format!("{} {} {}", own.mail.subject, own.mail.plain, own.mail.html));
        test.execute("DELETE FROM mails").await;
        told.collect::<Vec<_>>()
    };
    mails().await;
    for (called, shown) in [("acme", "acme"), ("Prizes at evil.test", "an organization")] {
        organizations.rename(&admin, acme, Name::parse(called).unwrap()).await.unwrap();
        organizations.invite(&admin, acme, email("stranger@x.com"), Member).await.unwrap();
        let invitation = format!("bob@x.com asks you to join {shown}.");
        let sent = mails().await;
        assert!(sent.len() == 1 && sent[0].contains(&invitation) && !sent[0].contains("evil"), "{sent:?}");
        organizations.set_role(&operator(), acme, bob.id, Owner).await.unwrap();
        organizations.set_role(&operator(), acme, bob.id, Admin).await.unwrap();
        let sent = mails().await;
        assert_eq!(sent.len(), 4);
        for mail in sent {
            assert!(mail.contains(shown) && !mail.contains("evil") && !mail.contains("Security Team"), "{mail}");
        }
    }
}
