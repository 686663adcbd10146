//! What every page of the dashboard starts from: an admin, the frame around the page, and the ways to answer.

use std::sync::Arc;

use app::{
    admin::{
        form::{ACTION, Sent, Values},
        frame::{Done, Frame},
    },
    look::Product,
    notice::{Notice, NoticePage, Way},
    security::address,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header::SET_COOKIE, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, FieldError, Locale,
    identity::user::{GlobalRole, User},
    page::PageRequest,
    route::{self, ReturnTo},
    text,
};
use leptos::prelude::*;
use service::{
    Ctx, Services,
    directory::ApplicationEntry,
    security_log::Event,
    sorted::{Part, Sort, SortedBy},
};

use super::kept;
use crate::{
    http::{cookie, error::status_of, redirect::see_other},
    pages::asked::{Asked, Fields},
    state::AppState,
};

/// Rows of one page of a list.
const ROWS: u64 = 25;

/// The cookie that remembers which page somebody wanted before they signed in.
const WANTED: &str = "wanted";

/// An answer that stands in for the page: a redirect, a refusal, an error page.
#[derive(Debug)]
pub struct Instead(Box<Response>);

impl From<Response> for Instead {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        *self.0
    }
}

pub type Answer = Result<Response, Instead>;

/// A request of an admin for a page of the dashboard.
pub struct Desk {
    pub asked: Asked,
    pub user: User,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Instead;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Instead> {
        let asked =
            Asked::from_request_parts(parts, state).await.map_err(|status| Instead::from(status.into_response()))?;
        let Some(user) = asked.session().map(|session| session.user.clone()) else {
            let mut response = asked.sign_in_for(&ReturnTo::Dashboard);
            // Every form is sent to the address of its page: whoever lost their session over one comes back there.
            if is_own(parts.uri.path()) {
                response.headers_mut().append(SET_COOKIE, want(state, &parts.uri, None));
            }
            return Err(response.into());
        };
        if user.role == GlobalRole::User {
            Event::AccessDenied.by(&asked.ctx).write();
            return Err(no_access(&asked, &user).into());
        }
        if asked.services().require_factor(&asked.ctx).is_err() {
            return Err(prove(&asked, &user).await.into());
        }
        Ok(Self { asked, user })
    }
}

/// Whether it is the address of a page of the dashboard below its first one.
fn is_own(path: &str) -> bool {
    let below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1);
    let ours = path == route::ORGANIZATIONS || below(route::ORGANIZATIONS) || below(route::DASHBOARD);
    ours && path.chars().all(is_plain)
}

/// `Set-Cookie` by which whoever signs in comes to the page of `uri`, which says then that `done` is.
pub fn want(state: &AppState, uri: &Uri, done: Option<Done>) -> HeaderValue {
    let told = uri.query().unwrap_or_default().split('&');
    // Which page it is; what was done there was said.
    let which = told.filter(|pair| {
        let harmless = pair.chars().all(|c| is_plain(c) || c == '=');
        harmless && !pair.is_empty() && !pair.starts_with("done=")
    });
    let done = done.map(|done| format!("done={}", done.as_str()));
    let pairs: Vec<String> = which.map(str::to_owned).chain(done).collect();
    let page = match pairs.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), pairs.join("&")),
    };
    cookie::set(state, WANTED, &page, Some(time::Duration::minutes(10)))
}

/// Of what the addresses of the dashboard's pages are made.
const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_')
}

/// To the second factor that the dashboard asks for, or to where one is made.
async fn prove(asked: &Asked, user: &User) -> Response {
    match asked.services().factors().of(user.id).await {
        Ok(factors) if factors.any() => see_other(route::FACTOR),
        Ok(_) => see_other(&address(route::SECURITY, Some(&ReturnTo::Dashboard))),
        Err(error) => asked.fail(error),
    }
}

fn no_access(asked: &Asked, user: &User) -> Response {
    let visit = asked.visit.clone();
    let text = visit.text();
    let notice = Notice {
        product: Product::default(),
        title: text.not_allowed_title(),
        body: text.not_allowed_body(&user.email),
        ways: vec![Way::new(text.own_account(), route::ACCOUNT), Way::new(text.use_another_account(), route::SIGN_OUT)],
        ..Notice::default()
    };
    asked.page(StatusCode::FORBIDDEN, || view! { <NoticePage visit notice/> })
}

