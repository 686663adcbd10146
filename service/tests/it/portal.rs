use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    application::{ReturnUrl, SettingsPatch},
    billing::ledger::Actor,
    identity::membership::MembershipStatus,
};
use sea_orm::ConnectionTrait;
use service::{
    Ctx, Services,
    application::applications::ApplicationPatch,
    identity::memberships::MembershipPatch,
    portal::{Exchange, Visitor},
};

use crate::shop::{Shop, operator};

const HERE: &str = "https://app.example/account";

/// A shop with one return URL.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let return_urls = Some(vec![ReturnUrl::parse("https://app.example/account").unwrap()]);
    let patch =
        ApplicationPatch { settings: SettingsPatch { return_urls, ..Default::default() }, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    shop
}

async fn open(shop: &Shop, member: domain::id::UserId, back: Option<&str>) -> service::Result<Secret> {
    let back = back.map(str::to_owned);
    Ok(shop.services().portal().open(&operator(), shop.application, member, back).await?.token)
}

async fn enter(services: &Services, token: &Secret, appended: Option<&str>) -> Option<Secret> {
    match services.portal().exchange(token.expose(), appended).await.unwrap() {
        Exchange::Entered(visit) => Some(visit),
        Exchange::Gone(_) => None,
    }
}

async fn visitor(shop: &Shop, visit: &Secret) -> Option<Visitor> {
    shop.services().portal().visitor(visit.expose()).await.unwrap()
}

/// Where a visit leads back to, that was opened with `back` and exchanged with `appended`.
async fn back(shop: &Shop, back: Option<&str>, appended: Option<&str>) -> Option<String> {
    let member = shop.member().await;
    let token = open(shop, member, back).await.unwrap();
    let visit = enter(shop.services(), &token, appended).await.unwrap();
    visitor(shop, &visit).await.unwrap().back
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_exchanges_one_wins() {
    let shop = shop().await;
    let member = shop.member().await;
    let opened = shop.services().portal().open(&operator(), shop.application, member, None).await.unwrap();
    assert!(opened.token.expose().starts_with("ps_") && opened.token.expose().len() >= 3 + 43);
    assert_eq!(opened.url.expose(), format!("http://127.0.0.1:8080/portal?session={}", opened.token.expose()).as_str());
    let other = shop.test.another_node().await;
    let tries = (0..50).map(|i| {
        let (services, token) =
            (if i % 2 == 0 { shop.services().clone() } else { other.clone() }, opened.token.clone());
        tokio::spawn(async move { enter(&services, &token, None).await })
    });
    let mut won = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        won.extend(one.await.unwrap());
    }
    assert_eq!(won.len(), 1);
    let visitor = visitor(&shop, &won[0]).await.expect("a visit");
    assert_eq!((visitor.holder.user.id, visitor.application.application.id), (member, shop.application));
    let ctx = visitor.ctx(&operator());
    assert_eq!(ctx.actor, Actor::User(member));
    assert!(ctx.session.is_none() && ctx.role().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_five_minutes_and_a_visit_thirty() {
    let shop = shop().await;
    let member = shop.member().await;
    let (first, second) = (open(&shop, member, None).await.unwrap(), open(&shop, member, None).await.unwrap());
    shop.test.clock.advance(TimeDelta::milliseconds(5 * 60_000 - 1));
    let visit = enter(shop.services(), &first, None).await.expect("in time");
    shop.test.clock.advance(TimeDelta::milliseconds(1));
    assert!(enter(shop.services(), &second, None).await.is_none(), "too late");
    shop.test.clock.advance(TimeDelta::milliseconds(30 * 60_000 - 2));
    assert!(visitor(&shop, &visit).await.is_some());
    shop.test.clock.advance(TimeDelta::milliseconds(1));
    assert!(visitor(&shop, &visit).await.is_none());
    assert_eq!(shop.services().purge().await.unwrap(), 0);
    shop.test.clock.advance(TimeDelta::days(1));
    assert_eq!(shop.services().purge().await.unwrap(), 3, "both, and the link that made the account");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_registered_addresses_lead_back() {
    let shop = shop().await;
    for foreign in ["https://evil.example/", "https://app.example/", "https://app.example/account/../x", "javascript:1"]
    {
        let member = shop.member().await;
        let refused = open(&shop, member, Some(foreign)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput, "{foreign}");
        assert_eq!(back(&shop, None, Some(foreign)).await.as_deref(), Some(HERE), "{foreign}");
    }
    let (one, two) = ("https://app.example/account/one", "https://app.example/account/two?a=b");
    assert_eq!(back(&shop, Some(one), None).await.as_deref(), Some(one));
    assert_eq!(back(&shop, Some(one), Some(two)).await.as_deref(), Some(two), "the appended one wins");
    assert_eq!(back(&shop, Some(one), Some("https://evil.example/")).await.as_deref(), Some(one));
    let bare = Shop::open().await;
    assert_eq!(back(&bare, None, Some(one)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_ends_with_the_access() {
    let shop = shop().await;
    let member = shop.member().await;
    let token = open(&shop, member, None).await.unwrap();
    let visit = enter(shop.services(), &token, None).await.unwrap();
    assert!(visitor(&shop, &visit).await.is_some());
    let patch = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
    shop.services().memberships().update(&operator(), shop.application, member, patch).await.unwrap();
    assert!(visitor(&shop, &visit).await.is_none());
    assert_eq!(open(&shop, member, None).await.unwrap_err().code(), ErrorCode::NoAccess);
    for bent in ["", "ps_x", &format!("{}A", visit.expose())] {
        assert!(shop.services().portal().visitor(bent).await.unwrap().is_none());
    }
    assert!(matches!(shop.services().portal().exchange("ps_unknown", None).await.unwrap(), Exchange::Gone(None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_kept_as_its_hash_only() {
    let shop = shop().await;
    let member = shop.member().await;
    let token = open(&shop, member, None).await.unwrap();
    let db = shop.services().db.read();
    let sql = "SELECT token_hash FROM portal_sessions";
    let rows = db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let hash: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
    assert_eq!((rows.len(), hash), (1, service::crypto::hash(token.expose())));
    let nobody = shop.services().portal().open(&Ctx::anonymous(), shop.application, member, None).await.unwrap_err();
    assert_eq!(nobody.code(), ErrorCode::NoSession);
    let stranger = sea_orm::prelude::Uuid::nil().into();
    let refused = shop.services().portal().open(&operator(), shop.application, stranger, None).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::UserNotFound);
}
