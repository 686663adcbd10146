//! The providers' accounts by which a person signs in.

use domain::{Timestamp, route::AccountPage};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    shell::Visit,
    ui::{Button, ButtonLink, Confirm, ErrorSummary, Look},
};

/// A provider's account that signs in to one's own.
#[derive(Clone, Debug)]
pub struct Linked {
    /// What its form sends.
    pub id: String,
    pub provider: String,
    /// Of the provider.
    pub host: String,
    pub email: Option<String>,
    pub since: Timestamp,
    pub used: Timestamp,
}

/// A provider whose account could be linked.
#[derive(Clone, Debug)]
pub struct Linkable {
    pub application: String,
    pub method: String,
    pub provider: String,
    /// Of the provider.
    pub host: String,
}

/// Lists them, each with a form that unlinks it, and what else could be linked.
#[component]
pub fn IdentitiesPage(
    visit: Visit,
    owner: Owner,
    linked: Vec<Linked>,
    offers: Vec<Linkable>,
    /// One was to go that is the last way to sign in.
    only_way: bool,
) -> impl IntoView {
    let text = visit.text();
    let page = AccountPage::Identities;
    let body = if linked.is_empty() { text.identities_none() } else { text.identities_body() };
    let cards = linked
        .into_iter()
        .map(|one| {
            let dates = text.identity_since(text.date(one.since), text.date(one.used));
            view! {
                <li class="card flex flex-wrap items-center justify-between gap-x-6 gap-y-3 p-6">
                    <div class="grid min-w-0 gap-1 wrap-anywhere">
                        <h2 class="font-semibold">{one.provider.clone()}</h2>
                        {one.email.map(|email| view! { <p>{email}</p> })}
                        <p class="text-sm text-muted">{one.host}</p>
                        <p class="text-sm text-muted">{dates}</p>
                    </div>
                    <Confirm
                        label=text.unlink(&one.provider)
                        effect=text.unlink_effect(&one.provider)
                        action=page.path()
                        id=format!("unlink-{}", one.id)
                    >
                        <input type="hidden" name="unlink" value=one.id/>
                    </Confirm>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let list = (!cards.is_empty()).then(|| view! { <ul class="grid gap-4">{cards}</ul> });
    let buttons = offers
        .into_iter()
        .map(|offer| {
            view! {
                <li class="grid gap-1">
                    <form method="post" action=page.path()>
                        <input type="hidden" name="application" value=offer.application/>
                        <input type="hidden" name="link" value=offer.method/>
                        <Button look=Look::Secondary>{text.link_button(offer.provider)}</Button>
                    </form>
                    <p class="text-sm text-muted wrap-anywhere">{offer.host}</p>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let more = (!buttons.is_empty()).then(|| {
        view! {
            <section class="grid gap-3">
                <h2 class="font-semibold">{text.link_another()}</h2>
                <ul class="flex flex-wrap gap-3">{buttons}</ul>
            </section>
        }
    });
    let refused = only_way.then(|| {
        view! {
            <ErrorSummary text message=Some(text.only_way())/>
            <p><ButtonLink href=AccountPage::Password.path() look=Look::Secondary>{text.account_password()}</ButtonLink></p>
        }
    });
    view! {
        <Frame visit owner page title=text.identities_title() body>
            {refused}
            {list}
            {more}
        </Frame>
    }
}
