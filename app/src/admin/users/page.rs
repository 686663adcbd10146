//! `/dashboard/{slug}/users/{id}`.

use std::sync::Arc;

use domain::{
    Timestamp,
    billing::entitlement::Entitlement,
    identity::{factor::Factors, membership::MembershipStatus},
};
use leptos::prelude::*;
use service::{directory::ApplicationEntry, identity::memberships::Member};

use super::{
    access::{Access, Held, Roles},
    claims_form::ClaimsForm,
    factors::UserFactors,
    password::UserPassword,
    sessions::UserSessions,
    token::Token,
};
use crate::{
    admin::{
        draft::ObjectDraft,
        form::Sent,
        frame::{Copyable, Dashboard, Frame, Panel, Section},
        moment::moment,
    },
    i18n::Text,
    ui::{Alert, ErrorSummary, Tone},
};

/// Everything about one user of an application.
#[component]
pub fn UserPage(
    frame: Frame,
    application: Arc<ApplicationEntry>,
    member: Member,
    entitlement: Entitlement,
    claims: ObjectDraft,
    /// What they have, where a superadmin looks.
    factors: Option<Factors>,
    now: Timestamp,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let user = member.user.clone();
    let plan =
        member.subscription.as_ref().and_then(|held| application.plan(held.plan_id)).map(|plan| (**plan).clone());
    let active = member.membership.status == MembershipStatus::Active && user.disabled_at.is_none();
    let can_sign_in = factors.is_some() && user.disabled_at.is_none();
    let verified = if user.email_verified { text.email_verified() } else { text.email_unverified() };
    view! {
        <Dashboard frame title=user.display_name().to_owned() section=Section::Users>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {user.disabled_at.map(|_| view! { <Alert tone=Tone::Warn>{text.account_disabled()}</Alert> })}
            <div class="flex flex-wrap gap-x-10 gap-y-4">
                <Copyable text label=format!("{} ({verified})", text.grant_email()) value=user.email.to_string()/>
                <Copyable text label=text.user_id() value=user.id.to_string()/>
            </div>
            <div class="grid items-start gap-6 xl:grid-cols-2">
                <Held text member=member.clone() application=application.clone() now sent=sent.of("assign")/>
                <div class="grid gap-6">
                    <Access text member=member.clone()/>
                    <Roles text member=member.clone() application sent=sent.of("roles")/>
                    {can_sign_in.then(|| view! { <UserPassword text/> <UserSessions text/> })}
                    {factors.map(|factors| view! { <UserFactors text factors/> })}
                </div>
            </div>
            <Token text member=member.clone() plan entitlement active now/>
            <Overrides text member now/>
            <section class="card min-w-0 p-5 sm:p-6" id="claims-form">
                <ClaimsForm text draft=claims errors=sent.of("claims").errors/>
            </section>
        </Dashboard>
    }
}

/// Features that are set for this user, whatever the plan says.
#[component]
fn Overrides(text: Text, member: Member, now: Timestamp) -> impl IntoView {
    let overrides: Vec<_> = member.membership.overrides.into_iter().filter(|(_, over)| over.holds(now)).collect();
    if overrides.is_empty() {
        return view! { <Panel title=text.overrides()><p class="text-sm text-muted">{text.no_overrides()}</p></Panel> }
            .into_any();
    }
    view! {
        <Panel title=text.overrides()>
            <ul class="divide-y divide-line text-sm">
                {overrides
                    .into_iter()
                    .map(|(key, over)| view! {
                        <li class="flex flex-wrap gap-x-3 py-2">
                            <code class="min-w-0 font-medium">{key}</code>
                            <code class="min-w-0 break-all">{over.value.to_string()}</code>
                            {over.expires_at.map(|at| view! {
                                <span class="text-muted">{text.override_until(moment(text, at))}</span>
                            })}
                        </li>
                    })
                    .collect_view()}
            </ul>
        </Panel>
    }
    .into_any()
}
