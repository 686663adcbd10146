//! Access, plan and roles of one user: small forms of one decision each.

use std::sync::Arc;

use domain::{Timestamp, billing::subscription::Source, identity::membership::MembershipStatus};
use leptos::prelude::*;
use service::{directory::ApplicationEntry, identity::memberships::Member};

use super::list::AccessBadge;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::Panel,
        moment::moment,
    },
    i18n::Text,
    ui::{Button, Check, Confirm, Field, Labelled, Look, StatusBadge},
};

/// Suspend, reactivate, revoke, grant again.
#[component]
pub fn Access(text: Text, member: Member) -> impl IntoView {
    let status = member.membership.status;
    let (label, body, action) = match status {
        MembershipStatus::Active => (text.suspend(), text.suspend_body(), "suspend"),
        MembershipStatus::Suspended => (text.reactivate(), text.reactivate_body(), "reactivate"),
        MembershipStatus::Revoked => (text.grant_again(), text.reactivate_body(), "reactivate"),
    };
    let can_revoke = status != MembershipStatus::Revoked;
    view! {
        <Panel title=text.managing_access()>
            <p><AccessBadge text status/></p>
            <form method="post" class="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
                <p class="min-w-0 flex-1 basis-52 text-sm text-muted">{body}</p>
                <Button look=Look::Secondary small=true attr:name=ACTION attr:value=action>{label}</Button>
            </form>
            {can_revoke.then(|| view! {
                <div class="border-t border-line pt-4">
                    <Confirm label=text.revoke_access() effect=text.revoke_access_body() id="revoke-access" small=true>
                        <input type="hidden" name=ACTION value="revoke"/>
                    </Confirm>
                </div>
            })}
        </Panel>
    }
}

/// The plan that is held, and the form that assigns another.
#[component]
pub fn Held(
    text: Text,
    member: Member,
    application: Arc<ApplicationEntry>,
    now: Timestamp,
    sent: Sent,
) -> impl IntoView {
    let held = member.subscription.as_ref().and_then(|held| application.plan(held.plan_id)).map(|plan| plan.id);
    let chosen = sent.or("plan", held.map(|id| id.to_string()).unwrap_or_default());
    let plans: Vec<_> = application
        .plans
        .iter()
        .filter(|plan| plan.archived_at.is_none() || Some(plan.id) == held)
        .map(|plan| (plan.id.to_string(), plan.name.to_string()))
        .collect();
    let subscription =
        member.subscription.map(|subscription| view! { <Subscription text subscription application now/> });
    let live = subscription.is_some();
    let have_plans = !plans.is_empty();
    view! {
        <Panel title=text.held_plan()>
            {match subscription {
                Some(view) => view.into_any(),
                None => view! { <p class="text-muted">{text.no_plan()}</p> }.into_any(),
            }}
            {have_plans.then(|| view! {
                <form method="post" class="grid gap-4 border-t border-line pt-5" novalidate>
                    <div>
                        <h3 class="font-medium">{text.assign_plan()}</h3>
                        <p class="text-sm text-muted">{text.assign_plan_body()}</p>
                    </div>
                    <div class="grid items-start gap-4 2xl:grid-cols-2">
                        <Labelled id="plan" label=text.users_plan() error=sent.error("plan")>
                            <select class="input" id="plan" name="plan">
                                {plans
                                    .into_iter()
                                    .map(|(id, name)| {
                                        let selected = id == chosen;
                                        view! { <option value=id selected=selected>{name}</option> }
                                    })
                                    .collect_view()}
                            </select>
                        </Labelled>
                        <Field
                            name="expires_at"
                            kind="datetime-local"
                            label=text.assign_expiry()
                            hint=Some(text.assign_expiry_hint())
                            value=sent.or("expires_at", "")
                            error=sent.error("expires_at")
                        />
                    </div>
                    <div><Button attr:name=ACTION attr:value="assign">{text.assign()}</Button></div>
                </form>
            })}
            {live.then(|| view! {
                <div class="border-t border-line pt-4">
                    <Confirm label=text.end_subscription() effect=text.end_subscription_body() id="end-subscription" small=true>
                        <input type="hidden" name=ACTION value="end"/>
                    </Confirm>
                </div>
            })}
        </Panel>
    }
}

#[component]
fn Subscription(
    text: Text,
    subscription: domain::billing::subscription::Subscription,
    application: Arc<ApplicationEntry>,
    now: Timestamp,
) -> impl IntoView {
    let plan = application.plan_name(subscription.plan_id);
    let source = match subscription.source {
        Source::Default => text.source_default(),
        Source::User => text.source_user(),
        Source::Admin => text.source_admin(),
        Source::Api => text.source_api(),
        Source::Catalog => text.source_catalog(),
        Source::Provider => text.source_provider(),
    };
    let mut lines = vec![text.held_since(moment(text, subscription.started_at))];
    lines.extend(subscription.expires_at.map(|at| text.held_expires(moment(text, at))));
    lines.extend(subscription.period.map(|period| text.held_period(text.date(period.end))));
    lines.push(format!("{}: {source}", text.held_source()));
    view! {
        <div class="grid gap-2">
            <p class="flex flex-wrap items-center gap-3">
                <span class="text-lg font-semibold">{plan}</span>
                <StatusBadge subscription text now/>
            </p>
            {lines.into_iter().map(|line| view! { <p class="text-sm text-muted">{line}</p> }).collect_view()}
        </div>
    }
}

/// The user's roles.
#[component]
pub fn Roles(text: Text, member: Member, application: Arc<ApplicationEntry>, sent: Sent) -> impl IntoView {
    let roles = application.roles.iter().map(|role| {
        let checked = if sent.is_empty() {
            member.membership.roles.contains(&role.id)
        } else {
            sent.values.all("role").any(|id| id == role.id.to_string())
        };
        (role.id.to_string(), role.name.to_string(), checked)
    });
    let roles: Vec<_> = roles.collect();
    view! {
        <Panel title=text.roles() body=text.roles_body()>
            <form method="post" class="grid gap-4">
                <fieldset class="flex flex-wrap gap-x-6 gap-y-2.5">
                    <legend class="sr-only">{text.roles()}</legend>
                    {roles
                        .into_iter()
                        .map(|(id, name, checked)| view! { <RoleCheck id name checked/> })
                        .collect_view()}
                </fieldset>
                <div><Button look=Look::Secondary attr:name=ACTION attr:value="roles">{text.save_roles()}</Button></div>
            </form>
        </Panel>
    }
}

/// A checkbox whose value is the role's id.
#[component]
fn RoleCheck(id: String, name: String, checked: bool) -> impl IntoView {
    view! { <Check name="role" id=format!("role-{id}") value=id label=name checked/> }
}
