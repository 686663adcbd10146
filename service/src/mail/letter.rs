//! What a mail says, and how it looks: one layout for all, in HTML and as plain text.

use askama::Template;
use domain::{
    Locale,
    theme::{Color, Font, Theme},
};

use crate::{Error, Result, directory::ApplicationEntry};

/// A mail's text in one language. Everything in it is text: the layout escapes it.
#[derive(Clone, Debug)]
pub struct Letter {
    pub locale: Locale,
    pub subject: String,
    pub title: String,
    pub paragraphs: Vec<String>,
    /// A table of labels and values.
    pub rows: Vec<(String, String)>,
    pub button: Option<Button>,
    /// Small print below the button.
    pub notes: Vec<String>,
}

/// The one thing to do.
#[derive(Clone, Debug)]
pub struct Button {
    pub label: String,
    /// An absolute URL.
    pub href: String,
}

/// Whose mail it is.
pub(super) struct Brand {
    pub name: String,
    color: String,
    /// What is read on that colour.
    ink: String,
    /// A list of families for `font`; a constant.
    font: &'static str,
    /// In pixels.
    radius: u8,
    logo: Option<String>,
    url: Option<String>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    letter: &'a Letter,
    brand: &'a Brand,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Plain<'a> {
    letter: &'a Letter,
    brand: &'a Brand,
}

impl Letter {
    pub(super) fn html(&self, brand: &Brand) -> Result<String> {
        Html { letter: self, brand }.render().map_err(Error::internal)
    }

    pub(super) fn plain(&self, brand: &Brand) -> Result<String> {
        Plain { letter: self, brand }.render().map_err(Error::internal)
    }
}

impl Brand {
    /// An application's, or the server's own.
    pub fn of(entry: Option<&ApplicationEntry>) -> Self {
        let settings = entry.map(|entry| &entry.application.settings);
        let own = Theme::default();
        let theme = settings.map_or(&own, |settings| &settings.theme);
        let (color, ink) = match &theme.brand {
            Some(brand) => (brand.to_string(), Color::ink(brand).to_string()),
            None => ("#4f46e5".into(), "#ffffff".into()),
        };
        Self {
            name: settings.map_or_else(|| "Turnpike".into(), |settings| one_line(settings.name.as_str())),
            color,
            ink,
            font: match theme.font.unwrap_or_default() {
                Font::System | Font::Rounded => "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
                Font::Serif => "Georgia,'Times New Roman',serif",
                Font::Mono => "Menlo,Consolas,monospace",
            },
            radius: theme.radius.map_or(8, |radius| radius.0),
            logo: theme.logo_url.as_ref().map(|url| url.as_str().to_owned()),
            url: settings.and_then(|settings| settings.url.as_ref()).map(|url| url.as_str().to_owned()),
        }
    }
}

/// `text` on one line, as a header needs it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_in_but_text() {
        let evil = "<script>alert(\"1\")</script> & 'co'";
        let letter = Letter {
            locale: Locale::Id,
            subject: evil.into(),
            title: evil.into(),
            paragraphs: vec![evil.into()],
            rows: vec![(evil.into(), evil.into())],
            button: Some(Button { label: evil.into(), href: "https://id.example/pay/a\"b".into() }),
            notes: vec![evil.into()],
        };
        let brand = Brand { name: evil.into(), ..Brand::of(None) };
        let html = letter.html(&brand).unwrap();
        assert!(!html.contains("<script") && !html.contains("a\"b") && html.contains("lang=\"id\""), "{html}");
        let plain = letter.plain(&brand).unwrap();
        assert_eq!(plain.matches(evil).count(), 7, "plain text is as it is: {plain}");
        assert_eq!(one_line("a\r\n b\tc "), "a b c");
    }
}
