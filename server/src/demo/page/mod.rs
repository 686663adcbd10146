//! The pages of Acme: plain HTML under a policy that lets nothing run.

mod account;
mod feature;
mod html;
mod json;
mod landing;
mod mailbox;

use domain::route;

use html::Html;

use crate::http::html::escape;

pub(super) use account::account;
pub(super) use landing::landing;
pub(super) use mailbox::mailbox;

/// What has just happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Refreshed,
    Ended,
    Failed,
}

impl Notice {
    const ALL: [Self; 3] = [Self::Refreshed, Self::Ended, Self::Failed];

    const fn name(self) -> &'static str {
        match self {
            Self::Refreshed => "refreshed",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    pub fn path(self) -> String {
        format!("{}?notice={}", route::DEMO, self.name())
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Refreshed => "New tokens: they say what holds at this moment.",
            Self::Ended => "Your session has ended. Sign in again to go on.",
            Self::Failed => "The sign-in was not finished. Nothing happened; you can try again.",
        }
    }
}

/// The frame of every page.
fn document(title: &str, account: Html, notice: Option<Notice>, content: Html) -> String {
    let title = escape(title);
    let notice = notice.map_or_else(String::new, |notice| {
        let kind = if notice == Notice::Refreshed { "good" } else { "warn" };
        format!("<p class=\"notice {kind}\" role=\"status\">{}</p>", notice.text())
    });
    let mark = icon("mark");
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/demo/style.css\"></head><body>\
         <a class=\"skip\" href=\"#main\">Skip to the content</a>\
         <header class=\"bar\"><div class=\"wrap\"><a class=\"brand\" href=\"/demo\">{mark}<span>Acme</span></a>\
         <span class=\"tag\">a demo product</span>{account}</div></header>\
         <main id=\"main\" class=\"wrap\">{notice}{content}</main>\
         <footer class=\"wrap\"><p>Acme is a small client of this server: it signs in by OpenID Connect, like yours \
         will.</p></footer></body></html>"
    )
}

/// A drawing, for the eye only.
fn icon(name: &str) -> Html {
    let paths = match name {
        "mark" => "<path d=\"M4 19 12 4l8 15M7.5 13h9\"/>",
        "open" => "<rect x=\"5\" y=\"11\" width=\"14\" height=\"9\" rx=\"2\"/><path d=\"M8 11V8a4 4 0 0 1 7.5-2\"/>",
        "locked" => "<rect x=\"5\" y=\"11\" width=\"14\" height=\"9\" rx=\"2\"/><path d=\"M8 11V8a4 4 0 0 1 8 0v3\"/>",
        "arrow" => "<path d=\"M5 12h14m-6-6 6 6-6 6\"/>",
        "refresh" => "<path d=\"M20 12a8 8 0 1 1-2.3-5.6M20 4v4h-4\"/>",
        "plans" => "<path d=\"M4 7h16M4 12h16M4 17h10\"/>",
        _ => "",
    };
    Html::raw(format!(
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\" fill=\"none\" \
         stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{paths}</svg>"
    ))
}
