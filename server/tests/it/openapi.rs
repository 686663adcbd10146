//! The description of the API and its page.

use axum::http::Method;

use crate::{rest::Rest, support::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], app.services.settings.issuer.as_str());
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not defined");
    }
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].to_string()), "{place}: the id is not its own");
            assert!(operation["summary"].is_string(), "{place} has no summary");
            let tag = &operation["tags"][0];
            assert!(document["tags"].as_array().unwrap().iter().any(|one| &one["name"] == tag), "{place}: tag {tag}");
            let declared: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
            for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(declared.iter().any(|one| one["name"] == name && one["in"] == "path"), "{place}: {name}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{place} {status}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_document_is_not_sent_it_again() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await;
    let etag = document.header("etag").unwrap();
    let again = app.request(Method::GET, "/api/openapi.json").header("if-none-match", etag).send().await;
    assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, Some(etag)));
    let other = app.request(Method::GET, "/api/openapi.json").header("if-none-match", "\"other\"").send().await;
    assert_eq!((other.status.as_u16(), other.body), (200, document.body.clone()));
    let page = app.get("/api/docs").await;
    assert_eq!(page.header("content-length"), Some(page.body.len().to_string().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_described() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json();
    let mut bodies = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["requestBody"].is_object() {
                bodies += 1;
                assert!(operation["responses"]["413"].is_object(), "{method} {path}");
            }
        }
    }
    assert!(bodies > 20, "{bodies}");
    let create = &document["paths"]["/api/admin/applications"]["post"]["responses"];
    let post = |kind: &'static str, body: &str| {
        let request = app.request(Method::POST, "/api/platform/token");
        request.text_body(body.to_owned(), kind).send()
    };
    assert_eq!(create["415"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/Error");
    let token = &document["paths"]["/api/platform/token"]["post"]["responses"];
    for (body, status) in [("[]", 400), (r#"{"grant_type":"client_credentials"}"#, 401)] {
        let answer = post("application/json", body).await;
        assert_eq!(answer.status, status, "{body}");
        let schema = &token[status.to_string()]["content"]["application/json"]["schema"];
        for name in schema["required"].as_array().unwrap() {
            assert!(answer.json()[name.as_str().unwrap()].is_string(), "{body}");
        }
    }
}

/// Every value of an audit entry may be there: an id stands where a secret was rotated.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_entry_says_more_than_objects() {
    let rest = Rest::start().await;
    let rotated = rest.admin(Method::POST, &format!("{}/rotate-secret", rest.acme.base()), None).await;
    assert!(rotated.status.is_success(), "{}", rotated.text());
    let entries = rest.admin(Method::GET, "/api/admin/audit?action=client.secret_rotated", None).await.json();
    assert!(entries["entries"][0]["to"].is_string(), "{entries}");
    let document = rest.app.get("/api/openapi.json").await.json();
    for side in ["from", "to"] {
        let schema = &document["components"]["schemas"]["EntryView"]["properties"][side];
        assert!(schema.is_object() && schema["type"].is_null(), "{schema}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_needs_nothing_else() {
    let app = TestApp::start().await;
    let page = app.get("/api/docs").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let html = page.text();
    for forbidden in ["<script", " style=", "src=\"http", "@import", "url("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert!(html.contains("id=\"SUB_003\"") && html.contains(&app.services.settings.issuer));
    let document = app.get("/api/openapi.json").await.json();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = format!("id=\"{}\"", operation["operationId"].as_str().unwrap());
            assert!(html.contains(&id), "{id} is not on the page");
        }
    }
    let dark = app.request(Method::GET, "/api/docs").header("cookie", "theme=dark").send().await;
    assert!(dark.text().starts_with("<!DOCTYPE html><html lang=\"en\" data-theme=\"dark\">"));
}

#[test]
fn every_error_code_is_explained() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md")).unwrap();
    for code in domain::ErrorCode::ALL {
        let heading = format!("\n## {}\n", code.as_str());
        let (_, section) =
            page.split_once(&heading).unwrap_or_else(|| panic!("docs/errors.md lacks {}", code.as_str()));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(&code.status().to_string()), "{}: its status is {}", code.as_str(), code.status());
    }
}
