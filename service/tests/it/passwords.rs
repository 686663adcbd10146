//! Which passwords are refused: the same ones wherever one is chosen.

use domain::{
    ErrorCode,
    billing::ledger::Actor,
    identity::{organization::OrganizationRole, proof::Proof},
    text::{Name, Slug},
};
use service::{
    Ctx, Error,
    identity::{
        mail_links::{Newcomer, Origin},
        users::NewUser,
    },
    organization::NewOrganization,
    testing::{
        TestServices,
        people::{mailed_behind, mailed_token, register},
    },
};

use crate::{
    people::{email, new_user, newcomer, password},
    shop::operator,
};

/// Leaked ones, as people dress them, and what is made of [`ADDRESS`].
const WEAK: &[&str] =
    &["password", "12345678", "Qwerty123!", "Admin@123", "Rahasia123", "Turnpike1", "Santoso1990!", "budi.santoso"];
const ADDRESS: &str = "budi.santoso@kopi.example";
const STRONG: &str = "correct horse battery";

fn refused<T>(result: Result<T, Error>, why: &str) {
    let Err(Error::Problem(problem)) = result else { panic!("{why} was taken, or something broke") };
    assert_eq!(problem.code, ErrorCode::InvalidInput, "{why}");
    assert_eq!(problem.fields[0].field, "password", "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_password_is_judged() {
    let test = TestServices::start().await;
    let (services, nobody) = (&test.services, Ctx::anonymous());
    let (links, setup, users) = (services.mail_links(), services.setup(), services.users());
    let (organizations, operator) = (services.organizations(), operator());
    let name = Some(Name::parse("Ayu Lestari").unwrap());
    links.register(&nobody, Newcomer { name: name.clone(), ..newcomer(ADDRESS) }, Origin::default()).await.unwrap();
    let token = mailed_token(services, &email(ADDRESS)).await.unwrap();
    let link = setup.link().await.unwrap().unwrap();
    let (_, first) = link.split_once("token=").unwrap();
    let new = NewOrganization { slug: Slug::parse("kopi").unwrap(), name: Name::parse("Kopi").unwrap(), owner: None };
    let kopi = organizations.create(&operator, new).await.unwrap().id;
    organizations.invite(&operator, kopi, email(ADDRESS), OrganizationRole::Member).await.unwrap();
    let invitation = mailed_behind(services, &email(ADDRESS), "/invitation/").await.unwrap();
    // To an invitation belongs an address alone.
    for (weak, named) in WEAK.iter().map(|weak| (*weak, false)).chain([("Lestari2026", true)]) {
        refused(links.finish_registration(&nobody, &token, password(weak)).await, weak);
        let new = NewUser { name: name.clone(), password: password(weak), ..new_user(ADDRESS) };
        refused(setup.complete(&nobody, first, new).await, weak);
        refused(users.create_superadmin(&operator, email(ADDRESS), password(weak), name.clone()).await, weak);
        if !named {
            refused(organizations.accept_newly(&nobody, &invitation, None, password(weak)).await, weak);
        }
    }
    assert_eq!(users.find_by_email(&email(ADDRESS)).await.unwrap(), None);
    links.finish_registration(&nobody, &token, password(STRONG)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_is_judged() {
    let test = TestServices::start().await;
    let (services, nobody) = (&test.services, Ctx::anonymous());
    let named = NewUser { name: Some(Name::parse("Ayu Lestari").unwrap()), ..new_user(ADDRESS) };
    let user = register(services, named).await;
    services.mail_links().reset(&nobody, user.email.clone(), Origin::default()).await.unwrap();
    let token = mailed_token(services, &user.email).await.unwrap();
    let (session, _) = services.sessions().start(&nobody, &user, Proof::Password).await.unwrap();
    let own = Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() };
    for weak in WEAK.iter().copied().chain(["Lestari2026"]) {
        refused(services.mail_links().finish_reset(&nobody, &token, password(weak)).await, weak);
        refused(services.account().change_password(&own, STRONG, password(weak)).await, weak);
        refused(services.users().reset_password(&operator(), &user.email, password(weak)).await, weak);
    }
    services.users().authenticate(&nobody, ADDRESS, STRONG).await.expect("the old one still");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_s_password_is_the_operator_s_own_matter() {
    let test = TestServices::start().await;
    let (users, address) = (test.services.users(), email("root@example.com"));
    users.create_configured_superadmin(&operator(), address, password("12345678")).await.unwrap();
    users.authenticate(&Ctx::anonymous(), "root@example.com", "12345678").await.unwrap();
    let other = email("x@example.com");
    let asked = users.create_configured_superadmin(&Ctx::anonymous(), other, password("12345678")).await;
    assert_eq!(asked.unwrap_err().code(), ErrorCode::NoSession);
}
