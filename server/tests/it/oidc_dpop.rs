//! Tokens that are bound to a key (RFC 9449).

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::oauth::{client::ClientPatch, jwk::ClientAlg};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::{
    Ctx,
    crypto::{self, base64url},
    testing::client_key::ClientKey,
};

use crate::{
    acme::{self, CHALLENGE, SECRET, VERIFIER, claims, introspect, request, signed_in, url},
    support::{Answer, TestApp},
};

const ISSUER: &str = "http://127.0.0.1:8080";
const SPA: &str = "https://spa.example/";

/// The claims of a good proof for the token endpoint, changed.
fn said(app: &TestApp, jti: &str, changes: Value) -> Value {
    let now = app.services.now().timestamp();
    let mut claims = json!({ "jti": jti, "htm": "POST", "htu": format!("{ISSUER}/oauth2/token"), "iat": now });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn proof(key: &ClientKey, claims: &Value) -> String {
    key.sign_with(&json!({ "typ": "dpop+jwt", "alg": key.alg.as_str(), "jwk": key.jwk() }), claims)
}

/// The proof for a use of `token` at userinfo.
fn use_of(app: &TestApp, key: &ClientKey, jti: &str, token: &str) -> String {
    let ath = base64url(crypto::hash(token));
    let changes = json!({ "htm": "GET", "htu": format!("{ISSUER}/oauth2/userinfo"), "ath": ath });
    proof(key, &said(app, jti, changes))
}

async fn token(app: &TestApp, client: &str, proof: &str, fields: &[(&str, &str)]) -> Answer {
    let post = app.request(Method::POST, "/oauth2/token").header("dpop", proof);
    if client == "spa" {
        return post.form(&[fields, &[("client_id", client)]].concat()).send().await;
    }
    post.basic(client, SECRET).form(fields).send().await
}

async fn userinfo(app: &TestApp, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
    let get = app.request(Method::GET, "/oauth2/userinfo").header("authorization", &format!("{scheme} {token}"));
    match proof {
        Some(proof) => get.header("dpop", proof).send().await,
        None => get.send().await,
    }
}

/// A code of the public client.
async fn spa_code(app: &TestApp, changes: &[(&str, &str)]) -> String {
    let spa = [("client_id", "spa"), ("redirect_uri", SPA)];
    acme::code(app, &[&spa, changes].concat()).await
}

fn redeem(code: &str) -> Vec<(&str, &str)> {
    vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", SPA), ("code_verifier", VERIFIER)]
}

fn refresh_with(token: &str) -> [(&'static str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_works_with_its_key_only() {
    let app = signed_in().await;
    let (key, other) = (ClientKey::new("a"), ClientKey::new("b"));
    let code = spa_code(&app, &[]).await;
    let answer = token(&app, "spa", &proof(&key, &said(&app, "1", json!({}))), &redeem(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "DPoP");
    let access = tokens["access_token"].as_str().unwrap();
    let bound = claims(&tokens["access_token"])["cnf"]["jkt"].as_str().unwrap().to_owned();
    assert_eq!(bound.len(), 43);
    assert_eq!(claims(&tokens["id_token"]).get("cnf"), None);

    let good = use_of(&app, &key, "2", access);
    assert_eq!(userinfo(&app, "DPoP", access, Some(&good)).await.status, StatusCode::OK);
    let foreign = use_of(&app, &other, "3", access);
    let about_another = use_of(&app, &key, "4", "another token");
    let without_hash = proof(&key, &said(&app, "5", json!({"htm": "GET", "htu": format!("{ISSUER}/oauth2/userinfo")})));
    for (scheme, proof, error) in [
        ("Bearer", None, "invalid_token"),
        ("Bearer", Some(use_of(&app, &key, "6", access)), "invalid_token"),
        ("DPoP", None, "invalid_dpop_proof"),
        ("DPoP", Some(good), "invalid_dpop_proof"),
        ("DPoP", Some(foreign), "invalid_token"),
        ("DPoP", Some(about_another), "invalid_dpop_proof"),
        ("DPoP", Some(without_hash), "invalid_dpop_proof"),
        ("DPoP", Some(proof(&key, &said(&app, "7", json!({})))), "invalid_dpop_proof"),
    ] {
        let answer = userinfo(&app, scheme, access, proof.as_deref()).await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::UNAUTHORIZED, &json!(error)), "{scheme}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with(&format!("{scheme} ")), "{challenge}");
        assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}");
        let algs = "algs=\"RS256 PS256 ES256 EdDSA Ed25519\"";
        assert_eq!(challenge.contains(algs), scheme == "DPoP", "{challenge}");
        // Who shows it as a Bearer token learns that there are others.
        assert!(answer.headers.get_all("www-authenticate").iter().any(|one| one.to_str().unwrap().contains(algs)));
    }
    for (method, status) in [("HEAD", StatusCode::OK), ("GET", StatusCode::UNAUTHORIZED)] {
        let ath = base64url(crypto::hash(access));
        let changes = json!({ "htm": method, "htu": format!("{ISSUER}/oauth2/userinfo"), "ath": ath });
        let proof = proof(&key, &said(&app, method, changes));
        let head = app.request(Method::HEAD, "/oauth2/userinfo").header("authorization", &format!("DPoP {access}"));
        assert_eq!(head.header("dpop", &proof).send().await.status, status, "htm {method} of a HEAD");
    }
    // One that is not bound is no DPoP token.
    let plain = acme::tokens(&app, &[]).await;
    let plain = plain["access_token"].as_str().unwrap();
    let answer = userinfo(&app, "DPoP", plain, Some(&use_of(&app, &key, "8", plain))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("DPoP ") && challenge.contains("error=\"invalid_token\""), "{challenge}");

    // The refresh token of a public client is bound as well.
    let rt = tokens["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", rt)];
    let foreign = token(&app, "spa", &proof(&other, &said(&app, "9", json!({}))), &fields).await;
    assert_eq!(foreign.json()["error"], "invalid_grant");
    assert_eq!(acme::token(&app, "spa", &fields).await.json()["error"], "invalid_grant");
    let next = token(&app, "spa", &proof(&key, &said(&app, "10", json!({}))), &fields).await.json();
    assert_eq!(claims(&next["access_token"])["cnf"]["jkt"], bound);
}

