//! What a person says about themselves.

mod more;

use std::iter;

use domain::{Locale, identity::profile::Birthdate, route::AccountPage};
use leptos::prelude::*;

use self::more::{More, PostalAddress};
use super::{Owner, frame::Frame};
use crate::{
    form::FormState,
    i18n::Text,
    shell::Visit,
    ui::{Button, ErrorSummary, Field, Labelled},
};

/// The form of the profile, with everything that it holds as `form`'s values.
#[component]
pub fn ProfilePage(visit: Visit, owner: Owner, form: FormState) -> impl IntoView {
    let (text, email) = (visit.text(), owner.email.clone());
    let page = AccountPage::Profile;
    let field = |name: &'static str, label: String, autocomplete: &'static str, kind: &'static str| {
        view! {
            <Field
                name
                label
                kind
                value=form.value(name)
                error=form.error(name, text)
                autocomplete
                maxlength=100
            />
        }
    };
    let birthdate = if has_calendar(&form.value("birthdate")) { "date" } else { "text" };
    let fields = view! {
        {field("name", text.name(), "name", "text")}
        <div class="fields sm:grid-cols-2">
            {field("given_name", text.account_given_name(), "given-name", "text")}
            {field("family_name", text.account_family_name(), "family-name", "text")}
            {field("preferred_username", text.account_username(), "off", "text")}
            {field("phone_number", text.account_phone(), "tel", "tel")}
            {field("birthdate", text.account_birthdate(), "bday", birthdate)}
            {field("zoneinfo", text.account_zone(), "off", "text")}
        </div>
    };
    view! {
        <Frame visit owner page title=text.account_profile() body=text.account_profile_body()>
            <div class="card grid gap-6 p-6 sm:p-8">
                <ErrorSummary text message=form.message(text) fields=form.complaints(text)/>
                <form method="post" action=page.path() class="grid gap-5">
                    <Field
                        name="email"
                        label=text.email()
                        kind="email"
                        value=email
                        hint=Some(text.account_email_hint())
                        autocomplete="username"
                        readonly=true
                        aside=move || {
                            view! { <a class="inline-flex min-h-6 items-center text-sm text-link underline underline-offset-4" href=AccountPage::Email.path()>{text.address_title()}</a> }
                        }
                    />
                    {fields}
                    <LanguageField text chosen=form.value("locale")/>
                    <More text form=form.clone()/>
                    <PostalAddress text form/>
                    <Button class="justify-self-start">{text.account_save()}</Button>
                </form>
            </div>
        </Frame>
    }
}

/// Whether a browser's calendar shows what stands there. A year alone, or a day whose year is not known, it would drop,
/// and the next form that is sent would take it away.
fn has_calendar(birthdate: &str) -> bool {
    let whole = birthdate.len() == 10 && !birthdate.starts_with("0000") && Birthdate::parse(birthdate).is_ok();
    birthdate.is_empty() || whole
}

#[component]
fn LanguageField(text: Text, chosen: String) -> impl IntoView {
    let languages = iter::once(("", text.account_language_any()))
        .chain(Locale::ALL.map(|locale| (locale.tag(), Text::language_name(locale).into())))
        .map(|(tag, name)| view! { <option value=tag selected=chosen == tag>{name}</option> })
        .collect_view();
    view! {
        <Labelled id="locale" label=text.account_language()>
            <select class="input" id="locale" name="locale">{languages}</select>
        </Labelled>
    }
}