impl Desk {
    /// In which the admin reads, and writes amounts.
    pub const fn locale(&self) -> Locale {
        self.asked.visit.text().locale()
    }

    pub fn services(&self) -> &Services {
        self.asked.services()
    }

    pub const fn ctx(&self) -> &Ctx {
        &self.asked.ctx
    }

    /// The part of a list that the address asks for.
    pub fn list_page(&self) -> PageRequest {
        let after = self.asked.parameter("cursor").and_then(|cursor| cursor.parse().ok());
        PageRequest { after, limit: ROWS }
    }

    /// The part of a list that the address asks for, sorted as it says.
    pub fn list_part<C: SortedBy>(&self) -> Part<C> {
        let sort: Sort<C> = self.asked.parameter("sort").and_then(|sort| Sort::parse(&sort)).unwrap_or_default();
        let after = self.asked.parameter("cursor").and_then(|cursor| sort.by.place(&cursor));
        Part { sort, after, limit: ROWS }
    }

    /// The frame of a page, in an application or above all.
    pub async fn frame(&self, current: Option<Arc<ApplicationEntry>>) -> Result<Frame, Instead> {
        let applications = self.try_to(self.services().applications().list(self.ctx()).await)?;
        let done = self.asked.parameter("done").and_then(|done| Done::parse(&done));
        let is_back = || self.asked.method == Method::GET && kept::is_back(self, self.asked.uri.path());
        let done = done.filter(|done| !done.waits() || is_back());
        let alerts = match &current {
            Some(entry) => self.try_to(self.services().alerts().waiting(entry.application.id).await)?,
            None => 0,
        };
        Ok(Frame { visit: self.asked.visit.clone(), user: self.user.clone(), applications, current, done, alerts })
    }

    /// The application of an address; a foreign one is not found.
    pub async fn application(&self, slug: &str) -> Result<Arc<ApplicationEntry>, Instead> {
        self.try_to(self.services().applications().by_slug(self.ctx(), slug).await)
    }

    /// The value, or the page for the error.
    pub fn try_to<T>(&self, result: service::Result<T>) -> Result<T, Instead> {
        result.map_err(|error| self.fail(error))
    }

    pub fn fail(&self, error: service::Error) -> Instead {
        match error.code() {
            // One that is there is not recent enough.
            ErrorCode::NoSession if self.asked.session().is_some() => see_other(route::SIGN_IN_AGAIN).into(),
            ErrorCode::NoSession => self.asked.sign_in_for(&ReturnTo::Dashboard).into(),
            ErrorCode::MfaRequired => see_other(route::FACTOR).into(),
            ErrorCode::InsufficientRights => no_access(&self.asked, &self.user).into(),
            _ => self.asked.fail(error).into(),
        }
    }

    pub fn not_found(&self) -> Instead {
        self.fail(ErrorCode::ApplicationNotFound.into())
    }

    /// The page that somebody wanted before they signed in, where that is still to come.
    pub fn wanted(&self, headers: &HeaderMap) -> Option<Response> {
        let wanted = cookie::read(&self.asked.state, headers, WANTED)?;
        let (path, query) = wanted.split_once('?').unwrap_or((&wanted, ""));
        let plain = query.chars().all(|c| is_plain(c) || matches!(c, '=' | '&'));
        // Whoever was to sign in again for it, and did not, thought better of it.
        let mut said = query.split('&').filter_map(|pair| Done::parse(pair.strip_prefix("done=")?));
        let left = said.any(Done::waits) && !kept::is_back(self, path);
        (is_own(path) && plain && !left).then(|| {
            let mut response = see_other(&wanted);
            response.headers_mut().append(SET_COOKIE, self.cleared(WANTED));
            response
        })
    }

    /// `Set-Cookie` that takes a cookie away.
    pub fn cleared(&self, name: &str) -> HeaderValue {
        cookie::set(&self.asked.state, name, "", Some(time::Duration::ZERO))
    }
}

