//! What a copy of the database gives away: no secret that the server handed out or was told.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use domain::{
    Secret,
    application::Provider,
    billing::ledger::Actor,
    identity::{organization::OrganizationRole, proof::Proof},
    oauth::client::{ClientSettings, ClientType, GrantType},
    text::{Name, Slug},
    webhook::endpoint::NewEndpoint,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service::{
    Ctx, Services,
    application::{clients::NewClient, registration_tokens::NewRegistrationToken},
    catalog::Catalog,
    crypto::{from_base64url, hash},
    identity::mail_links::Origin,
    oauth::PresentedCredentials,
    organization::NewOrganization,
    payment::keys::NewKeys,
    testing::{
        TestServices, authenticator,
        people::{mailed_behind, mailed_token, register},
        provider::CLIENT_SECRET,
    },
};

use crate::{
    grants,
    people::{email, new_user},
    shop::{Shop, operator},
    upstream,
};

async fn texts(services: &Services, sql: String) -> Vec<String> {
    let db = services.db.read();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Every row of every table as text, bytes as hexadecimal digits.
async fn dump(services: &Services) -> String {
    let is_sqlite = services.db.read().get_database_backend() == DbBackend::Sqlite;
    let tables = match is_sqlite {
        true => "SELECT name FROM sqlite_master WHERE type = 'table'",
        false => "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()",
    };
    let mut all = Vec::new();
    for table in texts(services, tables.to_owned()).await {
        let row = if is_sqlite {
            let columns = texts(services, format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let columns: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            columns.join(" || ' ' || ")
        } else {
            "CAST(row_to_json(one) AS TEXT)".to_owned()
        };
        all.extend(texts(services, format!("SELECT {row} FROM \"{table}\" AS one")).await);
    }
    all.join("\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that base32 stands for.
fn from_base32(text: &str) -> Vec<u8> {
    let bits = text.chars().flat_map(|letter| {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
        (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1))
    });
    let bits: Vec<u8> = bits.collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0u8, |byte, bit| byte << 1 | bit)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_database_as_it_is() {
    let shop = Shop::open().await;
    let (services, application, nobody) = (shop.services(), shop.application, Ctx::anonymous());
    let name = || Name::parse("Kept").unwrap();

    let ann = register(services, new_user("ann@example.com")).await;
    let (session, first) = services.sessions().start(&nobody, &ann, Proof::Password).await.unwrap();
    let signed_in = Ctx { actor: Actor::User(ann.id), session: Some(session), ..Ctx::anonymous() };
    let catalog = Catalog::parse(&grants::CATALOG.replace("\"acme\"", "\"pages\""), "catalog.toml").expect("a catalog");
    services.catalog().apply(&operator(), catalog, false).await.unwrap();
    let (code, unused) = (grants::code(services, &signed_in).await, grants::code(services, &signed_in).await);
    let refresh = grants::redeem(services, &code).await.unwrap().refresh_token.expect("a refresh token");
    let mark = services.devices().meet(&signed_in, &ann, None).await.unwrap();
    upstream::link(services, application, &signed_in).await;
    let [stripe, signing, midtrans] =
        ["sk_test_of_nobody_at_all", "whsec_of_nobody_at_all", "SB-Mid-server-of-nobody-at-all"];
    let keys = NewKeys { secret: Some(Secret::new(stripe)), webhook: Some(Secret::new(signing)) };
    services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    let keys = NewKeys { secret: Some(Secret::new(midtrans)), webhook: None };
    services.payment_keys().set(&operator(), application, Provider::Midtrans, keys).await.unwrap();
    let app = services.factors().begin_totp(&signed_in).await.unwrap();
    let shown = authenticator::code(&app.key, services.now());
    let confirmed = services.factors().confirm_totp(&signed_in, &app.sealed, &shown).await.unwrap();
    assert!(!confirmed.recovery_codes.is_empty());

    let bob = register(services, new_user("bob@example.com")).await;
    services.mail_links().reset(&nobody, bob.email.clone(), Origin::default()).await.unwrap();
    let link = mailed_token(services, &bob.email).await.expect("a link");
    let team = NewOrganization { slug: Slug::parse("kopi").unwrap(), name: name(), owner: None };
    let team = services.organizations().create(&operator(), team).await.unwrap().id;
    let asked = email("asked@example.com");
    services.organizations().invite(&operator(), team, asked.clone(), OrganizationRole::Member).await.unwrap();
    let invitation = mailed_behind(services, &asked, "/invitation/").await.expect("an invitation");

    let web = NewClient { client_id: None, kind: ClientType::Confidential, settings: ClientSettings::new(name()) };
    let (_, client_secret) = services.clients().create(&operator(), application, web).await.unwrap();
    let client_secret = client_secret.expect("a secret");
    let settings = ClientSettings { grants: [GrantType::DeviceCode].into(), ..ClientSettings::new(name()) };
    let tv = NewClient { client_id: None, kind: ClientType::Public, settings };
    let (tv, _) = services.clients().create(&operator(), application, tv).await.unwrap();
    let credentials = PresentedCredentials { client_id: Some(tv.client_id.as_str()), ..Default::default() };
    let device = services.device_codes().begin(&credentials, Some("openid"), None).await.unwrap();
    let key = services.api_keys().create(&operator(), name()).await.unwrap();
    let tokens = services.registration_tokens();
    let initial = NewRegistrationToken { name: name(), days: 1, require_pkce: true };
    let (_, initial) = tokens.create(&operator(), application, initial).await.unwrap();
    let portal = services.portal().open(&operator(), application, shop.member().await, None).await.unwrap().token;
    let endpoint = NewEndpoint::parse("https://app.example/hooks", "", &[]).unwrap();
    let (_, webhook) = services.webhooks().create(&operator(), application, endpoint).await.unwrap();

    let dump = dump(services).await;
    let digits = dump.to_lowercase();
    assert!(dump.contains("ann@example.com"), "what is no secret is found");
    let hashed = [
        ("a session", confirmed.token.expose()),
        ("a link in a mail", link.as_str()),
        ("an invitation", invitation.as_str()),
        ("a client's secret", client_secret.expose()),
        ("an API key", key.expose()),
        ("an initial access token", initial.expose()),
        ("a visit to the portal", portal.expose()),
        ("a device code", device.device_code.as_str()),
    ];
    for (what, secret) in hashed {
        assert!(digits.contains(&hex(&hash(secret))), "{what}: its hash is not there either");
    }
    let plain_user_code = device.user_code.replace('-', "");
    let others = [
        ("a session that was replaced", first.expose()),
        ("a password", "correct horse battery"),
        ("the key of an authenticator app", app.key.as_str()),
        ("a user code", device.user_code.as_str()),
        ("a user code", plain_user_code.as_str()),
        ("the secret of a webhook", webhook.expose()),
        ("a code", unused.as_str()),
        ("a code that was redeemed", code.as_str()),
        ("a refresh token", refresh.as_str()),
        ("the mark of a device", mark.as_str()),
        ("a provider's secret", CLIENT_SECRET),
        ("a key of Stripe", stripe),
        ("a signing secret of Stripe", signing),
        ("a key of Midtrans", midtrans),
    ];
    let codes = confirmed.recovery_codes.iter().map(|code| ("a recovery code", code.expose().to_owned()));
    let shown = confirmed.recovery_codes.iter().map(|code| ("a recovery code", code.shown()));
    let all = hashed.into_iter().chain(others).map(|(what, secret)| (what, secret.to_owned()));
    for (what, secret) in all.chain(codes).chain(shown) {
        assert!(!dump.contains(&secret), "{what} is there");
        assert!(!digits.contains(&hex(secret.as_bytes())), "{what} is there, as bytes");
        // Behind its prefix, the random bytes themselves.
        let random = secret.split_once('_').map_or(secret.as_str(), |(_, random)| random);
        let random = from_base64url(&random.trim_end_matches('=').replace('+', "-").replace('/', "_"));
        let random = random.filter(|bytes| bytes.len() >= 16).unwrap_or_default();
        assert!(random.is_empty() || !digits.contains(&hex(&random)), "the bytes of {what} are there");
    }
    assert!(!digits.contains(&hex(&from_base32(&app.key))), "the key of an authenticator app is there, as bytes");
}

/// Whether something is a private key of ours: RSA, P-256 or Ed25519.
fn is_private_key(der: &[u8]) -> bool {
    let p256 = &ECDSA_P256_SHA256_FIXED_SIGNING;
    RsaKeyPair::from_pkcs8(der).is_ok()
        || RsaKeyPair::from_der(der).is_ok()
        || EcdsaKeyPair::from_pkcs8(p256, der).is_ok()
        || EcdsaKeyPair::from_private_key_der(p256, der).is_ok()
        || Ed25519KeyPair::from_pkcs8(der).is_ok()
}

/// Whether a part of it is one. DER begins with the tag of a sequence.
fn has_private_key(bytes: &[u8]) -> bool {
    let mut begins = (0..bytes.len()).filter(|at| bytes[*at] == 0x30);
    begins.any(|at| (at + 1..=bytes.len()).any(|end| is_private_key(&bytes[at..end])))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_private_key_is_in_the_database_as_it_is() {
    let rsa: Pkcs8V1Der<'static> = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap().to_pkcs8v1().unwrap();
    let ed25519: Pkcs8V1Der<'static> = Ed25519KeyPair::generate().unwrap().as_der().unwrap();
    for key in [rsa.as_ref(), p256.as_ref(), ed25519.as_ref()] {
        assert!(is_private_key(key));
        assert!(has_private_key(&[b"before".as_slice(), key, b"behind"].concat()), "it would be found");
    }
    let test = TestServices::start().await;
    let services = &test.services;
    let db = services.db.read();
    let sql = "SELECT sealed_private FROM signing_keys";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    assert_eq!(rows.len(), 3, "one for each algorithm");
    for row in rows {
        let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
        assert!(sealed.len() > 32 && !has_private_key(&sealed));
    }
    let dump = dump(services).await;
    assert!(dump.contains("EdDSA"), "the keys are there");
    for pem in ["PRIVATE KEY", &hex(b"PRIVATE KEY")] {
        assert!(!dump.to_lowercase().contains(&pem.to_lowercase()), "{pem}");
    }
}
