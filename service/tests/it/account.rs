//! What people do with their own account.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::TimeDelta;
use domain::{
    ErrorCode, Money,
    application::OnEnd,
    billing::ledger::Action,
    identity::{
        membership::MembershipStatus,
        profile::{Address, AddressPart, Birthdate, PhoneNumber, Profile, ZoneInfo},
        session::Session,
        user::{GlobalRole, User},
    },
    page::PageRequest,
    text::{Name, Slug},
    theme::WebUrl,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::{
    Ctx, Error, Services,
    audit::AuditFilter,
    catalog::Catalog,
    crypto::from_base64url,
    identity::{account::ProfilePatch, admin_users::UserPatch, mail_links::Origin, memberships::MemberFilter},
    organization::NewOrganization,
    payment::sandbox::CardNumber,
    testing::{
        TestServices, authenticator, books,
        people::{mailed_token, register},
    },
};

use crate::{
    grants,
    people::{email, new_user, newcomer, password},
    renewals::{self, FAILS_LATER, GOOD},
    shop::{Shop, operator},
    upstream,
};

const RIGHT: &str = "correct horse battery";
const NEW: &str = "another unrelated phrase";
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/150.0";

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

/// Signs somebody in, in a browser of its own.
pub async fn signed_in(services: &Services, user: &User) -> (Ctx, Session, String) {
    let ctx = Ctx { address: Some("192.0.2.7".into()), user_agent: Some(AGENT.into()), ..Ctx::anonymous() };
    let (session, token) =
        services.sessions().start(&ctx, user, domain::identity::proof::Proof::Password).await.unwrap();
    (
        Ctx { actor: domain::billing::ledger::Actor::User(user.id), session: Some(session.clone()), ..ctx },
        session,
        token.expose().into(),
    )
}

pub async fn logged(services: &Services, user: &User, action: Action) -> usize {
    let filter = AuditFilter { user: Some(user.id), action: Some(action), application: None };
    services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_anybody_s_without_a_session() {
    let test = TestServices::start().await;
    let (account, nobody) = (test.services.account(), Ctx::anonymous());
    assert_eq!(code(account.patch(&nobody, ProfilePatch::default()).await), ErrorCode::NoSession);
    assert_eq!(code(account.has_password(&nobody).await), ErrorCode::NoSession);
    assert_eq!(code(account.change_password(&nobody, RIGHT, password(NEW)).await), ErrorCode::NoSession);
    assert_eq!(code(account.sessions(&nobody).await), ErrorCode::NoSession);
    assert_eq!(code(account.end_others(&nobody).await), ErrorCode::NoSession);
    assert_eq!(code(account.export(&nobody).await), ErrorCode::NoSession);
    assert_eq!(code(account.delete(&nobody, RIGHT).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_profile_says_is_changed_and_a_new_number_is_not_a_verified_one() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let number = PhoneNumber::parse("+6281234567890").unwrap();
    let known = Profile { phone_number: Some(number.clone()), phone_number_verified: true, ..Profile::default() };
    let patch = UserPatch { profile: Some(known), ..UserPatch::default() };
    services.admin_users().update(&operator(), ann.id, patch).await.unwrap();
    let change = ProfilePatch {
        name: Some(Some(Name::parse("Ann").unwrap())),
        given_name: Some(Some(Name::parse("Annette").unwrap())),
        phone_number: Some(Some(number)),
        ..ProfilePatch::default()
    };
    test.clock.advance(TimeDelta::minutes(5));
    let after = services.account().patch(&ctx, change.clone()).await.unwrap();
    assert_eq!(after.updated_at, services.now());
    assert!(after.profile.phone_number_verified && after.name.as_ref().unwrap().as_str() == "Ann");
    let written = logged(services, &ann, Action::UserUpdated).await;
    assert_eq!(services.account().patch(&ctx, change).await.unwrap(), after, "the same again changes nothing");
    assert_eq!(logged(services, &ann, Action::UserUpdated).await, written);
    let number = PhoneNumber::parse("+62555").unwrap();
    let other = ProfilePatch { name: Some(None), phone_number: Some(Some(number)), ..ProfilePatch::default() };
    let after = services.account().patch(&ctx, other).await.unwrap();
    assert!(!after.profile.phone_number_verified && after.name.is_none());
    assert_eq!(after.profile.given_name, Some(Name::parse("Annette").unwrap()), "left as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_profile_is_said_and_taken_away() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    let name = |text| Some(Some(Name::parse(text).unwrap()));
    let url = |text| Some(Some(WebUrl::parse(text).unwrap()));
    let street_address = Some(AddressPart::parse("Jl. Braga 1\nLantai 2").unwrap());
    let change = ProfilePatch {
        given_name: name("Annette"),
        family_name: name("Example"),
        middle_name: name("Maria"),
        nickname: name("Annie"),
        preferred_username: name("ann"),
        profile: url("https://people.example/ann"),
        picture: url("https://people.example/ann.png"),
        website: url("https://ann.example"),
        gender: name("female"),
        birthdate: Some(Some(Birthdate::parse("1990-12-31").unwrap())),
        zone_info: Some(Some(ZoneInfo::parse("Asia/Jakarta").unwrap())),
        phone_number: Some(Some(PhoneNumber::parse("+6281234567890").unwrap())),
        address: Some(Some(Address { street_address, ..Address::default() })),
        ..ProfilePatch::default()
    };
    let mut known = json!({
        "givenName": "Annette", "familyName": "Example", "middleName": "Maria", "nickname": "Annie",
        "preferredUsername": "ann", "profile": "https://people.example/ann",
        "picture": "https://people.example/ann.png", "website": "https://ann.example/", "gender": "female",
        "birthdate": "1990-12-31", "zoneinfo": "Asia/Jakarta", "phoneNumber": "+6281234567890",
        "address": { "streetAddress": "Jl. Braga 1\nLantai 2" },
    });
    let patched = async |patch| {
        let told = services.account().patch(&ctx, patch).await.unwrap().profile;
        let kept = services.users().find(ann.id).await.unwrap().unwrap().profile;
        assert_eq!(told, kept);
        serde_json::to_value(kept).unwrap()
    };
    assert_eq!(patched(change.clone()).await, known);
    let none = ProfilePatch::default;
    for (field, patch) in [
        ("givenName", ProfilePatch { given_name: Some(None), ..none() }),
        ("familyName", ProfilePatch { family_name: Some(None), ..none() }),
        ("middleName", ProfilePatch { middle_name: Some(None), ..none() }),
        ("nickname", ProfilePatch { nickname: Some(None), ..none() }),
        ("preferredUsername", ProfilePatch { preferred_username: Some(None), ..none() }),
        ("profile", ProfilePatch { profile: Some(None), ..none() }),
        ("picture", ProfilePatch { picture: Some(None), ..none() }),
        ("website", ProfilePatch { website: Some(None), ..none() }),
        ("gender", ProfilePatch { gender: Some(None), ..none() }),
        ("birthdate", ProfilePatch { birthdate: Some(None), ..none() }),
        ("zoneinfo", ProfilePatch { zone_info: Some(None), ..none() }),
        ("phoneNumber", ProfilePatch { phone_number: Some(None), ..none() }),
        ("address", ProfilePatch { address: Some(None), ..none() }),
    ] {
        assert!(known.as_object_mut().unwrap().remove(field).is_some(), "{field}");
        assert_eq!(patched(patch).await, known, "{field}");
    }
    assert_eq!(known, json!({}));
    patched(change).await;
    let empty = ProfilePatch { address: Some(Some(Address::default())), ..none() };
    assert_eq!(patched(empty).await.get("address"), None, "one of which nothing is known is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_a_password_at_once_one_does() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    test.clock.advance(TimeDelta::seconds(1));
    let account = services.account();
    let (one, other) = tokio::join!(
        account.change_password(&ctx, RIGHT, password(NEW)),
        account.change_password(&ctx, RIGHT, password("yet one more unrelated sentence")),
    );
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).map(|error| error.code()).collect();
    // What one of them proved was the password of before by the time it was used.
    assert!(matches!(refused.as_slice(), [ErrorCode::NoSession | ErrorCode::BadCredentials]), "{refused:?}");
    assert_eq!(logged(services, &ann, Action::PasswordSet).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_it() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, _, here) = signed_in(services, &ann).await;
    let (_, _, there) = signed_in(services, &ann).await;
    services.mail_links().sign_in(&Ctx::anonymous(), ann.email.clone(), Origin::default()).await.unwrap();
    let link = mailed_token(services, &ann.email).await.unwrap();
    let account = services.account();
    assert_eq!(code(account.change_password(&ctx, "wrong", password(NEW)).await), ErrorCode::BadCredentials);
    assert_eq!(code(account.change_password(&ctx, RIGHT, password("ann@example")).await), ErrorCode::InvalidInput);
    assert!(services.sessions().find(&there).await.unwrap().is_some(), "nothing happened yet");
    account.change_password(&ctx, RIGHT, password(NEW)).await.unwrap();
    for token in [here, there] {
        assert_eq!(services.sessions().find(&token).await.unwrap(), None);
    }
    assert_eq!(code(services.mail_links().find(&link).await), ErrorCode::BadCredentials);
    let sign_in = async |text| services.users().authenticate(&Ctx::anonymous(), "ann@example.com", text).await;
    assert_eq!(code(sign_in(RIGHT).await), ErrorCode::BadCredentials);
    assert_eq!(sign_in(NEW).await.unwrap().user.id, ann.id);
    assert_eq!(logged(services, &ann, Action::PasswordSet).await, 1);
    let mails = services.mails().latest(&operator()).await.unwrap();
    assert!(mails.iter().any(|own| own.kind == "password_changed" && own.mail.to == ann.email));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_old_password_is_slowed_down() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, ..) = signed_in(services, &ann).await;
    for _ in 0..5 {
        let guess = services.account().change_password(&ctx, "a guess", password(NEW)).await;
        assert_eq!(code(guess), ErrorCode::BadCredentials);
    }
    assert_eq!(code(services.account().delete(&ctx, "a guess").await), ErrorCode::TooManyAttempts);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_seen_and_ended_by_their_owner_alone() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let eve = register(services, new_user("eve@example.com")).await;
    let (ctx, here, _) = signed_in(services, &ann).await;
    let (_, second, second_token) = signed_in(services, &ann).await;
    let (_, _, third_token) = signed_in(services, &ann).await;
    let (evil, foreign, foreign_token) = signed_in(services, &eve).await;
    let seen = services.account().sessions(&ctx).await.unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen[0].is_current && seen[0].id == here.id && seen[1..].iter().all(|own| !own.is_current));
    assert_eq!(seen[0].device.unwrap().to_string(), "Firefox · Linux");
    assert_eq!(seen[0].address.as_deref(), Some("192.0.2.7"));
    services.account().end_session(&evil, second.id).await.unwrap();
    assert!(services.sessions().find(&second_token).await.unwrap().is_some(), "not hers to end");
    services.account().end_session(&ctx, foreign.id).await.unwrap();
    assert!(services.sessions().find(&foreign_token).await.unwrap().is_some());
    services.account().end_session(&ctx, second.id).await.unwrap();
    services.account().end_session(&ctx, second.id).await.unwrap();
    assert_eq!(services.sessions().find(&second_token).await.unwrap(), None);
    services.account().end_others(&ctx).await.unwrap();
    assert_eq!(services.sessions().find(&third_token).await.unwrap(), None);
    let left = services.account().sessions(&ctx).await.unwrap();
    assert_eq!(left.iter().map(|own| own.id).collect::<Vec<_>>(), [here.id]);
    test.clock.advance(TimeDelta::days(8));
    assert_eq!(services.account().sessions(&ctx).await.unwrap(), [], "an idle session is over");
}

/// Who finds a browser left open puts nobody out elsewhere; who leaves it is asked nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_sign_in_is_old_ends_no_other() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, here, own_token) = signed_in(services, &ann).await;
    let (_, second, second_token) = signed_in(services, &ann).await;
    let lives = async |token: &str| services.sessions().find(token).await.unwrap().is_some();
    test.clock.advance(TimeDelta::minutes(15));
    let account = services.account();
    assert_eq!(code(account.end_session(&ctx, second.id).await), ErrorCode::NoSession);
    assert_eq!(code(account.end_others(&ctx).await), ErrorCode::NoSession);
    assert!(lives(&second_token).await && lives(&own_token).await);
    // An access token of it asks nobody, and ends its own session alone.
    let program = Ctx { session: None, sid: Some(here.id), ..ctx.clone() };
    account.end_session(&program, second.id).await.unwrap();
    assert!(lives(&second_token).await);
    account.end_session(&ctx, here.id).await.unwrap();
    assert!(!lives(&own_token).await);
    let (fresh, ..) = signed_in(services, &ann).await;
    account.end_others(&fresh).await.unwrap();
    assert!(!lives(&second_token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_s_token_is_256_bits_of_which_the_row_has_the_hash() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (first, second) = (signed_in(services, &ann).await.2, signed_in(services, &ann).await.2);
    let random = |token: &str| from_base64url(token.strip_prefix("ses_").expect("its prefix")).expect("base64url");
    assert_eq!((random(&first).len(), random(&second).len()), (32, 32));
    assert_ne!(random(&first), random(&second));
    let db = services.db.read();
    let query = Statement::from_string(db.get_database_backend(), "SELECT token_hash FROM sessions");
    let rows = db.query_all_raw(query).await.unwrap();
    let kept: Vec<Vec<u8>> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    for token in [&first, &second] {
        let sha256 = digest(&SHA256, token.as_bytes()).as_ref().to_vec();
        assert_eq!(kept.iter().filter(|row| **row == sha256).count(), 1);
        assert!(!kept.contains(&token.as_bytes().to_vec()) && !kept.contains(&random(token)), "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_a_week_after_its_last_use() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (_, _, idle) = signed_in(services, &ann).await;
    let (_, _, used) = signed_in(services, &ann).await;
    let lives = async |token: &str| services.sessions().find(token).await.unwrap().is_some();
    let (week, moment) = (TimeDelta::days(7), TimeDelta::milliseconds(1));
    test.clock.advance(week - moment);
    assert!(lives(&used).await, "to the last moment");
    test.clock.advance(moment);
    assert!(!lives(&idle).await);
    assert!(lives(&used).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_used_every_day_ends_all_the_same() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (ctx, session, token) = signed_in(services, &ann).await;
    let lives = async || services.sessions().find(&token).await.unwrap().is_some();
    let (day, moment) = (TimeDelta::days(1), TimeDelta::milliseconds(1));
    assert_eq!(session.expires_at, services.now() + day * 30);
    for past in 1..30 {
        test.clock.advance(day);
        assert!(lives().await, "after {past} days");
    }
    test.clock.advance(day - moment);
    assert!(lives().await, "to the last moment");
    test.clock.advance(moment);
    assert!(!lives().await);
    assert_eq!(services.account().sessions(&ctx).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_taken_along_whole_and_without_secrets() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let services = shop.services();
    let id = shop.member().await;
    shop.claims(id, json!({ "seats": 7 })).await.unwrap();
    renewals::buy(&shop, id, "pro", GOOD).await;
    let user = services.users().find(id).await.unwrap().unwrap();
    let (ctx, ..) = signed_in(services, &user).await;
    upstream::link(services, shop.application, &ctx).await;
    let catalog = Catalog::parse(&grants::CATALOG.replace("\"acme\"", "\"pages\""), "catalog.toml").expect("a catalog");
    services.catalog().apply(&operator(), catalog, false).await.unwrap();
    let team = Name::parse("Toko Kue").unwrap();
    let team = NewOrganization { slug: Slug::parse("toko").unwrap(), name: team, owner: Some(id) };
    services.organizations().create(&operator(), team).await.unwrap();
    let app = services.factors().begin_totp(&ctx).await.unwrap();
    let shown = authenticator::code(&app.key, services.now());
    services.factors().confirm_totp(&ctx, &app.sealed, &shown).await.unwrap();
    let (ctx, _, token) = signed_in(services, &user).await;
    let held = grants::tokens(services, &ctx).await;

    let all = services.account().export(&ctx).await.unwrap();
    let mut parts: Vec<_> = all.as_object().unwrap().keys().map(String::as_str).collect();
    parts.sort_unstable();
    let seen = [
        "applications",
        "connectedClients",
        "exportedAt",
        "hasPassword",
        "history",
        "historyTruncated",
        "invitations",
        "issuer",
        "linkedAccounts",
        "organizations",
        "secondFactors",
        "sessions",
        "user",
    ];
    assert_eq!(parts, seen, "a part that nothing below looks at");
    let now = services.now();
    assert_eq!(all["issuer"], services.settings.issuer.as_str());
    assert_eq!((&all["exportedAt"], &all["hasPassword"]), (&json!(now), &json!(true)));
    assert_eq!(all["user"]["email"], user.email.as_str());
    assert_eq!(all["secondFactors"], json!({ "authenticatorAppSince": now, "passkeys": [], "recoveryCodesLeft": 10 }));
    let (own, price) = (&all["applications"][0], json!(Money::new(1000, "usd".parse().unwrap()).unwrap()));
    assert_eq!((&own["application"], &own["membership"]["claims"]["seats"]), (&json!("acme"), &json!(7)));
    assert_eq!(own["subscription"]["plan_id"], json!(shop.pro.id));
    let card = json!({
        "provider": "sandbox", "kind": "card", "label": "Visa •••• 4242", "isCurrent": true, "since": now,
    });
    assert_eq!(own["paymentMethods"], json!([card]));
    assert_eq!((&own["payments"][0]["amount"], &own["invoices"][0]["quote"]["due"]), (&price, &price));
    assert_eq!(all["applications"][1]["application"], "Acme", "that of the client");
    let team = json!({ "organization": "Toko Kue", "role": "owner", "joinedAt": now });
    assert_eq!(all["organizations"], json!([team]));
    assert_eq!(
        all["sessions"][0],
        json!({
            "browser": "Firefox · Linux", "userAgent": AGENT, "address": "192.0.2.7", "signedInAt": now,
            "lastSeenAt": now,
        })
    );
    let linked = &all["linkedAccounts"][0];
    let known = json!({
        "provider": "Corp", "issuer": linked["issuer"], "subject": "1001", "email": "ann@example.com", "linkedAt": now,
        "lastUsedAt": now,
    });
    assert_eq!((linked, linked["issuer"].as_str().unwrap().starts_with("http://127.0.0.1:")), (&known, true));
    let connected = &all["connectedClients"][0];
    assert_eq!((&connected["client"], &connected["application"]), (&json!("Page"), &json!("Acme")));
    assert!(connected["scopes"].to_string().contains("offline_access") && connected["since"] == json!(now));
    assert!(all["history"].as_array().unwrap().iter().any(|entry| entry["action"] == "claims.updated"));
    assert_eq!((&all["historyTruncated"], &all["invitations"]), (&json!(false), &json!([])));
    let text = all.to_string();
    assert!(!text.contains("argon2") && !text.contains("ses_") && !text.contains("hash"), "{text}");
    for secret in [GOOD, app.key.as_str(), token.as_str(), held.refresh_token.as_deref().expect("a refresh token")] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_nobody_s_any_more() {
    let shop = Shop::open().await;
    let services = shop.services();
    let id = shop.member().await;
    shop.claims(id, json!({ "seats": 7 })).await.unwrap();
    let user = services.users().find(id).await.unwrap().unwrap();
    let (ctx, _, token) = signed_in(services, &user).await;
    assert_eq!(code(services.account().delete(&ctx, "wrong").await), ErrorCode::BadCredentials);
    services.account().delete(&ctx, RIGHT).await.unwrap();
    assert_eq!(services.sessions().find(&token).await.unwrap(), None);
    assert_eq!(code(services.account().delete(&ctx, RIGHT).await), ErrorCode::BadCredentials, "there is none");
    let again = services.users().authenticate(&Ctx::anonymous(), user.email.as_str(), RIGHT).await;
    assert_eq!(code(again), ErrorCode::BadCredentials);
    assert_eq!(code(services.admin_users().get(&operator(), id).await), ErrorCode::UserNotFound);
    let all = services.admin_users().list(&operator(), &PageRequest::default(), None).await.unwrap();
    assert!(all.items.iter().all(|own| own.id != id));
    let members = services.memberships();
    let list =
        members.list(&operator(), shop.application, PageRequest::default(), MemberFilter::default()).await.unwrap();
    assert!(list.items.iter().all(|own| own.user.id != id));
    assert_eq!(code(members.grant(&operator(), shop.application, id, None).await), ErrorCode::UserNotFound);
    let kept = members.get(&operator(), shop.application, id).await.unwrap();
    assert_eq!((kept.membership.status, kept.subscription.clone()), (MembershipStatus::Revoked, None));
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.contains("user0") && !text.contains("seats"), "{text}");
    assert_eq!(logged(services, &user, Action::UserDeleted).await, 1);
    services.mail_links().register(&Ctx::anonymous(), newcomer("user0@example.com"), Origin::default()).await.unwrap();
    let token = mailed_token(services, &email("user0@example.com")).await.unwrap();
    let newly = services.mail_links().finish_registration(&Ctx::anonymous(), &token, password(RIGHT)).await.unwrap();
    assert_ne!(newly.user.id, id, "the address is free, and a new person's");
}

async fn cards(services: &Services) -> i64 {
    let db = services.db.read();
    let query = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM payment_methods");
    db.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_its_invoices_and_no_card() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let services = shop.services();
    let id = shop.member().await;
    renewals::buy(&shop, id, "pro", FAILS_LATER).await;
    let methods = services.methods();
    let enter = async || {
        let url = methods.change(&operator(), shop.application, id, "https://here.example/").await.unwrap();
        let key = url.rsplit('/').next().unwrap().parse().unwrap();
        services.sandbox().enter_card(key, CardNumber::parse(GOOD).unwrap()).await.unwrap();
        let back = services.sandbox().get(key).await.unwrap().request.return_url;
        back.split_once("method=").unwrap().1.to_owned()
    };
    assert!(methods.changed(&enter().await).await.unwrap().is_some());
    assert_eq!(cards(services).await, 2, "the one of before, too");
    let late = enter().await;
    let user = services.users().find(id).await.unwrap().unwrap();
    let (ctx, ..) = signed_in(services, &user).await;
    services.account().delete(&ctx, RIGHT).await.unwrap();
    assert_eq!(methods.changed(&late).await.unwrap(), None, "entered before, and too late");
    assert_eq!(cards(services).await, 0);
    assert_eq!(logged(services, &user, Action::MethodRemoved).await, 1);
    assert_eq!(renewals::invoices(&shop, id).await, [("ACME-000001".to_owned(), "paid", 1000)]);
    assert_eq!(renewals::payments(&shop, id).await, [("succeeded", 1000)]);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_stays() {
    let test = TestServices::start().await;
    let services = &test.services;
    let root = email("root@example.com");
    let root = services.users().create_superadmin(&operator(), root, password(RIGHT), None).await.unwrap();
    let (ctx, _, token) = signed_in(services, &root).await;
    assert_eq!(code(services.account().delete(&ctx, RIGHT).await), ErrorCode::LastSuperadmin);
    assert!(services.sessions().find(&token).await.unwrap().is_some());
    let second = email("second@example.com");
    services.users().create_superadmin(&operator(), second, password(RIGHT), None).await.unwrap();
    services.account().delete(&ctx, RIGHT).await.unwrap();
    let left = services.users().admins(&operator()).await.unwrap();
    assert_eq!(left.iter().map(|own| own.role).collect::<Vec<_>>(), [GlobalRole::Superadmin]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_an_old_address_proves_nothing() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    services.mail_links().sign_in(&Ctx::anonymous(), ann.email.clone(), Origin::default()).await.unwrap();
    let link = mailed_token(services, &ann.email).await.unwrap();
    let patch = UserPatch { email: Some(email("annette@example.com")), ..UserPatch::default() };
    services.admin_users().update(&operator(), ann.id, patch).await.unwrap();
    let mails = services.mails().latest(&operator()).await.unwrap();
    let told: Vec<_> = mails.iter().filter(|own| own.kind == "address_changed").collect();
    assert_eq!((told.len(), &told[0].mail.to), (1, &ann.email), "its owner learns of it where they read");
    assert!(told[0].mail.plain.contains("annette@example.com") && !told[0].mail.plain.contains("session"));
    assert_eq!(code(services.mail_links().finish_sign_in(&Ctx::anonymous(), &link).await), ErrorCode::BadCredentials);
}
