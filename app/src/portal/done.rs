//! What has just been done, as the next page says it.

use crate::i18n::Text;

/// A closed list: nobody's text comes from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Canceled,
    Undone,
    Resumed,
    Scheduled,
    Paid,
    Changed,
    MethodChanged,
    MethodRemoved,
}

impl Done {
    const ALL: [Self; 8] = [
        Self::Canceled,
        Self::Undone,
        Self::Resumed,
        Self::Scheduled,
        Self::Paid,
        Self::Changed,
        Self::MethodChanged,
        Self::MethodRemoved,
    ];

    /// The value of `?done=`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::Undone => "undone",
            Self::Resumed => "resumed",
            Self::Scheduled => "scheduled",
            Self::Paid => "paid",
            Self::Changed => "changed",
            Self::MethodChanged => "method",
            Self::MethodRemoved => "no_method",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }

    pub fn text(self, text: Text) -> String {
        match self {
            Self::Canceled => text.done_canceled_plan(),
            Self::Undone => text.done_undone(),
            Self::Resumed => text.done_resumed(),
            Self::Scheduled => text.done_scheduled_change(),
            Self::Paid => text.done_paid(),
            Self::Changed => text.done_changed(),
            Self::MethodChanged => text.done_method_changed(),
            Self::MethodRemoved => text.done_method_removed(),
        }
    }
}
