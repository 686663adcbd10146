use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    acme::{self, SECRET, introspect, signed_in, start, token, tokens, userinfo},
    oidc_register,
};

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_cached_and_open_to_everybody() {
    let app = start().await;
    for path in
        ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"]
    {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert!(answer.header("cache-control").unwrap().contains("max-age"));
        let etag = answer.header("etag").unwrap();
        for known in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let again = app.request(Method::GET, path).header("if-none-match", &known).send().await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        }
        let head = app.request(Method::HEAD, path).send().await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    }
    let document = app.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], "http://127.0.0.1:8080");
    for key in app.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap() {
        let pem = app.get(&format!("/.well-known/keys/{}.pem", text(&key["kid"]))).await;
        assert!(pem.text().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_takes_the_token_three_ways() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[]).await;
    let access = text(&tokens["access_token"]);
    let post = || app.request(Method::POST, "/oauth2/userinfo");
    let by_get = userinfo(&app, access).await;
    assert_eq!(by_get.header("cache-control"), Some("no-store"));
    let expected = by_get.json();
    assert_eq!(expected["email"], "user@example.com");
    assert_eq!(post().bearer(access).send().await.json(), expected);
    assert_eq!(post().form(&[("access_token", access)]).send().await.json(), expected);

    let twice = post().bearer(access).form(&[("access_token", access)]).send().await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    let none = app.get("/oauth2/userinfo").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = none.headers.get_all("www-authenticate").iter().collect();
    let dpop = "DPoP realm=\"turnpike\", algs=\"RS256 PS256 ES256 EdDSA Ed25519\"";
    assert_eq!(challenges, ["Bearer realm=\"turnpike\"", dpop]);
    let machine = token(&app, "machine", &[("grant_type", "client_credentials")]).await.json();
    for bad in ["nonsense", text(&tokens["id_token"]), text(&machine["access_token"]), text(&tokens["refresh_token"])] {
        let answer = userinfo(&app, bad).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    }
    let without = acme::tokens(&app, &[("scope", "email")]).await;
    assert_eq!(without.get("id_token"), None);
    let answer = userinfo(&app, text(&without["access_token"])).await;
    assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::FORBIDDEN, &json!("insufficient_scope")));
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_tells_the_owner_and_nobody_else() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[]).await;
    let (access, rt) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    let said = introspect(&app, "web", access).await;
    assert_eq!((&said["active"], &said["client_id"], &said["plan"]), (&json!(true), &json!("web"), &json!("free")));
    assert_eq!(introspect(&app, "web", rt).await.get("token_type"), None, "it is no access token (RFC 7662, 2.2)");
    let bare = acme::tokens(&app, &[("scope", "openid offline_access")]).await;
    for (tokens, name) in [(&tokens, Some("user@example.com")), (&bare, None)] {
        for kind in ["access_token", "refresh_token"] {
            let said = introspect(&app, "web", text(&tokens[kind])).await;
            assert_eq!((&said["active"], said["username"].as_str()), (&json!(true), name), "{kind}");
        }
    }
    for foreign in [access, rt] {
        assert_eq!(introspect(&app, "es", foreign).await, json!({"active": false}));
    }
    for nothing in ["nonsense", text(&tokens["id_token"])] {
        assert_eq!(introspect(&app, "web", nothing).await, json!({"active": false}));
    }
    let anonymous = app.post_form("/oauth2/introspect", &[("token", access)]).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    let public = app.post_form("/oauth2/introspect", &[("token", access), ("client_id", "spa")]).await;
    assert_eq!(public.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_takes_a_token_or_the_whole_family() {
    let app = signed_in().await;
    let revoke = async |client: &str, token: &str| {
        app.request(Method::POST, "/oauth2/revoke").basic(client, SECRET).form(&[("token", token)]).send().await.status
    };
    let tokens = tokens(&app, &[]).await;
    let (access, rt) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    assert_eq!(revoke("es", rt).await, StatusCode::BAD_REQUEST);
    assert_eq!(revoke("es", access).await, StatusCode::BAD_REQUEST);
    assert_eq!(revoke("web", "unknown").await, StatusCode::OK);
    assert_eq!(revoke("web", access).await, StatusCode::OK);
    assert_eq!(revoke("web", access).await, StatusCode::OK);
    assert_eq!(userinfo(&app, access).await.status, StatusCode::UNAUTHORIZED);
    let next = acme::refresh(&app, "web", rt).await.json();
    assert_eq!(userinfo(&app, text(&next["access_token"])).await.status, StatusCode::OK);
    // Even an old refresh token of the family ends it.
    assert_eq!(revoke("web", rt).await, StatusCode::OK);
    assert_eq!(userinfo(&app, text(&next["access_token"])).await.status, StatusCode::UNAUTHORIZED);
    let answer = acme::refresh(&app, "web", text(&next["refresh_token"])).await;
    assert_eq!(answer.json()["error"], "invalid_grant");

    let machine = token(&app, "machine", &[("grant_type", "client_credentials")]).await.json();
    let access = text(&machine["access_token"]);
    assert_eq!(introspect(&app, "machine", access).await["active"], true);
    assert_eq!(revoke("machine", access).await, StatusCode::OK);
    assert_eq!(introspect(&app, "machine", access).await["active"], false);
}

/// RFC 6749, sections 5.1 and 5.2; RFC 6750, section 3.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_a_client_is_kept_and_every_401_says_how() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[]).await;
    let access = text(&tokens["access_token"]);
    let initial = oidc_register::initial(&app, 1).await;
    let asked = acme::request(&[]);
    let asked: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let post = |path: &str| app.request(Method::POST, path);
    let (cc, shown) = ([("grant_type", "client_credentials")], [("token", access)]);
    let device = [("client_id", "tv"), ("scope", "openid")];
    let metadata = json!({ "redirect_uris": [acme::CALLBACK] });
    let userinfo = || app.request(Method::GET, "/oauth2/userinfo");
    for (name, request) in [
        ("token", post("/oauth2/token").basic("machine", SECRET).form(&cc)),
        ("introspect", post("/oauth2/introspect").basic("web", SECRET).form(&shown)),
        ("par", post("/oauth2/par").basic("web", SECRET).form(&asked)),
        ("device_authorization", post("/oauth2/device_authorization").form(&device)),
        ("register", post("/oauth2/register").bearer(&initial).json(&metadata)),
        ("userinfo", userinfo().bearer(access)),
        ("userinfo by POST", post("/oauth2/userinfo").form(&[("access_token", access)])),
        ("revoke", post("/oauth2/revoke").basic("web", SECRET).form(&shown)),
    ] {
        let answer = request.send().await;
        assert!(answer.status.is_success(), "{name}: {} {}", answer.status, answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
    }
    let unknown = [("client_id", "nobody"), ("scope", "openid")];
    for (name, scheme, request) in [
        ("token", "Basic", post("/oauth2/token").basic("machine", "wrong").form(&cc)),
        ("token, nobody's", "Basic", post("/oauth2/token").form(&cc)),
        ("introspect", "Basic", post("/oauth2/introspect").basic("web", "wrong").form(&shown)),
        ("introspect, nobody's", "Basic", post("/oauth2/introspect").form(&shown)),
        ("revoke", "Basic", post("/oauth2/revoke").basic("web", "wrong").form(&shown)),
        ("revoke, nobody's", "Basic", post("/oauth2/revoke").form(&shown)),
        ("par", "Basic", post("/oauth2/par").basic("web", "wrong").form(&asked)),
        ("par, nobody's", "Basic", post("/oauth2/par").form(&[("scope", "openid")])),
        ("device_authorization", "Basic", post("/oauth2/device_authorization").form(&unknown)),
        ("register", "Bearer", post("/oauth2/register").bearer("reg_wrong").json(&metadata)),
        ("register, nobody's", "Bearer", post("/oauth2/register").json(&metadata)),
        ("userinfo", "Bearer", userinfo().bearer(access)),
        ("userinfo, nobody's", "Bearer", userinfo()),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
        let challenge = answer.header("www-authenticate").unwrap_or_else(|| panic!("{name}: no challenge"));
        assert!(challenge.starts_with(&format!("{scheme} realm=")), "{name}: {challenge}");
        // An error is told to whoever has shown something (RFC 6750, section 3.1).
        let is_told = scheme == "Bearer" && !name.ends_with("nobody's");
        assert_eq!(challenge.contains("error="), is_told, "{name}: {challenge}");
    }
    let given = format!("Bearer {access}");
    let twice = post("/oauth2/userinfo").header("authorization", &given).form(&[("access_token", access)]).send().await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    let challenge = twice.header("www-authenticate").unwrap();
    assert_eq!(challenge, "Bearer realm=\"turnpike\", error=\"invalid_request\"");
}

/// A request proves itself in one way (RFC 6749, section 2.3; RFC 6750, section 2).
#[tokio::test(flavor = "multi_thread")]
async fn two_headers_of_authorization_are_none() {
    let app = signed_in().await;
    let access = acme::tokens(&app, &[]).await["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {access}");
    for other in [bearer.as_str(), "Bearer wrong", "Basic eA==", ""] {
        let asked = app.request(Method::GET, "/oauth2/userinfo").header("authorization", &bearer);
        let answer = asked.header("authorization", other).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{other}");
        let posted = app.request(Method::POST, "/oauth2/userinfo").header("authorization", other);
        let posted = posted.header("authorization", other).form(&[("access_token", &access)]).send().await;
        assert_eq!(posted.status, StatusCode::BAD_REQUEST, "{other}");
        let own = || app.request(Method::GET, "/api/user/sessions").header("authorization", &bearer);
        assert_eq!(own().send().await.status, StatusCode::OK);
        assert_eq!(own().header("authorization", other).send().await.status, StatusCode::UNAUTHORIZED, "{other}");
        let plans = || app.request(Method::GET, "/api/platform/plans").basic("machine", SECRET);
        assert_eq!(plans().send().await.status, StatusCode::OK);
        assert_eq!(plans().header("authorization", other).send().await.status, StatusCode::UNAUTHORIZED, "{other}");
    }
    let machine = || app.request(Method::POST, "/oauth2/token").basic("machine", SECRET);
    let form = [("grant_type", "client_credentials")];
    assert_eq!(machine().form(&form).send().await.status, StatusCode::OK);
    assert_eq!(machine().basic("machine", SECRET).form(&form).send().await.status, StatusCode::UNAUTHORIZED);
}

/// Whoever sends too much gets JSON all the same, also where nothing of it has been read.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_in_the_protocol_s_words() {
    let app = start().await;
    let large = format!("a={}", "x".repeat(64 << 10));
    for path in ["token", "par", "userinfo", "revoke", "introspect", "device_authorization", "register"]
        .map(|name| format!("/oauth2/{name}"))
        .into_iter()
        .chain(["/api/platform/token".to_owned()])
    {
        for kind in ["application/x-www-form-urlencoded", "application/json"] {
            let told = app.request(Method::POST, &path).text_body(large.clone(), kind);
            let streamed = app.request(Method::POST, &path).raw_body(large.clone().into(), kind);
            for request in [told, streamed] {
                let answer = request.send().await;
                assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
                assert_eq!(answer.json()["error"], "invalid_request", "{path}: {}", answer.text());
                assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_of_registered_origins_may_read() {
    let app = start().await;
    let ask = async |method: Method, path: &str, origin: &str| {
        let request = app.request(method.clone(), path).header("origin", origin);
        let request = if method == Method::POST { request.form(&[("a", "b")]) } else { request };
        let answer = request.send().await;
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{method} {path}: no cookies");
        (answer.status, answer.header("access-control-allow-origin").map(str::to_owned))
    };
    let strangers = [
        "https://evil.example",
        "https://spa.example.evil.example",
        "https://spa.example:8443",
        "http://spa.example",
        "https://spa.exampl",
        "null",
    ];
    for path in ["/oauth2/token", "/oauth2/userinfo", "/oauth2/revoke", "/oauth2/par"] {
        for (method, status) in [(Method::OPTIONS, StatusCode::NO_CONTENT), (Method::POST, StatusCode::UNAUTHORIZED)] {
            for origin in ["https://spa.example", "https://app.example"] {
                let answer = ask(method.clone(), path, origin).await;
                assert_eq!(answer, (status, Some(origin.to_owned())), "{method} {path}");
            }
            for origin in strangers {
                assert_eq!(ask(method.clone(), path, origin).await, (status, None), "{method} {path} {origin}");
            }
        }
        let answer = app.request(Method::OPTIONS, path).header("origin", strangers[0]).send().await;
        assert!(answer.headers.get_all("vary").iter().any(|value| value == "origin"), "{path}");
    }
    // What only servers ask is no browser's.
    for path in ["/oauth2/introspect", "/api/platform/token"] {
        assert_eq!(ask(Method::POST, path, "https://spa.example").await, (StatusCode::UNAUTHORIZED, None), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_needs_a_hint_or_asks() {
    let app = signed_in().await;
    let tokens = tokens(&app, &[]).await;
    let hint = text(&tokens["id_token"]);
    let logout = async |app: &crate::support::TestApp, pairs: &[(&str, &str)]| {
        app.get(&format!("/oauth2/logout?{}", serde_urlencoded::to_string(pairs).unwrap())).await
    };
    let bye = ("post_logout_redirect_uri", "https://app.example/bye");
    for pairs in [
        vec![],
        vec![("state", "s")],
        vec![bye],
        vec![("id_token_hint", "nonsense"), bye],
        vec![("id_token_hint", text(&tokens["access_token"])), bye],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye/")],
        vec![("id_token_hint", hint), ("client_id", "es"), bye],
    ] {
        let answer = logout(&app, &pairs).await;
        assert_eq!(answer.location(), Some("/sign-out"), "{pairs:?}");
        assert!(app.cookie("turnpike_session").is_some());
    }
    // Somebody else in another browser is not signed out by it.
    let other = app.browser();
    other.sign_in(&app.user("other@example.com").await).await;
    assert_eq!(logout(&other, &[("id_token_hint", hint), bye]).await.location(), Some("/sign-out"));

    app.clock.advance(TimeDelta::hours(5));
    let answer = logout(&app, &[("id_token_hint", hint), bye, ("state", "a b")]).await;
    assert_eq!(answer.location(), Some("https://app.example/bye?state=a+b"));
    assert_eq!(app.cookie("turnpike_session"), None);
    assert!(acme::authorize(&app, &[]).await.location().unwrap().starts_with("/sign-in?"));
    // Once more, as a POST of another site without cookies, and with what nobody knows.
    let fields = [("id_token_hint", hint), bye, ("utm", "a"), ("utm", "b")];
    let again = app.request(Method::POST, "/oauth2/logout").header("sec-fetch-site", "cross-site").form(&fields);
    let again = again.send().await;
    assert_eq!(app.get(again.location().unwrap()).await.location(), Some("https://app.example/bye"));
}

/// A form of another site comes without the session's cookie, and its answer could take it away all the same.
#[tokio::test(flavor = "multi_thread")]
async fn another_site_s_form_signs_nobody_else_out() {
    let (app, session) = (signed_in().await, "turnpike_session");
    let tokens = tokens(&app, &[]).await;
    let (bob, bare) = (app.browser(), app.browser());
    bob.sign_in(&app.user("other@example.com").await).await;
    let cookie = bob.cookie(session);
    let post = async |hint: &str| {
        let fields =
            [("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye"), ("state", "a b")];
        let form = bare.request(Method::POST, "/oauth2/logout").header("sec-fetch-site", "cross-site").form(&fields);
        let answer = form.send().await;
        assert_eq!((answer.status, answer.header("set-cookie")), (StatusCode::SEE_OTHER, None));
        answer.location().unwrap().to_owned()
    };
    let next = post(text(&tokens["id_token"])).await;
    // The redirect brings the cookie along: somebody else is signed in here by now, and is asked.
    let asked = bob.get(&next).await;
    assert_eq!((asked.location(), asked.header("set-cookie")), (Some("/sign-out"), None));
    assert!(cookie.is_some() && bob.cookie(session) == cookie);
    assert_eq!(bob.get("/account").await.status, StatusCode::OK, "Bob is still signed in");
    // In the browser of the one whom the hint names, the same ends the session.
    assert_eq!(app.get(&next).await.location(), Some("https://app.example/bye?state=a+b"));
    assert_eq!(app.cookie(session), None);
    // Without any cookie it comes to an end as well, and nobody is sent to an address that is too long.
    assert_eq!(bare.get(&next).await.location(), Some("https://app.example/bye?state=a+b"));
    assert_eq!(post(&"x".repeat(8 << 10)).await, "/sign-out");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_and_never_a_fault() {
    let app = signed_in().await;
    let form = "application/x-www-form-urlencoded";
    let huge = format!("token={}", "x".repeat(2 << 20));
    let deep = format!(r#"{{"grant_type":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let many = "a&".repeat(201);
    for path in [
        "/oauth2/token",
        "/api/platform/token",
        "/oauth2/introspect",
        "/oauth2/revoke",
        "/oauth2/userinfo",
        "/oauth2/authorize",
    ] {
        for (body, kind) in [
            (huge.as_str(), form),
            (many.as_str(), form),
            ("%%%=%zz&a=%ff%00&grant_type=%00&token=%00&client_id=%00&scope=%00&client_secret=%00", form),
            ("grant_type=refresh_token&refresh_token=rt_%00&client_id=spa", form),
            (deep.as_str(), "application/json"),
            ("{", "application/json"),
            ("<xml/>", "text/xml"),
            ("x", ""),
        ] {
            let request = app.request(Method::POST, path).text_body(body.to_owned(), kind);
            let answer = request.send().await;
            let status = answer.status;
            assert!(status.is_client_error() || status == StatusCode::SEE_OTHER, "{path} {kind} {status}");
        }
        for header in ["Basic", "Basic \u{ff}", "Basic Og==", "Bearer", "Bearer a.b.c", "Negotiate x"] {
            let value = header.replace('\u{ff}', "%%");
            let request = app.request(Method::POST, path).header("authorization", &value);
            let answer = request.form(&[("grant_type", "client_credentials"), ("token", "x")]).send().await;
            assert!(answer.status.is_client_error(), "{path} {header} {}", answer.status);
        }
    }
    let long = "x".repeat(3 << 10);
    for path in ["/oauth2/authorize", "/oauth2/resume", "/auth/login", "/oauth2/logout"] {
        let (long, many) = (format!("?flow={long}&state={long}"), format!("?{many}"));
        for query in ["", "?%%%&=&a", "?flow=%00", "?client_id=web&client_id=web", &long, &many] {
            let status = app.get(&format!("{path}{query}")).await.status;
            assert!(status.is_client_error() || status == StatusCode::SEE_OTHER, "{path}{query} {status}");
        }
        let refused = app.get(&format!("{path}{many}")).await;
        assert_eq!((refused.status, &refused.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    }
}
