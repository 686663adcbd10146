//! What few say of themselves, folded away until somebody looks or something in it is wrong.

use domain::{identity::profile::MAX_ADDRESS_PART, theme::WebUrl};
use leptos::prelude::*;

use crate::{
    form::FormState,
    i18n::Text,
    ui::{Field, TextArea},
};

/// The claims of the scope `profile` that are in no other part of the form.
#[component]
pub(super) fn More(text: Text, form: FormState) -> impl IntoView {
    let names = [
        ("middle_name", text.account_middle_name(), "additional-name"),
        ("nickname", text.account_nickname(), "nickname"),
        ("gender", text.account_gender(), "sex"),
    ];
    let links = [
        ("profile", text.account_page(), "off"),
        ("picture", text.account_picture(), "photo"),
        ("website", text.account_website(), "url"),
    ];
    let open = names.iter().chain(&links).any(|(name, ..)| form.error(name, text).is_some());
    let names = names
        .into_iter()
        .map(|(name, label, autocomplete)| {
            let (value, error) = (form.value(name), form.error(name, text));
            view! { <Field name label value error autocomplete maxlength=100/> }
        })
        .collect_view();
    let links = links
        .into_iter()
        .map(|(name, label, autocomplete)| {
            let (value, error) = (form.value(name), form.error(name, text));
            view! {
                <Field
                    name
                    label
                    value
                    error
                    autocomplete
                    inputmode="url"
                    placeholder="https://"
                    maxlength=WebUrl::MAX
                />
            }
        })
        .collect_view();
    view! {
        <Fold title=text.account_more() open>
            <div class="fields sm:grid-cols-2">{names}{links}</div>
        </Fold>
    }
}

/// The claim `address`, part by part.
#[component]
pub(super) fn PostalAddress(text: Text, form: FormState) -> impl IntoView {
    let areas = [
        ("street_address", text.account_street(), "street-address"),
        ("formatted", text.account_whole_address(), "off"),
    ];
    let lines = [
        ("locality", text.account_locality(), "address-level2"),
        ("region", text.account_region(), "address-level1"),
        ("postal_code", text.account_postal_code(), "postal-code"),
        ("country", text.account_country(), "country-name"),
    ];
    let open = areas.iter().chain(&lines).any(|(name, ..)| form.error(name, text).is_some());
    let [street, whole] = areas.map(|(name, label, autocomplete)| {
        let (value, error) = (form.value(name), form.error(name, text));
        view! { <TextArea name label value error autocomplete rows=3 maxlength=MAX_ADDRESS_PART/> }
    });
    let lines = lines
        .into_iter()
        .map(|(name, label, autocomplete)| {
            let (value, error) = (form.value(name), form.error(name, text));
            view! { <Field name label value error autocomplete maxlength=MAX_ADDRESS_PART/> }
        })
        .collect_view();
    view! {
        <Fold title=text.account_postal_address() open>
            {street}
            <div class="fields sm:grid-cols-2">{lines}</div>
            {whole}
        </Fold>
    }
}

#[component]
fn Fold(#[prop(into)] title: String, open: bool, children: Children) -> impl IntoView {
    view! {
        <details class="min-w-0 border-t border-line pt-4" open=open>
            <summary class="min-h-6 py-1 font-medium">{title.clone()}</summary>
            <fieldset class="grid min-w-0 gap-5 pt-3">
                <legend class="sr-only">{title}</legend>
                {children()}
            </fieldset>
        </details>
    }
}
