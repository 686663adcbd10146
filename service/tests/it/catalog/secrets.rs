//! Secrets and passwords.

use domain::{application::RoleName, identity::user::GlobalRole};
use service::{Ctx, catalog::Catalog, testing::TestServices};

use super::{CATALOG, acme, apply, lines};
use crate::people::email;

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_made_once_or_rolled() {
    let test = TestServices::start().await;
    let line = CATALOG.lines().find(|line| line.starts_with("client_secret")).unwrap();
    let without = CATALOG.replace(line, "");
    let changes = apply(&test, &without).await;
    assert_eq!(changes.secrets.len(), 1);
    let (id, secret) = &changes.secrets[0];
    assert_eq!(id.as_str(), "acme-web");
    let known = |test: &TestServices, secret: &str| {
        let hash = service::crypto::hash(secret);
        test.services.directory().client("acme-web").unwrap().secrets.iter().any(|own| own.hash == hash)
    };
    assert!(known(&test, secret.expose()));
    assert!(apply(&test, &without).await.is_empty());
    let rolled = apply(&test, CATALOG).await;
    assert_eq!(lines(&rolled), ["update client acme/acme-web"]);
    assert!(rolled.secrets.is_empty());
    assert!(known(&test, secret.expose()) && known(&test, "a-secret-of-32-characters-or-more"));
    assert!(apply(&test, CATALOG).await.is_empty());
    let nameless = without.replace("client_id = \"acme-web\"", "");
    assert_eq!(
        lines(&apply(&test, &nameless).await),
        Vec::<String>::new(),
        "a client without an id is found by its name"
    );
    let public = without.replace("type = \"confidential\"", "type = \"public\"");
    assert_eq!(lines(&apply(&test, &public).await), ["update client acme/acme-web"]);
    assert!(test.services.directory().client("acme-web").unwrap().secrets.is_empty());
    assert_eq!(apply(&test, &without).await.secrets.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_may_lie_in_a_file_beside() {
    let test = TestServices::start().await;
    let line = CATALOG.lines().find(|line| line.starts_with("client_secret")).unwrap();
    let text = CATALOG.replace(line, "client_secret_file = \"web.secret\"");
    std::fs::write(test.path().join("web.secret"), "another-secret-of-32-characters-or-more\n").unwrap();
    let file = test.path().join("catalog.toml").display().to_string();
    let catalog = Catalog::parse(&text, &file).unwrap();
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    let hash = service::crypto::hash("another-secret-of-32-characters-or-more");
    assert_eq!(test.services.directory().client("acme-web").unwrap().secrets[0].hash, hash);
    let missing = Catalog::parse(&text, "/nowhere/catalog.toml").unwrap_err();
    assert!(missing.message.contains("/nowhere/catalog.toml:14: applications.clients.client_secret_file"));
}

#[test]
fn a_secret_is_none_that_is_easy_to_guess() {
    let with = |secret: &str| Catalog::parse(&CATALOG.replace("a-secret-of-32-characters-or-more", secret), "c.toml");
    let refused = with(&"a".repeat(42)).unwrap_err();
    assert!(refused.message.contains("c.toml:14: applications.clients.client_secret: must be random"), "{refused}");
    assert!(with("Zb5sEqcdSSxHyNy7jS8MFuYz5T3cPzX1v0c+7uE0k2A=").is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_keep_their_password_and_what_admins_decided() {
    let test = TestServices::start().await;
    apply(&test, CATALOG).await;
    let operator = Ctx::operator();
    let user = test.services.users().find_by_email(&email("user@example.com")).await.unwrap().unwrap();
    let app = acme(&test).application.id;
    test.services.memberships().revoke(&operator, app, user.id).await.unwrap();
    let changed = CATALOG
        .replace("correct horse battery staple", "another password")
        .replace("role = \"user\" ", "role = \"admin\" ")
        .replace("Example user", "Example admin");
    assert_eq!(lines(&apply(&test, &changed).await), ["update user user@example.com"]);
    let right = "correct horse battery staple";
    let user = test.services.users().authenticate(&Ctx::anonymous(), "user@example.com", right).await.unwrap().user;
    assert_eq!((user.role, user.display_name()), (GlobalRole::Admin, "Example admin"));
    let member = test.services.memberships().get(&operator, app, user.id).await.unwrap();
    assert_eq!(member.membership.status, domain::identity::membership::MembershipStatus::Revoked);

    let phc = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
    let more = format!(
        "{changed}\n[[users]]\nemail = \"admin@example.com\"\npassword_hash = \"{phc}\"\nrole = \"admin\"\n\
         applications = [\"acme\"]\n"
    );
    assert_eq!(
        lines(&apply(&test, &more).await),
        ["create user admin@example.com", "create membership acme/admin@example.com"]
    );
    let admin = test.services.users().find_by_email(&email("admin@example.com")).await.unwrap().unwrap();
    let member = test.services.memberships().get(&operator, app, admin.id).await.unwrap();
    assert_eq!(member.membership.roles, [acme(&test).role_named(RoleName::ADMIN).unwrap().id]);
}
