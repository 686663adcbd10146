//! The readable page: one document, no script, no other resource.

use domain::ErrorCode;
use serde_json::Value;

use super::{
    example,
    html::{anchor, rich},
    schema::{self, Field},
};
use crate::http::html::escape;

/// Everything after the opening tag of the root element.
pub fn render(document: &Value, style: &str) -> String {
    let groups = groups(document);
    let mut nav = String::from("<li><a href=\"#start\">Getting started</a></li>");
    let mut main = String::new();
    for group in &groups {
        nav.push_str(&format!(
            "<li class=\"group\"><a href=\"#{}\">{}</a><ul>{}</ul></li>",
            anchor(group.name),
            escape(group.name),
            group.operations.iter().map(Operation::link).collect::<String>(),
        ));
        main.push_str(&format!(
            "<section class=\"tag\" aria-labelledby=\"{id}\"><h2 id=\"{id}\">{name}</h2><p class=\"lead\">{text}</p>{body}</section>",
            id = anchor(group.name),
            name = escape(group.name),
            text = rich(group.text),
            body = group.operations.iter().map(|operation| operation.article(document)).collect::<String>(),
        ));
    }
    nav.push_str("<li><a href=\"#errors\">Errors</a></li>");
    let version = escape(document["info"]["version"].as_str().unwrap_or_default());
    format!(
        "<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Turnpike API</title><style>{style}</style></head>\
         <body><a class=\"skip\" href=\"#main\">Skip to the content</a>\
         <header><a class=\"brand\" href=\"/api/docs\">Turnpike <span>API</span></a><span class=\"version\">{version}</span>\
         <a class=\"file\" href=\"/api/openapi.json\">openapi.json</a></header>\
         <div class=\"columns\"><nav aria-label=\"Endpoints\" tabindex=\"0\"><details class=\"menu\"><summary>Endpoints</summary><ul>{nav}</ul></details></nav>\
         <main id=\"main\">{start}{main}{errors}</main></div></body></html>",
        start = start(document),
        errors = errors(),
    )
}

struct Group<'a> {
    name: &'a str,
    text: &'a str,
    operations: Vec<Operation<'a>>,
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    value: &'a Value,
}

/// In the order of the page.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn groups(document: &Value) -> Vec<Group<'_>> {
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all: Vec<_> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| METHODS.iter().map(move |method| Operation { method, path, value: &item[*method] }))
        .filter(|operation| operation.value["responses"].is_object())
        .collect();
    let of_tag = |name: &str| {
        let own = all.iter().filter(|operation| operation.value["tags"][0] == name);
        own.map(|operation| Operation { ..*operation }).collect()
    };
    tags.iter()
        .map(|tag| {
            let name = tag["name"].as_str().unwrap_or_default();
            Group { name, text: tag["description"].as_str().unwrap_or_default(), operations: of_tag(name) }
        })
        .collect()
}

