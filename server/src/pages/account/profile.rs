//! `/account`: what somebody says about themselves.

use app::{
    account::ProfilePage,
    form::{Complaint, FormState},
};
use axum::{http::StatusCode, response::Response};
use domain::{Flaw, Locale, identity::user::User, route::AccountPage, text::Name};
use leptos::prelude::*;
use service::identity::account::ProfilePatch;

use super::{DONE, done, email, owner, session};
use crate::pages::{
    asked::{Asked, Fields},
    credentials::{Refused, typed},
};

const PAGE: AccountPage = AccountPage::Profile;
const FIELDS: [&str; 8] =
    ["name", "given_name", "family_name", "preferred_username", "phone_number", "birthdate", "zoneinfo", "locale"];

pub async fn show(asked: Asked) -> Response {
    match session(&asked, PAGE) {
        Ok(own) => page(&asked, StatusCode::OK, of(&own.user)).await,
        Err(response) => response,
    }
}

pub async fn submit(asked: Asked, fields: Fields) -> Response {
    if let Err(response) = session(&asked, PAGE) {
        return response;
    }
    let patch = match read(&fields) {
        Ok(patch) => patch,
        Err(form) => return page(&asked, StatusCode::BAD_REQUEST, form).await,
    };
    match asked.services().account().patch(&asked.ctx, patch).await {
        Ok(_) => done(PAGE),
        Err(error) => match Refused::by(error, kept(&fields)) {
            Ok(refused) => {
                let wait = refused.wait();
                Refused::delay(wait, page(&asked, refused.status, refused.form).await)
            }
            Err(error) => asked.fail(error),
        },
    }
}

/// What is known, as the form's values.
fn of(user: &User) -> FormState {
    let own = &user.profile;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let values = [
        text(user.name.as_ref().map(Name::as_str)),
        text(own.given_name.as_ref().map(Name::as_str)),
        text(own.family_name.as_ref().map(Name::as_str)),
        text(own.preferred_username.as_ref().map(Name::as_str)),
        text(own.phone_number.as_ref().map(|number| number.as_str())),
        text(own.birthdate.as_ref().map(|date| date.as_str())),
        text(own.zone_info.as_ref().map(|zone| zone.as_str())),
        text(user.locale.map(Locale::tag)),
    ];
    FIELDS.into_iter().zip(values).fold(FormState::default(), |form, (name, value)| form.keep(name, value))
}

/// The form with what was typed.
fn kept(fields: &Fields) -> FormState {
    FIELDS.into_iter().fold(FormState::default(), |form, name| form.keep(name, typed(fields.get(name))))
}

/// A change of every field: an empty one says nothing.
fn read(fields: &Fields) -> Result<ProfilePatch, FormState> {
    let mut form = kept(fields);
    let patch = ProfilePatch {
        name: Some(part(&mut form, fields, "name", Name::parse)),
        given_name: Some(part(&mut form, fields, "given_name", Name::parse)),
        family_name: Some(part(&mut form, fields, "family_name", Name::parse)),
        preferred_username: Some(part(&mut form, fields, "preferred_username", Name::parse)),
        phone_number: Some(part(&mut form, fields, "phone_number", |text| text.replace([' ', '-'], "").try_into())),
        birthdate: Some(part(&mut form, fields, "birthdate", |text| text.to_owned().try_into())),
        zone_info: Some(part(&mut form, fields, "zoneinfo", |text| text.to_owned().try_into())),
        locale: Some(Locale::from_tag(fields.get("locale"))),
        ..ProfilePatch::default()
    };
    if form.is_fine() { Ok(patch) } else { Err(form) }
}

/// Reads a field; an empty one says nothing.
fn part<T>(
    form: &mut FormState,
    fields: &Fields,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, Flaw>,
) -> Option<T> {
    let text = fields.get(name).trim();
    if text.is_empty() {
        return None;
    }
    let complaint = match name {
        "phone_number" => Complaint::Like("+6281234567890"),
        "birthdate" => Complaint::Like("1990-12-31"),
        "zoneinfo" => Complaint::Like("Asia/Jakarta"),
        _ => Complaint::Name,
    };
    form.read(name, parse(text).map_err(|_| complaint))
}

async fn page(asked: &Asked, status: StatusCode, form: FormState) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let text = asked.visit.text();
    let said = asked.parameter(DONE).map(|done| match done.as_str() {
        email::CHANGED => text.address_changed(&own.user.email),
        _ => text.account_saved(),
    });
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, said).await);
    asked.page(status, || view! { <ProfilePage visit owner form/> })
}
