//! The step of an authorization as an answer: a redirect to a page of ours, back to the client, or an error page.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, Uri},
    response::Response,
};
use domain::{
    oauth::authorize::{ResponseMode, Unanswerable},
    route,
};
use service::{
    Ctx,
    directory::ApplicationEntry,
    oauth::{AuthorizeError, Step},
};

use super::{answer, form_post};
use crate::{
    http::redirect::see_other,
    pages::{Mishap, error, error_page, visit},
    state::AppState,
};

/// Where a request came in: what an error page needs to know.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub state: &'a AppState,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub ctx: &'a Ctx,
}

impl Place<'_> {
    /// The application whose request the address carries, sealed or as it came.
    fn application(&self) -> Option<Arc<ApplicationEntry>> {
        let services = &self.state.services;
        let application = match visit::parameter(self.uri, route::FLOW) {
            Some(flow) => services.authorize().application_of(&flow)?,
            None => {
                let client = visit::parameter(self.uri, "client_id")?;
                services.directory().client(&client)?.application.clone()
            }
        };
        Some(application)
    }

    fn page(&self, mishap: Mishap<'_>) -> Response {
        error_page(self.state, self.uri, self.headers, self.ctx, mishap)
    }
}

/// The answer to a step, or to the reason why there is none.
pub fn answer(place: &Place<'_>, step: Result<Step, AuthorizeError>) -> Response {
    let response = match step {
        Ok(Step::Resume { flow }) => see_other(&route::with_flow(route::RESUME, &flow)),
        Ok(Step::SignIn { flow }) => see_other(&route::with_flow(route::SIGN_IN, &flow)),
        Ok(Step::Factor { flow }) => see_other(&route::with_flow(route::FACTOR, &flow)),
        Ok(Step::Enrol { flow }) => see_other(&route::with_flow(route::SECURITY, &flow)),
        Ok(Step::Consent { flow }) => see_other(&route::with_flow(route::CONSENT, &flow)),
        Ok(Step::SelectPlan { flow }) => see_other(&route::with_flow(route::PLANS, &flow)),
        Ok(Step::NoAccess { flow }) => no_access(place, &flow),
        Ok(Step::Redirect(answer)) => match answer.response_mode {
            ResponseMode::Query => see_other(&answer.location()),
            ResponseMode::FormPost => {
                let visit = visit::of(place.state, place.uri, place.headers, Some(place.ctx));
                let application = place.application();
                let settings = application.as_ref().map(|entry| &entry.application.settings);
                let visit = visit.prefer(answer.ui_locale).fall_back(settings.map(|own| own.default_locale));
                form_post::page(&place.state.services, &visit, settings.map(|own| own.name.as_str()), &answer)
            }
        },
        Err(AuthorizeError::Unanswerable(Unanswerable::Client)) => place.page(Mishap::UnknownClient),
        Err(AuthorizeError::Unanswerable(Unanswerable::RedirectUri)) => place.page(Mishap::BadRedirect),
        Err(AuthorizeError::Unanswerable(Unanswerable::RequestUri)) => {
            place.page(Mishap::FlowExpired { application: None })
        }
        Err(AuthorizeError::Service(error)) => place.page(error::mishap(error)),
    };
    answer::no_store(response)
}

fn no_access(place: &Place<'_>, flow: &str) -> Response {
    match place.state.services.authorize().flow(flow) {
        Ok(view) => place.page(Mishap::NoAccess { application: &view.application, flow: Some(flow) }),
        Err(error) => place.page(error::mishap(error)),
    }
}
