//! Where a recent sign-in is asked for, a provider's word is one only where it says when: it may have let the browser
//! through without a question.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    Timestamp,
    identity::{email::Email, session::Session, upstream::MethodPatch},
    route,
};
use serde_json::json;
use service::{
    Ctx,
    testing::{people::mailed_token, provider::Provider},
};

use crate::{
    pages_factor::{shown, with_app},
    pages_shop::{self, PASSWORD, arrive, check},
    pages_upstream::{back, open, start, through, user},
    support::{Answer, TestApp},
};

const GATE: &str = "/account/identities";
const TO_GATE: &str = "/sign-in?to=identities";
const REFUSED: &str = "Corp did not ask you to sign in again";

/// Lets the stand-in speak now, and say when its person proved who they are, if it says that.
fn says(app: &TestApp, provider: &Provider, proved: Option<Timestamp>) {
    let now = app.services.now().timestamp();
    provider.bend(move |_, claims| {
        (claims["iat"], claims["exp"]) = (json!(now), json!(now + 300));
        if let Some(proved) = proved {
            claims["auth_time"] = json!(proved.timestamp());
        }
    });
}

/// The server with one application that has providers, so that its own pages offer them, too; and the person there.
async fn at_the_provider(sub: &str, email: &str) -> (TestApp, Provider) {
    let (app, provider) = open().await;
    let closed = app.services.directory().by_slug("closed").cloned().unwrap();
    for entry in &closed.sign_in_methods {
        let off = MethodPatch { enabled: Some(false), ..MethodPatch::default() };
        let methods = app.services.sign_in_methods();
        methods.update(&Ctx::operator(), closed.application.id, entry.method.id, off).await.unwrap();
    }
    provider.be(json!({ "sub": sub, "email": email, "email_verified": true }));
    (app, provider)
}

/// The same, whose person has a password here, and linked the two an hour ago.
async fn linked() -> (TestApp, Provider) {
    let (app, provider) = at_the_provider("7", "user@example.com").await;
    let browser = app.browser();
    let (page, _) = arrive(&browser, "acme-web", "").await;
    let link = through(&browser, &provider, &page, "corp").await.location().unwrap().to_owned();
    let sign_in = link.replace(route::UPSTREAM_LINK, route::SIGN_IN);
    by_password(&browser, &sign_in).await;
    assert!(browser.post_form(&link, &[]).await.location().unwrap().starts_with("/oauth2/resume?flow="));
    app.clock.advance(TimeDelta::hours(1));
    says(&app, &provider, None);
    (app, provider)
}

async fn by_password(app: &TestApp, page: &str) -> Answer {
    app.post_form(page, &[("email", "user@example.com"), ("password", PASSWORD)]).await
}

async fn session(app: &TestApp) -> Session {
    let token = app.cookie("turnpike_session").expect("a session");
    app.services.sessions().find(&token).await.unwrap().expect("a live one")
}

/// Whether what asks for a recent sign-in goes on: a link to a provider that does not exist.
async fn is_recent(app: &TestApp) -> bool {
    let answer = app.post_form(GATE, &[("link", "nowhere")]).await;
    match answer.location() {
        Some(location) => {
            assert_eq!(location, TO_GATE);
            false
        }
        None => {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
            true
        }
    }
}

/// What the provider is asked for, of `prompt` and `max_age`.
async fn asked(app: &TestApp, page: &str) -> (String, Option<String>, Option<String>) {
    let sent = app.post_form(&start(page, "corp"), &[]).await;
    let url = sent.location().expect("the provider").to_owned();
    let at = url::Url::parse(&url).unwrap();
    let named = |name: &str| at.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    (url.clone(), named("prompt"), named("max_age"))
}

