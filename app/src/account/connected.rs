//! The clients that a person lets use their account.

use domain::{Timestamp, oauth::scope::ScopeSet, route::AccountPage};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{auth::Scopes, shell::Visit, ui::Confirm};

/// One client with access.
#[derive(Clone, Debug)]
pub struct Connected {
    /// What its form sends.
    pub id: String,
    pub client: String,
    pub application: String,
    pub scopes: ScopeSet,
    pub since: Timestamp,
}

/// Lists them, each with a form that takes its access away.
#[component]
pub fn ConnectedPage(visit: Visit, owner: Owner, clients: Vec<Connected>) -> impl IntoView {
    let text = visit.text();
    let page = AccountPage::Connected;
    let body = if clients.is_empty() { text.connected_none() } else { text.connected_body() };
    let cards = clients
        .into_iter()
        .map(|one| {
            view! {
                <li class="card grid gap-4 p-6">
                    <div class="grid gap-1">
                        <h2 class="font-semibold">{one.client.clone()}</h2>
                        <p class="text-sm text-muted">{text.connected_since(&one.application, text.date(one.since))}</p>
                    </div>
                    <Scopes text scopes=one.scopes/>
                    <Confirm
                        label=text.disconnect(&one.client)
                        effect=text.disconnect_effect(&one.client)
                        action=page.path()
                        id=format!("disconnect-{}", one.id)
                    >
                        <input type="hidden" name="client" value=one.id/>
                    </Confirm>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let list = (!cards.is_empty()).then(|| view! { <ul class="grid gap-4">{cards}</ul> });
    view! {
        <Frame visit owner page title=text.connected_title() body>
            {list}
        </Frame>
    }
}
