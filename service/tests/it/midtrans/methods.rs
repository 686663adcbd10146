//! Cards and wallets that are kept, removed here and there.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::subscription::Status};
use service::testing::{fault::Fault, midtrans::Means};

use super::{bazaar, good_card};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_wallet_is_unlinked_at_midtrans_too() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (methods, application) = (bazaar.services().methods(), bazaar.shop.application);
    let remove = async || methods.remove(&operator(), application, member).await.map_err(|error| error.code());
    let current = async || methods.current(&operator(), application, member).await.unwrap();
    let wallet = current().await.unwrap().token;
    let unbind = format!("/v2/pay/account/{wallet}/unbind");

    // Both the call and its repetition go wrong.
    for _ in 0..2 {
        bazaar.fake.fail_next(&unbind, Fault::Unavailable);
    }
    assert_eq!(remove().await, Err(ErrorCode::ProviderUnavailable));
    assert!(current().await.is_some() && bazaar.fake.is_linked(&wallet), "it stays here as it does there");
    bazaar.fake.fail_next(&unbind, Fault::AnswerLost);
    for _ in 0..2 {
        assert_eq!(remove().await, Ok(()));
        assert!(current().await.is_none() && !bazaar.fake.is_linked(&wallet));
    }
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now() + TimeDelta::hours(1)).await;
    assert!(bazaar.fake.calls("/v2/charge").is_empty());
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "paid by link");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_midtrans_keeps_no_longer_is_removed_here() {
    for means in [Means::GoPay, good_card()] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, means.clone());
        bazaar.deliver().await;
        let (methods, application) = (bazaar.services().methods(), bazaar.shop.application);
        let kept = methods.current(&operator(), application, member).await.unwrap().unwrap();
        if means == Means::GoPay {
            // Its owner was faster, in their own app.
            bazaar.fake.link(&kept.token, false);
        } else {
            bazaar.fake.forget_card(&kept.token);
        }
        methods.remove(&operator(), application, member).await.unwrap();
        assert_eq!(methods.current(&operator(), application, member).await.unwrap(), None, "{means:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_goes_with_access_unless_it_has_paid_again_before_midtrans_is_told() {
    for pays_again in [false, true] {
        let bazaar = bazaar().await;
        let (member, application) = (bazaar.shop.member().await, bazaar.shop.application);
        let (methods, memberships) = (bazaar.services().methods(), bazaar.services().memberships());
        let current = async || methods.current(&operator(), application, member).await.unwrap();
        bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
        bazaar.deliver().await;
        let wallet = current().await.unwrap().token;

        memberships.revoke(&operator(), application, member).await.unwrap();
        assert_eq!(current().await, None);
        memberships.grant(&operator(), application, member, None).await.unwrap();
        assert_eq!(current().await, None, "who comes back begins without one");
        assert!(bazaar.fake.is_linked(&wallet), "Midtrans is told afterwards");
        if pays_again {
            bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
            bazaar.deliver().await;
            assert_eq!(current().await.map(|own| own.token).as_ref(), Some(&wallet));
        }
        bazaar.services().steer().await.unwrap();
        assert_eq!(bazaar.fake.is_linked(&wallet), pays_again);
    }
}
