//! `/organizations/{id}`: its name, its people, whom it has asked to join, and its end.

use domain::{
    identity::organization::{Invitation, Organization, OrganizationMember, OrganizationRole},
    page::Page,
    route,
};
use leptos::prelude::*;

use crate::{
    account::role_options,
    admin::{
        delete::DeleteForm,
        form::{ACTION, Sent},
        frame::{Above, Copyable, Crumb, Dashboard, Frame, Panel},
        list::{Pager, address},
    },
    i18n::Text,
    ui::{Button, Confirm, ErrorSummary, Field, Labelled, Look},
};

#[component]
pub fn OrganizationPage(
    frame: Frame,
    organization: Organization,
    members: Page<OrganizationMember>,
    waiting: Vec<Invitation>,
    /// Whether this is not the first page of its people.
    later: bool,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let path = format!("{}/{}", route::ORGANIZATIONS, organization.id);
    let next = members.next_cursor.as_deref().map(|cursor| address(&path, &[("cursor", cursor)]));
    let first = later.then_some(path);
    let crumbs = vec![Crumb::new(text.server_organizations(), route::ORGANIZATIONS)];
    let (name, slug) = (organization.name.to_string(), organization.slug.to_string());
    let (save, delete, shown) = (sent.of("save"), sent.of("delete"), slug.clone());
    view! {
        <Dashboard frame title=name.clone() above=Above::Organizations crumbs>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Panel title=text.organization()>
                <div class="flex flex-wrap gap-x-10 gap-y-4">
                    <Copyable text label=text.organization_id() value=organization.id.to_string()/>
                    <Copyable text label=text.application_slug() value=shown/>
                </div>
                <form method="post" class="flex flex-wrap items-end gap-3 border-t border-line pt-5" novalidate>
                    <div class="min-w-0 flex-1 basis-64">
                        <Field
                            name="name"
                            label=text.organization_name()
                            value=save.or("name", name)
                            error=save.error("name")
                            maxlength=100
                            autocomplete="off"
                        />
                    </div>
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                </form>
            </Panel>
            <People text members=members.items sent=sent.of("role")/>
            <Pager text first next/>
            <Invitations text waiting sent=sent.of("invite")/>
            <Panel title=text.danger_zone()>
                <DeleteForm text title=text.organization_delete() body=text.organization_delete_body() name=slug sent=delete/>
            </Panel>
        </Dashboard>
    }
}

/// Whoever belongs to it, with their roles.
#[component]
fn People(text: Text, members: Vec<OrganizationMember>, sent: Sent) -> impl IntoView {
    if members.is_empty() {
        return view! {
            <Panel title=text.organization_people()><p class="text-muted">{text.organization_nobody()}</p></Panel>
        }
        .into_any();
    }
    let about = sent.or("user", "");
    let role = OrganizationRole::parse(&sent.or("role", ""));
    let people = members
        .into_iter()
        .map(|member| {
            let chosen = role.filter(|_| member.user.id.to_string() == about).unwrap_or(member.role);
            view! { <Person text member chosen/> }
        })
        .collect_view();
    view! {
        <Panel title=text.organization_people() body=text.organization_people_body()>
            <ul class="divide-y divide-line">{people}</ul>
        </Panel>
    }
    .into_any()
}

/// One of them; the field of the role shows the one that is `chosen`.
#[component]
fn Person(text: Text, member: OrganizationMember, chosen: OrganizationRole) -> impl IntoView {
    let id = member.user.id.to_string();
    let (called, email) = (member.user.display_name().to_owned(), member.user.email.to_string());
    let below = (called != email).then_some(email);
    let (change, remove) = (text.organization_set_role(&called), text.organization_remove_person(&called));
    let effect = text.organization_remove_effect(&called);
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 py-4 first:pt-0 last:pb-0">
            <div class="grid min-w-0 gap-0.5">
                <h3 class="font-medium wrap-anywhere" dir="auto">{called}</h3>
                {below.map(|email| view! { <p class="break-all text-sm text-muted">{email}</p> })}
                <p class="text-sm text-muted">{text.organization_joined(text.date(member.joined_at))}</p>
            </div>
            <div class="flex flex-wrap items-center gap-3">
                <form method="post" class="flex flex-wrap items-center gap-3">
                    <input type="hidden" name="user" value=id.clone()/>
                    <div class="min-w-0 basis-36">
                        <select class="input" name="role" aria-label=change>{roles(text, chosen)}</select>
                    </div>
                    <Button look=Look::Secondary small=true attr:name=ACTION attr:value="role">
                        {text.organization_set()}
                    </Button>
                </form>
                <Confirm label=remove effect id=format!("remove-{id}") small=true>
                    <input type="hidden" name="user" value=id/>
                    <input type="hidden" name=ACTION value="remove"/>
                </Confirm>
            </div>
        </li>
    }
}

/// Every role: superadmins give all that an owner may.
fn roles(text: Text, chosen: OrganizationRole) -> impl IntoView {
    role_options(text, OrganizationRole::Owner, chosen)
}

/// Whom it has asked to join, and the form that asks somebody else.
#[component]
fn Invitations(text: Text, waiting: Vec<Invitation>, sent: Sent) -> impl IntoView {
    let items = waiting.into_iter().map(|one| view! { <Waiting text one/> }).collect::<Vec<_>>();
    let list = (!items.is_empty()).then(|| view! { <ul class="divide-y divide-line">{items}</ul> });
    let chosen = OrganizationRole::parse(&sent.or("role", "")).unwrap_or_default();
    view! {
        <Panel title=text.invitations_title() body=text.invitations_body()>
            {list}
            <form method="post" class="flex flex-wrap items-end gap-3 border-t border-line pt-5" novalidate>
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
                    <Labelled id="role" label=text.organization_role() error=sent.error("role")>
                        <select class="input" id="role" name="role">{roles(text, chosen)}</select>
                    </Labelled>
                </div>
                <Button attr:name=ACTION attr:value="invite">{text.invitation_send()}</Button>
            </form>
        </Panel>
    }
}

#[component]
fn Waiting(text: Text, one: Invitation) -> impl IntoView {
    let role = text.role_in_organization(one.role);
    let about =
        if one.works { text.invitation_until(role, text.date(one.expires_at)) } else { text.invitation_stopped(role) };
    let (again, revoke) = (text.invitation_again_of(&one.email), text.invitation_revoke_of(&one.email));
    let (id, effect) = (one.id.to_string(), text.invitation_revoke_effect());
    view! {
        <li class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 py-4 first:pt-0">
            <div class="grid min-w-0 gap-0.5">
                <p class="break-all font-medium">{one.email.to_string()}</p>
                <p class="text-sm text-muted">{about}</p>
            </div>
            <div class="flex min-w-0 flex-wrap gap-3">
                <form method="post">
                    <input type="hidden" name="invitation" value=id.clone()/>
                    <Button look=Look::Secondary small=true attr:name=ACTION attr:value="again" attr:aria-label=again>
                        {text.invitation_again()}
                    </Button>
                </form>
                <Confirm label=revoke effect id=format!("uninvite-{id}") small=true>
                    <input type="hidden" name="invitation" value=id/>
                    <input type="hidden" name=ACTION value="uninvite"/>
                </Confirm>
            </div>
        </li>
    }
}
