//! What surrounds every page about one's own account: the way to the others, and whose it is.

use domain::route::{self, AccountPage};
use leptos::prelude::*;

use super::Owner;
use crate::{
    hosted::{Heading, Hosted, Width},
    i18n::Text,
    shell::Visit,
    ui::{Alert, Menu, MenuLink, SkipLink, Tone},
};

/// One page about one's own account.
#[component]
pub(crate) fn Frame(
    visit: Visit,
    owner: Owner,
    page: AccountPage,
    #[prop(into)] title: String,
    #[prop(optional, into)] body: Option<String>,
    /// Why what was just asked for was not done.
    #[prop(optional)]
    refusal: Option<Option<String>>,
    children: Children,
) -> impl IntoView {
    let text = visit.text();
    let links = AccountPage::ALL
        .into_iter()
        .map(|own| {
            let current = own == page;
            view! { <MenuLink href=own.path() label=label(text, own) current/> }
        })
        .collect_view();
    let back = owner.product.url.clone().map(|url| (text.back_to(&owner.product.name), url));
    let done = owner.done.map(|done| view! { <Alert tone=Tone::Good>{done}</Alert> });
    view! {
        <Hosted visit product=owner.product title=title.clone() width=Width::Beside>
            <SkipLink text to="content"/>
            <div class="grid min-w-0 content-start gap-2">
                <Menu text label=text.own_account() current=Some(label(text, page))>{links}</Menu>
            </div>
            <div id="content" tabindex="-1" class="grid grid-cols-1 content-start gap-6">
                {done}
                {refusal.flatten().map(|why| view! { <Alert tone=Tone::Bad focused=true>{why}</Alert> })}
                {match body {
                    Some(body) => view! { <Heading title body/> }.into_any(),
                    None => view! { <Heading title/> }.into_any(),
                }}
                {children()}
                <p class="text-center text-sm text-muted">
                    {back.map(|(label, url)| view! { <a href=url>{label}</a> " · " })}
                    {text.signed_in_as(owner.email)} " · " <a href=route::SIGN_OUT>{text.sign_out()}</a>
                </p>
            </div>
        </Hosted>
    }
}

fn label(text: Text, page: AccountPage) -> String {
    match page {
        AccountPage::Profile => text.account_profile(),
        AccountPage::Email => text.email(),
        AccountPage::Password => text.account_password(),
        AccountPage::Security => text.security_title(),
        AccountPage::Identities => text.identities_title(),
        AccountPage::Sessions => text.account_sessions(),
        AccountPage::Connected => text.account_connected(),
        AccountPage::Organizations => text.account_organizations(),
        AccountPage::Data => text.account_data(),
    }
}
