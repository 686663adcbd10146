//! The dashboard's pages and forms, without JavaScript, over the real router.

use axum::http::{Method, StatusCode};
use domain::{
    Locale,
    application::Settings,
    identity::{email::Email, password::Password, user::User},
    oauth::{client::ClientSettings, client_keys::ClientKeys},
    text::{Name, Slug},
};
use serde_json::json;
use service::{
    Ctx,
    application::applications::{CreatedApplication, NewApplication},
    identity::users::NewUser,
    testing::{client_key::ClientKey, people::register},
};

use crate::{
    oidc_register,
    support::{Answer, TestApp},
};

/// A superadmin with an application, signed in.
pub struct Office {
    pub app: TestApp,
    pub created: CreatedApplication,
}

impl Office {
    pub async fn open() -> Self {
        let app = TestApp::start().await;
        let boss = superadmin(&app).await;
        let created = application(&app, "acme", "Acme").await;
        app.sign_in(&boss).await;
        Self { app, created }
    }

    pub async fn get(&self, page: &str) -> Answer {
        self.app.get(&format!("/dashboard/acme/{page}")).await
    }

    pub async fn post(&self, page: &str, fields: &[(&str, &str)]) -> Answer {
        self.app.post_form(&format!("/dashboard/acme/{page}"), fields).await
    }

    /// Sends a form that is taken, and goes where that leads.
    pub async fn act(&self, page: &str, fields: &[(&str, &str)]) -> Answer {
        land(&self.app, &self.post(page, fields).await).await
    }

    /// Another browser, with an admin of the application alone.
    pub async fn admins_browser(&self) -> TestApp {
        let browser = self.app.browser();
        browser.sign_in(&admin(&self.app, &self.created).await).await;
        browser
    }
}

pub async fn superadmin(app: &TestApp) -> User {
    let (email, password) = (Email::parse("boss@example.com").unwrap(), password());
    app.services.users().create_superadmin(&Ctx::operator(), email, password, None).await.unwrap()
}

pub fn password() -> Password {
    Password::parse("correct horse battery staple").unwrap()
}

pub async fn user(app: &TestApp, email: &str) -> User {
    let new = NewUser { email: Email::parse(email).unwrap(), password: password(), name: None, locale: None };
    register(&app.services, new).await
}

pub async fn application(app: &TestApp, slug: &str, name: &str) -> CreatedApplication {
    let new = NewApplication {
        slug: Slug::parse(slug).unwrap(),
        settings: Settings::new(Name::parse(name).unwrap()),
        client: ClientSettings::new(Name::parse("Web").unwrap()),
    };
    app.services.applications().create(&Ctx::operator(), new).await.unwrap()
}

/// An admin of that application alone.
pub async fn admin(app: &TestApp, created: &CreatedApplication) -> User {
    let text =
        "[[users]]\nemail = \"admin@example.com\"\npassword = \"correct horse battery staple\"\nrole = \"admin\"\n";
    app.apply(text).await;
    let user = app.user("admin@example.com").await;
    let application = created.application.id;
    let directory = app.services.directory();
    let role = directory.application(application).unwrap().role_named("admin").unwrap().id;
    app.services.memberships().grant(&Ctx::operator(), application, user.id, Some(role)).await.unwrap();
    user
}

