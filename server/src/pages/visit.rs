//! How this visitor sees pages: language and colour scheme, from the query, the profile, cookies and the browser.

use app::{
    look::Scheme,
    shell::{Told, Visit},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use domain::Locale;
use service::Ctx;

use crate::{http::cookie, site, state::AppState};

/// The cookies of the two choices, and the parameters that change them.
const LOCALE: &str = "locale";
const LANG: &str = "lang";
const THEME: &str = "theme";

/// Middleware: puts a [`Visit`] into the request's extensions, and keeps a choice that the query makes in a cookie.
pub async fn provide(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let visit = of(&state, request.uri(), request.headers(), request.extensions().get::<Ctx>());
    if let Some(ctx) = request.extensions_mut().get_mut::<Ctx>() {
        ctx.locale = visit.told_locale();
    }
    let chosen = [
        parameter(request.uri(), LANG).and_then(|tag| Locale::from_tag(&tag)).map(|locale| (LOCALE, locale.tag())),
        parameter(request.uri(), THEME).and_then(|name| Scheme::parse(&name)).map(|scheme| (THEME, scheme.as_str())),
    ];
    request.extensions_mut().insert(visit);
    let mut response = next.run(request).await;
    for (name, value) in chosen.into_iter().flatten() {
        let year = Some(time::Duration::days(365));
        response.headers_mut().append(SET_COOKIE, cookie::set(&state, name, value, year));
    }
    response
}

/// The visit of a request. The order of languages: the query, the profile, then (by [`Visit::prefer`]) what an
/// application asks for, the cookie, the browser, and last (by [`Visit::fall_back`]) the application's own.
pub fn of(state: &AppState, uri: &Uri, headers: &HeaderMap, ctx: Option<&Ctx>) -> Visit {
    let chosen = parameter(uri, LANG).and_then(|tag| Locale::from_tag(&tag));
    let profile = ctx.and_then(|ctx| ctx.session.as_ref()?.user.locale);
    let browser = || Locale::negotiate(headers.get("accept-language")?.to_str().ok()?);
    let cookie = || cookie::read(state, headers, LOCALE).and_then(|tag| Locale::from_tag(&tag));
    let own = chosen.or(profile);
    let found = own.or_else(cookie).or_else(browser);
    let scheme = parameter(uri, THEME).or_else(|| cookie::read(state, headers, THEME));
    Visit {
        locale: found.unwrap_or_default(),
        told: match (own, found) {
            (Some(_), _) => Told::Visitor,
            (None, Some(_)) => Told::Circumstances,
            (None, None) => Told::Nobody,
        },
        scheme: scheme.and_then(|name| Scheme::parse(&name)).unwrap_or_default(),
        here: here(uri),
        assets: site::root(),
    }
}

/// A parameter of the query, decoded.
pub fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The path and the query without the two parameters; on this server, also where the path began with two slashes.
fn here(uri: &Uri) -> String {
    let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    let is_choice = |pair: &str| [LANG, THEME].contains(&pair.split('=').next().unwrap_or_default());
    let query: Vec<_> = uri.query().unwrap_or_default().split('&').filter(|p| !p.is_empty() && !is_choice(p)).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_address_leaves_the_choices_out() {
        assert_eq!(here(&Uri::from_static("/sign-in?flow=abc&lang=id&theme=dark")), "/sign-in?flow=abc");
        assert_eq!(here(&Uri::from_static("/sign-in?lang=id")), "/sign-in");
        assert_eq!(here(&Uri::from_static("//evil.example/sign-in")), "/evil.example/sign-in");
        assert_eq!(here(&Uri::from_static("/plans?flow=a&cycle=year")), "/plans?flow=a&cycle=year");
    }
}
