//! One row of the table while it is edited, and when to tell of an error in it.

use domain::Flaw;
use leptos::prelude::*;

use crate::admin::rows::{Kind, Row};

/// How far a row was filled in and left. Nobody is told of what they have not come to yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    Nothing,
    Key,
    Value,
}

/// One row that is being edited.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub id: usize,
    pub row: RwSignal<Row>,
    left: RwSignal<Left>,
    /// There for want of JavaScript: a phone does without it.
    pub spare: bool,
}

impl Line {
    pub fn new(id: usize, row: Row, spare: bool) -> Self {
        let left = if row.is_blank() { Left::Nothing } else { Left::Value };
        Self { id, row: RwSignal::new(row), left: RwSignal::new(left), spare }
    }

    /// A control of the row was changed and left.
    pub fn leave(self, control: Left) {
        let reached = if self.row.with_untracked(|row| row.value.trim().is_empty()) { control } else { Left::Value };
        if reached > self.left.get_untracked() {
            self.left.set(reached);
        }
    }

    pub fn is_due(self, flaw: &Flaw) -> bool {
        match self.left.get() {
            Left::Nothing => false,
            Left::Key => matches!(flaw, Flaw::Of(_, flaw) if **flaw == Flaw::Twice),
            Left::Value => true,
        }
    }

    /// The id of one of its controls.
    pub fn control(self, field: &str, part: &str) -> String {
        format!("{field}-{}-{part}", self.id)
    }

    /// A row of the new kind starts with a value of that kind, where there are few.
    pub fn set_kind(self, kind: Kind) {
        self.row.update(|row| {
            row.kind = kind;
            if kind == Kind::Boolean && !matches!(row.value.trim(), "true" | "false") {
                row.value = "true".into();
            }
        });
    }
}
