//! What the editor holds, in either shape.

use domain::FieldError;
use leptos::prelude::*;

use super::line::Line;
use crate::{
    admin::{
        draft::{ObjectDraft, Sheet},
        rows::{Kind, Row},
    },
    ui::take_typed,
};

/// Blank rows at the end of a table that nobody's JavaScript will make longer. A phone shows the first of them.
const SPARE: usize = 3;

/// An object that is being edited.
#[derive(Clone, Copy)]
pub struct ObjectState {
    pub(super) sheet: RwSignal<Sheet>,
    pub(super) lines: RwSignal<Vec<Line>>,
    pub(super) json: RwSignal<String>,
    next: RwSignal<usize>,
}

impl ObjectState {
    pub fn new(draft: ObjectDraft) -> Self {
        let mut rows: Vec<_> = draft.rows.into_iter().filter(|row| !row.is_blank()).collect();
        let filled = rows.len();
        rows.extend((0..SPARE).map(|_| Row::default()));
        let line = |(id, row)| Line::new(id, row, id > filled);
        let lines: Vec<_> = rows.into_iter().enumerate().map(line).collect();
        Self {
            sheet: RwSignal::new(draft.sheet),
            next: RwSignal::new(lines.len()),
            lines: RwSignal::new(lines),
            json: RwSignal::new(draft.json),
        }
    }

    /// Takes over what was typed into the controls of `field` before the island woke.
    pub fn take_typed(&self, field: &str) {
        for line in self.lines.get_untracked() {
            let (row, held) = (line.row, line.row.get_untracked());
            take_typed(&line.control(field, "key"), &held.key, move |key| row.update(|row| row.key = key));
            take_typed(&line.control(field, "type"), held.kind.as_str(), move |kind| line.set_kind(Kind::parse(&kind)));
            take_typed(&line.control(field, "value"), &held.value, move |value| row.update(|row| row.value = value));
        }
        let json = self.json;
        take_typed(&format!("{field}_json"), &json.get_untracked(), move |typed| json.set(typed));
    }

    /// What stands there now.
    pub fn draft(&self) -> ObjectDraft {
        ObjectDraft {
            sheet: self.sheet.get(),
            rows: self.lines.get().iter().map(|line| line.row.get()).collect(),
            json: self.json.get(),
        }
    }

    /// Whether it is time to tell of an error of [`Self::draft`]: not before a row was filled in.
    pub fn is_due(&self, field: &str, error: &FieldError) -> bool {
        let Some(rest) = error.field.strip_prefix(field) else { return false };
        match rest.strip_prefix('.').map(str::parse) {
            None => matches!(rest, "" | "_json"),
            Some(row) => self
                .lines
                .with(|lines| lines.get(row.unwrap_or(usize::MAX)).copied())
                .is_some_and(|line| line.is_due(&error.flaw)),
        }
    }

    pub(super) fn add(&self) {
        let id = self.next.get_untracked();
        self.next.set(id + 1);
        self.lines.update(|lines| lines.push(Line::new(id, Row::default(), false)));
    }

    pub(super) fn remove(&self, id: usize) {
        self.lines.update(|lines| lines.retain(|line| line.id != id));
    }

    /// Shows the object the other way; what cannot be read stays as it is.
    pub(super) fn switch(&self, to: Sheet) -> bool {
        let draft = self.draft().switched(to, "");
        if draft.sheet != to {
            return false;
        }
        let fresh = Self::new(draft);
        self.lines.set(fresh.lines.get_untracked());
        self.next.set(fresh.next.get_untracked());
        self.json.set(fresh.json.get_untracked());
        self.sheet.set(to);
        true
    }
}
