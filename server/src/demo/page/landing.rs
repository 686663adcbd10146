//! Acme for somebody who is not signed in.

use domain::route;
use serde_json::json;

use super::{Html, Notice, document, escape, icon, json};
use crate::demo::{ACCOUNTS, MAILBOX, PASSWORD};

/// What the demo is, who can sign in, and what to try.
pub(in crate::demo) fn landing(issuer: &str, notice: Option<Notice>) -> String {
    let steps = [
        ("Sign in", "On a page of Turnpike that wears Acme’s name and colour."),
        ("Choose a plan", "Free, Pro or Team. Nothing is charged in the demo."),
        ("Read the token", "Plan and features are in it, signed. Acme only looks."),
    ];
    let steps = Html::join(
        steps
            .iter()
            .map(|(title, text)| Html::raw(format!("<li><h3>{}</h3><p>{}</p></li>", escape(title), escape(text)))),
    );
    let accounts = Html::join(ACCOUNTS.iter().map(|(email, what)| {
        let (email, what) = (escape(email), escape(what));
        Html::raw(format!("<div><dt><code>{email}</code></dt><dd>{what}</dd></div>"))
    }));
    let (dashboard, password, issuer) = (route::DASHBOARD, escape(PASSWORD), escape(issuer));
    let arrow = icon("arrow");
    let peek = json::object(&json!({ "plan": "pro", "features": { "maxProjects": 50, "exportEnabled": true } }));
    let content = format!(
        "<section class=\"hero\"><div><p class=\"eyebrow\">OpenID Connect, and plans in the token</p>\
         <h1>Acme has no billing code.</h1>\
         <p class=\"lead\">It is a product like yours. It sends people to Turnpike to sign in and to choose a plan, \
         and reads what they bought from the token that comes back.</p>\
         <div class=\"actions\"><a class=\"button primary\" href=\"/demo/sign-in\">Sign in to Acme{arrow}</a>\
         <a class=\"button\" href=\"{dashboard}\">Open the dashboard</a></div></div>\
         <figure class=\"card peek\"><figcaption>All that Acme reads about money</figcaption>\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"Claims\"><code>{peek}</code></pre></figure></section>\
         <section aria-labelledby=\"how\"><h2 id=\"how\">What you will see</h2><ol class=\"steps\">{steps}</ol></section>\
         <section class=\"card accounts\" aria-labelledby=\"who\"><h2 id=\"who\">Who can sign in</h2>\
         <p>The password of each is <code>{password}</code>. You can also register with any address: \
         the mail comes to the <a href=\"{MAILBOX}\">mailbox</a>.</p>\
         <dl>{accounts}</dl></section>\
         <section class=\"card\" aria-labelledby=\"under\"><h2 id=\"under\">Underneath</h2>\
         <p>Issuer <code>{issuer}</code>, client <code>acme-demo</code>, code flow with PKCE, state and nonce. \
         <a href=\"{discovery}\">Discovery document</a>, <a href=\"{jwks}\">signing keys</a>, \
         <a href=\"{docs}\">REST API</a>.</p></section>",
        discovery = route::DISCOVERY,
        jwks = route::JWKS,
        docs = route::API_DOCS,
    );
    document("Acme, a demo product of Turnpike", Html::raw(""), notice, Html::raw(content))
}
