//! The ledger as CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe in front.

use serde_json::Value;

use super::view::EntryView;

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
        out.push_str(&cells.map(|text| cell(&text)).join(","));
        out.push_str("\r\n");
    }
    out
}

fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("plan.updated"), "plan.updated");
    }
}
