//! `/dashboard/{slug}/settings`.

use std::sync::Arc;

use app::{
    admin::{
        form::{Errors, Sent, Values},
        frame::Done,
        settings::{SettingsPage, font_name},
    },
    i18n::Text,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw, Locale, Problem,
    application::{PlanSelection, SettingsPatch},
    identity::user::GlobalRole,
    oauth::{resource::Resource, scope::Scope},
    route,
    text::{Description, Name},
    theme::{Color, Font, Radius, Theme, WebUrl},
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::{
    desk::{Answer, Desk, Posted, Refused, done, gone, unknown_action},
    kept,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, kept::typed(&desk)).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let application = entry.application.clone();
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <SettingsPage frame application sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let posted = Posted::from(fields);
    let found = desk.application(&slug).await;
    let entry = match desk.user.role {
        GlobalRole::Superadmin => posted.about(found, route::DASHBOARD)?,
        _ => found?,
    };
    match act(&desk, &entry, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let stays = stays(desk.asked.visit.text(), &refused);
            let (status, mut sent) = posted.again(&desk, refused)?;
            sent.message = stays.or(sent.message);
            page(&desk, entry, status, sent).await
        }
    }
}

/// `SUB_006`: why the application stays, and what can be done.
fn stays(text: Text, refused: &Refused) -> Option<String> {
    let Refused::Error(service::Error::Problem(Problem { code: ErrorCode::BilledByProvider, facts, .. })) = refused
    else {
        return None;
    };
    let fact = |wanted: &str| facts.iter().find(|(name, _)| *name == wanted).map_or(0, |(_, count)| *count);
    Some(match (fact("billedSubscriptions"), fact("openOrders")) {
        (0, 0) => text.application_untold(),
        (0, 1) => text.application_ordered_once(),
        (0, open) => text.application_ordered(text.number(open)),
        (1, _) => text.application_billed_once(),
        (billed, _) => text.application_billed(text.number(billed)),
    })
}

async fn act(desk: &Desk, entry: &ApplicationEntry, posted: &Posted) -> Result<Response, Refused> {
    let application = &entry.application;
    let applications = desk.services().applications();
    match posted.action() {
        "save" => {
            let patch = parse(&posted.values)?;
            applications.update(desk.ctx(), application.id, patch.into()).await?;
            Ok(done(&route::dashboard(application.slug.as_str(), "settings"), Done::Saved))
        }
        "delete" => {
            let slug = application.slug.as_str();
            if posted.values.get("confirm").trim() != slug {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(slug.into()))].into());
            }
            gone(applications.delete(desk.ctx(), application.id).await)?;
            Ok(done(route::DASHBOARD, Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}

fn parse(values: &Values) -> Result<SettingsPatch, Vec<FieldError>> {
    let mut errors = Errors::default();
    let description = values.get("description").replace("\r\n", "\n");
    let patch = SettingsPatch {
        name: errors.take("name", Name::parse(values.get("name"))),
        description: errors.take("description", Description::parse(&description)),
        url: Some(optional(&mut errors, values, "url", WebUrl::parse)),
        icon: Some(optional(&mut errors, values, "icon", WebUrl::parse)),
        allow_register: Some(values.is_checked("allow_register")),
        is_mfa_required: Some(values.is_checked("is_mfa_required")),
        skip_consent: Some(values.is_checked("skip_consent")),
        plan_selection: errors.take("plan_selection", PlanSelection::parse(values.get("plan_selection"))),
        allowed_scopes: Some(values.all("scope").filter_map(Scope::parse).collect()),
        resources: Some(errors.lines(values, "resources", Resource::parse)),
        theme: Some(theme(&mut errors, values)),
        default_locale: optional(&mut errors, values, "default_locale", Locale::parse),
        ..SettingsPatch::default()
    };
    if errors.0.is_empty() { Ok(patch) } else { Err(errors.0) }
}

fn optional<T>(
    errors: &mut Errors,
    values: &Values,
    field: &str,
    parse: impl Fn(&str) -> Result<T, Flaw>,
) -> Option<T> {
    errors.take(field, parse(values.filled(field)?))
}

fn theme(errors: &mut Errors, values: &Values) -> Theme {
    let font = |text: &str| {
        let fonts = [Font::System, Font::Serif, Font::Mono, Font::Rounded];
        let found = fonts.into_iter().find(|font| font_name(*font) == text);
        found.ok_or_else(|| Flaw::OneOf(fonts.map(font_name).join(", ").into()))
    };
    let radius = |text: &str| Radius::try_from(text.to_owned());
    let mut color = |field: &str| optional(errors, values, field, Color::parse);
    let (brand, background, text) = (color("brand"), color("background"), color("text"));
    let (dark_brand, dark_background, dark_text) = (color("dark_brand"), color("dark_background"), color("dark_text"));
    Theme {
        logo_url: optional(errors, values, "logo_url", WebUrl::parse),
        brand,
        background,
        text,
        dark_brand,
        dark_background,
        dark_text,
        font: optional(errors, values, "font", font),
        radius: optional(errors, values, "radius", radius),
        support_url: optional(errors, values, "support_url", WebUrl::parse),
        terms_url: optional(errors, values, "terms_url", WebUrl::parse),
        privacy_url: optional(errors, values, "privacy_url", WebUrl::parse),
    }
}
