//! The people of one organization, and whom it has asked to join.

use domain::{Timestamp, identity::organization::OrganizationRole, route::AccountPage};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    auth::EmailField,
    form::FormState,
    i18n::Text,
    shell::Visit,
    ui::{Button, Confirm, ErrorSummary, Labelled, Look},
};

/// Somebody of the organization.
#[derive(Clone, Debug)]
pub struct Person {
    /// What its forms send.
    pub id: String,
    pub name: Option<String>,
    pub email: String,
    pub role: OrganizationRole,
}

/// Somebody who was asked to join.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What its form sends.
    pub id: String,
    pub email: String,
    pub role: OrganizationRole,
    pub until: Timestamp,
    /// Not while who sent it could not send it any more.
    pub works: bool,
}

/// An organization as one of its people sees it.
#[derive(Clone, Debug)]
pub struct People {
    pub id: String,
    pub name: String,
    /// The role of who looks.
    pub role: OrganizationRole,
    pub people: Vec<Person>,
    /// Where the next page of people starts.
    pub next: Option<String>,
    pub waiting: Vec<Waiting>,
}

/// Lists them; admins and owners change them.
#[component]
pub fn OrganizationPage(
    visit: Visit,
    owner: Owner,
    people: People,
    form: FormState,
    refusal: Option<String>,
) -> impl IntoView {
    let text = visit.text();
    let page = AccountPage::Organizations;
    let action = format!("{}/{}", page.path(), people.id);
    let own = people.role;
    let may_manage = own >= OrganizationRole::Admin;
    let title = text.organization_manage(&people.name);
    let next = people.next.map(|next| {
        view! { <p><a href=format!("{action}?cursor={next}")>{text.organization_more()}</a></p> }
    });
    // A form is about one of them, or asks somebody else.
    let about = form.value("user");
    let chosen = OrganizationRole::parse(&form.value("role"));
    let persons = people
        .people
        .into_iter()
        .map(|person| {
            let chosen = chosen.filter(|_| person.id == about).unwrap_or(person.role);
            view! { <PersonCard text person own chosen action=action.clone()/> }
        })
        .collect::<Vec<_>>();
    let invitations = may_manage.then(|| {
        let chosen = chosen.filter(|_| about.is_empty()).unwrap_or_default();
        let waiting = people.waiting.into_iter().map(|one| view! { <WaitingCard text one own action=action.clone()/> });
        let waiting = waiting.collect::<Vec<_>>();
        let list = (!waiting.is_empty()).then(|| view! { <ul class="grid gap-4">{waiting}</ul> });
        view! {
            <section class="card grid gap-6 p-6 sm:p-8">
                <div class="grid gap-1">
                    <h2 class="text-lg font-semibold">{text.invitations_title()}</h2>
                    <p class="text-muted">{text.invitations_body()}</p>
                </div>
                {list}
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=action.clone() class="grid gap-5">
                    <EmailField text form autocomplete="off"/>
                    <RoleField text id="role".to_owned() label=text.organization_role() own chosen/>
                    <Button class="justify-self-start" attr:name="deed" attr:value="invite">
                        {text.invitation_send()}
                    </Button>
                </form>
            </section>
        }
    });
    view! {
        <Frame visit owner page title refusal>
            <section class="grid gap-4">
                <h2 class="text-lg font-semibold">{text.organization_people()}</h2>
                <ul class="grid gap-4">{persons}</ul>
                {next}
            </section>
            {invitations}
        </Frame>
    }
}

#[component]
fn PersonCard(
    text: Text,
    person: Person,
    own: OrganizationRole,
    /// What the field of their role shows.
    chosen: OrganizationRole,
    action: String,
) -> impl IntoView {
    let called = person.name.clone().unwrap_or_else(|| person.email.clone());
    let below = person.name.is_some().then(|| view! { <p class="text-sm text-muted">{person.email.clone()}</p> });
    let controls = if own.may_change(Some(person.role), None) {
        let (id, label) = (format!("role-{}", person.id), text.organization_set_role(&called));
        let (remove, effect) = (text.organization_remove_person(&called), text.organization_remove_effect(&called));
        view! {
            <div class="flex flex-wrap items-end gap-3">
                <form method="post" action=action.clone() class="flex flex-wrap items-end gap-3">
                    <input type="hidden" name="user" value=person.id.clone()/>
                    <RoleField text id label own chosen/>
                    <Button look=Look::Secondary attr:name="deed" attr:value="role">{text.organization_set()}</Button>
                </form>
                <Confirm label=remove effect action id=format!("remove-{}", person.id)>
                    <input type="hidden" name="user" value=person.id/>
                    <input type="hidden" name="deed" value="remove"/>
                </Confirm>
            </div>
        }
        .into_any()
    } else {
        view! { <p class="text-sm text-muted">{text.role_in_organization(person.role)}</p> }.into_any()
    };
    view! {
        <li class="card flex flex-wrap items-end justify-between gap-4 p-6">
            <div class="grid gap-1">
                <h3 class="font-semibold">{called}</h3>
                {below}
            </div>
            {controls}
        </li>
    }
}

#[component]
fn WaitingCard(text: Text, one: Waiting, own: OrganizationRole, action: String) -> impl IntoView {
    let role = text.role_in_organization(one.role);
    let about =
        if one.works { text.invitation_until(role, text.date(one.until)) } else { text.invitation_stopped(role) };
    let revoke = own.may_change(Some(one.role), None).then(|| {
        let label = text.invitation_revoke_of(&one.email);
        view! {
            <form method="post" action=action>
                <input type="hidden" name="invitation" value=one.id/>
                <Button look=Look::Secondary attr:name="deed" attr:value="uninvite" attr:aria-label=label>
                    {text.invitation_revoke()}
                </Button>
            </form>
        }
    });
    view! {
        <li class="flex flex-wrap items-center justify-between gap-4">
            <div class="grid gap-1">
                <p class="font-medium">{one.email}</p>
                <p class="text-sm text-muted">{about}</p>
            </div>
            {revoke}
        </li>
    }
}

/// A member's role, or the one that somebody is asked to take.
#[component]
fn RoleField(text: Text, id: String, label: String, own: OrganizationRole, chosen: OrganizationRole) -> impl IntoView {
    view! {
        <Labelled id=id.clone() label>
            <select class="input" id=id name="role">{role_options(text, own, chosen)}</select>
        </Labelled>
    }
}

/// The roles that somebody with the role `own` may give, `chosen` among them.
pub(crate) fn role_options(text: Text, own: OrganizationRole, chosen: OrganizationRole) -> impl IntoView {
    OrganizationRole::ALL
        .into_iter()
        .filter(|role| *role <= own)
        .map(|role| {
            view! { <option value=role.as_str() selected=role == chosen>{text.role_in_organization(role)}</option> }
        })
        .collect_view()
}
