//! Test and live, each with keys of its own.

use domain::{ErrorCode, billing::payment::Mode};

use super::{Desk, keys};
use crate::{
    payment::{Handle, PaymentProvider, stripe::Stripe},
    testing::stripe::LIVE_KEY,
};

#[tokio::test(flavor = "multi_thread")]
async fn test_and_live_never_mix() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let opened = desk.provider.open(&request).await.unwrap();
    let live = Stripe::new(&desk.services, desk.provider.application, keys(LIVE_KEY)).unwrap();
    assert_eq!((desk.provider.mode(), live.mode()), (Mode::Test, Mode::Live));
    let handle = Handle { key: request.key, reference: Some(opened.reference.clone()) };
    assert!(live.inquire(&handle).await.unwrap().is_none());
    assert_ne!(live.open(&request).await.unwrap().reference, opened.reference);
    assert!(desk.fake.live().all("customer").iter().all(|customer| customer["livemode"] == true));
    live.check().await.unwrap();
    desk.provider.check().await.unwrap();
    let wrong = Stripe::new(&desk.services, desk.provider.application, keys("sk_test_wrong")).unwrap();
    assert_eq!(wrong.check().await.unwrap_err().code(), ErrorCode::BadCredentials);
    drop(desk.server);
    assert_eq!(desk.provider.check().await.unwrap_err().code(), ErrorCode::ProviderUnavailable);
}
