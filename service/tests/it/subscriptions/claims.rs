//! Claims calls that move the plan, and the number that grows with every change.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::plan::PlanPatch};
use serde_json::{Value, json};
use service::billing::subscriptions::Assignment;

use super::to;
use crate::shop::{Shop, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_call_moves_the_plan() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let before = shop.entitlement(member).await.ent_ver;
    let view = shop.claims(member, json!({"plan": "pro", "seats": 5})).await.unwrap();
    assert_eq!(Value::Object(view.entitlement.claims.clone()), json!({"plan": "pro", "seats": 5}));
    assert!(view.entitlement.ent_ver > before);
    let again = shop.claims(member, json!({"plan": "pro", "seats": 5})).await.unwrap();
    assert_eq!(again.entitlement, view.entitlement, "the same again changes nothing");
    let ended = shop.claims(member, json!({"plan": null, "seats": null})).await.unwrap();
    assert_eq!(Value::Object(ended.entitlement.claims), json!({}));
    for bad in [json!({"plan": "nope"}), json!({"iss": "x"}), json!({"features": {}}), json!({"a": {}}), json!(3)] {
        let refused = shop.claims(member, bad.clone()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput, "{bad}");
    }
    let archive = PlanPatch { archived: Some(true), ..PlanPatch::default() };
    shop.services().plans().update(&operator(), shop.application, shop.pro.id, archive).await.unwrap();
    assert_eq!(shop.claims(member, json!({"plan": "pro"})).await.unwrap_err().code(), ErrorCode::InvalidInput);
}

/// Random histories: `ent_ver` grows exactly with what it stands for, and the ledger's last word is what holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_grows_with_every_change_of_random_histories() {
    use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
    let shop = Shop::open().await;
    let mut runner = TestRunner::deterministic();
    let step = prop_oneof![Just(0_u8), Just(1), Just(2), Just(3), Just(4), Just(5), Just(6)];
    for _ in 0..12 {
        let member = shop.member().await;
        let steps = prop::collection::vec(step.clone(), 25).new_tree(&mut runner).unwrap().current();
        let mut before = shop.entitlement(member).await;
        for step in steps {
            let subscriptions = shop.services().subscriptions();
            let soon = shop.services().now() + TimeDelta::minutes(10);
            let refused = match step {
                0 => shop.claims(member, json!({"plan": "pro"})).await.err(),
                1 => shop.claims(member, json!({"plan": "free", "n": before.ent_ver})).await.err(),
                2 => subscriptions.end(&operator(), shop.application, member).await.err(),
                3 => {
                    let until = Assignment { expires_at: Some(soon), replace: true, ..to(&shop.pro) };
                    subscriptions.assign(&operator(), shop.application, member, until).await.err()
                }
                4 => {
                    shop.test.clock.advance(TimeDelta::minutes(7));
                    None
                }
                5 => {
                    let features = json!({"maxProjects": shop.services().now().timestamp()});
                    let features = Some(domain::billing::feature::Features::parse(features).unwrap());
                    let patch = PlanPatch { features, ..PlanPatch::default() };
                    shop.services().plans().update(&operator(), shop.application, shop.pro.id, patch).await.err()
                }
                _ => shop.claims(member, json!({"plan": null})).await.err(),
            };
            if let Some(refused) = refused {
                assert_eq!(refused.code(), ErrorCode::PlanNotFound, "{refused}");
            }
            let after = shop.entitlement(member).await;
            if (&after.plan, &after.features, &after.claims) == (&before.plan, &before.features, &before.claims) {
                assert!(after.ent_ver >= before.ent_ver);
            } else {
                assert!(after.ent_ver > before.ent_ver, "{before:?} -> {after:?}");
            }
            before = after;
        }
    }
}
