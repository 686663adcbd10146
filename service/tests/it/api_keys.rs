use chrono::TimeDelta;
use domain::{ErrorCode, billing::ledger::Action, page::PageRequest, text::Name};
use service::{Ctx, audit::AuditFilter, testing::TestServices};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_known_by_its_whole_text_only() {
    let test = TestServices::start().await;
    let keys = test.services.api_keys();
    let key = keys.create(&Ctx::operator(), Name::parse("ci").unwrap()).await.unwrap();
    assert!(key.expose().starts_with("ak_"));
    assert!(keys.authenticate(key.expose()).await.unwrap().is_some());
    for wrong in ["", "ak_", &key.expose()[..20], "rt_abc"] {
        assert_eq!(keys.authenticate(wrong).await.unwrap(), None);
    }
    let refused = keys.create(&Ctx::anonymous(), Name::parse("evil").unwrap()).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_opens_nothing_and_stays_in_the_list() {
    let test = TestServices::start().await;
    let (services, keys, operator) = (&test.services, test.services.api_keys(), Ctx::operator());
    let lost = keys.create(&operator, Name::parse("lost").unwrap()).await.unwrap();
    let kept = keys.create(&operator, Name::parse("kept").unwrap()).await.unwrap();
    let listed = keys.list(&operator).await.unwrap();
    let shown: Vec<_> = listed.iter().map(|key| (key.name.as_str(), key.created_at, key.revoked_at)).collect();
    assert_eq!(shown, [("lost", services.now(), None), ("kept", services.now(), None)]);
    assert!(lost.expose().ends_with(listed[0].hint.trim_start_matches("ak_…")), "{}", listed[0].hint);
    let id = keys.authenticate(lost.expose()).await.unwrap().expect("a key");
    assert_eq!(id, listed[0].id);

    assert_eq!(keys.list(&Ctx::anonymous()).await.unwrap_err().code(), ErrorCode::NoSession);
    assert_eq!(keys.revoke(&Ctx::anonymous(), id).await.unwrap_err().code(), ErrorCode::NoSession);
    assert!(keys.authenticate(lost.expose()).await.unwrap().is_some(), "nothing happened yet");
    let unknown = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f".parse().unwrap();
    assert_eq!(keys.revoke(&operator, unknown).await.unwrap(), None);

    test.clock.advance(TimeDelta::hours(1));
    let revoked = keys.revoke(&operator, id).await.unwrap().expect("a key");
    assert_eq!((revoked.id, revoked.revoked_at), (id, Some(services.now())));
    assert_eq!(keys.authenticate(lost.expose()).await.unwrap(), None);
    assert_eq!(keys.authenticate(kept.expose()).await.unwrap(), Some(listed[1].id));
    test.clock.advance(TimeDelta::hours(1));
    assert_eq!(keys.revoke(&operator, id).await.unwrap().as_ref(), Some(&revoked), "once more changes nothing");
    assert_eq!(keys.list(&operator).await.unwrap(), [revoked, listed[1].clone()]);
    let filter = AuditFilter { user: None, action: Some(Action::ApiKeyRevoked), application: None };
    let logged = services.audit().list(&operator, filter, &PageRequest::default()).await.unwrap();
    assert_eq!(logged.items.len(), 1);
}
