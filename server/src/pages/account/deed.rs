//! What a form about an organization did, as the page after it says.

use app::i18n::Text;
use axum::response::Response;

use super::DONE;
use crate::{http::redirect::see_other, pages::asked::Asked};

/// What a form about an organization did, as its redirect says: a closed list, so that nobody can write into the page
/// by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Invited,
    Uninvited,
    RoleChanged,
    Removed,
    /// Whoever pressed the button is not among its people any more.
    Left,
}

impl Deed {
    const ALL: [Self; 5] = [Self::Invited, Self::Uninvited, Self::RoleChanged, Self::Removed, Self::Left];

    /// The value of [`DONE`].
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Uninvited => "uninvited",
            Self::RoleChanged => "role",
            Self::Removed => "removed",
            Self::Left => "left",
        }
    }

    fn sentence(self, text: Text) -> String {
        match self {
            Self::Invited => text.invitation_sent(),
            Self::Uninvited => text.invitation_revoked(),
            Self::RoleChanged => text.organization_role_changed(),
            Self::Removed => text.organization_person_removed(),
            Self::Left => text.organization_left(),
        }
    }

    /// To a page that says so.
    pub fn told_at(self, page: &str) -> Response {
        see_other(&format!("{page}?{DONE}={}", self.as_str()))
    }

    /// What the page that was asked for has to say first.
    pub fn told(asked: &Asked) -> Option<String> {
        let done = asked.parameter(DONE)?;
        let deed = Self::ALL.into_iter().find(|deed| deed.as_str() == done)?;
        Some(deed.sentence(asked.visit.text()))
    }
}
