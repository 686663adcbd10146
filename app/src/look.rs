//! How a page looks to this visitor: colour scheme, language, the product's theme.

use domain::theme::Theme;
use serde::{Deserialize, Serialize};

/// The visitor's colour scheme, kept in a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// As the browser says.
    #[default]
    System,
    Light,
    Dark,
}

impl Scheme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of the cookie and of `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text)
    }
}

/// Whose page it is: the name and the theme that it wears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub name: String,
    pub theme: Theme,
    /// Where this server shows its logo.
    pub logo: Option<String>,
    /// The product's own address.
    pub url: Option<String>,
}

impl Default for Product {
    /// The server itself, for pages that belong to no application.
    fn default() -> Self {
        Self { name: "Turnpike".into(), theme: Theme::default(), logo: None, url: None }
    }
}