/// The answer leads on, and not to the sign-in page once more.
async fn goes_on(app: &TestApp, answer: &Answer) {
    let resume = answer.location().unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
    assert!(resume.starts_with("/oauth2/resume?flow="), "{resume}");
    let next = app.get(&resume).await.location().expect("a step").to_owned();
    assert!(!next.starts_with("/sign-in"), "{next}");
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{:?} {}", answer.location(), answer.text());
    check(answer);
    assert!(answer.text().contains(REFUSED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_nothing_proves_nothing_recent() {
    let (app, provider) = linked().await;
    for (more, prompt, max_age) in [("&prompt=login", Some("login"), "0"), ("&max_age=60", None, "60")] {
        let browser = app.browser();
        let (page, _) = arrive(&browser, "acme-web", more).await;
        let (url, asked_prompt, asked_age) = asked(&browser, &page).await;
        assert_eq!((asked_prompt.as_deref(), asked_age.as_deref()), (prompt, Some(max_age)));
        refused(&back(&browser, &provider, &url).await);
        assert!(browser.cookie("turnpike_session").is_none(), "nobody is signed in by it");
        goes_on(&browser, &by_password(&browser, &page).await).await;
    }
    // Where nobody asks, it signs in; since when, nobody knows.
    let browser = app.browser();
    let (page, _) = arrive(&browser, "acme-web", "").await;
    let (url, prompt, max_age) = asked(&browser, &page).await;
    assert_eq!((prompt, max_age), (None, None));
    goes_on(&browser, &back(&browser, &provider, &url).await).await;
    let own = session(&browser).await;
    assert_eq!((own.signed_in_at, own.authenticated_at), (app.services.now(), own.user.created_at));
    assert!(!is_recent(&browser).await);
    let (url, prompt, _) = asked(&browser, TO_GATE).await;
    assert_eq!(prompt.as_deref(), Some("login"));
    refused(&back(&browser, &provider, &url).await);
    assert!(!is_recent(&browser).await);
    assert_eq!(by_password(&browser, TO_GATE).await.location(), Some(GATE));
    assert!(is_recent(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_when_is_held_to_it() {
    let (app, provider) = linked().await;
    let now = app.services.now();
    let visit = async |more: &str, proved: Timestamp| {
        says(&app, &provider, Some(proved));
        let browser = app.browser();
        let (page, _) = arrive(&browser, "acme-web", more).await;
        let answer = through(&browser, &provider, &page, "corp").await;
        (browser, answer)
    };
    let earlier = now - TimeDelta::minutes(40);
    refused(&visit("&prompt=login", earlier).await.1);
    refused(&visit("&max_age=2399", earlier).await.1);
    for (more, proved, since) in [
        ("", earlier, earlier),
        ("&max_age=2400", earlier, earlier),
        ("&prompt=login", now, now),
        ("&max_age=0", now, now),
        // Its clock may be slow, or fast.
        ("&prompt=login", now - TimeDelta::seconds(50), now),
        ("&prompt=login", now + TimeDelta::hours(1), now),
    ] {
        let (browser, answer) = visit(more, proved).await;
        goes_on(&browser, &answer).await;
        assert_eq!(session(&browser).await.authenticated_at, since, "{more}");
        assert_eq!(is_recent(&browser).await, since == now, "{more}");
    }
}

/// Asks for a link on the way to the gate, and follows it.
async fn by_mail(app: &TestApp, email: &str) -> Answer {
    // The newest mail is this one, not one about a new browser.
    app.clock.advance(TimeDelta::seconds(1));
    let ask = TO_GATE.replace(route::SIGN_IN, route::EMAIL_SIGN_IN);
    assert_eq!(app.post_form(&ask, &[("email", email)]).await.status, StatusCode::OK);
    let token = mailed_token(&app.services, &Email::parse(email).unwrap()).await.expect("a link");
    app.post_form(&format!("{}/{token}", route::MAIL_LINK), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_nothing_else_proves_it_by_mail() {
    let (app, provider) = at_the_provider("78", "fresh@example.com").await;
    // Nothing is older than the account that is made on the way.
    let (page, _) = arrive(&app, "acme-web", "&prompt=login").await;
    goes_on(&app, &through(&app, &provider, &page, "corp").await).await;
    let made = user(&app, "fresh@example.com").await.expect("an account").created_at;
    app.clock.advance(TimeDelta::hours(1));
    // A silent provider, and one that is deaf to what it is asked.
    for proved in [None, Some(app.services.now() - TimeDelta::hours(5))] {
        says(&app, &provider, proved);
        for more in ["&prompt=login", "&max_age=60"] {
            let browser = app.browser();
            let (page, _) = arrive(&browser, "acme-web", more).await;
            refused(&through(&browser, &provider, &page, "corp").await);
            assert!(browser.cookie("turnpike_session").is_none(), "nobody is signed in by it");
        }
        // Where nobody asks, it signs in, and opens nothing that asks for more.
        let browser = app.browser();
        let (page, _) = arrive(&browser, "acme-web", "").await;
        goes_on(&browser, &through(&browser, &provider, &page, "corp").await).await;
        assert_eq!(session(&browser).await.authenticated_at, proved.unwrap_or(made));
        assert!(!is_recent(&browser).await);
        let answer = through(&browser, &provider, TO_GATE, "corp").await;
        refused(&answer);
        assert!(answer.text().contains("href=\"/sign-in/link?to=identities\""), "{}", answer.text());
        assert!(!is_recent(&browser).await);
        assert_eq!(by_mail(&browser, "fresh@example.com").await.location(), Some(GATE));
        assert!(is_recent(&browser).await);
    }
    // One that asks again and says so is believed.
    app.clock.advance(TimeDelta::minutes(20));
    says(&app, &provider, Some(app.services.now()));
    assert!(!is_recent(&app).await);
    assert_eq!(through(&app, &provider, TO_GATE, "corp").await.location(), Some(GATE));
    assert!(is_recent(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_an_account_needs_no_recent_proof() {
    let (app, provider) = linked().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    goes_on(&app, &through(&app, &provider, &page, "corp").await).await;
    app.clock.advance(TimeDelta::minutes(1));
    says(&app, &provider, None);
    let (page, _) = arrive(&app, "acme-web", "&prompt=select_account").await;
    assert!(page.starts_with("/sign-in?flow="), "{page}");
    let (url, prompt, max_age) = asked(&app, &page).await;
    assert_eq!((prompt, max_age), (None, None));
    goes_on(&app, &back(&app, &provider, &url).await).await;
}

/// An intruder with the password, before its owner set up a factor: what takes the account away wants that factor.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_the_factor_takes_nothing_away() {
    let app = pages_shop::open().await;
    let owner = app.user("user@example.com").await;
    let intruder = app.browser();
    intruder.sign_in(&owner).await;
    let wish = intruder.post_form("/account/email", &[("email", "intruder@example.com")]).await;
    assert_eq!(wish.status, StatusCode::OK);
    let token = mailed_token(&app.services, &Email::parse("intruder@example.com").unwrap()).await.unwrap();
    let link = format!("/link/{token}");
    app.clock.advance(TimeDelta::minutes(1));
    let (key, _) = with_app(&app, &owner).await;
    assert!(intruder.get("/account").await.location().unwrap().starts_with("/sign-in"), "it ended with the factor");
    // Had one lived on, it would be worth nothing.
    intruder.sign_in(&owner).await;

    let (password, new) = (("password", PASSWORD), ("new_password", "four unrelated plain words"));
    let to_link = format!("/sign-in/factor?to=mail&token={token}");
    for (answer, to) in [
        (intruder.get(&link).await, to_link.as_str()),
        (intruder.post_form(&link, &[]).await, to_link.as_str()),
        (intruder.get("/account/data").await, "/sign-in/factor?to=data"),
        (intruder.get("/account/export").await, "/sign-in/factor?to=data"),
        (intruder.post_form("/account/data", &[password]).await, "/sign-in/factor?to=data"),
        (intruder.get("/account/password").await, "/sign-in/factor?to=password"),
        (intruder.post_form("/account/password", &[password, new]).await, "/sign-in/factor?to=password"),
    ] {
        assert_eq!(answer.location(), Some(to), "{}", answer.text());
    }
    assert_eq!(app.user("user@example.com").await, owner, "nothing has changed");
    assert!(app.services.users().authenticate(&Ctx::anonymous(), "user@example.com", PASSWORD).await.is_ok());

    // Somebody else may come instead.
    for other in ["/sign-in?to=data", "/sign-in?to=password", &to_link.replace("/sign-in/factor", "/sign-in")] {
        assert!(intruder.get(other).await.text().contains("name=\"password\""), "{other}");
    }

    // The owner goes on with it, from wherever they were led there.
    let sent = intruder.post_form(&to_link, &[("code", &shown(&app, &key))]).await;
    assert_eq!(sent.location(), Some(link.as_str()));
    assert_eq!(intruder.post_form(&link, &[]).await.location(), Some("/account?done=email"));
    let gone = intruder.post_form("/account/data", &[password]).await;
    assert!(gone.text().contains("Your account is deleted"), "{:?}", gone.location());
    let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
    let last = mails.iter().find(|own| own.kind == "account_deleted").expect("a notice");
    assert_eq!(last.mail.to.as_str(), "intruder@example.com", "the address that it had");
}
