use domain::{
    Currency, ErrorCode, Locale, Money,
    application::RoleName,
    billing::{
        coupon::{BasisPoints, Coupon, CouponCode, Duration, Off},
        price::Interval,
    },
    identity::user::GlobalRole,
};
use service::{
    Ctx, Error,
    application::applications::NewApplication,
    billing::coupons::NewCoupon,
    catalog::{Catalog, Changes},
    directory::ApplicationEntry,
    testing::TestServices,
};

use crate::people::email;

const CATALOG: &str = r##"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true
plan_selection = "first_sign_in"          # always | never
payment_provider = "none"                 # sandbox | stripe | midtrans
return_urls = ["http://127.0.0.1:9300/"]  # where checkout and portal may send people back to
theme = { brand = "#4f46e5", radius = "8px", font = "system" }

[[applications.clients]]
name = "Web"
client_id = "acme-web"                    # generated when left out
client_secret = "a-secret-of-32-characters-or-more"   # generated and printed once when left out; or client_secret_file
type = "confidential"                     # public
redirect_uris = ["http://127.0.0.1:9300/callback"]
post_logout_redirect_uris = ["http://127.0.0.1:9300/"]
grants = ["authorization_code", "refresh_token", "client_credentials"]
require_pkce = true
skip_consent = true
id_token_alg = "RS256"                    # ES256 | EdDSA

[[applications.plans]]
key = "pro"
name = "Pro"
description = "Full access"
default = false
features = { maxProjects = 50, exportEnabled = true, storageGb = 100 }
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"                        # year | one_time
trial_days = 14

[[applications.plans]]
key = "free"
name = "Free"
default = true

[[users]]
email = "user@example.com"
password = "correct horse battery staple" # or password_hash (argon2 PHC string)
name = "Example user"
email_verified = true
role = "user"                             # admin | superadmin
applications = ["acme"]
"##;

