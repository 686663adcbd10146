//! Signing in with other providers: the buttons, and the question whether to link an account.

use domain::{route, route::ReturnTo};
use leptos::prelude::*;

use crate::{
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Button, ButtonLink, Look},
};

/// A provider that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub slug: String,
    pub name: String,
}

/// A button for each provider, below the page's own form. Each is a form of its own: a sign-in begins by POST.
#[component]
pub fn Providers(text: Text, to: ReturnTo, offers: Vec<Offer>) -> impl IntoView {
    let forms = offers
        .into_iter()
        .map(|offer| {
            let action = to.by(&format!("{}/{}", route::UPSTREAM, offer.slug));
            view! {
                <form method="post" action=action>
                    <Button class="w-full" look=Look::Secondary>{text.continue_with(offer.name)}</Button>
                </form>
            }
        })
        .collect::<Vec<_>>();
    (!forms.is_empty()).then(|| {
        view! {
            <div class="grid gap-3">
                <p class="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
                    {text.or_with()}
                </p>
                {forms}
            </div>
        }
    })
}

/// Asks the owner of an account, who has just proved it, whether a provider's account is to sign in to it.
#[component]
pub fn LinkPage(
    visit: Visit,
    product: Product,
    /// What the provider is called.
    provider: String,
    /// Where it is: whoever set it up chose its name.
    host: String,
    email: String,
    /// Where the answer goes.
    action: String,
    /// Where somebody goes on who links nothing.
    skip: String,
) -> impl IntoView {
    let text = visit.text();
    let title = text.link_title(&provider);
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.link_body(&provider, email, host)/>
                <div class="grid gap-2">
                    <form method="post" action=action>
                        <Button class="w-full">{text.link_button(&provider)}</Button>
                    </form>
                    <ButtonLink href=skip look=Look::Quiet>{text.link_skip()}</ButtonLink>
                </div>
            </div>
        </Hosted>
    }
}
