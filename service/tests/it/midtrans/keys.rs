//! The account's keys.

use domain::{ErrorCode, Flaw, Secret, application::Provider};
use service::{Error, payment::keys::NewKeys};

use super::bazaar;
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_found_by_one_button() {
    let bazaar = bazaar().await;
    let keys = bazaar.services().payment_keys();
    keys.check(&operator(), bazaar.shop.application, Provider::Midtrans).await.unwrap();
    let wrong = NewKeys { secret: Some(Secret::new("SB-Mid-server-of-nobody")), webhook: None };
    keys.set(&operator(), bazaar.shop.application, Provider::Midtrans, wrong).await.unwrap();
    let refused = keys.check(&operator(), bazaar.shop.application, Provider::Midtrans).await.unwrap_err();
    let Error::Problem(refused) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.code, &refused.fields[0].flaw), (ErrorCode::ProviderNotConfigured, &Flaw::KeyRefused));
}
