//! What the handler of a page gets to know of its request, and the ways in which it answers.

use app::shell::Visit;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, Uri, header::SET_COOKIE, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, Locale, Secret, Timestamp,
    billing::quote::Seen,
    id::ApplicationId,
    identity::{proof::Proof, session::Session, user::User},
    route,
    route::ReturnTo,
};
use leptos::prelude::IntoView;
use service::{
    Ctx, Services,
    identity::{
        factors::{Standing, Welcome},
        mail_links::Arrived,
        users::Authenticated,
    },
};

use super::{behind, error, respond, visit};
use crate::{
    http::{cookie, form, intake::is_for_admins, redirect::see_other, request_id},
    state::AppState,
};

/// A request for a page.
pub struct Asked {
    pub state: AppState,
    pub ctx: Ctx,
    /// Its language and that of `ctx`, in which mails and new accounts speak, are one: [`Asked::prefer`] and
    /// [`Asked::speak_for`] change both.
    pub visit: Visit,
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, StatusCode> {
        let ctx = parts.extensions.get::<Ctx>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
        let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
        Ok(Self { state: state.clone(), ctx, visit, method, uri, headers })
    }
}

impl Asked {
    pub fn services(&self) -> &Services {
        &self.state.services
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        visit::parameter(&self.uri, name)
    }

    /// What a list is searched for. No text has a NUL, which PostgreSQL would not take.
    pub fn search(&self) -> String {
        self.parameter("q").unwrap_or_default().replace('\0', "")
    }

    /// The sealed authorization request that the address carries.
    pub fn flow(&self) -> Option<String> {
        self.parameter(route::FLOW)
    }

    /// Speaks the language that an application asks for, unless the visitor chose one.
    pub fn prefer(&mut self, locale: Option<Locale>) {
        self.speak(self.visit.clone().prefer(locale));
    }

    /// Speaks an application's own language where nobody told one.
    pub fn speak_for(&mut self, application: ApplicationId) {
        let directory = self.services().directory();
        let own = directory.application(application).map(|entry| entry.application.settings.default_locale);
        self.speak(self.visit.clone().fall_back(own));
    }

    fn speak(&mut self, visit: Visit) {
        self.ctx.locale = visit.told_locale();
        self.visit = visit;
    }

    /// Where somebody goes on from here, as the address says it.
    pub fn to(&self) -> ReturnTo {
        ReturnTo::of(|name| self.parameter(name))
    }

    pub fn session(&self) -> Option<&Session> {
        self.ctx.session.as_ref()
    }

    /// The way to a session, and from there to `back`. Whoever sent a form has lost what it held, and is told so.
    pub fn sign_in_for(&self, back: &ReturnTo) -> Response {
        let is_form = self.method == Method::POST;
        see_other(&if is_form { back.sign_in_ended() } else { back.sign_in() })
    }

