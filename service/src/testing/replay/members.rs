//! What the ledger says of members: access, claims, overrides, the method of payment, the one trial, when a plan was
//! chosen, and `ent_ver`.

use std::collections::{HashMap, HashSet};

use domain::{
    Timestamp,
    billing::{
        entitlement::next_ent_ver,
        ledger::Action,
        plan::Plan,
        subscription::{State, Subscription},
    },
    id::PlanId,
};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::text;
use crate::{
    Result,
    billing::hold,
    clock::at,
    entity::{ledger, memberships, payment_methods, subscriptions, trials},
};

/// What holds for a member; texts are states as the ledger writes them.
#[derive(Clone, Debug, PartialEq)]
struct Member {
    status: String,
    claims: String,
    overrides: String,
    method: Option<String>,
    had_trial: bool,
    chosen_at: Option<Timestamp>,
    plan: Option<PlanId>,
    ent_ver: i64,
}

impl Default for Member {
    fn default() -> Self {
        Self {
            status: text(&"active"),
            claims: "{}".into(),
            overrides: "{}".into(),
            method: None,
            had_trial: false,
            chosen_at: None,
            plan: None,
            ent_ver: 1,
        }
    }
}

/// Adds a sentence for every member of whom the ledger says one thing and the rows another.
pub(super) async fn replay(db: &DatabaseConnection, entries: &[ledger::Model], wrong: &mut Vec<String>) -> Result<()> {
    let told = told(entries);
    let trials: HashSet<Uuid> = trials::Entity::find().all(db).await?.iter().map(|row| row.membership_id).collect();
    let current = payment_methods::Entity::find().filter(payment_methods::Column::IsCurrent.eq(true)).all(db).await?;
    let methods: HashMap<Uuid, String> = current.iter().map(|row| (row.membership_id, text(&row.label))).collect();
    let mut plans: HashMap<Uuid, PlanId> = HashMap::new();
    for row in subscriptions::Entity::find().all(db).await? {
        let held = hold::subscription(row)?;
        if !held.state.is_final() {
            plans.insert(held.membership_id.get(), held.plan_id);
        }
    }
    for row in memberships::Entity::find().all(db).await? {
        let said = Member {
            status: text(&row.status),
            claims: row.claims,
            overrides: row.overrides,
            method: methods.get(&row.id).cloned(),
            had_trial: trials.contains(&row.id),
            chosen_at: row.chosen_at.map(at),
            plan: plans.get(&row.id).copied(),
            ent_ver: row.ent_ver,
        };
        let told = told.get(&(row.application_id, row.user_id)).cloned().unwrap_or_default();
        if told != said {
            wrong.push(format!("of member {} the ledger says {told:?} where the rows say {said:?}", row.id));
        }
    }
    Ok(())
}

/// Members by application and user, as the entries leave them. `ent_ver` grows anew, with every change of what they are
/// entitled to.
fn told(entries: &[ledger::Model]) -> HashMap<(Uuid, Uuid), Member> {
    let mut versions: HashMap<PlanId, i64> = HashMap::new();
    let mut members: HashMap<(Uuid, Uuid), Member> = HashMap::new();
    for entry in entries {
        let Some(action) = Action::parse(&entry.action) else { continue };
        let state = entry.after_json.as_deref().unwrap_or_default();
        if matches!(action, Action::PlanCreated | Action::PlanUpdated)
            && let Ok(plan) = serde_json::from_str::<Plan>(state)
        {
            versions.insert(plan.id, plan.version);
        }
        let Some(id) = entry.application_id.zip(entry.user_id) else { continue };
        let member = members.entry(id).or_default();
        let before = member.plan;
        match action {
            Action::ClaimsUpdated => member.claims = state.into(),
            Action::FeatureOverridden => member.overrides = state.into(),
            _ if entry.action.starts_with("subscription.") => {
                let Ok(after) = serde_json::from_str::<Subscription>(state) else { continue };
                member.had_trial |= matches!(after.state, State::Trialing { .. });
                member.plan = (!after.state.is_final()).then_some(after.plan_id);
            }
            other => {
                match other {
                    // Roles are a list.
                    Action::MembershipUpdated if state.starts_with('"') => member.status = state.into(),
                    Action::PlanChosen => member.chosen_at = serde_json::from_str(state).ok(),
                    Action::MethodSaved => member.method = Some(state.into()),
                    Action::MethodRemoved => member.method = None,
                    _ => (),
                }
                continue;
            }
        }
        let version = |plan: Option<PlanId>| plan.and_then(|plan| versions.get(&plan).copied()).unwrap_or_default();
        member.ent_ver = next_ent_ver(member.ent_ver, version(before), version(member.plan));
    }
    members
}
