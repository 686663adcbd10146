//! The browsers in which one is signed in.

use domain::{Timestamp, route::AccountPage};
use leptos::prelude::*;

use super::{Owner, frame::Frame};
use crate::{
    i18n::Text,
    shell::Visit,
    ui::{Badge, Button, Look, Tone},
};

/// One signed-in browser.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// What its form sends.
    pub id: String,
    /// `Firefox · Linux`, where it says so.
    pub device: Option<String>,
    pub address: Option<String>,
    pub signed_in_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub is_current: bool,
}

/// Lists them; each but the one that looks has a form that ends it.
#[component]
pub fn SessionsPage(visit: Visit, owner: Owner, sessions: Vec<OwnSession>) -> impl IntoView {
    let text = visit.text();
    let page = AccountPage::Sessions;
    let others = sessions.iter().any(|own| !own.is_current).then(|| {
        view! {
            <form method="post" action=page.path()>
                <Button look=Look::Danger attr:name="session" attr:value="others">{text.sessions_end_others()}</Button>
            </form>
        }
    });
    let cards = sessions.into_iter().map(|own| view! { <SessionCard text own/> }).collect_view();
    view! {
        <Frame visit owner page title=text.account_sessions() body=text.sessions_body()>
            {others}
            <ul class="grid gap-4">{cards}</ul>
        </Frame>
    }
}

#[component]
fn SessionCard(text: Text, own: OwnSession) -> impl IntoView {
    let device = own.device.unwrap_or_else(|| text.sessions_unknown());
    let times = format!(
        "{} · {}",
        text.sessions_since(text.date_time(own.signed_in_at)),
        text.sessions_seen(text.date_time(own.last_seen_at))
    );
    let end = (!own.is_current).then(|| {
        let label = text.sessions_end_of(&device);
        view! {
            <form method="post" action=AccountPage::Sessions.path()>
                <input type="hidden" name="session" value=own.id/>
                <Button look=Look::Secondary attr:aria-label=label>{text.sessions_end()}</Button>
            </form>
        }
    });
    let here = own.is_current.then(|| view! { <Badge tone=Tone::Good>{text.sessions_here()}</Badge> });
    view! {
        <li class="card flex flex-wrap items-center justify-between gap-4 p-6">
            <div class="grid gap-1">
                <h2 class="flex flex-wrap items-center gap-2.5 font-semibold">{device} {here}</h2>
                {own.address.map(|address| view! { <p class="text-sm text-muted">{address}</p> })}
                <p class="text-sm text-muted">{times}</p>
            </div>
            {end}
        </li>
    }
}
