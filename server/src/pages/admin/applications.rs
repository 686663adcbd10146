//! `/dashboard/applications/new`.

use app::admin::{
    form::{Errors, Sent, Values},
    new_application::NewApplication as Page,
};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw,
    application::Settings,
    oauth::client::ClientSettings,
    route,
    text::{Name, Slug, slugify},
};
use leptos::prelude::*;
use service::application::applications::NewApplication;

use super::{
    clients::uris,
    desk::{Answer, Desk, Posted, Refused},
    kept, once,
};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk) -> Answer {
    page(&desk, StatusCode::OK, kept::typed(&desk)).await
}

pub async fn submit(desk: Desk, fields: Fields) -> Answer {
    let posted = Posted::from(fields);
    match create(&desk, &posted.values).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let taken = matches!(&refused, Refused::Error(error) if error.code() == ErrorCode::SlugTaken);
            let (status, mut sent) = posted.again(&desk, refused)?;
            if taken {
                sent.message = None;
                sent.errors = vec![FieldError::new("slug", Flaw::Taken)];
            }
            page(&desk, status, sent).await
        }
    }
}

async fn page(desk: &Desk, status: StatusCode, sent: Sent) -> Answer {
    desk.try_to(desk.services().require_superadmin(desk.ctx()))?;
    let frame = desk.frame(None).await?;
    Ok(desk.asked.page(status, || view! { <Page frame sent/> }))
}

async fn create(desk: &Desk, values: &Values) -> Result<Response, Refused> {
    let new = parse(values)?;
    let created = desk.services().applications().create(desk.ctx(), new).await?;
    let slug = created.application.slug.as_str();
    let mut response = see_other(&format!("{}/{}", route::dashboard(slug, "clients"), created.client.id));
    once::give(desk, &mut response, created.client.id.get(), &created.secret)?;
    Ok(response)
}

fn parse(values: &Values) -> Result<NewApplication, Vec<FieldError>> {
    let mut errors = Errors::default();
    let name = errors.take("name", Name::parse(values.get("name")));
    let made = slugify(values.get("name"));
    let slug = errors.take("slug", Slug::parse(values.filled("slug").unwrap_or(&made)));
    let redirect_uris = uris(&mut errors, values, "redirect_uris");
    let web = errors.take("name", Name::parse("Web"));
    match (name, slug, web) {
        (Some(name), Some(slug), Some(web)) if errors.0.is_empty() => Ok(NewApplication {
            slug,
            settings: Settings::new(name),
            client: ClientSettings { redirect_uris, ..ClientSettings::new(web) },
        }),
        _ => Err(errors.0),
    }
}
