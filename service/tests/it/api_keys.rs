use domain::{ErrorCode, text::Name};
use service::{Ctx, testing::TestServices};

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
