//! What a file makes, changes, archives and leaves alone.

use domain::{ErrorCode, Locale, application::RoleName, billing::price::Interval};
use service::{Ctx, Error, application::applications::NewApplication, catalog::Catalog, testing::TestServices};

use super::{CATALOG, acme, apply, lines};
use crate::people::email;

#[tokio::test(flavor = "multi_thread")]
async fn an_application_has_a_language_of_its_own() {
    let test = TestServices::start().await;
    apply(&test, CATALOG).await;
    assert_eq!(acme(&test).application.settings.default_locale, Locale::En);
    let indonesian = CATALOG.replacen("allow_register", "default_locale = \"id\"\nallow_register", 1);
    assert_eq!(lines(&apply(&test, &indonesian).await), ["update application acme"]);
    assert_eq!(acme(&test).application.settings.default_locale, Locale::Id);
    // What is left out stays.
    assert!(lines(&apply(&test, CATALOG).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_a_language_of_their_own() {
    let test = TestServices::start().await;
    let speaks = async || {
        let user = test.services.users().find_by_email(&email("user@example.com")).await.unwrap();
        user.unwrap().locale
    };
    let spoken = |tag: &str| CATALOG.replacen("email_verified", &format!("locale = \"{tag}\"\nemail_verified"), 1);
    apply(&test, &spoken("id")).await;
    assert_eq!(speaks().await, Some(Locale::Id));
    assert_eq!(lines(&apply(&test, &spoken("en")).await), ["update user user@example.com"]);
    assert_eq!(speaks().await, Some(Locale::En));
    // What is left out stays.
    assert!(lines(&apply(&test, CATALOG).await).is_empty());
    assert_eq!(speaks().await, Some(Locale::En));
    let wrong = Catalog::parse(&spoken("de"), "catalog.toml").unwrap_err().to_string();
    assert!(wrong.contains("users.locale: must be one of"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_applies_and_then_changes_nothing() {
    let test = TestServices::start().await;
    let changes = apply(&test, CATALOG).await;
    assert_eq!(
        lines(&changes),
        [
            "create application acme",
            "create client acme/acme-web",
            "create plan acme/pro",
            "create price acme/pro/Monthly",
            "create plan acme/free",
            "create user user@example.com",
            "create membership acme/user@example.com",
        ]
    );
    assert!(changes.secrets.is_empty());
    let directory = test.services.directory();
    let client = directory.client("acme-web").unwrap();
    let hash = service::crypto::hash("a-secret-of-32-characters-or-more");
    assert_eq!((client.secrets.len(), &client.secrets[0].hash), (1, &hash));
    assert!(client.client.settings.skip_consent && client.client.settings.require_pkce);
    let entry = acme(&test);
    assert_eq!(entry.default_plan().unwrap().key.as_str(), "free");
    let price = entry.plan_by_key("pro").unwrap().shown_price().cloned().unwrap();
    assert_eq!((price.money.amount(), price.interval, price.trial_days), (999, Interval::Month, Some(14)));
    assert!(entry.role_named(RoleName::USER).is_some() && entry.role_named(RoleName::ADMIN).is_some());
    assert!(entry.application.settings.theme.css().contains("#4f46e5"));

    let right = "correct horse battery staple";
    let user = test.services.users().authenticate(&Ctx::anonymous(), "user@example.com", right).await.unwrap().user;
    assert!(user.email_verified);
    let member = test.services.memberships().get(&Ctx::operator(), entry.application.id, user.id).await.unwrap();
    assert_eq!(member.subscription.unwrap().plan_id, entry.default_plan().unwrap().id);

    assert!(apply(&test, CATALOG).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_finds_the_same_and_applies_nothing() {
    let test = TestServices::start().await;
    let catalog = Catalog::parse(CATALOG, "catalog.toml").unwrap();
    let dry = test.services.catalog().apply(&Ctx::operator(), catalog, true).await.unwrap();
    assert!(test.services.directory().by_slug("acme").is_none());
    assert_eq!(test.services.users().find_by_email(&email("user@example.com")).await.unwrap(), None);
    assert_eq!(lines(&apply(&test, CATALOG).await), lines(&dry));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_file_is_archived_and_comes_back() {
    let test = TestServices::start().await;
    apply(&test, CATALOG).await;
    let operator = Ctx::operator();
    let id = acme(&test).application.id;
    let by_hand = domain::billing::plan::NewPlan::new(domain::billing::plan::PlanName::parse("By hand").unwrap());
    test.services.plans().create(&operator, id, by_hand).await.unwrap();

    let start = CATALOG.find("[[applications.plans]]\nkey = \"pro\"").unwrap();
    let end = CATALOG.find("[[applications.plans]]\nkey = \"free\"").unwrap();
    let without_pro = format!("{}{}", &CATALOG[..start], &CATALOG[end..]);
    assert_eq!(lines(&apply(&test, &without_pro).await), ["archive plan acme/pro"]);
    assert!(acme(&test).plan_by_key("pro").unwrap().archived_at.is_some());
    assert!(apply(&test, &without_pro).await.is_empty());
    assert_eq!(lines(&apply(&test, CATALOG).await), ["update plan acme/pro"]);
    assert!(acme(&test).plan_by_key("pro").unwrap().is_on_offer());

    let gone = lines(&apply(&test, "").await);
    assert_eq!(
        gone,
        ["archive client acme/acme-web", "archive plan acme/pro", "archive plan acme/free"],
        "the application stays"
    );
    assert!(test.services.directory().client("acme-web").is_none());
    assert!(acme(&test).plan_by_key("by-hand").unwrap().is_on_offer());
    assert!(test.services.users().find_by_email(&email("user@example.com")).await.unwrap().is_some());
    assert!(apply(&test, "").await.is_empty());
    assert_eq!(
        lines(&apply(&test, CATALOG).await),
        ["update client acme/acme-web", "update plan acme/pro", "update plan acme/free"]
    );
    assert!(test.services.directory().client("acme-web").is_some());
    assert!(apply(&test, CATALOG).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_dashboard_made_stays_its_own() {
    let test = TestServices::start().await;
    let operator = Ctx::operator();
    let settings = domain::application::Settings::new(domain::text::Name::parse("Mine").unwrap());
    let name = domain::text::Name::parse("Web").unwrap();
    let client = domain::oauth::client::ClientSettings::new(name);
    let new = NewApplication { slug: domain::text::Slug::parse("mine").unwrap(), settings, client };
    let mine = test.services.applications().create(&operator, new).await.unwrap();
    apply(&test, CATALOG).await;
    assert!(apply(&test, CATALOG).await.is_empty());
    apply(&test, "").await;
    assert!(test.services.directory().client(mine.client.client_id.as_str()).is_some());
    let stolen = CATALOG.replace("acme-web", mine.client.client_id.as_str());
    let catalog = Catalog::parse(&stolen, "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&operator, catalog, false).await else {
        panic!("another application's client was taken");
    };
    assert!(problem.message.contains("applications.clients.client_id"), "{}", problem.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_names_file_line_and_key_and_applies_nothing() {
    let test = TestServices::start().await;
    for (from, to, place) in [
        ("slug = \"acme\"", "slug = \"Acme\"", "catalog.toml:3: applications.slug: must have"),
        ("name = \"Acme\"", "name = \"Acme\"\nnope = 1", "catalog.toml:5: applications.nope: unknown field"),
        ("trial_days = 14", "trial_days = 0", "catalog.toml:34: applications.plans.prices.trial_days: must be"),
        ("amount = 999", "amount = \"9.99\"", "catalog.toml:31: applications.plans.prices.amount: invalid type"),
        ("currency = \"usd\"", "currency = \"xxx1\"", "catalog.toml:32: applications.plans.prices.currency: must be"),
        ("key = \"free\"", "key = \"pro\"", "catalog.toml:37: applications.plans.key: pro stands at catalog.toml:24"),
        ("default = false", "default = true", "catalog.toml:39: applications.plans.default: the default plan"),
        ("acme-web", "acme web", "catalog.toml:13: applications.clients.client_id: must have"),
        ("a-secret-of-32-characters-or-more", "secret", "catalog.toml:14: applications.clients.client_secret: must"),
        (
            "type = \"confidential\"",
            "type = \"public\"",
            "catalog.toml:14: applications.clients.client_secret: a public",
        ),
        ("http://127.0.0.1:9300/callback", "http://a.example/", "catalog.toml:16: applications.clients.redirect_uris"),
        ("#4f46e5", "red", "catalog.toml:9: applications.theme.brand: must be a colour"),
        ("radius =", "radios =", "catalog.toml:9: applications.theme.radios: unknown field"),
        ("radius = \"8px\"", "radius = 8", "catalog.toml:9: applications.theme.radius: invalid type"),
        ("key = \"free\"", "key = 5", "catalog.toml:37: applications.plans.key: invalid type: integer `5`"),
        ("name = \"Free\"", "", "catalog.toml:36: applications.plans: missing field `name`"),
        ("return_urls = [\"http", "return_urls = [1, \"http", "catalog.toml:8: applications.return_urls: invalid type"),
        ("return_urls =", "resources = [\"api\"] #", "catalog.toml:8: applications.resources: must be an absolute URI"),
        (
            "\"acme-web\"",
            "\"0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f\"",
            "catalog.toml:13: applications.clients.client_id: must not have the form of a UUID",
        ),
        ("\"first_sign_in\"", "\"sometimes\"", "catalog.toml:6: applications.plan_selection: must be one of"),
        (
            "allow_register = true",
            "default_locale = \"de\"",
            "catalog.toml:5: applications.default_locale: must be one of",
        ),
        ("role = \"user\"", "role = \"god\"", "catalog.toml:46: users.role: must be"),
        ("password = \"correct", "password_hash = \"correct", "catalog.toml:43: users.password_hash"),
        (
            "client_secret = \"a-secret-of-32-characters-or-more\"",
            "client_secret = 20022002",
            "catalog.toml:14: applications.clients.client_secret: must be text",
        ),
        ("slug = \"acme\"", "slug = acme", "catalog.toml:3:"),
    ] {
        let text = CATALOG.replacen(from, to, 1);
        assert_ne!(text, CATALOG, "{from}");
        let problem = Catalog::parse(&text, "catalog.toml").expect_err(to);
        assert_eq!(problem.code, ErrorCode::InvalidInput);
        assert!(problem.message.starts_with(place), "{to}: {}", problem.message);
    }
    let text = CATALOG.replace("applications = [\"acme\"]", "applications = [\"acme\", \"other\"]");
    let catalog = Catalog::parse(&text, "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
        panic!("an unknown application was taken");
    };
    assert_eq!(problem.message, "catalog.toml:47: users.applications: there is no application other");
    assert!(test.services.directory().applications.is_empty());
    assert_eq!(test.services.users().find_by_email(&email("user@example.com")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_nodes_see_it() {
    let test = TestServices::start().await;
    let other = test.another_node().await;
    apply(&test, CATALOG).await;
    other.refresh_directory().await.unwrap();
    assert!(other.directory().by_slug("acme").is_some());
    let refused = other.catalog().apply(&Ctx::anonymous(), Catalog::parse("", "x").unwrap(), false).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_archives_nothing_and_is_not_archived() {
    let test = TestServices::start().await;
    let seed = || Catalog::parse(&CATALOG.replace("acme", "seeded"), "seed.toml").unwrap().as_seed();
    let operator = Ctx::operator();
    assert!(!test.services.catalog().apply(&operator, seed(), false).await.unwrap().is_empty());
    apply(&test, CATALOG).await;
    assert!(test.services.catalog().apply(&operator, seed(), false).await.unwrap().is_empty());
    assert!(apply(&test, CATALOG).await.is_empty());
    apply(&test, "").await;
    assert!(test.services.directory().client("seeded-web").is_some());
    assert!(test.services.directory().client("acme-web").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_moves_within_a_file_and_belongs_to_one() {
    let test = TestServices::start().await;
    let both = |first: &str, second: &str| {
        format!(
            "[[applications]]\nslug = \"first\"\nname = \"First\"\nresources = {first}\n\
             [[applications]]\nslug = \"second\"\nname = \"Second\"\nresources = {second}\n"
        )
    };
    apply(&test, &both("[]", "[\"https://api.example/\"]")).await;
    apply(&test, &both("[\"https://api.example/\"]", "[]")).await;
    let of = |slug: &str| test.services.directory().by_slug(slug).unwrap().application.settings.resources.len();
    assert_eq!((of("first"), of("second")), (1, 0));
    let twice = both("[\"https://api.example/\"]", "[\"https://api.example/\"]");
    let refused =
        test.services.catalog().apply(&Ctx::operator(), Catalog::parse(&twice, "catalog.toml").unwrap(), false).await;
    let said = refused.unwrap_err().to_string();
    let blamed = "catalog.toml:2: resources: https://api.example/ belongs to another application";
    assert!(said.contains(blamed), "{said}");
    assert_eq!((of("first"), of("second")), (1, 0), "nothing is applied");
}

#[test]
fn a_file_lists_so_many_addresses_of_one_kind() {
    let of = |count: usize| (0..count).map(|n| format!("\"http://127.0.0.1:9300/{n}\"")).collect::<Vec<_>>().join(", ");
    for key in ["return_urls", "redirect_uris", "post_logout_redirect_uris"] {
        let with = |count| {
            let line = CATALOG.lines().find(|line| line.starts_with(&format!("{key} = "))).expect("the key");
            Catalog::parse(&CATALOG.replacen(line, &format!("{key} = [{}]", of(count)), 1), "catalog.toml")
        };
        assert!(with(100).is_ok(), "{key}");
        let refused = with(101).unwrap_err().to_string();
        assert!(refused.contains(&format!("{key}: must be at most 100 addresses")), "{refused}");
    }
}