impl Operation<'_> {
    fn text(&self, field: &str) -> &str {
        self.value[field].as_str().unwrap_or_default()
    }

    fn link(&self) -> String {
        format!(
            "<li><a href=\"#{id}\"><span class=\"verb {method}\">{short}</span>{summary}</a></li>",
            id = escape(self.text("operationId")),
            method = self.method,
            short = if self.method == "delete" { "DEL".to_owned() } else { self.method.to_uppercase() },
            summary = escape(self.text("summary")),
        )
    }

    fn article(&self, document: &Value) -> String {
        let id = escape(self.text("operationId"));
        let description = self.text("description");
        let description = if description.is_empty() { String::new() } else { format!("<p>{}</p>", rich(description)) };
        format!(
            "<article aria-labelledby=\"{id}\"><div class=\"what\"><h3 id=\"{id}\"><a href=\"#{id}\">{summary}</a></h3>\
             <p class=\"route\"><span class=\"verb {method}\">{upper}</span><code>{path}</code></p>{description}{parameters}{body}{answers}</div>\
             <div class=\"how\">{curl}{answer}</div></article>",
            summary = escape(self.text("summary")),
            method = self.method,
            upper = self.method.to_uppercase(),
            path = escape(self.path).replace('/', "/<wbr>"),
            parameters = self.parameters(document),
            body = self.body(document),
            answers = self.answers(document),
            curl = self.curl(document),
            answer = self.answer(document),
        )
    }

    fn parameters(&self, document: &Value) -> String {
        let all = self.value["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fields: Vec<_> = all
            .iter()
            .map(|one| Field {
                path: one["name"].as_str().unwrap_or_default().to_owned(),
                kind: format!(
                    "{} in {}",
                    schema::kind(document, &one["schema"]),
                    one["in"].as_str().unwrap_or_default()
                ),
                required: one["required"] == true,
                text: one["description"].as_str().unwrap_or_default().to_owned(),
            })
            .collect();
        table("Parameters", &fields)
    }

    fn request_schema(&self) -> Option<&Value> {
        let schema = &self.value["requestBody"]["content"]["application/json"]["schema"];
        schema.is_object().then_some(schema)
    }

    fn body(&self, document: &Value) -> String {
        self.request_schema().map(|schema| table("Body", &schema::fields(document, schema))).unwrap_or_default()
    }

    fn success(&self) -> Option<(&String, &Value)> {
        self.value["responses"].as_object()?.iter().find(|(status, _)| status.starts_with('2'))
    }

    fn answers(&self, document: &Value) -> String {
        let mut out = String::from("<h4>Answers</h4><dl class=\"answers\">");
        for (status, response) in self.value["responses"].as_object().into_iter().flatten() {
            let class = if status.starts_with(['4', '5']) { "bad" } else { "good" };
            let text = response["description"].as_str().unwrap_or_default();
            let parts: String = text.split("; ").map(|part| format!("<p>{}</p>", linked(part))).collect();
            out.push_str(&format!("<dt class=\"{class}\">{status}</dt><dd>{parts}</dd>"));
        }
        out.push_str("</dl>");
        if let Some((_, response)) = self.success() {
            let fields = schema::fields(document, &response["content"]["application/json"]["schema"]);
            if !fields.is_empty() {
                out.push_str(&format!("<details><summary>Fields of the answer</summary>{}</details>", rows(&fields)));
            }
        }
        out
    }

    fn curl(&self, document: &Value) -> String {
        let issuer = document["servers"][0]["url"].as_str().unwrap_or_default();
        let url = format!("{issuer}{}", shell(self.path));
        let mut lines = vec![match self.method {
            "get" => format!("curl \"{url}\""),
            method => format!("curl -X {} \"{url}\"", method.to_uppercase()),
        }];
        lines.push(if self.path.starts_with("/api/platform/") {
            "  -u \"$CLIENT_ID:$CLIENT_SECRET\"".to_owned()
        } else if self.path.starts_with("/api/user/") {
            "  -H \"Authorization: Bearer $ACCESS_TOKEN\"".to_owned()
        } else {
            "  -H \"Authorization: Bearer $TURNPIKE_KEY\"".to_owned()
        });
        if let Some(schema) = self.request_schema() {
            let body = format!("{:#}", example::request(document, schema)).replace('\'', "'\\''");
            lines.push("  -H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("  -d '{}'", body.replace('\n', "\n  ")));
        }
        code("Request", &lines.join(" \\\n"))
    }

    fn answer(&self, document: &Value) -> String {
        let Some((status, response)) = self.success() else { return String::new() };
        let schema = &response["content"]["application/json"]["schema"];
        if !schema.is_object() {
            return code(&format!("Answer {status}"), "(no content)");
        }
        code(&format!("Answer {status}"), &format!("{:#}", example::of(document, schema)))
    }
}

/// A path for a shell: `{appId}` becomes `$APP_ID`.
fn shell(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push('$');
            }
            '}' => inside = false,
            c if inside && c.is_ascii_uppercase() => out.extend(['_', c]),
            c if inside => out.push(c.to_ascii_uppercase()),
            c => out.push(c),
        }
    }
    out
}

/// Rich text whose error codes lead to their section.
fn linked(text: &str) -> String {
    let mut out = rich(text);
    for code in ErrorCode::ALL {
        let code = code.as_str();
        let tag = format!("<code>{code}</code>");
        out = out.replace(&tag, &format!("<a href=\"#{code}\">{tag}</a>"));
    }
    out
}

