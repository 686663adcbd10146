//! Making an account.

use domain::{route, route::ReturnTo};
use leptos::prelude::*;

use super::{
    fields::{EmailField, NameField},
    upstream::{Offer, Providers},
};
use crate::{
    form::FormState,
    hosted::{Heading, Hosted},
    i18n::Text,
    look::Product,
    shell::Visit,
    ui::{Button, ErrorSummary},
};

/// The form for a new account, for an application's `flow`. The password is chosen behind the link in the mail.
#[component]
pub fn RegisterPage(
    visit: Visit,
    product: Product,
    flow: String,
    /// Providers by which one can sign in without a form.
    offers: Vec<Offer>,
    form: FormState,
) -> impl IntoView {
    let text = visit.text();
    let title = text.create_account_for(&product.name);
    let sign_in = route::with_flow(route::SIGN_IN, &flow);
    let terms = product.clone();
    view! {
        <Hosted visit product title=title.clone()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <Heading title body=text.register_body()/>
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=route::with_flow(route::REGISTER, &flow) class="grid gap-5">
                    <NameField text form=form.clone() autofocus=form.is_fine()/>
                    <EmailField text form/>
                    <Terms text product=terms/>
                    <Button class="w-full">{text.register_button()}</Button>
                </form>
                <Providers text to=ReturnTo::Flow(flow) offers/>
                <p class="text-center text-muted">
                    {text.already_have_account()} " " <a href=sign_in>{text.sign_in()}</a>
                </p>
            </div>
        </Hosted>
    }
}

/// The sentence about terms and privacy, where the product has them.
#[component]
fn Terms(text: Text, product: Product) -> impl IntoView {
    let link = |url: Option<domain::theme::WebUrl>, label: String| {
        url.map(|url| view! { <a href=url.as_str().to_owned()>{label}</a> })
    };
    let terms = link(product.theme.terms_url, text.terms());
    let privacy = link(product.theme.privacy_url, text.privacy());
    let both = terms.is_some() && privacy.is_some();
    (terms.is_some() || privacy.is_some()).then(|| {
        view! {
            <p class="text-sm text-muted">
                {text.by_creating()} " " {terms} {both.then(|| format!(" {} ", text.and()))} {privacy} "."
            </p>
        }
    })
}