/// Goes where a form sends the browser.
pub async fn land(app: &TestApp, answer: &Answer) -> Answer {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    app.get(answer.location().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signed_out_are_sent_to_sign_in_and_come_back() {
    let app = TestApp::start().await;
    let boss = superadmin(&app).await;
    application(&app, "acme", "Acme").await;
    // Whose session ended over a form comes back to its page.
    let late = app.browser();
    let lost = late.post_form("/dashboard/acme/roles", &[("action", "create")]).await;
    assert_eq!(lost.location(), Some("/sign-in?ended"));
    assert!(late.get("/sign-in?ended").await.text().contains("Your session has ended."));
    late.sign_in(&boss).await;
    assert_eq!(late.get("/dashboard").await.location(), Some("/dashboard/acme/roles"));
    let answer = app.get("/dashboard/acme/settings").await;
    assert_eq!(answer.location(), Some("/sign-in"));
    app.sign_in(&boss).await;
    assert_eq!(app.get("/dashboard").await.location(), Some("/dashboard/acme/settings"));
    // Once.
    assert_eq!(app.get("/dashboard").await.status, StatusCode::OK);
    // Whoever is signed in, and stays so, is led there, too.
    assert_eq!(app.get("/sign-in").await.location(), Some("/dashboard"));
    assert!(app.get("/sign-out").await.text().contains("href=\"/dashboard\""));
    for evil in ["https://evil.example/", "//evil.example", "/dashboard", "/dashboard/x?y=%0a", "/oauth2/logout"] {
        app.set_cookie("wanted", evil);
        assert_eq!(app.get("/dashboard").await.location(), None, "{evil}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_without_a_role_are_refused_everywhere() {
    let app = TestApp::start().await;
    application(&app, "acme", "Acme").await;
    let user = user(&app, "user@example.com").await;
    app.sign_in(&user).await;
    for page in
        ["", "/applications/new", "/acme/plans", "/acme/plans/new", "/acme/users", "/acme/clients", "/acme/settings"]
    {
        let path = format!("/dashboard{page}");
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("No access to the dashboard"), "{path}");
    }
    let answer = app.post_form("/dashboard/acme/plans", &[("action", "example")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_made_and_its_secret_is_shown_once() {
    let app = TestApp::start().await;
    let boss = superadmin(&app).await;
    app.sign_in(&boss).await;
    assert!(app.get("/dashboard").await.text().contains("No applications yet"));

    let bad =
        [("name", "<b>Acme"), ("slug", "No Slug"), ("redirect_uris", "https://ok.example/cb\r\nhttp://evil.example/")];
    let answer = app.post_form("/dashboard/applications/new", &bad).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let text = answer.text();
    assert!(text.contains("value=\"&lt;b&gt;Acme\"") && !text.contains("<b>Acme"), "{text}");
    assert!(text.contains("value=\"No Slug\"") && text.contains("must have 1 to 64 characters of a-z"), "{text}");
    assert!(text.contains("“http://evil.example/” must use https"), "{text}");

    let good = [("name", "Acme"), ("slug", ""), ("redirect_uris", "https://ok.example/cb")];
    let answer = app.post_form("/dashboard/applications/new", &good).await;
    let page = land(&app, &answer).await;
    assert!(page.text().contains("Keep this secret now"), "{}", page.text());
    let secret = page.text().split("sec_").nth(1).unwrap().chars().take(30).collect::<String>();
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(!answer.location().unwrap().contains("sec_"));
    let again = app.get(answer.location().unwrap()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(!again.text().contains(&secret), "the secret is shown a second time");

    let answer = app.post_form("/dashboard/applications/new", &good).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Short name: is taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_applications_are_not_found() {
    let office = Office::open().await;
    let app = &office.app;
    application(app, "other", "Other").await;
    let browser = office.admins_browser().await;
    let overview = browser.get("/dashboard").await;
    assert!(overview.text().contains("Acme") && !overview.text().contains("Other"));
    assert_eq!(browser.get("/dashboard/acme/plans").await.status, StatusCode::OK);
    for page in ["plans", "plans/new", "plans/x", "clients", "clients/new", "settings", "users"] {
        let path = format!("/dashboard/other/{page}");
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let post = browser.post_form("/dashboard/other/plans", &[("action", "example")]).await;
    assert_eq!(post.status, StatusCode::NOT_FOUND);
    // Making and deleting applications is for superadmins.
    assert_eq!(browser.get("/dashboard/applications/new").await.status, StatusCode::FORBIDDEN);
    let post = browser.post_form("/dashboard/acme/settings", &[("action", "delete"), ("confirm", "acme")]).await;
    assert_eq!(post.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_kept_and_refused_with_what_was_typed() {
    let office = Office::open().await;
    assert!(office.get("settings").await.text().contains("Danger zone"));
    let fields = [
        ("action", "save"),
        ("name", "Acme 2"),
        ("description", "</textarea><script>alert(1)</script>"),
        ("plan_selection", "always"),
        ("scope", "openid"),
        ("scope", "email"),
        ("brand", "#ffff00"),
        ("text", "#bbbbbb"),
        ("resources", "https://api.example/v1\r\n\r\n urn:example:api "),
        ("default_locale", "id"),
    ];
    let page = office.act("settings", &fields).await;
    let text = page.text();
    assert!(text.contains("Saved.") && text.contains("Acme 2"));
    assert!(text.contains("&lt;/textarea&gt;&lt;script&gt;") && !text.contains("<script>alert"));
    assert!(text.contains("4.5:1 is the least"), "a warning about contrast");
    let entry = office.app.services.directory().by_slug("acme").unwrap().clone();
    let settings = &entry.application.settings;
    assert!(!settings.allow_register && settings.default_locale == Locale::Id);
    let resources: Vec<_> = settings.resources.iter().map(ToString::to_string).collect();
    assert_eq!(resources, ["https://api.example/v1", "urn:example:api"]);
    assert!(text.contains("<option value=\"id\" selected"), "the language that was saved: {text}");

    let mut bad = fields;
    bad[1].1 = "";
    bad[6].1 = "red;}";
    bad[8].1 = "https://api.example/\nhttps://api.example/#v1";
    bad[9].1 = "de";
    let answer = office.post("settings", &bad).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let resource = "Resources: “https://api.example/#v1” must have no fragment";
    for part in ["must have 1 to 100", "must be a colour", "value=\"red;}\"", resource, "must be one of"] {
        assert!(answer.text().contains(part), "{part}");
    }
    let answer = office.post("settings?lang=id", &bad).await;
    let part = "Merek (Terang): harus berupa warna";
    assert!(answer.text().contains(part), "{part}: {}", answer.text());

    let answer = office.post("settings?lang=en", &[("action", "delete"), ("confirm", "wrong")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let browser = office.admins_browser().await;
    let delete = [("action", "delete"), ("confirm", "acme")];
    for _ in 0..2 {
        // The second is the same form, sent twice.
        let gone = office.act("settings", &delete).await;
        assert!(gone.text().contains("Deleted."));
    }
    let never = browser.post_form("/dashboard/acme/settings", &delete).await;
    assert_eq!(never.status, StatusCode::NOT_FOUND, "it is not for admins");
    assert_eq!(office.get("settings").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_made_changed_rotated_and_deleted() {
    let office = Office::open().await;
    let answer = office.post("clients/new", &[("kind", "public"), ("name", ""), ("alg", "RS256")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("must have 1 to 100 characters"));

    let mut many = vec![("grant", "refresh_token"); 300];
    many.extend([("kind", "public"), ("name", ""), ("alg", "RS256")]);
    let answer = office.post("clients/new", &many).await;
    assert!(answer.text().contains("must have 1 to 100 characters"), "an admin's form may be long");

    let many: String = (0..=100).map(|n| format!("https://app.example/{n}\n")).collect();
    let many = [("kind", "public"), ("name", "Web"), ("alg", "RS256"), ("post_logout_uris", many.as_str())];
    let answer = office.post("clients/new", &many).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("must be at most 100 addresses"));

    let fields = [
        ("kind", "confidential"),
        ("name", "Worker"),
        ("alg", "ES256"),
        ("grant", "client_credentials"),
        ("post_logout_uris", "https://app.example/bye"),
    ];
    let answer = office.post("clients/new", &fields).await;
    let page = land(&office.app, &answer).await;
    assert!(page.text().contains("Keep this secret now") && page.text().contains("download="));
    let path = answer.location().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap();

    let change = [("action", "save"), ("name", "Worker 2"), ("alg", "EdDSA"), ("redirect_uris", "com.example.app:/cb")];
    let page = land(&office.app, &office.app.post_form(&path, &change).await).await;
    assert!(page.text().contains("Worker 2") && page.text().contains("com.example.app:/cb"));
    let directory = office.app.services.directory();
    let client = directory.clients.values().find(|entry| entry.client.id.to_string() == id).unwrap();
    assert_eq!(client.client.settings.id_token_alg.as_str(), "EdDSA");
    assert!(client.client.settings.grants.is_empty() && !client.client.settings.require_pkce);

    let answer = office.app.post_form(&path, &[("action", "rotate")]).await;
    let page = land(&office.app, &answer).await;
    assert!(page.text().contains("Keep this secret now") && page.text().contains("works until"), "{}", page.text());
    let answer = office.app.post_form(&path, &[("action", "rotate"), ("at_once", "on")]).await;
    let page = land(&office.app, &answer).await;
    assert!(page.text().contains("Keep this secret now") && page.text().contains("The old ones have ended."));
    assert!(!page.text().contains("works until"), "{}", page.text());

    let wrong = office.app.post_form(&path, &[("action", "delete"), ("confirm", "x")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let confirm = client.client.client_id.to_string();
    for _ in 0..2 {
        let deleted = office.app.post_form(&path, &[("action", "delete"), ("confirm", &confirm)]).await;
        let page = land(&office.app, &deleted).await;
        assert!(page.text().contains("Deleted.") && !page.text().contains("Worker 2"));
    }
    assert_eq!(office.app.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_keys_and_its_rules() {
    let office = Office::open().await;
    let id = office.created.client.id;
    let path = format!("clients/{id}");
    let settings = || {
        let directory = office.app.services.directory();
        directory.clients.values().find(|entry| entry.client.id == id).unwrap().client.settings.clone()
    };
    let base = [("action", "save"), ("name", "Web"), ("alg", "RS256")];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    for (auth, field, typed, message) in [
        ("jwks_uri", "jwks_uri", "http://app.example/jwks", "Address of the keys: must use https"),
        ("jwks_uri", "jwks_uri", "", "Address of the keys: must be"),
        ("jwks", "jwks", "{\"keys\": []}", "Keys: must be a JWK set of public keys"),
        ("jwks", "jwks", "{", "Keys: line 1, column"),
        ("secret", "backchannel_logout_uri", "com.example:/bye", "Back-channel logout URI: must use https"),
    ] {
        let answer = office.post(&path, &with(&[("auth", auth), (field, typed)])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{typed}");
        assert!(answer.text().contains(message), "{message}: {}", answer.text());
        assert_eq!(settings().keys, None);
    }
    let kept = [
        ("auth", "jwks_uri"),
        ("jwks_uri", "https://app.example/jwks.json"),
        ("jwks", "not read"),
        ("backchannel_logout_uri", "https://app.example/logout"),
        ("require_pushed", "on"),
        ("dpop_bound", "on"),
    ];
    let page = office.act(&path, &with(&kept)).await;
    for part in ["Saved.", "private_key_jwt", "value=\"https://app.example/jwks.json\""] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("Rotate the secret") && !page.text().contains("OIDC_CLIENT_SECRET"));
    let after = settings();
    assert!(matches!(&after.keys, Some(ClientKeys::At(uri)) if uri.as_str() == "https://app.example/jwks.json"));
    assert_eq!(after.backchannel_logout_uri.unwrap().as_str(), "https://app.example/logout");
    assert!(after.require_pushed && after.dpop_bound);

    // A form that says nothing of keys leaves them.
    office.post(&path, &with(&[])).await;
    let after = settings();
    assert!(after.keys.is_some() && after.backchannel_logout_uri.is_none() && !after.require_pushed);
    let set = json!({ "keys": [ClientKey::new("k1").jwk()] }).to_string();
    let by_set = [&base[..], &[("auth", "jwks"), ("jwks", &*set)]].concat();
    assert!(office.act(&path, &by_set).await.text().contains("\"kid\": \"k1\""));
    assert!(matches!(settings().keys, Some(ClientKeys::Set(_))));
    let page = land(&office.app, &office.post(&path, &with(&[("auth", "secret")])).await).await;
    assert!(page.text().contains("Rotate the secret") && page.text().contains("client_secret_basic"));
    assert_eq!(settings().keys, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_token_is_shown_once_and_revoked() {
    let office = Office::open().await;
    assert!(office.get("clients").await.text().contains("/dashboard/acme/clients/registration"));
    let path = "clients/registration";
    assert!(office.get(path).await.text().contains("No registration tokens yet"));
    for (name, days, message) in [("", "30", "Name: must have 1 to 100"), ("Partner", "366", "Days: must be 1 to 365")]
    {
        let answer = office.post(path, &[("action", "create"), ("name", name), ("days", days)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let typed = format!("value=\"{days}\"");
        assert!(answer.text().contains(message) && answer.text().contains(&typed), "{}", answer.text());
    }
    let made = [("action", "create"), ("name", "Partner"), ("days", "30"), ("require_pkce", "on")];
    let page = land(&office.app, &office.post(path, &made).await).await;
    assert!(page.text().contains("Keep this token now"), "{}", page.text());
    assert!(!page.text().contains("PKCE not required"));
    let plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let token = page.text().split("reg_").filter_map(|rest| rest.get(..43)).find(plain).expect("a token").to_owned();
    let token = format!("reg_{token}");
    let again = office.get(path).await;
    assert!(again.text().contains("Partner") && !again.text().contains(&token), "the token is shown a second time");
    let client = json!({ "redirect_uris": ["https://partner.example/callback"] });
    let register = || office.app.request(Method::POST, "/oauth2/register").bearer(&token).json(&client).send();
    assert_eq!(register().await.status, StatusCode::CREATED);

    let tokens = office.app.services.registration_tokens();
    let id = tokens.list(&Ctx::operator(), office.created.application.id).await.unwrap()[0].id.to_string();
    for click in ["first", "second"] {
        let page = office.act(path, &[("action", "revoke"), ("token", &id)]).await;
        let text = page.text();
        assert!(text.contains("The token registers nobody any more.") && !text.contains("Partner"), "{click}: {text}");
    }
    assert_eq!(register().await.status, StatusCode::UNAUTHORIZED);

    let page = land(&office.app, &office.post(path, &made[..3]).await).await;
    assert!(page.text().contains("PKCE not required"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_registered_itself_is_shown_as_one() {
    let office = Office::open().await;
    let badge = "Registered itself";
    assert!(!office.get("clients").await.text().contains(badge));
    let token = oidc_register::initial(&office.app, 1).await;
    let metadata = json!({ "redirect_uris": ["https://partner.example/callback"] });
    let answer =
        office.app.request(Method::POST, "/oauth2/register").bearer(&token).json(&metadata).send().await.json();
    let directory = office.app.services.directory();
    let registered = directory.client(answer["client_id"].as_str().unwrap()).unwrap().client.id;
    let shown = async |id: String| {
        let page = office.get(&format!("clients/{id}")).await;
        [badge, "id=\"grant-refresh_token\"", "id=\"grant-client_credentials\"", "id=\"skip_consent\""]
            .map(|what| page.text().contains(what))
    };
    assert_eq!(shown(office.created.client.id.to_string()).await, [false, true, true, true]);
    assert_eq!(shown(registered.to_string()).await, [true, true, false, false], "what it would never get");
    assert_eq!(office.get("clients").await.text().matches(badge).count(), 1);
}
