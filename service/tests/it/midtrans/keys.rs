//! The account: its keys, and what can be sold on it.

use domain::{
    ErrorCode, Flaw, Money, Secret,
    application::{Provider, SettingsPatch},
    billing::price::{Interval, NewPrice, PriceName},
};
use service::{Error, application::applications::ApplicationPatch, payment::keys::NewKeys};

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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sold_but_for_rupiah() {
    let bazaar = bazaar().await;
    let (services, application, pro) = (bazaar.services(), bazaar.shop.application, bazaar.shop.pro.id);
    let flaw = |error: Error| match error {
        Error::Problem(problem) => (problem.fields[0].field.clone(), problem.fields[0].flaw.clone()),
        error => panic!("{error}"),
    };
    let add = async |amount: i64| {
        let money = Money::new(amount, "usd".parse().unwrap()).unwrap();
        let name = PriceName::parse("Dollars").unwrap();
        let new = NewPrice { name, money, interval: Interval::Year, trial_days: None, stripe_price_id: None };
        services.plans().add_price(&operator(), application, pro, new).await
    };
    let collect = async |provider: Provider| {
        let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings, ..Default::default() };
        services.applications().update(&operator(), application, patch).await
    };
    assert_eq!(flaw(add(999).await.unwrap_err()), ("currency".into(), Flaw::MidtransRupiah));
    add(0).await.unwrap();

    collect(Provider::Sandbox).await.unwrap();
    let dollars = add(999).await.unwrap();
    let named = ("paymentProvider".to_owned(), Flaw::MidtransRupiah.of("Dollars"));
    assert_eq!(flaw(collect(Provider::Midtrans).await.unwrap_err()), named);
    services.plans().remove_price(&operator(), application, pro, dollars.id).await.unwrap();
    collect(Provider::Midtrans).await.unwrap();
}
