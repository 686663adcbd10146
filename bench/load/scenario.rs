//! The scenario language, one directive a line ('#' starts a comment line):
//!     set NAME VALUE              a variable, used as {NAME} anywhere below
//!     setup / loop                which section the following steps belong to (default: loop)
//!     fresh                       forget cookies (put first in the loop: every turn is a new browser)
//!     pkce                        new {verifier} and {challenge} (S256)
//!     rnd NAME                    NAME := 16 fresh hex digits
//!     GET PATH | POST PATH | PUT PATH
//!       header NAME: VALUE        (belongs to the request above it)
//!       form BODY                 body as application/x-www-form-urlencoded
//!       json BODY                 body as application/json
//!       stripe SECRET             adds Stripe-Signature over the body with SECRET
//!       expect CODE[,CODE]        otherwise the turn counts as an error and starts again
//!       take NAME header H        NAME := response header H (absolute URLs lose their origin)
//!       take NAME json KEY        NAME := string value of the first "KEY" in the body
//!       take NAME between A ~ B   NAME := text between A and B in the body (&amp; undone)
//!       take NAME query H KEY     NAME := query parameter KEY of response header H
//! {NAME} is substituted as is; {NAME%} is percent-encoded.

use std::collections::HashMap;

#[derive(Clone, Debug)]
pub enum Take { Header(String), Json(String), Between(String, String), Query(String, String) }
#[derive(Clone, Debug, Default)]
pub struct Req { pub method: String, pub path: String, pub headers: Vec<(String, String)>, pub body: Option<(String, String)>, pub stripe: Option<String>, pub expect: Vec<u16>, pub takes: Vec<(String, Take)> }
#[derive(Clone, Debug)]
pub enum Step { Fresh, Pkce, Rnd(String), Req(Req) }
#[derive(Clone, Debug, Default)]
pub struct Scenario { pub vars: Vec<(String, String)>, pub setup: Vec<Step>, pub main: Vec<Step> }

pub fn parse(text: &str) -> Scenario {
    let mut s = Scenario::default();
    let mut in_setup = false;
    for (n, raw) in text.lines().enumerate() {
        let l = raw.trim();
        if l.is_empty() || l.starts_with('#') { continue; }
        let (w, rest) = l.split_once(' ').unwrap_or((l, ""));
        let rest = rest.trim();
        let sec = if in_setup { &mut s.setup } else { &mut s.main };
        macro_rules! cur { () => { match sec.last_mut() { Some(Step::Req(r)) => r, _ => panic!("line {}: no request above '{l}'", n + 1) } } }
        match w {
            "set" => { let (k, v) = rest.split_once(' ').unwrap_or((rest, "")); s.vars.push((k.into(), v.trim().into())); }
            "setup" => in_setup = true,
            "loop" => in_setup = false,
            "fresh" => sec.push(Step::Fresh),
            "pkce" => sec.push(Step::Pkce),
            "rnd" => sec.push(Step::Rnd(rest.into())),
            "GET" | "POST" | "PUT" | "DELETE" | "PATCH" => sec.push(Step::Req(Req { method: w.into(), path: rest.into(), ..Default::default() })),
            "header" => { let (k, v) = rest.split_once(':').expect("header NAME: VALUE"); cur!().headers.push((k.trim().into(), v.trim().into())); }
            "form" => cur!().body = Some(("application/x-www-form-urlencoded".into(), rest.into())),
            "json" => cur!().body = Some(("application/json".into(), rest.into())),
            "stripe" => cur!().stripe = Some(rest.into()),
            "expect" => cur!().expect = rest.split(',').map(|c| c.trim().parse().unwrap()).collect(),
            "take" => {
                let p: Vec<&str> = rest.splitn(3, ' ').collect();
                let t = match p[1] {
                    "header" => Take::Header(p[2].to_lowercase()),
                    "json" => Take::Json(p[2].into()),
                    "between" => { let (a, b) = p[2].split_once(" ~ ").unwrap_or_else(|| (p[2].trim_end_matches(" ~"), "\n")); Take::Between(a.into(), b.into()) }
                    "query" => { let (a, b) = p[2].split_once(' ').unwrap(); Take::Query(a.to_lowercase(), b.into()) }
                    x => panic!("line {}: take {x}?", n + 1),
                };
                cur!().takes.push((p[0].into(), t));
            }
            _ => panic!("line {}: '{w}'?", n + 1),
        }
    }
    s
}
fn pct(s: &str) -> String {
    let mut o = String::new();
    for b in s.bytes() { if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { o.push(b as char) } else { o += &format!("%{b:02X}") } }
    o
}
pub fn unpct(s: &str) -> String {
    let b = s.as_bytes(); let mut o = vec![]; let mut i = 0;
    while i < b.len() {
        if b[i] == b'%' && i + 2 < b.len() + 0 && i + 2 <= b.len() - 1 { if let Ok(v) = u8::from_str_radix(&s[i + 1..i + 3], 16) { o.push(v); i += 3; continue; } }
        o.push(if b[i] == b'+' { b' ' } else { b[i] }); i += 1;
    }
    String::from_utf8_lossy(&o).into_owned()
}
pub fn subst(t: &str, v: &HashMap<String, String>) -> String {
    if !t.contains('{') { return t.into(); }
    let mut o = String::with_capacity(t.len() + 64);
    let mut r = t;
    while let Some(i) = r.find('{') {
        o += &r[..i];
        match r[i + 1..].find('}') {
            Some(j) if r[i + 1..i + 1 + j].contains('{') => { o.push('{'); r = &r[i + 1..]; } // JSON's own brace
            Some(j) => {
                let k = &r[i + 1..i + 1 + j];
                let (name, enc) = match k.strip_suffix('%') { Some(n) => (n, true), None => (k, false) };
                match v.get(name) { Some(x) => if enc { o += &pct(x) } else { o += x }, None => { o.push('{'); o += k; o.push('}'); } }
                r = &r[i + j + 2..];
            }
            None => { o += &r[i..]; r = ""; }
        }
    }
    o + r
}