async fn apply(test: &TestServices, text: &str) -> Changes {
    let catalog = Catalog::parse(text, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap()
}

fn lines(changes: &Changes) -> Vec<String> {
    changes.list.iter().map(ToString::to_string).collect()
}

fn acme(test: &TestServices) -> std::sync::Arc<ApplicationEntry> {
    test.services.directory().by_slug("acme").cloned().unwrap()
}

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
    let user = test.services.users().authenticate(&Ctx::anonymous(), "user@example.com", right).await.unwrap();
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
async fn a_changed_amount_makes_a_new_price() {
    let test = TestServices::start().await;
    apply(&test, CATALOG).await;
    let version = acme(&test).plan_by_key("pro").unwrap().version;
    let dearer = CATALOG.replace("amount = 999", "amount = 1299");
    assert_eq!(
        lines(&apply(&test, &dearer).await),
        ["archive price acme/pro/Monthly ($9.99 monthly)", "create price acme/pro/Monthly"]
    );
    let pro = acme(&test).plan_by_key("pro").cloned().unwrap();
    assert_eq!((pro.prices.len(), pro.current_prices().count()), (2, 1));
    assert_eq!(pro.shown_price().unwrap().money.amount(), 1299);
    assert!(pro.version > version);
    assert!(apply(&test, &dearer).await.is_empty());
    let tried = dearer.replace("trial_days = 14", "trial_days = 7");
    assert_eq!(lines(&apply(&test, &tried).await), ["update price acme/pro/Monthly"]);
    assert_eq!(acme(&test).plan_by_key("pro").unwrap().shown_price().unwrap().trial_days, Some(7));
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
    let user = test.services.users().authenticate(&Ctx::anonymous(), "user@example.com", right).await.unwrap();
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

/// The catalog with a second price of Pro; each has a link where one is given.
fn linked(monthly: &str, yearly: &str) -> String {
    let yearly = format!(
        "trial_days = 14\nstripe_price_id = \"{monthly}\"\n[[applications.plans.prices]]\nname = \"Yearly\"\n\
         amount = 9990\ncurrency = \"usd\"\ninterval = \"year\"\nstripe_price_id = \"{yearly}\"\n"
    );
    CATALOG.replacen("trial_days = 14\n", &yearly, 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_at_stripe_is_linked_once() {
    let test = TestServices::start().await;
    let twice = Catalog::parse(&linked("price_a", "price_a"), "catalog.toml").unwrap_err();
    let place = "catalog.toml:37: applications.plans.prices.stripe_price_id: price_a stands at catalog.toml:30 already";
    assert_eq!(twice.message, place);
    apply(&test, &linked("price_a", "price_b")).await;
    // Links that change places, and one that another price takes over, are free when all is done.
    apply(&test, &linked("price_b", "price_a")).await;
    let renamed = linked("price_c", "price_b").replace("name = \"Yearly\"", "name = \"By the year\"");
    apply(&test, &renamed).await;
    let links = |plan: &domain::billing::plan::Plan| -> Vec<Option<String>> {
        plan.current_prices().map(|price| price.stripe_price_id.clone()).collect()
    };
    assert_eq!(links(acme(&test).plan_by_key("pro").unwrap()), [Some("price_c".into()), Some("price_b".into())]);
    // One of the dashboard's keeps its own.
    let name = domain::billing::price::PriceName::parse("Mine").unwrap();
    let new = domain::billing::price::NewPrice {
        name,
        money: Money::new(500, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: Some("price_mine".into()),
    };
    let (application, free) = (acme(&test).application.id, acme(&test).plan_by_key("free").unwrap().id);
    test.services.plans().add_price(&Ctx::operator(), application, free, new).await.unwrap();
    let catalog = Catalog::parse(&linked("price_mine", "price_b"), "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
        panic!("another price's link was taken");
    };
    let place = "catalog.toml:30: applications.plans.prices.stripe_price_id: is linked to another price";
    assert!(problem.message.starts_with(place), "{}", problem.message);
    assert_eq!(links(acme(&test).plan_by_key("pro").unwrap())[0].as_deref(), Some("price_c"), "nothing is applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_does_not_take_is_not_sold_by_a_file() {
    let test = TestServices::start().await;
    let kronur = CATALOG.replacen("\"usd\"", "\"isk\"", 1);
    apply(&test, &kronur).await;
    let stripe = |text: &str| text.replacen("\"none\"", "\"stripe\"", 1);
    let refused = async |text: &str| {
        let catalog = Catalog::parse(text, "catalog.toml").unwrap();
        let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
            panic!("it was taken");
        };
        problem.message
    };
    let why = "cannot be sold through Stripe, which counts ISK in other units than ISO 4217";
    let held = format!("catalog.toml:3: applications.payment_provider: Monthly {why}");
    assert_eq!(refused(&stripe(&kronur)).await, held);
    // Another price takes its place in the same file.
    apply(&test, &stripe(CATALOG)).await;
    let new = format!("catalog.toml:30: applications.plans.prices: {why}");
    assert_eq!(refused(&stripe(&kronur)).await, new);
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
async fn dunning_is_read_and_refused_by_its_key() {
    let test = TestServices::start().await;
    let text =
        "[[applications]]\nslug = \"acme\"\nname = \"Acme\"\ndunning = { retries = [2, 4], remind_after = [] }\n";
    let catalog = Catalog::parse(text, "catalog.toml").unwrap();
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    let entry = test.services.directory().by_slug("acme").unwrap().clone();
    let dunning = &entry.application.settings.dunning;
    let days = (dunning.retries(), dunning.remind_before(), dunning.remind_after());
    assert_eq!(days, (&[2, 4][..], &[3, 0][..], &[][..]));
    let refused = Catalog::parse(&text.replace("[2, 4]", "[4, 2]"), "catalog.toml").unwrap_err();
    assert!(refused.message.contains("catalog.toml:4: applications.dunning.retries: must be"), "{}", refused.message);
}

/// A file with these coupons.
fn offering(coupons: &str) -> String {
    format!("{}\n{coupons}", &CATALOG[..CATALOG.find("[[users]]").unwrap()])
}

async fn coupons(test: &TestServices) -> Vec<Coupon> {
    let listed = test.services.coupons().list(&Ctx::operator(), acme(test).application.id).await.unwrap();
    let mut coupons: Vec<_> = listed.into_iter().map(|counted| counted.coupon).collect();
    coupons.sort_by(|a, b| a.code.as_str().cmp(b.code.as_str()));
    coupons
}

const SPRING: &str = "[[applications.coupons]]\ncode = \"spring\"\npercent = 12.5\nduration = \"months\"\nmonths = 3\n\
                      max_redemptions = 100\nexpires_at = 2027-01-31T12:00:00+07:00\nplans = [\"pro\", \"free\"]\n";
const FIVER: &str = "[[applications.coupons]]\ncode = \"FIVER\"\namount = 500\ncurrency = \"usd\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn coupons_come_change_leave_and_return() {
    let test = TestServices::start().await;
    let both = offering(&format!("{SPRING}{FIVER}"));
    let made = lines(&apply(&test, &both).await);
    assert!(made.ends_with(&["create coupon acme/SPRING".into(), "create coupon acme/FIVER".into()]), "{made:?}");
    assert!(apply(&test, &both).await.is_empty());
    let [fiver, spring] = coupons(&test).await.try_into().unwrap();
    let usd = |amount| Money::new(amount, Currency::parse("usd").unwrap()).unwrap();
    assert_eq!(
        (fiver.off, fiver.duration, fiver.cap, fiver.expires_at),
        (Off::Amount(usd(500)), Duration::Once, None, None)
    );
    assert_eq!((spring.off, spring.duration), (Off::Percent(BasisPoints::parse(1250).unwrap()), Duration::Months(3)));
    assert_eq!((spring.cap, spring.expires_at), (Some(100), Some("2027-01-31T05:00:00Z".parse().unwrap())));
    let plan = |key: &str| acme(&test).plan_by_key(key).unwrap().id;
    assert_eq!((spring.plans, fiver.plans), (vec![plan("pro"), plan("free")], vec![]));

    let turned = both.replace("[\"pro\", \"free\"]", "[\"free\", \"pro\"]");
    assert!(apply(&test, &turned).await.is_empty(), "the order of plans says nothing");
    // Terms are what the file says, whole: the cap is gone with its line.
    let changed = both.replace("max_redemptions = 100\n", "").replace("amount = 500", "amount = 700");
    assert_eq!(lines(&apply(&test, &changed).await), ["update coupon acme/SPRING", "update coupon acme/FIVER"]);
    let [fiver, spring] = coupons(&test).await.try_into().unwrap();
    assert_eq!((fiver.off, spring.cap, spring.duration), (Off::Amount(usd(700)), None, Duration::Months(3)));

    let by_hand = NewCoupon {
        code: CouponCode::parse("HAND").unwrap(),
        off: fiver.off,
        duration: Duration::Forever,
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    test.services.coupons().create(&Ctx::operator(), acme(&test).application.id, by_hand).await.unwrap();
    let gone = lines(&apply(&test, &offering(FIVER)).await);
    assert_eq!(gone, ["update coupon acme/FIVER", "archive coupon acme/SPRING"]);
    let archived = |coupons: Vec<Coupon>| coupons.iter().map(|own| own.archived_at.is_some()).collect::<Vec<_>>();
    assert_eq!(archived(coupons(&test).await), [false, false, true]);
    assert!(lines(&apply(&test, "").await).contains(&"archive coupon acme/FIVER".into()));
    assert_eq!(archived(coupons(&test).await), [true, false, true], "what was made by hand is left alone");
    let back = lines(&apply(&test, &both).await);
    assert!(back.ends_with(&["update coupon acme/SPRING".into(), "update coupon acme/FIVER".into()]), "{back:?}");
    assert_eq!(archived(coupons(&test).await), [false, false, false]);
    assert!(apply(&test, &both).await.is_empty());

    // One that was made by hand may be told its terms, and still belongs to nobody's file.
    let taken = offering(&FIVER.replace("FIVER", "hand"));
    assert!(lines(&apply(&test, &taken).await).contains(&"update coupon acme/HAND".into()));
    assert!(!lines(&apply(&test, &offering("")).await).contains(&"archive coupon acme/HAND".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_s_error_names_its_place() {
    let test = TestServices::start().await;
    let line = |find: &str| offering(SPRING).lines().position(|own| own.starts_with(find)).unwrap() + 1;
    for (from, to, at, key) in [
        ("\"spring\"", "\"a b\"", "code", "applications.coupons.code: must have 3 to 32"),
        ("percent = 12.5", "percent = 0", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = 101", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = 0.125", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "percent = \"12\"", "percent", "applications.coupons.percent: must be more than 0"),
        ("percent = 12.5", "amount = 5", "percent", "applications.coupons.amount: needs a currency"),
        ("percent = 12.5", "amount = 0\ncurrency = \"usd\"", "percent", "applications.coupons.amount: must be more"),
        ("percent = 12.5", "amount = 5\ncurrency = \"idr\"", "percent", "applications.coupons.amount: must be whole"),
        ("percent = 12.5\n", "", "code", "applications.coupons: needs percent, or amount and currency"),
        ("\"months\"", "\"always\"", "duration", "applications.coupons.duration: must be one of"),
        ("\"months\"", "\"once\"", "months", "applications.coupons.months: goes with"),
        ("months = 3\n", "", "duration", "applications.coupons.duration: needs months"),
        ("months = 3", "months = 121", "months", "applications.coupons.months: must be 1 to 120"),
        ("= 100", "= 0", "max_redemptions", "applications.coupons.max_redemptions: must be 1 to"),
        ("T12:00:00+07:00", "", "expires_at", "applications.coupons.expires_at: must be a date and time"),
        ("\"free\"]", "\"pro\"]", "plans", "applications.coupons.plans: pro stands at"),
        ("duration =", "lasts =", "duration", "applications.coupons.lasts: unknown field"),
    ] {
        let text = offering(&SPRING.replacen(from, to, 1));
        let problem = Catalog::parse(&text, "catalog.toml").expect_err(to);
        let place = format!("catalog.toml:{}: {key}", line(at));
        assert!(problem.message.starts_with(&place), "{to}: {} instead of {place}", problem.message);
    }
    let twice = Catalog::parse(&offering(&format!("{FIVER}{}", FIVER.to_lowercase())), "catalog.toml").unwrap_err();
    assert!(twice.message.contains("applications.coupons.code: FIVER stands at"), "{}", twice.message);
    let text = offering(&SPRING.replace("\"free\"", "\"gone\""));
    let catalog = Catalog::parse(&text, "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
        panic!("a plan that is nowhere was taken");
    };
    let place = format!("catalog.toml:{}: applications.coupons.plans: there is no plan gone", line("plans"));
    assert_eq!(problem.message, place);
    assert!(test.services.directory().applications.is_empty());
}
