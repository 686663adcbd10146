//! The organizations to which one belongs.

use domain::{identity::organization::OrganizationRole, route::AccountPage};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    i18n::Text,
    shell::Visit,
    ui::{Badge, Button, ButtonLink, Confirm, Look, Tone},
};

/// One organization of one's own.
#[derive(Clone, Debug)]
pub struct Own {
    /// What its forms send.
    pub id: String,
    pub name: String,
    pub role: OrganizationRole,
    /// Tokens name it.
    pub is_current: bool,
}

/// Lists them: to act for one, to see its people, to leave it.
#[component]
pub fn OrganizationsPage(
    visit: Visit,
    owner: Owner,
    organizations: Vec<Own>,
    refusal: Option<String>,
) -> impl IntoView {
    let text = visit.text();
    let page = AccountPage::Organizations;
    let body = if organizations.is_empty() { text.organizations_none() } else { text.organizations_body() };
    let cards = organizations.into_iter().map(|own| view! { <OrganizationCard text own/> }).collect::<Vec<_>>();
    let list = (!cards.is_empty()).then(|| view! { <ul class="grid gap-4">{cards}</ul> });
    view! {
        <Frame visit owner page title=text.account_organizations() body refusal>
            {list}
        </Frame>
    }
}

#[component]
fn OrganizationCard(text: Text, own: Own) -> impl IntoView {
    let page = AccountPage::Organizations.path();
    let (id, name) = (own.id, own.name);
    let (act, people, leave) =
        (text.organization_choose(&name), text.organization_manage(&name), text.organization_leave(&name));
    let effect = text.organization_leave_effect(&name);
    let current = own.is_current.then(|| view! { <Badge tone=Tone::Good>{text.organization_current()}</Badge> });
    let choose = (!own.is_current).then(|| {
        let id = id.clone();
        view! {
            <form method="post" action=page>
                <input type="hidden" name="organization" value=id/>
                <Button attr:name="deed" attr:value="choose">{act}</Button>
            </form>
        }
    });
    view! {
        <li class="card grid gap-4 p-6">
            <div class="grid gap-1">
                <h2 class="flex flex-wrap items-center gap-2.5 font-semibold">{name} {current}</h2>
                <p class="text-sm text-muted">{text.role_in_organization(own.role)}</p>
            </div>
            <div class="flex flex-wrap gap-3">
                {choose}
                <ButtonLink href=format!("{page}/{id}") look=Look::Secondary>
                    {people}
                </ButtonLink>
                <Confirm label=leave effect action=page id=format!("leave-{id}")>
                    <input type="hidden" name="organization" value=id/>
                    <input type="hidden" name="deed" value="leave"/>
                </Confirm>
            </div>
        </li>
    }
}