    /// The session, if its sign-in is recent enough to change what guards the account; else the way to such a one, and
    /// from there to `back`.
    ///
    /// # Errors
    /// The response that leads there.
    pub async fn recent(&self, back: &ReturnTo) -> Result<Session, Response> {
        if self.session().is_none() {
            return Err(self.sign_in_for(back));
        }
        match self.services().factors().standing(&self.ctx).await {
            Ok(Standing::Fresh(session)) => Ok(*session),
            Ok(Standing::Stale { has_factor: true }) => Err(see_other(&back.by(route::FACTOR))),
            Ok(Standing::Stale { has_factor: false }) => Err(see_other(&back.sign_in())),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The session, if it has shown the second factor that its user has; else the way to that, and from there to `back`.
    ///
    /// # Errors
    /// The response that leads there.
    pub async fn with_factor(&self, back: &ReturnTo) -> Result<Session, Response> {
        self.services().factors().with_factor(&self.ctx).await.map_err(|error| match error.code() {
            ErrorCode::NoSession => self.sign_in_for(back),
            ErrorCode::MfaRequired => see_other(&back.by(route::FACTOR)),
            _ => self.fail(error),
        })
    }

    /// Answers with a page.
    pub fn page<V: IntoView>(&self, status: StatusCode, view: impl FnOnce() -> V) -> Response {
        respond::page(status, view)
    }

    /// Answers with the page for a mishap.
    pub fn mishap(&self, mishap: error::Mishap<'_>) -> Response {
        let mishap = error::with_application(&self.state, &self.uri, mishap);
        error::render(&self.visit, Some(&self.ctx), request_id::of(&self.headers), mishap)
    }

    /// Answers with the page for an error that the form itself cannot show.
    pub fn fail(&self, error: service::Error) -> Response {
        self.mishap(error::mishap(error))
    }

    /// Lets a user in who has just proved who they are in one way, and sends them on: to their second factor if they
    /// have one. Every way to sign in ends here.
    ///
    /// # Errors
    /// `AUTH_001` when the account got a new password, role or first factor, or was disabled, in this moment.
    pub async fn welcome(&self, user: &User, proof: Proof, to: &ReturnTo) -> Result<Response, service::Error> {
        let welcome = self.services().factors().welcome(&self.ctx, user, proof, to).await?;
        self.admit(user, welcome, to).await
    }

    /// As [`Self::welcome`], for somebody whose password was right, or who has set it.
    ///
    /// # Errors
    /// `AUTH_001` when the account got a new password, role or first factor, or was disabled, since then.
    pub async fn welcome_by_password(&self, own: &Authenticated, to: &ReturnTo) -> Result<Response, service::Error> {
        let welcome = self.services().factors().welcome_by_password(&self.ctx, own, to).await?;
        self.admit(&own.user, welcome, to).await
    }

    /// As [`Self::welcome`], for somebody who has followed a link in a mail to its end.
    ///
    /// # Errors
    /// As [`Self::welcome_by_password`].
    pub async fn welcome_by_mail(&self, arrived: &Arrived) -> Result<Response, service::Error> {
        let welcome = self.services().factors().welcome_by_mail(&self.ctx, arrived).await?;
        self.admit(&arrived.user, welcome, &arrived.to).await
    }

    /// As [`Self::welcome`], for somebody for whom another server vouches, where they proved who they are at `since`.
    ///
    /// # Errors
    /// As [`Self::welcome`].
    pub async fn welcome_vouched(
        &self,
        user: &User,
        since: Timestamp,
        to: &ReturnTo,
    ) -> Result<Response, service::Error> {
        let welcome = self.services().factors().welcome_vouched(&self.ctx, user, since, to).await?;
        self.admit(user, welcome, to).await
    }

    /// As [`Self::welcome_by_password`], for somebody who has just set it in a browser that knew them until then: it
    /// goes on knowing them, so that nobody is told of a new one.
    ///
    /// # Errors
    /// As [`Self::welcome_by_password`].
    pub async fn welcome_back(&mut self, own: &Authenticated, to: &ReturnTo) -> Result<Response, service::Error> {
        let marks = self.keep(&own.user).await?;
        let welcome = self.services().factors().welcome_by_password(&self.ctx, own, to).await?;
        self.admit_back(&own.user, welcome, to, &marks).await
    }

    /// As [`Self::welcome_back`], for somebody who has set the password behind a link in a mail.
    ///
    /// # Errors
    /// As [`Self::welcome_by_password`].
    pub async fn welcome_back_by_mail(&mut self, arrived: &Arrived) -> Result<Response, service::Error> {
        let marks = self.keep(&arrived.user).await?;
        let welcome = self.services().factors().welcome_by_mail(&self.ctx, arrived).await?;
        self.admit_back(&arrived.user, welcome, &arrived.to, &marks).await
    }

    /// What this browser remembers of accounts, with the one of `user` by its new password.
    async fn keep(&mut self, user: &User) -> Result<String, service::Error> {
        let marks = self.services().devices().remember(&self.ctx, user.id).await?;
        self.ctx.device = Some(Secret::new(marks.as_str()));
        Ok(marks)
    }

    async fn admit_back(
        &self,
        user: &User,
        welcome: Welcome,
        to: &ReturnTo,
        marks: &str,
    ) -> Result<Response, service::Error> {
        let waits = matches!(welcome, Welcome::Factor(_));
        let mut response = self.admit(user, welcome, to).await?;
        if waits {
            response.headers_mut().append(SET_COOKIE, cookie::set_device(&self.state, marks));
        }
        Ok(response)
    }

    async fn admit(&self, user: &User, welcome: Welcome, to: &ReturnTo) -> Result<Response, service::Error> {
        match welcome {
            Welcome::Session(token) => self.enter(user, &token, to).await,
            Welcome::Factor(pending) => {
                let mut response = see_other(&to.by(route::FACTOR));
                response.headers_mut().append(SET_COOKIE, cookie::set_pending(&self.state, &pending));
                Ok(response)
            }
        }
    }

    /// Gives the browser a session's token and sends its user on.
    ///
    /// # Errors
    /// The database's own.
    pub async fn enter(&self, user: &User, token: &Secret, to: &ReturnTo) -> Result<Response, service::Error> {
        let application = behind::application_of(self, to).map(|entry| entry.application.id);
        let marks = self.services().devices().meet(&self.ctx, user, application).await?;
        let mut response = see_other(&to.path());
        response.headers_mut().append(SET_COOKIE, cookie::set_session(&self.state, token));
        if cookie::pending(&self.state, &self.headers).is_some() {
            response.headers_mut().append(SET_COOKIE, cookie::clear_pending(&self.state));
        }
        response.headers_mut().append(SET_COOKIE, cookie::set_device(&self.state, &marks));
        // Whoever comes after somebody else finds none of their pages open.
        let of_another = |visit: &String| self.services().portal().user(visit) != Some(user.id);
        if cookie::portal(&self.state, &self.headers).is_some_and(|visit| of_another(&visit)) {
            cookie::leave_portal(&self.state, &self.headers, response.headers_mut()).await?;
        }
        Ok(response)
    }
}

/// The fields of a form as a browser sends them (`application/x-www-form-urlencoded`). One with too many is answered 400.
#[derive(Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first field of that name, or nothing.
    pub fn get<'a>(&'a self, name: &'a str) -> &'a str {
        self.all(name).next().unwrap_or_default()
    }

    /// Every field of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// What the preview showed whose button was pressed. Without a moment that can be read it was long ago.
    pub fn seen(&self) -> Seen {
        let at = self.get("at").parse().ok().and_then(Timestamp::from_timestamp_millis).unwrap_or_default();
        Seen { digest: self.get("digest").to_owned(), at }
    }
}

impl FromRequest<AppState> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let most = if is_for_admins(request.uri().path()) { form::MOST_OF_ADMINS } else { form::MOST };
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        form::pairs(&bytes, most).map(Self).ok_or_else(|| StatusCode::BAD_REQUEST.into_response())
    }
}
