//! The kit: small components that every page is made of.

mod alert;
mod badge;
mod button;
mod card;
mod confirm;
mod copy_button;
mod empty;
mod error_summary;
mod field;
mod icon;
mod menu;
mod radios;
mod skip_link;
mod still;
mod sum;
mod table;
mod tabs;
mod text_area;
mod typed;

pub use alert::Alert;
pub use badge::{Badge, InvoiceBadge, PaymentBadge, StatusBadge, payment_status};
pub use button::{Button, ButtonLink, Look};
pub use card::Card;
pub use confirm::{Confirm, ConfirmButton};
pub use copy_button::CopyButton;
pub use empty::EmptyState;
pub use error_summary::ErrorSummary;
pub use field::{Check, Field, Labelled, described_by};
pub use icon::{Glyph, Icon};
pub use menu::{Menu, MenuLink};
pub use radios::Radios;
pub use skip_link::SkipLink;
pub use still::held_still;
pub use sum::{SumLine, SumLines};
pub use table::Table;
pub use tabs::{Tab, Tabs};
pub use text_area::{TextArea, escape};
pub use typed::{take_checked, take_typed};

#[cfg(feature = "ssr")]
mod switches;
#[cfg(feature = "ssr")]
pub use switches::{LanguageSwitch, SchemeSwitch};

/// The meaning that a colour stands for; the colour is never the only sign of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Note,
    Warn,
    Bad,
    Brand,
}

impl Tone {
    /// The class that sets background and text.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Good => "tone-good",
            Self::Note => "tone-note",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
            Self::Brand => "tone-brand",
        }
    }
}
