//! The mails of the demo, which do not leave the machine: a newcomer can finish a registration here.

use service::mail::Queued;

use super::{Html, document, escape};

/// The newest mails, perhaps those to one address only.
pub(in crate::demo) fn mailbox(mails: &[Queued], to: Option<&str>) -> String {
    let item = |queued: &Queued| {
        let mail = &queued.mail;
        let link = mail.plain.lines().map(str::trim).find(|line| line.starts_with("http"));
        let link = link.map_or_else(String::new, |href| {
            format!("<p><a class=\"button primary\" href=\"{}\">Open the link</a></p>", escape(href))
        });
        Html::raw(format!(
            "<article class=\"card mail\"><h2>{}</h2><p>{} to <code>{}</code></p><pre tabindex=\"0\">{}</pre>{link}</article>",
            escape(&mail.subject),
            escape(&mail.from),
            escape(mail.to.as_str()),
            escape(mail.plain.trim()),
        ))
    };
    let shown = Html::join(
        mails.iter().filter(|queued| to.is_none_or(|to| queued.mail.to.as_str().eq_ignore_ascii_case(to))).map(item),
    );
    let nothing = "<p>Nothing yet. Mails appear here as soon as somebody asks for one.</p>";
    let shown = shown.to_string();
    let list = if shown.is_empty() { nothing } else { shown.as_str() };
    let content = format!(
        "<section><h1>Mailbox</h1><p class=\"lead\">In the demo mails do not leave this machine. These are the \
         newest.</p></section>{list}"
    );
    document("Mailbox of the demo", Html::raw(""), None, Html::raw(content))
}