/// A form that was sent.
pub struct Posted {
    pub values: Values,
}

impl From<Fields> for Posted {
    fn from(fields: Fields) -> Self {
        Self { values: Values(fields.0) }
    }
}

impl Posted {
    pub fn action(&self) -> &str {
        self.values.get(ACTION)
    }

    /// What the form is about. Where that is gone and the form deletes it, the way to `list` instead: a second click is
    /// told what the first was.
    pub fn about<T>(&self, found: Result<T, Instead>, list: &str) -> Result<T, Instead> {
        found.map_err(|instead| match self.action() {
            "delete" if instead.0.status() == StatusCode::NOT_FOUND => done(list, Done::Deleted).into(),
            _ => instead,
        })
    }

    /// Why, in the admin's own words, if they said so.
    ///
    /// # Errors
    /// On the field `reason` when it is too long.
    pub fn reason(&self) -> Result<Option<String>, Refused> {
        text::reason(self.values.get("reason")).map_err(|flaw| vec![FieldError::new("reason", flaw)].into())
    }

    /// The form as the page shows it again. Where it wants a recent sign-in, the way to one instead, and from there
    /// back to the form.
    pub fn again(self, desk: &Desk, refused: Refused) -> Result<(StatusCode, Sent), Instead> {
        let (status, errors, message) = match refused {
            Refused::Fields(errors) => (StatusCode::BAD_REQUEST, errors, None),
            Refused::Error(error) => {
                let service::Error::Problem(problem) = error else { return Err(desk.fail(error)) };
                match problem.code {
                    ErrorCode::NoSession => return Err(kept::lead(desk, route::SIGN_IN_AGAIN, &self.values).into()),
                    ErrorCode::MfaRequired => return Err(kept::lead(desk, route::FACTOR, &self.values).into()),
                    ErrorCode::InsufficientRights | ErrorCode::ApplicationNotFound | ErrorCode::Internal => {
                        return Err(desk.fail(problem.into()));
                    }
                    _ => {}
                }
                let text = desk.asked.visit.text();
                let status = status_of(problem.code);
                let fields = problem.fields.into_iter();
                let fields: Vec<_> = fields.map(|error| FieldError::new(&snake(&error.field), error.flaw)).collect();
                let message = fields.is_empty().then(|| text.problem(problem.code));
                (status, fields, message)
            }
        };
        Ok((status, Sent { errors, message, ..self.typed(desk) }))
    }

    /// The form as it was typed.
    pub fn typed(self, desk: &Desk) -> Sent {
        let action = Some(self.action()).filter(|action| !action.is_empty()).unwrap_or("save").to_owned();
        Sent { text: desk.asked.visit.text(), action, values: self.values, ..Sent::default() }
    }
}

/// Why a form is shown again.
pub enum Refused {
    Fields(Vec<FieldError>),
    Error(service::Error),
}

impl From<Vec<FieldError>> for Refused {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Fields(errors)
    }
}

impl From<service::Error> for Refused {
    fn from(error: service::Error) -> Self {
        Self::Error(error)
    }
}

impl From<domain::Problem> for Refused {
    fn from(problem: domain::Problem) -> Self {
        Self::Error(problem.into())
    }
}

/// A form that asks for nothing that the page knows.
pub fn unknown_action() -> Refused {
    Refused::Error(domain::Problem::field(ACTION, domain::Flaw::UnknownAction).into())
}

/// The fields of a use case are in camel case, those of forms are not.
pub fn snake(field: &str) -> String {
    let mut out = String::new();
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// What was taken away just now, or is gone already: a second click is told what the first was.
///
/// # Errors
/// Every other one of the use case.
pub fn gone(taken: service::Result<()>) -> service::Result<()> {
    match taken {
        Err(error) if status_of(error.code()) == StatusCode::NOT_FOUND => Ok(()),
        taken => taken,
    }
}

/// 303 to one of our pages, which says what was done.
pub fn done(path: &str, done: Done) -> Response {
    let joint = if path.contains('?') { '&' } else { '?' };
    see_other(&format!("{path}{joint}done={}", done.as_str()))
}
