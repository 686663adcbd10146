//! `/dashboard/{slug}/users`: search, filter, pages, and granting access.

use domain::{
    Timestamp, application::RoleName, billing::plan::PlanKey, identity::membership::MembershipStatus, page::Page,
};
use leptos::prelude::*;
use service::identity::memberships::Member;

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        list::{CELL, CardTable, HEAD, NAME, Pager, ROW, address},
        plan_filter::PlanFilter,
    },
    i18n::Text,
    ui::{Badge, Button, ButtonLink, EmptyState, ErrorSummary, Field, Glyph, Labelled, Look, StatusBadge, Tone},
};

/// What the address asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub search: String,
    pub plan: Option<PlanKey>,
    /// Whether this is not the first page.
    pub later: bool,
}

impl Query {
    fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.plan.is_some()
    }

    /// The address of a page of this list.
    fn href(&self, base: &str, cursor: Option<&str>) -> String {
        let plan = self.plan.as_ref().map_or("", |key| key.as_str());
        address(base, &[("q", &self.search), ("plan", plan), ("cursor", cursor.unwrap_or_default())])
    }
}

#[component]
pub fn UsersPage(frame: Frame, members: Page<Member>, query: Query, now: Timestamp, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let base = frame.href(Section::Users);
    let next = members.next_cursor.as_deref().map(|cursor| query.href(&base, Some(cursor)));
    let first = query.later.then(|| query.href(&base, None));
    let filter = view! { <Filter frame=frame.clone() query=query.clone() base=base.clone()/> };
    let grant = view! { <Grant frame=frame.clone() sent=sent.clone()/> };
    let list = if members.items.is_empty() {
        let (title, body) = if query.is_filtered() || query.later {
            (text.no_match_title(), text.no_match_body())
        } else {
            (text.no_users_title(), text.no_users_body())
        };
        view! { <EmptyState glyph=Glyph::Users title body/> }.into_any()
    } else {
        view! { <List frame=frame.clone() members=members.items now base/> }.into_any()
    };
    view! {
        <Dashboard frame title=text.section_users() section=Section::Users>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {filter}
            {list}
            <Pager text first next/>
            {grant}
        </Dashboard>
    }
}

#[component]
fn Filter(frame: Frame, query: Query, base: String) -> impl IntoView {
    let text = frame.text();
    let clear = query.is_filtered().then(|| base.clone());
    view! {
        <form method="get" action=base class="flex flex-wrap items-end gap-3" role="search">
            <div class="min-w-0 flex-1 basis-64">
                <Field name="q" kind="search" label=text.users_search() value=query.search maxlength=200 autocomplete="off"/>
            </div>
            <PlanFilter frame chosen=query.plan/>
            <Button look=Look::Secondary>{text.search()}</Button>
            {clear.map(|href| view! { <ButtonLink href look=Look::Quiet>{text.clear_filter()}</ButtonLink> })}
        </form>
    }
}

/// A table; on a phone each row is a card with its columns' names.
#[component]
fn List(frame: Frame, members: Vec<Member>, now: Timestamp, base: String) -> impl IntoView {
    let text = frame.text();
    let rows = members
        .into_iter()
        .map(|member| {
            let plan = member
                .subscription
                .as_ref()
                .and_then(|held| frame.current.as_ref()?.plan(held.plan_id).map(|plan| plan.name.to_string()));
            let joined = text.date(member.membership.created_at);
            let name = member.user.display_name().to_owned();
            let email = member.user.email.to_string();
            view! {
                <tr class=ROW role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <a class="font-medium after:absolute after:inset-0" href=format!("{base}/{}", member.user.id) dir="auto">{name.clone()}</a>
                        {(name != email).then(|| view! { <p class="break-all text-sm text-muted">{email}</p> })}
                    </th>
                    <td class=CELL data-label=text.membership() role="cell"><AccessBadge text status=member.membership.status/></td>
                    <td class=CELL data-label=text.users_plan() role="cell">
                        <p class=NAME dir="auto">{plan.unwrap_or_else(|| text.no_plan())}</p>
                    </td>
                    <td class=CELL data-label=text.subscription() role="cell">
                        {match member.subscription {
                            Some(subscription) => view! { <StatusBadge subscription text now/> }.into_any(),
                            None => view! { <span class="text-muted">"–"</span> }.into_any(),
                        }}
                    </td>
                    <td class=CELL data-label=text.member_since() role="cell">{joined}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = [text.user(), text.membership(), text.users_plan(), text.subscription(), text.member_since()];
    view! { <CardTable caption=text.section_users() columns=columns.to_vec()>{rows}</CardTable> }
}

/// Whether a membership lets its user in: text, colour and icon.
#[component]
pub fn AccessBadge(text: Text, status: MembershipStatus) -> impl IntoView {
    let (tone, glyph, label) = match status {
        MembershipStatus::Active => (Tone::Good, Glyph::Check, text.access_active()),
        MembershipStatus::Suspended => (Tone::Warn, Glyph::Pause, text.access_suspended()),
        MembershipStatus::Revoked => (Tone::Bad, Glyph::Cross, text.access_revoked()),
    };
    view! { <Badge tone glyph=Some(glyph)>{label}</Badge> }
}

/// Grants access to somebody who has an account.
#[component]
fn Grant(frame: Frame, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let roles = frame.current.as_ref().map(|entry| entry.roles.clone()).unwrap_or_default();
    let chosen = sent.or("role", "");
    view! {
        <Panel title=text.grant_access() body=text.grant_access_body() class="max-w-3xl">
            <form method="post" class="flex flex-wrap items-end gap-3" novalidate>
                <div class="min-w-0 flex-1 basis-64">
                    <Field
                        name="email"
                        kind="email"
                        label=text.grant_email()
                        value=sent.or("email", "")
                        error=sent.error("email")
                        autocomplete="off"
                        maxlength=254
                    />
                </div>
                <div class="min-w-0 basis-40">
                    <Labelled id="role" label=text.grant_role() error=sent.error("role")>
                        <select class="input" id="role" name="role">
                            {roles
                                .into_iter()
                                .map(|role| {
                                    let id = role.id.to_string();
                                    let selected =
                                        if chosen.is_empty() { role.name.as_str() == RoleName::USER } else { chosen == id };
                                    view! { <option value=id selected=selected>{role.name.to_string()}</option> }
                                })
                                .collect_view()}
                        </select>
                    </Labelled>
                </div>
                <Button attr:name=ACTION attr:value="grant">{text.grant_access()}</Button>
            </form>
        </Panel>
    }
}
