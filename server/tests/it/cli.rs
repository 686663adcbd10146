//! The real binary, each time with a data directory of its own. What it does by itself while it serves: cli_serving.rs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

pub struct Turnpike {
    directory: tempfile::TempDir,
}

impl Turnpike {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turnpike"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TURNPIKE_")) {
            command.env_remove(name);
        }
        command.current_dir(self.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that succeeds prints.
    fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and the message of a command that fails.
    fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// As [`Self::run`], with a line on stdin.
    fn told(&self, arguments: &[&str], line: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        child.wait_with_output().unwrap()
    }

    pub fn serve(&self, arguments: &[&str], env: &[(&str, &str)]) -> Server {
        let mut command = self.command(arguments);
        command.args(["--listen", "127.0.0.1:0"]).envs(env.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("Turnpike serves http://").expect("where it serves").to_owned();
        Server { child, address, lines: Box::new(lines.map(Result::unwrap)) }
    }
}

pub struct Server {
    child: Child,
    address: String,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Server {
    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", "")
    }

    /// Sends a form, with more headers.
    pub fn post_form(&self, path: &str, headers: &str, form: &str) -> String {
        let kind = "application/x-www-form-urlencoded";
        let headers = format!("{headers}Content-Type: {kind}\r\nContent-Length: {}\r\n", form.len());
        self.ask("POST", path, &headers, form)
    }

    /// What the admin API answers, as JSON.
    fn admin(&self, key: &str, method: &str, path: &str, body: &str) -> serde_json::Value {
        let headers = format!(
            "Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        json(&self.ask(method, &format!("/api/admin{path}"), &headers, body))
    }

    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// SIGTERM; the exit code.
    fn stop(mut self) -> i32 {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code().expect("an end by itself")
    }
}

/// The body of an answer.
pub fn json(answer: &str) -> serde_json::Value {
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.trim()).filter(|body| body.starts_with('{'));
    serde_json::from_str(body.unwrap_or_else(|| panic!("no JSON: {answer}"))).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

#[test]
fn it_serves_and_stops_when_told() {
    let turnpike = Turnpike::new();
    let mut server = turnpike.serve(&["serve"], &[]);
    let setup = server.lines.next().unwrap();
    assert!(setup.contains(&format!("http://{}/setup?token=", server.address)), "{setup}");
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    assert_eq!(turnpike.prints(&["health", "--listen", &server.address]), "ok\n");
    let (code, message) = turnpike.fails(&["--listen", &server.address]);
    assert_eq!(code, 1);
    assert!(message.contains("cannot listen on"), "{message}");
    let address = server.address.clone();
    // A connection without a request does not keep it.
    let _idle = TcpStream::connect(&address).unwrap();
    assert_eq!(server.stop(), 0);
    assert_eq!(turnpike.fails(&["health", "--listen", &address]).0, 1);
}

#[test]
fn what_a_stopped_server_wrote_is_in_one_file() {
    let turnpike = Turnpike::new();
    let env = [("TURNPIKE_ADMIN_EMAIL", "root@example.com"), ("TURNPIKE_ADMIN_PASSWORD", "ride the turnpike")];
    assert_eq!(turnpike.serve(&[], &env).stop(), 0);
    let copy = turnpike.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for file in ["secret.key", "turnpike.db"] {
        std::fs::copy(turnpike.path().join("data").join(file), copy.join(file)).unwrap();
    }
    assert_eq!(turnpike.prints(&["--data-dir", "copy", "admin", "list"]), "root@example.com\tsuperadmin\n");
}

#[cfg(unix)]
#[test]
fn the_secret_key_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt;
    let turnpike = Turnpike::new();
    let data = turnpike.path().join("elsewhere");
    let arguments = ["--data-dir", data.to_str().unwrap(), "admin", "list"];
    assert_eq!(turnpike.prints(&arguments), "");
    let key = std::fs::read_to_string(data.join("secret.key")).unwrap();
    assert_eq!(std::fs::metadata(data.join("secret.key")).unwrap().permissions().mode() & 0o777, 0o600);
    // Put back from a backup, say.
    std::fs::set_permissions(data.join("secret.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    turnpike.prints(&arguments);
    assert_eq!(std::fs::read_to_string(data.join("secret.key")).unwrap(), key);
    for file in ["secret.key", "turnpike.db"] {
        assert_eq!(std::fs::metadata(data.join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    std::fs::write(data.join("secret.key"), "another key, which does not open anything\n").unwrap();
    let (code, message) = turnpike.fails(&arguments);
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("the server cannot start"), "{message}");
}

#[test]
fn admins_come_from_the_command_line_or_the_environment() {
    let turnpike = Turnpike::new();
    let made = turnpike.prints(&["admin", "create", "Root@Example.com", "--name", "Root"]);
    assert!(made.starts_with("root@example.com is superadmin\npassword: "), "{made}");
    let (code, message) = turnpike.fails(&["admin", "create", "root@example.com"]);
    assert!(code == 1 && message.contains("email: is taken"), "{message}");
    assert_eq!(turnpike.fails(&["admin", "create", "nobody"]).0, 2);
    assert!(turnpike.prints(&["admin", "reset-password", "root@example.com"]).contains("password: "));
    let reset = turnpike.prints(&["admin", "reset-factors", "root@example.com"]);
    assert_eq!(reset, "root@example.com has no second factor any more; if there was one, all sessions have ended\n");
    let env = [("TURNPIKE_ADMIN_EMAIL", "first@example.com"), ("TURNPIKE_ADMIN_PASSWORD", "12345678")];
    for _ in 0..2 {
        let server = turnpike.serve(&[], &env);
        assert_eq!(server.stop(), 0);
    }
    assert_eq!(turnpike.prints(&["admin", "list"]), "root@example.com\tsuperadmin\nfirst@example.com\tsuperadmin\n");
}

#[test]
fn passwords_on_the_command_line_are_judged() {
    let turnpike = Turnpike::new();
    let create = ["admin", "create", "rina@example.com", "--name", "Rina Wati", "--password-stdin"];
    let reset = ["admin", "reset-password", "rina@example.com", "--password-stdin"];
    let refused = |arguments: &[&str], weak: &str| {
        let output = turnpike.told(arguments, weak);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {weak}: {message}");
        assert!(message.contains("password: is too easy to guess"), "{arguments:?} {weak}: {message}");
    };
    for weak in ["12345678", "Admin@123", "RinaWati88"] {
        refused(&create, weak);
    }
    assert_eq!(turnpike.prints(&["admin", "list"]), "");
    assert!(turnpike.told(&create, "four unrelated plain words").status.success());
    for weak in ["Password1!", "rina.wati"] {
        refused(&reset, weak);
    }
    assert!(turnpike.told(&reset, "another unrelated phrase").status.success());
}

#[test]
fn a_key_is_printed_alone() {
    let turnpike = Turnpike::new();
    let key = turnpike.prints(&["admin", "key", "create", "--name", "ci"]);
    assert!(key.starts_with("ak_") && key.ends_with('\n') && key.lines().count() == 1, "{key}");
}

#[test]
fn a_key_is_listed_and_revoked_under_a_running_server() {
    let turnpike = Turnpike::new();
    let key = turnpike.prints(&["admin", "key", "create", "--name", "ci"]);
    let server = turnpike.serve(&["serve"], &[]);
    let ask = || server.ask("GET", "/api/admin/users", &format!("Authorization: Bearer {}\r\n", key.trim()), "");
    assert!(ask().starts_with("HTTP/1.1 200"), "{}", ask());
    let list = turnpike.prints(&["admin", "key", "list"]);
    assert!(list.lines().count() == 1 && list.contains("\tci\tak_…") && list.contains("\tworks since "), "{list}");
    assert!(!list.contains(key.trim()), "{list}");
    let id = list.split('\t').next().unwrap();
    for _ in 0..2 {
        let revoked = turnpike.prints(&["admin", "key", "revoke", id]);
        assert!(revoked.starts_with(id) && revoked.contains("\trevoked at "), "{revoked}");
        assert_eq!(turnpike.prints(&["admin", "key", "list"]), revoked);
    }
    assert!(ask().starts_with("HTTP/1.1 401"), "{}", ask());
    let unknown = turnpike.fails(&["admin", "key", "revoke", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"]);
    assert!(unknown.0 == 1 && unknown.1.contains("there is no key 0192f0c1"), "{unknown:?}");
    assert_eq!(turnpike.fails(&["admin", "key", "revoke", "ci"]).0, 2);
}

#[test]
fn the_schema_goes_up_and_down() {
    let turnpike = Turnpike::new();
    let missing = turnpike.prints(&["migrate", "status"]);
    let all = missing.matches("missing  ").count();
    assert!(missing.contains(&format!("{all} to apply")), "{missing}");
    assert!(turnpike.prints(&["migrate", "up"]).contains("up to date"));
    assert!(turnpike.prints(&["migrate", "down"]).contains("1 to apply"));
    assert_eq!(turnpike.prints(&["migrate", "down", "--steps", &(all - 1).to_string()]), missing);
    assert!(turnpike.prints(&["migrate", "up"]).contains("up to date"));
}

#[test]
fn a_wrong_configuration_is_refused_with_its_key() {
    let turnpike = Turnpike::new();
    std::fs::write(turnpike.path().join("turnpike.toml"), "lisen = 1\n").unwrap();
    for arguments in [&["config", "check"][..], &[], &["admin", "list"]] {
        let (code, message) = turnpike.fails(arguments);
        assert_eq!(code, 2);
        assert!(message.contains("turnpike.toml: lisen: unknown key"), "{message}");
    }
    assert!(!turnpike.path().join("data").exists());
    std::fs::write(turnpike.path().join("turnpike.toml"), "listen = '127.0.0.1:4711'\n").unwrap();
    assert!(turnpike.prints(&["config", "check"]).contains("http://127.0.0.1:4711"));
    let more = "trusted_proxies = ['10.0.0.0/8', '::1']\n[log]\nformat = 'json'\n";
    std::fs::write(turnpike.path().join("turnpike.toml"), more).unwrap();
    let printed = turnpike.prints(&["config", "check"]);
    assert!(printed.contains("trusted_proxies   10.0.0.0/8, ::1/128\n"), "{printed}");
    assert!(printed.contains("log               level info, format json\n"), "{printed}");
    for arguments in [
        &["--listen", "127.0.0.1:1", "admin", "list"][..],
        &["--public-url", "http://localhost", "health"],
        &["health", "--public-url", "http://localhost"],
    ] {
        let (code, message) = turnpike.fails(arguments);
        assert_eq!(code, 2, "{message}");
    }
    let (code, message) = turnpike.fails(&["admin", "create", "bad"]);
    assert_eq!((code, message.as_str()), (2, "turnpike: bad must be an e-mail address\n"));
    let (code, message) = turnpike.fails(&["demo", "--public-url", "https://id.example"]);
    assert_eq!(code, 1);
    assert!(message.contains("localhost only"), "{message}");
}

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
[[applications.clients]]
name = "Web"
client_id = "acme-web"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
[[users]]
email = "user@example.com"
password = "correct horse battery staple"
applications = ["acme"]
"#;

#[test]
fn a_catalog_applies_once() {
    let turnpike = Turnpike::new();
    std::fs::write(turnpike.path().join("catalog.toml"), CATALOG).unwrap();
    let apply = ["apply", "-f", "catalog.toml"];
    let dry = turnpike.prints(&["apply", "-f", "catalog.toml", "--dry-run"]);
    assert!(dry.starts_with("create application acme\ncreate client acme/acme-web\n"), "{dry}");
    assert!(dry.ends_with("nothing was applied: a dry run\n") && !dry.contains("client_secret"), "{dry}");
    assert!(!turnpike.path().join("data").exists());
    let done = turnpike.prints(&apply);
    assert!(done.contains("create user user@example.com\n"), "{done}");
    assert!(done.contains("client_secret of acme-web, once: sec_"), "{done}");
    assert_eq!(turnpike.prints(&apply), "no changes\n");
    std::fs::write(turnpike.path().join("catalog.toml"), CATALOG.replace("999", "1299")).unwrap();
    let dry = turnpike.prints(&["apply", "-f", "catalog.toml", "--dry-run"]);
    assert!(dry.contains("create price acme/pro/Monthly"), "{dry}");
    assert!(turnpike.prints(&apply).contains("create price acme/pro/Monthly"));

    std::fs::write(turnpike.path().join("catalog.toml"), CATALOG.replace("amount", "ammount")).unwrap();
    let (code, message) = turnpike.fails(&apply);
    assert_eq!(code, 1);
    assert!(
        message.contains("catalog.toml:14: applications.plans.prices.ammount: unknown field `ammount`"),
        "{message}"
    );
    std::fs::write(turnpike.path().join("catalog.toml"), CATALOG.replace("[\"acme\"]", "[\"other\"]")).unwrap();
    let (_, message) = turnpike.fails(&apply);
    assert!(message.contains("catalog.toml:19: users.applications: there is no application other"), "{message}");
    assert_eq!(turnpike.fails(&["apply", "-f", "nothing.toml"]).0, 1);
}

#[test]
fn the_clock_moves_beside_a_running_server() {
    let turnpike = Turnpike::new();
    let catalog = CATALOG.replace("name = \"Acme\"", "name = \"Acme\"\npayment_provider = \"sandbox\"");
    let other = "[[applications]]\nslug = \"other\"\nname = \"Other\"\n";
    std::fs::write(turnpike.path().join("catalog.toml"), format!("{other}{catalog}")).unwrap();
    turnpike.prints(&["apply", "-f", "catalog.toml"]);
    let key = turnpike.prints(&["admin", "key", "create", "--name", "ci"]);
    let server = turnpike.serve(&["serve"], &[]);
    let get = |path: &str| server.admin(key.trim(), "GET", path, "");
    let id = |value: &serde_json::Value| value["id"].as_str().unwrap().to_owned();
    let applications = get("/applications");
    let acme = applications["applications"].as_array().unwrap().iter().find(|app| app["slug"] == "acme").unwrap();
    let app = format!("/applications/{}", id(acme));
    let plan = id(&get(&format!("{app}/plans"))["plans"][0]);
    let user = id(&get("/users?search=user@example.com")["users"][0]);
    let ends =
        chrono::DateTime::parse_from_rfc3339(get(&format!("{app}/clock"))["clock"]["realTime"].as_str().unwrap());
    let ends = (ends.unwrap() + chrono::TimeDelta::days(20)).to_rfc3339();
    let held = format!("{app}/users/{user}/subscription");
    let body = serde_json::json!({ "planId": plan, "expiresAt": ends }).to_string();
    assert_eq!(server.admin(key.trim(), "PUT", &held, &body)["subscription"]["isActive"], true);

    let shown = turnpike.prints(&["clock", "show", "acme"]);
    assert!(shown.starts_with("acme is at 20") && shown.ends_with("Z, in step with real time\n"), "{shown}");
    let moved = turnpike.prints(&["clock", "advance", "acme", "10d"]);
    assert!(moved.ends_with("Z, 10 d ahead of real time\n") && moved.lines().count() == 1, "{moved}");
    let moved = turnpike.prints(&["clock", "advance", "acme", "12h"]);
    assert!(moved.lines().count() == 1, "{moved}");
    let moved = turnpike.prints(&["clock", "advance", "acme", "2w", "--public-url", "http://127.0.0.1:9"]);
    let expired = format!("  {}Z  subscription.expired  {user}\n", &ends[..19]);
    assert!(moved.contains("Z, 25 d ahead of real time\n") && moved.ends_with(&expired), "{moved}");
    // Not the same moment: billing time goes on between the two programs.
    assert!(turnpike.prints(&["clock", "show", "acme"]).ends_with("Z, 25 d ahead of real time\n"));
    assert_eq!(get(&held)["error"]["code"], "SUB_001");

    for (arguments, code, said) in [
        (&["clock", "advance", "nobody", "1d"][..], 1, "turnpike: there is no application nobody\n"),
        (&["clock", "show", "nobody"], 1, "turnpike: there is no application nobody\n"),
        (&["clock", "advance", "other", "1d"], 1, "SRV_002: only the sandbox has a clock that can be moved\n"),
        (&["clock", "advance", "acme", "-1d"], 2, "'-1d' for '<BY>': must be a number of hours, days"),
        (&["clock", "advance", "acme", "1m"], 2, "'1m' for '<BY>': must be a number of hours, days"),
        (&["clock", "advance", "acme"], 2, "<BY>"),
        (&["--listen", "127.0.0.1:1", "clock", "advance", "acme", "1d"], 2, "--listen goes with"),
        (&["--public-url", "http://localhost", "clock", "show", "acme"], 2, "--public-url goes with"),
    ] {
        let (is, message) = turnpike.fails(arguments);
        assert!(is == code && message.contains(said), "{arguments:?}: {is} {message}");
    }
    assert_eq!(server.stop(), 0);
}

#[test]
fn signing_keys_are_listed_and_rotated() {
    let turnpike = Turnpike::new();
    let kids = |text: &str| text.lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    let first = turnpike.prints(&["keys", "list"]);
    assert_eq!(first.lines().filter(|line| line.contains("signs since")).count(), 3, "{first}");
    let next = turnpike.prints(&["keys", "rotate", "--alg", "ES256"]);
    assert_eq!(next.lines().filter(|line| line.contains("signs from")).count(), 1, "{next}");
    assert_eq!(next.lines().count(), 4);
    let (code, message) = turnpike.fails(&["keys", "rotate", "--alg", "HS256"]);
    assert!(code == 2 && message.contains("--alg"), "{code} {message}");
    let last = turnpike.prints(&["keys", "rotate", "--compromised"]);
    assert_eq!(last.lines().filter(|line| line.contains("signs since")).count(), 3, "{last}");
    assert!(kids(&last).iter().all(|kid| !kids(&next).contains(kid)), "{last}");
}
