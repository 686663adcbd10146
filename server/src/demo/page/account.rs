//! Acme for somebody who is signed in: what the plan unlocks, and the tokens that say so.

use domain::route;
use serde_json::{Map, Value};

use super::{Html, Notice, document, escape, feature, icon, json};
use crate::demo::{session::Session, verify};

/// The product of a signed-in user, from nothing but the tokens; `now` in seconds since the epoch.
pub(in crate::demo) fn account(session: &Session, issuer: &str, now: i64, notice: Option<Notice>) -> String {
    let access = verify::claims(&session.tokens.access);
    let id = verify::claims(&session.tokens.id);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let email = text(&id["email"]).unwrap_or_default();
    let name = text(&id["name"]).unwrap_or_else(|| email.clone());
    let content = Html::join([
        summary(&access, &name, session.expires_at() - now),
        unlocked(&access),
        tokens(session, &access, &id),
        next_steps(issuer),
    ]);
    let bar = format!(
        "<div class=\"who\"><span class=\"email\">{}</span>\
         <form method=\"post\" action=\"/demo/sign-out\"><button class=\"button small\">Sign out</button></form></div>",
        escape(&email),
    );
    document("Acme", Html::raw(bar), notice, content)
}

fn summary(access: &Value, name: &str, seconds: i64) -> Html {
    let plan = match access["plan"].as_str() {
        Some(plan) => format!("You are on <strong class=\"plan\">{}</strong>", escape(plan)),
        None => "You have no plan".into(),
    };
    let cycle = access["claims"]["billing_cycle"].as_str();
    let cycle = cycle.map_or_else(String::new, |cycle| format!(", billed {}", escape(cycle)));
    let minutes = seconds.max(0) / 60;
    let (plans, refresh) = (icon("plans"), icon("refresh"));
    Html::raw(format!(
        "<section class=\"card summary\"><div><p class=\"eyebrow\">Hello, {name}</p><h1>{plan}{cycle}</h1>\
         <p class=\"about\">So says the access token, which is good for {minutes} more minutes. Acme asked nobody \
         else.</p></div><div class=\"actions\">\
         <a class=\"button primary\" href=\"/demo/sign-in?prompt=select_plan\">{plans}Choose a plan</a>\
         <form method=\"post\" action=\"/demo/plan\"><button class=\"button\">{plans}Manage my plan</button></form>\
         <form method=\"post\" action=\"/demo/refresh\"><button class=\"button\">{refresh}Refresh tokens</button>\
         </form></div></section>",
        name = escape(name),
    ))
}

fn unlocked(access: &Value) -> Html {
    let none = Map::new();
    let features = access["features"].as_object().unwrap_or(&none);
    Html::raw(format!(
        "<section aria-labelledby=\"features\"><h2 id=\"features\">What it unlocks</h2>{}</section>",
        feature::cards(features)
    ))
}

fn tokens(session: &Session, access: &Value, id: &Value) -> Html {
    let panel = |title: &str, what: &str, token: &str, claims: &Value| {
        let header = verify::header(token);
        let signed = format!(
            "{} with key <code>{}</code>",
            escape(header["alg"].as_str().unwrap_or("?")),
            escape(header["kid"].as_str().unwrap_or("?")),
        );
        Html::raw(format!(
            "<article class=\"card token\"><h3>{title}</h3><p class=\"about\">{what} Signed by {signed}.</p>\
             <pre tabindex=\"0\" role=\"region\" aria-label=\"Claims of the {title}\"><code>{claims}</code></pre>\
             <details><summary>As it travels</summary><p class=\"wire\">{token}</p></details></article>",
            claims = json::object(claims),
            token = escape(token),
        ))
    };
    let access_panel = panel(
        "access token",
        "For Acme’s own API: it checks the signature and reads on.",
        &session.tokens.access,
        access,
    );
    let id_panel = panel("id_token", "For Acme’s sign-in: who this is.", &session.tokens.id, id);
    Html::raw(format!(
        "<section aria-labelledby=\"tokens\"><h2 id=\"tokens\">The tokens, decoded</h2>\
         <div class=\"tokens\">{access_panel}{id_panel}</div></section>"
    ))
}

fn next_steps(issuer: &str) -> Html {
    let plans = route::dashboard("acme", "plans");
    Html::raw(format!(
        "<section class=\"card\" aria-labelledby=\"next\"><h2 id=\"next\">Try this</h2><ol class=\"list\">\
         <li>Choose another plan and pay with a test card. The very next token carries it.</li>\
         <li>Manage your plan in the customer portal: change it, cancel, come back.</li>\
         <li>Sign in to the <a href=\"{plans}\">dashboard</a> as <code>admin@example.com</code> in another browser \
         window, change what Pro has, come back and refresh the tokens.</li>\
         <li>Gate something of your own, in any language: <code>token.features.exportEnabled</code>. The keys are at \
         <a href=\"{jwks}\">{issuer}{jwks}</a>.</li></ol></section>",
        issuer = escape(issuer),
        jwks = route::JWKS,
    ))
}