/// RFC 9449, section 5: also where the first proof comes with a refresh.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_with_a_proof_binds_what_it_gives_a_public_client() {
    let app = signed_in().await;
    let (key, other) = (ClientKey::new("a"), ClientKey::new("b"));
    let code = spa_code(&app, &[]).await;
    let bare = acme::token(&app, "spa", &redeem(&code)).await.json();
    assert_eq!(bare["token_type"], "Bearer");
    let first = refresh_with(bare["refresh_token"].as_str().unwrap());
    let bound = token(&app, "spa", &proof(&key, &said(&app, "1", json!({}))), &first).await.json();
    assert_eq!(bound["token_type"], "DPoP");
    let next = refresh_with(bound["refresh_token"].as_str().unwrap());
    // Nor does the used one any more, within its leeway.
    for fields in [&first, &next] {
        assert_eq!(acme::token(&app, "spa", fields).await.json()["error"], "invalid_grant");
        let jti = format!("other {}", fields[1].1);
        let foreign = token(&app, "spa", &proof(&other, &said(&app, &jti, json!({}))), fields).await;
        assert_eq!(foreign.json()["error"], "invalid_grant");
    }
    let own = token(&app, "spa", &proof(&key, &said(&app, "2", json!({}))), &next).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text());
    let own = own.json();
    let last = refresh_with(own["refresh_token"].as_str().unwrap());
    assert_eq!(acme::token(&app, "spa", &last).await.json()["error"], "invalid_grant", "it stays bound");
    // A used one ends the family later on, also in the hands of who has not got the key.
    app.clock.advance(TimeDelta::seconds(11));
    assert_eq!(acme::token(&app, "spa", &first).await.json()["error"], "invalid_grant");
    let ended = token(&app, "spa", &proof(&key, &said(&app, "4", json!({}))), &last).await;
    assert_eq!(ended.json()["error"], "invalid_grant");

    // A confidential client proves itself.
    let bare = acme::tokens(&app, &[]).await;
    let first = refresh_with(bare["refresh_token"].as_str().unwrap());
    let bound = token(&app, "web", &proof(&key, &said(&app, "3", json!({}))), &first).await.json();
    assert_eq!(bound["token_type"], "DPoP");
    let next = refresh_with(bound["refresh_token"].as_str().unwrap());
    assert_eq!(acme::token(&app, "web", &next).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_by_any_algorithm_that_we_announce() {
    let app = signed_in().await;
    for alg in ClientAlg::ALL {
        let (key, other) = (ClientKey::by(alg, "a"), ClientKey::by(alg, "a"));
        let code = spa_code(&app, &[]).await;
        let answer = token(&app, "spa", &proof(&key, &said(&app, "1", json!({}))), &redeem(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{alg:?}: {}", answer.text());
        let access = answer.json()["access_token"].as_str().unwrap().to_owned();
        for (key, status) in [(&other, StatusCode::UNAUTHORIZED), (&key, StatusCode::OK)] {
            let shown = use_of(&app, key, "2", &access);
            assert_eq!(userinfo(&app, "DPoP", &access, Some(&shown)).await.status, status, "{alg:?}");
        }
    }
}

/// RFC 9864 renamed it, and libraries write the new name.
#[tokio::test(flavor = "multi_thread")]
async fn eddsa_has_two_names() {
    let app = signed_in().await;
    let key = ClientKey::by(ClientAlg::EdDsa, "a");
    let header = |alg: &str| json!({ "typ": "dpop+jwt", "alg": alg, "jwk": key.jwk() });
    for (jti, alg, status) in
        [("1", "EdDSA", StatusCode::OK), ("2", "Ed25519", StatusCode::OK), ("3", "Ed448", StatusCode::BAD_REQUEST)]
    {
        let code = spa_code(&app, &[]).await;
        let proof = key.sign_with(&header(alg), &said(&app, jti, json!({})));
        let answer = token(&app, "spa", &proof, &redeem(&code)).await;
        assert_eq!(answer.status, status, "{alg}: {}", answer.text());
        assert_eq!(answer.header("www-authenticate"), None, "that is how a resource answers");
    }
}

/// RFC 9449, section 7.1: the body is for tokens that are not bound.
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_is_posted_in_the_header() {
    let app = signed_in().await;
    let key = ClientKey::new("a");
    let code = spa_code(&app, &[]).await;
    let tokens = token(&app, "spa", &proof(&key, &said(&app, "1", json!({}))), &redeem(&code)).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    let of_post = |jti: &str| {
        let ath = base64url(crypto::hash(access));
        proof(&key, &said(&app, jti, json!({ "htu": format!("{ISSUER}/oauth2/userinfo"), "ath": ath })))
    };
    let post = || app.request(Method::POST, "/oauth2/userinfo");
    let shown = format!("DPoP {access}");
    let good = post().header("authorization", &shown).header("dpop", &of_post("2")).send().await;
    assert_eq!((good.status, &good.json()["sub"]), (StatusCode::OK, &claims(&tokens["id_token"])["sub"]));
    let form = [("access_token", access)];
    for (request, error) in [
        (post().header("authorization", &shown).header("dpop", &use_of(&app, &key, "3", access)), "invalid_dpop_proof"),
        (post().form(&form), "invalid_token"),
        (post().form(&form).header("dpop", &of_post("4")), "invalid_token"),
    ] {
        let answer = request.send().await;
        assert_eq!((answer.status, &answer.json()["error"]), (StatusCode::UNAUTHORIZED, &json!(error)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_proof_binds() {
    let app = signed_in().await;
    let (key, other) = (ClientKey::new("a"), ClientKey::new("b"));
    let now = app.services.now().timestamp();
    let good = said(&app, "1", json!({}));
    let with = |changes: Value| proof(&key, &said(&app, "1", changes));
    let header = |changes: Value| {
        let mut header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() });
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        key.sign_with(&header, &good)
    };
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    let none = format!(
        "{}.{}.",
        base64url(json!({ "typ": "dpop+jwt", "alg": "none", "jwk": key.jwk() }).to_string()),
        base64url(good.to_string())
    );
    let bent = {
        let token = with(json!({}));
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        format!("{header}.{}.{signature}", base64url(said(&app, "2", json!({})).to_string()))
    };
    let shared = {
        let mut header = Header::new(Algorithm::HS256);
        (header.typ, header.jwk) = (Some("dpop+jwt".into()), serde_json::from_value(key.jwk()).unwrap());
        let secret = EncodingKey::from_secret(key.jwk()["x"].as_str().unwrap().as_bytes());
        jsonwebtoken::encode(&header, &good, &secret).unwrap()
    };
    for (name, bad) in [
        ("another key in the header", header(json!({ "jwk": other.jwk() }))),
        ("a private key", header(json!({ "jwk": private }))),
        ("no key", header(json!({ "jwk": null }))),
        ("another type", header(json!({ "typ": "JWT" }))),
        ("another algorithm", header(json!({ "alg": "RS256" }))),
        ("no algorithm", none),
        ("the public key as a secret", shared),
        ("bent", bent),
        ("not a token", "x".into()),
        ("another method", with(json!({ "htm": "GET" }))),
        ("another address", with(json!({ "htu": format!("{ISSUER}/oauth2/userinfo") }))),
        ("another server", with(json!({ "htu": "https://evil.example/oauth2/token" }))),
        ("too old", with(json!({ "iat": now - 61 }))),
        ("of the future", with(json!({ "iat": now + 61 }))),
        ("no moment", with(json!({ "iat": null }))),
        ("over by its own word", with(json!({ "exp": now - 60 }))),
        ("not yet valid by its own word", with(json!({ "nbf": now + 61 }))),
        ("no name", with(json!({ "jti": null }))),
        ("an empty name", with(json!({ "jti": "" }))),
    ] {
        let answer = token(&app, "machine", &bad, &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(answer.json()["error"], "invalid_dpop_proof", "{name}");
    }
    let good = with(json!({ "htu": format!("{ISSUER}/oauth2/token?a=b"), "exp": now - 59, "nbf": now + 60 }));
    let first = token(&app, "machine", &good, &[("grant_type", "client_credentials")]).await;
    assert_eq!((first.status, &first.json()["token_type"]), (StatusCode::OK, &json!("DPoP")));
    let again = token(&app, "machine", &good, &[("grant_type", "client_credentials")]).await;
    assert_eq!(again.json()["error"], "invalid_dpop_proof");
    let access = first.json()["access_token"].as_str().unwrap().to_owned();
    let seen = introspect(&app, "machine", &access).await;
    assert_eq!((&seen["active"], &seen["token_type"]), (&json!(true), &json!("DPoP")));
    assert!(seen["cnf"]["jkt"].is_string());
    // The platform API does not take it without a proof, and reads none.
    let plans = app.request(Method::GET, "/api/platform/plans").bearer(&access).send().await;
    assert_eq!(plans.status, StatusCode::UNAUTHORIZED);
    let twice = app.request(Method::POST, "/oauth2/token").basic("machine", SECRET);
    let twice = twice.header("dpop", &with(json!({ "jti": "2" }))).header("dpop", &with(json!({ "jti": "3" })));
    let twice = twice.form(&[("grant_type", "client_credentials")]).send().await;
    assert_eq!(twice.json()["error"], "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_remembered_while_it_counts() {
    let app = signed_in().await;
    let (key, cc) = (ClientKey::new("a"), [("grant_type", "client_credentials")]);
    let ahead = proof(&key, &said(&app, "1", json!({ "iat": app.services.now().timestamp() + 60 })));
    assert_eq!(token(&app, "machine", &ahead, &cc).await.status, StatusCode::OK);
    // The last moment at which its own time would do.
    app.clock.advance(TimeDelta::seconds(120));
    app.services.purge().await.unwrap();
    let again = token(&app, "machine", &ahead, &cc).await;
    assert_eq!(again.json()["error"], "invalid_dpop_proof");
    assert!(again.text().contains("has been used"), "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_may_be_bound_too() {
    let app = signed_in().await;
    let (key, other) = (ClientKey::new("a"), ClientKey::new("b"));
    let own = proof(&key, &said(&app, "0", json!({})));
    let made = token(&app, "machine", &own, &[("grant_type", "client_credentials")]);
    let jkt = claims(&made.await.json()["access_token"])["cnf"]["jkt"].as_str().unwrap().to_owned();
    let code = spa_code(&app, &[("dpop_jkt", &jkt)]).await;
    assert_eq!(acme::token(&app, "spa", &redeem(&code)).await.json()["error"], "invalid_grant");
    let foreign = token(&app, "spa", &proof(&other, &said(&app, "1", json!({}))), &redeem(&code)).await;
    assert_eq!(foreign.json()["error"], "invalid_grant");
    let own = token(&app, "spa", &proof(&key, &said(&app, "2", json!({}))), &redeem(&code)).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text());

    // A pushed request is bound by the proof that comes with it.
    let spa = [("client_id", "spa"), ("redirect_uri", SPA), ("code_challenge", CHALLENGE)];
    let fields = request(&spa);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let par = proof(&key, &said(&app, "3", json!({ "htu": format!("{ISSUER}/oauth2/par") })));
    let pushed = app.request(Method::POST, "/oauth2/par").header("dpop", &par).form(&fields).send().await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    let name = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let pairs = [("client_id".to_owned(), "spa".to_owned()), ("request_uri".to_owned(), name)];
    let code = app.get(&url("/oauth2/authorize", &pairs)).await.location_param("code").unwrap();
    assert_eq!(acme::token(&app, "spa", &redeem(&code)).await.json()["error"], "invalid_grant");
    let own = token(&app, "spa", &proof(&key, &said(&app, "4", json!({}))), &redeem(&code)).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text());
    // Where it names a key as well, it is the same one.
    for (jti, signer, status) in [("5", &other, StatusCode::BAD_REQUEST), ("6", &key, StatusCode::CREATED)] {
        let par = proof(signer, &said(&app, jti, json!({ "htu": format!("{ISSUER}/oauth2/par") })));
        let both = [fields.as_slice(), &[("dpop_jkt", jkt.as_str())]].concat();
        let pushed = app.request(Method::POST, "/oauth2/par").header("dpop", &par).form(&both).send().await;
        assert_eq!(pushed.status, status, "{}", pushed.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_have_to_bind() {
    let app = signed_in().await;
    let (application, id) = (app.application("acme"), app.services.directory().client("machine").unwrap().client.id);
    let patch = ClientPatch { dpop_bound: Some(true), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), application, id, patch).await.unwrap();
    let cc = [("grant_type", "client_credentials")];
    let bare = acme::token(&app, "machine", &cc).await;
    assert_eq!((bare.status, &bare.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_dpop_proof")));
    let key = ClientKey::new("a");
    let bound = token(&app, "machine", &proof(&key, &said(&app, "1", json!({}))), &cc).await;
    assert_eq!(bound.status, StatusCode::OK);
    // A proof is not good for ever.
    let late = proof(&key, &said(&app, "2", json!({})));
    app.clock.advance(TimeDelta::seconds(61));
    assert_eq!(token(&app, "machine", &late, &cc).await.json()["error"], "invalid_dpop_proof");
}
