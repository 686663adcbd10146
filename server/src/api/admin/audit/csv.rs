//! The ledger as CSV.

use serde_json::Value;

use super::view::EntryView;
use crate::http::csv;

const HEAD: &str = "at,action,actor,actorId,applicationId,userId,from,to,reason,requestId,id\r\n";

/// Entries as CSV with a heading.
pub fn of(entries: &[EntryView]) -> String {
    let mut out = HEAD.to_owned();
    for entry in entries {
        let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let cells = [
            entry.at.to_rfc3339(),
            entry.action.to_owned(),
            entry.actor.kind.to_owned(),
            id(entry.actor.id),
            id(entry.application_id),
            id(entry.user_id),
            json(&entry.from),
            json(&entry.to),
            entry.reason.clone().unwrap_or_default(),
            entry.request_id.clone().unwrap_or_default(),
            entry.id.to_string(),
        ];
        out.push_str(&csv::line(cells));
    }
    out
}
