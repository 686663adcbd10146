//! What a user is entitled to at one moment: the answer that tokens, pages and APIs share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    claims::{self, CustomClaims},
    feature::Overrides,
    plan::{Plan, PlanKey},
    subscription::{Status, Subscription},
};
use crate::Timestamp;

/// Everything that decides, read together.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub custom: &'a CustomClaims,
    pub overrides: &'a Overrides,
    /// The membership's own number.
    pub ent_ver: i64,
    /// Whether the application has plans; without any, `plan` may be an ordinary claim.
    pub has_plans: bool,
    /// The live subscription with its plan, where there is one.
    pub held: Option<(&'a Subscription, &'a Plan)>,
}

/// What a user is entitled to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entitlement {
    /// The plan's key while the subscription gives features.
    pub plan: Option<PlanKey>,
    /// The live subscription's status, `None` without one.
    pub status: Option<Status>,
    /// The plan's features with the user's overrides on top.
    pub features: Map<String, Value>,
    /// Custom claims with `plan` and `billing_cycle`.
    pub claims: Map<String, Value>,
    /// Grows with every change.
    pub ent_ver: i64,
    /// The next moment at which this changes by itself.
    pub valid_until: Option<Timestamp>,
}

impl Basis<'_> {
    /// The answer at `now`. Whether a timed change has been written down yet makes no difference to it.
    pub fn at(&self, now: Timestamp) -> Entitlement {
        let live = self.held.filter(|(subscription, _)| subscription.is_live(now));
        let giving = live.filter(|(subscription, _)| subscription.gives_features(now));

        let mut features = giving.map(|(_, plan)| plan.features.map().clone()).unwrap_or_default();
        let mut valid_until = live.and_then(|(subscription, _)| subscription.next_change());
        for (key, over) in self.overrides {
            if over.holds(now) {
                features.insert(key.clone(), over.value.clone());
                valid_until = earliest(valid_until, over.expires_at);
            }
        }

        let mut object = Map::new();
        if let Some((subscription, plan)) = giving {
            object.insert("plan".into(), plan.key.as_str().into());
            let price = subscription.price_id.and_then(|id| plan.prices.iter().find(|price| price.id == id));
            if let Some(price) = price {
                object.insert("billing_cycle".into(), price.interval.cycle().into());
            }
        }
        let custom = claims::to_object(self.custom).into_iter();
        object.extend(custom.filter(|(key, _)| !(self.has_plans && key == "plan")));

        Entitlement {
            plan: giving.map(|(_, plan)| plan.key.clone()),
            status: live.map(|(subscription, _)| subscription.state.status()),
            features,
            claims: object,
            ent_ver: self.ent_ver + self.held.map_or(0, |(_, plan)| plan.version),
            valid_until,
        }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The membership's next number when its plan's number goes from `old` to `new` (0 without a plan): the sum of both
/// grows by one at least.
pub fn next_ent_ver(membership: i64, old: i64, new: i64) -> i64 {
    (membership + old - new).max(membership) + 1
}

/// The lifetime of a token in whole seconds since the epoch: `iat + seconds`, but no later than `valid_until`.
pub fn clamp_expiry(iat: i64, seconds: i64, valid_until: Option<Timestamp>) -> i64 {
    valid_until.map_or(iat + seconds, |until| (iat + seconds).min(until.timestamp()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::billing::{
        claims::ClaimsPatch,
        feature::{Features, Override},
        plan::PlanName,
        subscription::{
            State,
            tests::{epoch, subscription},
        },
    };

    fn plan(features: Value) -> Plan {
        Plan {
            id: Uuid::nil().into(),
            application_id: Uuid::nil().into(),
            key: PlanKey::parse("pro").unwrap(),
            name: PlanName::parse("Pro").unwrap(),
            description: Default::default(),
            features: Features::parse(features).unwrap(),
            is_default: false,
            is_listed: true,
            position: 0,
            stripe_product_id: None,
            archived_at: None,
            version: 3,
            prices: vec![],
            created_at: epoch(),
        }
    }

    #[test]
    fn overrides_win_and_limit_the_answer() {
        let plan = plan(json!({"maxProjects": 50, "exportEnabled": true}));
        let sub = Subscription { expires_at: Some(epoch() + TimeDelta::days(30)), ..subscription(State::Active) };
        let until = epoch() + TimeDelta::days(2);
        let overrides =
            Overrides::from([("maxProjects".into(), Override { value: json!(99), expires_at: Some(until) })]);
        let custom = CustomClaims::default();
        let basis =
            Basis { custom: &custom, overrides: &overrides, ent_ver: 7, has_plans: true, held: Some((&sub, &plan)) };
        let now = basis.at(epoch());
        assert_eq!(Value::Object(now.features), json!({"maxProjects": 99, "exportEnabled": true}));
        assert_eq!(now.valid_until, Some(until));
        assert_eq!(now.ent_ver, 10);
        let later = basis.at(until);
        assert_eq!(Value::Object(later.features), json!({"maxProjects": 50, "exportEnabled": true}));
    }

    #[test]
    fn without_features_there_is_no_plan_claim() {
        let plan = plan(json!({"a": 1}));
        let patch = ClaimsPatch::parse(json!({"seats": 5}), true).unwrap();
        let custom = CustomClaims::default().merged(&patch).unwrap();
        for state in [State::Paused { since: epoch() }, State::Incomplete, State::Canceled { at: epoch() }] {
            let sub = subscription(state);
            let overrides = Overrides::new();
            let basis = Basis {
                custom: &custom,
                overrides: &overrides,
                ent_ver: 1,
                has_plans: true,
                held: Some((&sub, &plan)),
            };
            let answer = basis.at(epoch());
            assert_eq!(answer.plan, None);
            assert_eq!(Value::Object(answer.features), json!({}));
            assert_eq!(Value::Object(answer.claims), json!({"seats": 5}));
        }
    }

    proptest! {
        #[test]
        fn the_sum_always_grows(start in 0_i64..1000, plans in prop::collection::vec(0_i64..100, 1..20)) {
            let (mut membership, mut plan) = (start, 0);
            for next in plans {
                let before = membership + plan;
                membership = next_ent_ver(membership, plan, next);
                plan = next;
                prop_assert!(membership + plan > before);
            }
        }

        #[test]
        fn no_token_outlives_its_entitlement(iat in 0_i64..1_000_000, until in 0_i64..2_000_000) {
            let until = Timestamp::from_timestamp_millis(until * 1000 + 999).unwrap();
            let exp = clamp_expiry(iat, 3600, Some(until));
            prop_assert!(exp <= iat + 3600);
            prop_assert!(exp * 1000 <= until.timestamp_millis());
        }
    }
}
