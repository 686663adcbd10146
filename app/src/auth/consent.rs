//! The question whether a client may have what it asks for.

use domain::{
    oauth::scope::{Scope, ScopeSet},
    route::{self, AccountPage},
};
use leptos::prelude::*;

use crate::{
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Alert, Button, Glyph, Icon, Look, Tone},
};

/// Lists what the client asks for. Allowing and refusing are forms of their own, each with its answer in it.
#[component]
pub fn ConsentPage(
    visit: Visit,
    product: Product,
    /// The client's name.
    client: String,
    scopes: ScopeSet,
    flow: String,
    /// Where the answer goes, for a client that registered itself.
    registered_at: Option<String>,
    /// Whose access it is.
    who: String,
) -> impl IntoView {
    let text = visit.text();
    let title = text.consent_title(&client);
    let body = text.consent_body(&client, &product.name);
    let warning = text.consent_registered(&product.name);
    let action = route::with_flow(route::CONSENT, &flow);
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body/>
                {registered_at.map(|host| view! {
                    <Alert tone=Tone::Warn>
                        {warning} <strong class="block wrap-anywhere">{host}</strong>
                    </Alert>
                 })}
                <Scopes text scopes/>
                <div class="grid gap-2">
                    <form method="post" action=action.clone()>
                        <input type="hidden" name="decision" value="allow"/>
                        <Button class="w-full">{text.allow()}</Button>
                    </form>
                    <form method="post" action=action>
                        <input type="hidden" name="decision" value="deny"/>
                        <Button class="w-full" look=Look::Quiet>{text.deny()}</Button>
                    </form>
                </div>
                <p class="text-center text-sm text-muted">
                    {text.consent_later()} " " <a href=AccountPage::Connected.path()>{text.connected_title()}</a>
                </p>
                <SignedInAs text who other=route::with_flow(route::SIGN_IN, &flow)/>
            </div>
        </Hosted>
    }
}

/// Whose access it is, and the way to sign in as somebody else.
#[component]
pub(crate) fn SignedInAs(text: Text, who: String, other: String) -> impl IntoView {
    view! {
        <p class="text-center text-sm text-muted">
            {text.signed_in_as(who)} " · " <a href=other>{text.use_another_account()}</a>
        </p>
    }
}

/// What scopes let a client do, as a list.
#[component]
pub(crate) fn Scopes(text: Text, scopes: ScopeSet) -> impl IntoView {
    let items = scopes
        .iter()
        .map(|scope| {
            view! {
                <li class="flex gap-2.5">
                    <Icon glyph=Glyph::Check class="mt-0.5 text-good"/>
                    <span>{sentence(text, scope)}</span>
                </li>
            }
        })
        .collect::<Vec<_>>();
    view! { <ul class="grid gap-2.5">{items}</ul> }
}

/// What a scope lets a client do.
fn sentence(text: Text, scope: Scope) -> String {
    match scope {
        Scope::Openid => text.scope_openid(),
        Scope::Profile => text.scope_profile(),
        Scope::Email => text.scope_email(),
        Scope::Address => text.scope_address(),
        Scope::Phone => text.scope_phone(),
        Scope::OfflineAccess => text.scope_offline_access(),
        Scope::Roles => text.scope_roles(),
        Scope::Permissions => text.scope_permissions(),
        Scope::Org => text.scope_org(),
    }
}
