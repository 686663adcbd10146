//! The real binary while it serves: what it does by itself, and what of its configuration comes that far.

use chrono::TimeDelta;
use service::{
    Ctx,
    clock::{Clock, ManualClock, SystemClock},
};

use crate::{
    cli::{Server, Turnpike, json},
    killed,
};

/// Asks again, whenever the server has answered something else, until there is an answer, for a minute at most: what it
/// does by itself comes soon, and nobody is told when.
#[track_caller]
fn soon<T>(server: &Server, what: &str, ask: impl Fn() -> Option<T>) -> T {
    let until = SystemClock.now() + TimeDelta::minutes(1);
    while SystemClock.now() < until {
        if let Some(answer) = ask() {
            return answer;
        }
        server.get("/readyz");
    }
    panic!("{what}: not within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_rotates_old_keys() {
    let turnpike = Turnpike::new();
    let data = turnpike.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let ago = ManualClock::new(SystemClock.now() - TimeDelta::days(2));
    let before = killed::services(&data, ago).await;
    let old: Vec<_> = before.keys().list(&Ctx::operator()).unwrap().into_iter().map(|key| key.kid).collect();
    assert_eq!(old.len(), 3, "one of each kind");

    let env = [("TURNPIKE_SECRET_KEY", killed::SECRET_KEY), ("TURNPIKE_TOKENS__KEY_DAYS", "1")];
    let server = turnpike.serve(&["serve"], &env);
    let published = || {
        let set = json(&server.get("/.well-known/jwks.json"));
        let keys = set["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The next of each kind, beside those that sign until then.
    let all = soon(&server, "new keys", || Some(published()).filter(|kids| kids.len() == 6));
    assert!(old.iter().all(|kid| all.contains(kid)), "{old:?} {all:?}");
}

#[test]
fn a_running_server_sends_its_mails() {
    let turnpike = Turnpike::new();
    let server = turnpike.serve(&["serve"], &[]);
    let answer = server.post_form("/forgot-password", "", "email=rina%40example.com");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let directory = turnpike.path().join("data/mail");
    let mails = || {
        let files = std::fs::read_dir(&directory).into_iter().flatten().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|kind| kind == "eml")).collect::<Vec<_>>()
    };
    let is_hers = |mail: &String| mail.contains("rina@example.com");
    soon(&server, "a mail", || mails().iter().map(|path| std::fs::read_to_string(path).unwrap()).find(is_hers));
    assert_eq!(mails().len(), 1);
}

#[test]
fn the_configuration_reaches_the_server() {
    let set = [("TURNPIKE_TRUSTED_PROXIES", "127.0.0.1"), ("TURNPIKE_DASHBOARD__REQUIRE_MFA", "true")];
    let admin = [("TURNPIKE_ADMIN_EMAIL", "root@example.com"), ("TURNPIKE_ADMIN_PASSWORD", "12345678")];
    let forwarded = "X-Forwarded-For: 198.51.100.9\r\n";
    for (more, address, dashboard) in [(&set[..], "198.51.100.9", "303"), (&[], "127.0.0.1", "200")] {
        let turnpike = Turnpike::new();
        let server = turnpike.serve(&["serve"], &[&admin[..], more].concat());
        let signed_in = server.post_form("/sign-in", forwarded, "email=root%40example.com&password=12345678");
        let session = signed_in.split("turnpike_session=").nth(1).and_then(|rest| rest.split(';').next());
        let session = session.unwrap_or_else(|| panic!("no session: {signed_in}"));
        let get =
            |path: &str| server.ask("GET", path, &format!("{forwarded}Cookie: turnpike_session={session}\r\n"), "");
        let sessions = json(&get("/api/user/sessions"));
        assert_eq!(sessions["sessions"][0]["address"], address, "{sessions}");
        let shown = get("/dashboard");
        assert!(shown.starts_with(&format!("HTTP/1.1 {dashboard}")), "{shown}");
        let is_led = shown.contains("location: /account/security?to=dashboard\r\n");
        assert_eq!(is_led, dashboard == "303", "{shown}");
    }
}
