//! Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0): where it ends.

use axum::http::{Method, StatusCode};
use domain::oauth::{
    client::ClientPatch,
    redirect_uri::{RedirectUri, RedirectUris},
};
use serde_json::{Value, json};
use service::Ctx;

use crate::{
    acme::{claims, signed_in, tokens},
    oidc_backchannel::{Client, work},
    support::{Answer, TestApp},
};

const SESSION: &str = "turnpike_session";

/// How a request comes: by GET, by POST, or by a form of another site, which brings no cookies and is sent on.
#[derive(Clone, Copy, Debug)]
enum Way {
    Get,
    Post,
    Foreign,
}

impl Way {
    const ALL: [Self; 3] = [Self::Get, Self::Post, Self::Foreign];

    async fn ask(self, app: &TestApp, fields: &[(&str, &str)]) -> Answer {
        match self {
            Self::Get => app.get(&format!("/oauth2/logout?{}", serde_urlencoded::to_string(fields).unwrap())).await,
            Self::Post => app.post_form("/oauth2/logout", fields).await,
            Self::Foreign => {
                let bare = app.browser();
                let form = bare.request(Method::POST, "/oauth2/logout").header("sec-fetch-site", "cross-site");
                let answer = form.form(fields).send().await;
                app.get(answer.location().unwrap()).await
            }
        }
    }
}

/// Lets people go to `uris` from `client`.
async fn allow(app: &TestApp, client: &str, uris: &[&str]) {
    let uris = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
    let id = app.services.directory().client(client).unwrap().client.id;
    let patch = ClientPatch { post_logout_redirect_uris: Some(RedirectUris(uris)), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), app.application("acme"), id, patch).await.unwrap();
}

fn hint(tokens: &Value) -> &str {
    tokens["id_token"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_alone_ends_the_session_and_stays_here() {
    let app = signed_in().await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    let user = app.user("user@example.com").await;
    for more in [vec![], vec![("state", "a b")]] {
        for way in Way::ALL {
            app.sign_in(&user).await;
            let session = app.cookie(SESSION).unwrap();
            let tokens = tokens(&app, &[]).await;
            let fields = [vec![("id_token_hint", hint(&tokens))], more.clone()].concat();
            let answer = way.ask(&app, &fields).await;
            assert_eq!(
                (answer.status, answer.location()),
                (StatusCode::SEE_OTHER, Some("/sign-out")),
                "{way:?} {more:?}"
            );
            assert_eq!(app.cookie(SESSION), None, "{way:?} {more:?}");
            assert!(app.services.sessions().find(&session).await.unwrap().is_none(), "{way:?} {more:?}");
            let page = app.get("/sign-out").await;
            assert_eq!((page.status, page.location()), (StatusCode::OK, None));
            assert!(page.text().contains("You are signed out") && !page.text().contains("app.example"), "{way:?}");
            assert_eq!(work(&app).await, 1, "{way:?} {more:?}");
            let told = web.tokens();
            assert_eq!(claims(&json!(told[0]))["sid"], claims(&tokens["id_token"])["sid"], "{way:?} {more:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_speak_the_language_that_the_client_asks_for() {
    let app = signed_in().await;
    let page = "/sign-out?ui_locales=id";
    for way in Way::ALL {
        // Who is to be signed out is known by the id_token alone.
        let fields = [("ui_locales", "fr id-ID en"), ("logout_hint", "other@example.com")];
        assert_eq!(way.ask(&app, &fields).await.location(), Some(page), "{way:?}");
    }
    let asks = app.get(page).await;
    assert!(asks.text().contains("Keluar dari akun?"), "{}", asks.text());
    assert!(asks.text().contains(&format!("action=\"{page}\"")), "{}", asks.text());
    assert!(asks.text().contains("user@example.com"), "{}", asks.text());
    assert_eq!(app.post_form(page, &[]).await.location(), Some(page));
    assert!(app.get(page).await.text().contains("Anda sudah keluar"));
}

/// Only a redirect URI may vary its port, and that of another client is another one.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_the_client_s_own_to_the_letter_asks() {
    let app = signed_in().await;
    let (own, other, loopback) = ("https://app.example/bye", "https://es.example/bye", "http://127.0.0.1:9300/bye");
    allow(&app, "web", &[own, loopback]).await;
    allow(&app, "es", &[other]).await;
    let web = Client::start().await;
    web.register(&app, "web").await;
    let tokens = tokens(&app, &[]).await;
    for uri in [
        other,
        "https://app.example/bye?x=1",
        "https://app.example/bye#",
        "https://app.example:443/bye",
        "http://127.0.0.1:9301/bye",
        "http://127.0.0.1/bye",
    ] {
        for way in Way::ALL {
            let fields = [("id_token_hint", hint(&tokens)), ("post_logout_redirect_uri", uri), ("state", "s")];
            let answer = way.ask(&app, &fields).await;
            assert_eq!((answer.location(), answer.header("set-cookie")), (Some("/sign-out"), None), "{way:?} {uri}");
            let page = app.get("/sign-out").await;
            assert!(page.text().contains("Sign out?") && !page.text().contains(uri), "{way:?} {uri}");
        }
    }
    assert_eq!(work(&app).await, 0, "nobody has signed out");
    assert_eq!(app.get("/account").await.status, StatusCode::OK);
    let fields = [("id_token_hint", hint(&tokens)), ("post_logout_redirect_uri", loopback)];
    assert_eq!(Way::Get.ask(&app, &fields).await.location(), Some(loopback));
    assert_eq!((app.cookie(SESSION), work(&app).await), (None, 1));
}
