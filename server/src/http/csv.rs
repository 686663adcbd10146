//! CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front, also where it begins a cell
//! only for those that separate by `;` or a tab, or that begin another line in the middle of a cell.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt, stream};

/// One line with its end.
pub fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|text| cell(&text)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let guarded = guarded(text);
    if guarded == text && !text.contains(['"', ',', ';', '\t', '\n', '\r']) {
        return guarded;
    }
    format!("\"{}\"", guarded.replace('"', "\"\""))
}

/// With an apostrophe wherever a formula could begin.
fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len());
    let mut begins = true;
    for (at, char) in text.char_indices() {
        let is_sign = matches!(char, '=' | '+' | '-' | '@') || (at == 0 && matches!(char, '\t' | '\r'));
        if begins && is_sign {
            guarded.push('\'');
        }
        // What a spreadsheet passes over leaves the beginning a beginning.
        begins = matches!(char, ';' | '\t' | '\n' | '\r') || (begins && (char.is_whitespace() || char == '"'));
        guarded.push(char);
    }
    guarded
}

/// A file that is sent while it is read: `head`, then what `pages` yields. An error on the way breaks it off.
pub fn stream(
    name: &'static str,
    head: &'static str,
    pages: impl Stream<Item = service::Result<String>> + Send + 'static,
) -> Response {
    let head = stream::once(async move { Ok(Bytes::from_static(head.as_bytes())) });
    let body = Body::from_stream(head.chain(pages.map(|page| page.map(Bytes::from))));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static(name)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::{cell, line};

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("plan.updated"), "plan.updated");
        assert_eq!(cell("x;=cmd|'/C calc'!A0;y"), "\"x;'=cmd|'/C calc'!A0;y\"");
        assert_eq!(cell("why\r\n @SUM(1)"), "\"why\r\n '@SUM(1)\"");
        assert_eq!(cell("a\";+1"), "\"a\"\";'+1\"");
        assert_eq!(cell("x;\"=1\""), "\"x;\"\"'=1\"\"\"");
        assert_eq!(cell("{\"phone\":\"+62\"}"), "\"{\"\"phone\"\":\"\"+62\"\"}\"");
        assert_eq!(cell(" =1"), "\" '=1\"");
        assert_eq!(cell("a-b c=d e@example.com"), "a-b c=d e@example.com");
        assert_eq!(line(["a".to_owned(), "-1".to_owned()]), "a,\"'-1\"\r\n");
    }
}