fn table(title: &str, fields: &[Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    format!("<h4>{title}</h4>{}", rows(fields))
}

fn rows(fields: &[Field]) -> String {
    let row = |field: &Field| {
        format!(
            "<li><code>{}</code> <span class=\"kind\">{}</span>{}{}</li>",
            escape(&field.path),
            escape(&field.kind),
            if field.required { " <span class=\"required\">required</span>" } else { "" },
            if field.text.is_empty() { String::new() } else { format!("<p>{}</p>", rich(&field.text)) },
        )
    };
    format!("<ul class=\"fields\">{}</ul>", fields.iter().map(row).collect::<String>())
}

fn code(title: &str, text: &str) -> String {
    format!(
        "<figure><figcaption>{}</figcaption><pre tabindex=\"0\"><code>{}</code></pre></figure>",
        escape(title),
        escape(text)
    )
}

fn start(document: &Value) -> String {
    let issuer = document["servers"][0]["url"].as_str().unwrap_or_default();
    let about = rich(document["info"]["description"].as_str().unwrap_or_default());
    let first = format!("curl \"{issuer}/api/admin/applications\" \\\n  -H \"Authorization: Bearer $TURNPIKE_KEY\"");
    let platform = format!(
        "curl -X POST \"{issuer}/api/platform/claims\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{}'",
        "{\"client_id\": \"acme-web\", \"client_secret\": \"sec_…\",\n       \"email\": \"user@example.com\",\n       \"claims\": {\"plan\": \"pro\"}}"
    );
    let error = "{\n  \"error\": {\n    \"code\": \"SUB_003\",\n    \"message\": \"The plan has live subscriptions\",\n    \"details\": { \"activeSubscribers\": 12 }\n  }\n}";
    format!(
        "<section class=\"tag\" aria-labelledby=\"start\"><h1 id=\"start\">Turnpike API</h1><p class=\"lead\">{about}</p>\
         <article><div class=\"what\"><h3>Authentication</h3>\
         <p><strong>Admins</strong> send the dashboard's session cookie, or an admin API key as Bearer. The key comes from \
         <code>turnpike admin key create --name N</code> and has a superadmin's rights.</p>\
         <p><strong>Apps</strong> authenticate as a confidential client: HTTP Basic, a <code>client_credentials</code> access token as Bearer, \
         or <code>client_id</code> and <code>client_secret</code> in the JSON body. One way at a time. A client reaches only its own application.</p>\
         <p><strong>People</strong> are known by the session of their browser, or by an access token that they let an app have, as Bearer.</p>\
         </div><div class=\"how\">{first}{platform}</div></article>\
         <article><div class=\"what\"><h3>Conventions</h3>\
         <dl class=\"terms\"><dt>Shapes</dt><dd>One resource is <code>{{\"plan\": {{…}}}}</code>, a list <code>{{\"plans\": […], \"nextCursor\": null}}</code> \
         (<code>next_cursor</code> for apps). Creating answers 201, deleting 204, everything else 200.</dd>\
         <dt>Lists</dt><dd><code>limit</code> is 1 to 100, 50 when left out; <code>cursor</code> is the <code>nextCursor</code> of the page before.</dd>\
         <dt>Changes</dt><dd>PATCH leaves what you leave out. A change holds from the next request on.</dd>\
         <dt>Money</dt><dd>Admins speak integers of the smallest unit: <code>999</code> is $9.99, <code>9900000</code> is Rp&nbsp;99.000. \
         Apps speak exact decimals: <code>9.99</code>, <code>99000</code>.</dd>\
         <dt>Idempotency</dt><dd>POSTs take <code>Idempotency-Key</code>: the same key and body get the same answer for 24 hours; \
         the same key with another body is 409. A repeated answer carries <code>Idempotent-Replayed: true</code>.</dd>\
         <dt>Limits</dt><dd>A body has at most 1 MiB. Too many calls are answered 429 <code>RATE_001</code>; \
         <code>Retry-After</code> says when the next one counts.</dd></dl>\
         </div><div class=\"how\">{error}</div></article></section>",
        first = code("As an admin", &first),
        platform = code("As an app", &platform),
        error = code("An error", error),
    )
}

fn errors() -> String {
    let row = |code: &ErrorCode| {
        format!(
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{}</td><td>{}</td></tr>",
            code.status(),
            escape(code.title()),
            code = code.as_str(),
        )
    };
    format!(
        "<section class=\"tag\" aria-labelledby=\"errors\"><h2 id=\"errors\">Errors</h2>\
         <p class=\"lead\">Every error of the API carries a code of this list. A 500 shows a request id and nothing else.</p>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"errors\"><table><thead><tr><th scope=\"col\">Code</th>\
         <th scope=\"col\">Status</th><th scope=\"col\">Meaning</th></tr></thead><tbody>{}</tbody></table></div></section>",
        ErrorCode::ALL.iter().map(row).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_shell_variables() {
        assert_eq!(shell("/a/{appId}/b/{plan_key}"), "/a/$APP_ID/b/$PLAN_KEY");
    }
}
