//! Plan selection: whether the request or the application asks for it.

use domain::{
    application::PlanSelection,
    billing::plan::PlanKey,
    identity::{membership::Membership, session::Session},
    oauth::prompt::Prompt,
};

use super::Authorize;
use crate::{Result, directory::ClientEntry, oauth::flow::Flow};

/// How plan selection stands.
pub(super) enum Selection {
    Passed,
    /// By the application's own rule.
    Due,
    /// By the request.
    Asked,
}

impl Authorize<'_> {
    pub(super) async fn plan_selection(
        &self,
        session: &Session,
        client: &ClientEntry,
        membership: &Membership,
        flow: &Flow,
    ) -> Result<Selection> {
        let application = &client.application;
        if !application.selects_plans() {
            return Ok(Selection::Passed);
        }
        if membership.chosen_at.is_some_and(|chosen| chosen >= flow.started_at()) {
            return Ok(Selection::Passed);
        }
        if flow.request.prompts.has(Prompt::SelectPlan) || self.wants_other_plan(session, client, flow).await? {
            return Ok(Selection::Asked);
        }
        let always = application.application.settings.plan_selection == PlanSelection::Always;
        let due = always || membership.chosen_at.is_none();
        Ok(if due { Selection::Due } else { Selection::Passed })
    }

    /// Whether `plan` names a plan on offer that is not the one held.
    async fn wants_other_plan(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<bool> {
        let on_offer = |key: &&PlanKey| client.application.plans_on_offer().any(|plan| plan.key == **key);
        let Some(wanted) = flow.request.plan.as_ref().filter(on_offer) else { return Ok(false) };
        let holder = self.0.entitlements().holder(session.user.id, client.client.application_id).await?;
        let held = holder
            .and_then(|holder| holder.subscription)
            .filter(|held| held.is_live(client.application.billing_time(self.0.now())));
        let held = held.and_then(|held| client.application.plan(held.plan_id).cloned());
        Ok(held.is_none_or(|held| held.key != *wanted))
    }
}
