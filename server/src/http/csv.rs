//! CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe in front.

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
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
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
        assert_eq!(line(["a".to_owned(), "-1".to_owned()]), "a,\"'-1\"\r\n");
    }
}
