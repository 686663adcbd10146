//! The real program, killed again and again while people pay: it comes back by itself, what it has acknowledged is
//! there, and nobody has paid twice. When it is killed is a number of answers, drawn from a seed: while it gives that
//! answer it is in the middle of several others.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    Secret,
    billing::{invoice::Status as InvoiceStatus, payment::Status, subscription::State},
    identity::email::Email,
};
use serde_json::{Value, json};
use service::{
    Ctx, Services, Settings,
    catalog::Catalog,
    clock::{Clock, SystemClock},
    db::{self, DatabaseUrl},
    random::{Rng, SeededRng, SystemRng},
    testing::books,
};

pub const SECRET_KEY: &str = "a secret key for tests, 32 bytes or more";
const CLIENT_SECRET: &str = "a-secret-of-32-characters-or-more";
const SUCCESS: &str = "https://app.example/welcome";
const BUYERS: usize = 6;
const PEOPLE_EACH: usize = 10;
const KILLS: usize = 15;
/// Between two kills, at most so many answers.
const ANSWERS: u8 = 30;

/// The program as it runs now, and what people have heard from it.
#[derive(Default)]
struct Running {
    address: String,
    answers: u64,
    finished: usize,
}

/// What buyers and the killer share.
#[derive(Default)]
struct Stage {
    running: Mutex<Running>,
    changed: Condvar,
}

struct Answer {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The path that it leads to, on whatever port.
    fn path(&self) -> Option<String> {
        let url = self.location.as_deref()?;
        url.strip_prefix("http://").and_then(|rest| rest.find('/').map(|at| rest[at..].to_owned()))
    }
}

impl Stage {
    /// Asks until there is an answer: a connection that breaks is tried again, as a person does.
    fn ask(&self, head: &str, body: &str) -> Answer {
        loop {
            let address = self.running.lock().unwrap().address.clone();
            if let Some(answer) = ask(&address, head, body) {
                self.running.lock().unwrap().answers += 1;
                self.changed.notify_all();
                return answer;
            }
            // Gone: the next one tells its address.
            let running = self.running.lock().unwrap();
            let another = |running: &mut Running| running.address == address;
            let waited = self.changed.wait_timeout_while(running, Duration::from_secs(20), another).unwrap();
            assert!(!waited.1.timed_out(), "nobody answers {head}");
        }
    }

    fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.ask(&format!("POST {path} HTTP/1.1\r\ncontent-type: application/json"), &body.to_string())
    }

    fn post_form(&self, path: &str, body: &str) -> Answer {
        self.ask(&format!("POST {path} HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded"), body)
    }

    fn plan(&self, user: &str) -> Value {
        let credentials = BASE64_STANDARD.encode(format!("shop-server:{CLIENT_SECRET}"));
        let path = format!("/api/platform/entitlements/{user}");
        self.ask(&format!("GET {path} HTTP/1.1\r\nauthorization: Basic {credentials}"), "").json()["plan"].clone()
    }

    /// One person buys Pro, from the product's link to its page of thanks; whatever breaks off is begun again.
    fn buy(&self, user: &str) {
        let order = json!({
            "client_id": "shop-server", "client_secret": CLIENT_SECRET, "end_user_id": user, "plan": "pro",
            "success_url": SUCCESS, "cancel_url": SUCCESS,
        });
        let made = self.post_json("/api/platform/checkout/sessions", &order);
        assert_eq!(made.status, 201, "{}", made.body);
        let url = made.json()["checkout_url"].as_str().unwrap().to_owned();
        let checkout = url[url.find("/checkout/").unwrap()..].to_owned();
        let pressed = self.post_form(&checkout, "");
        assert_eq!(pressed.status, 303, "{}", pressed.body);
        let bank = pressed.path().unwrap();
        let asked = self.post_form(&bank, "act=card&number=4000000000003220");
        assert!(matches!(asked.status, 200 | 303), "{}", asked.body);
        let passed = self.post_form(&bank, "act=pass");
        assert_eq!(passed.status, 303, "{}", passed.body);
        let back = passed.path().unwrap();
        let thanks = self.ask(&format!("GET {back} HTTP/1.1"), "");
        assert_eq!((thanks.status, thanks.location.as_deref()), (303, Some(SUCCESS)), "{}", thanks.body);
        assert_eq!(self.plan(user), "pro", "it was said to be there");
    }
}

/// One request; `None` when no whole answer comes.
fn ask(address: &str, head: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let length = body.len();
    let request = format!("{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |name: &str| {
        head.lines().find_map(|line| line.split_once(": ").filter(|(own, _)| own.eq_ignore_ascii_case(name)))
    };
    let promised = header("content-length").map(|(_, length)| length.parse::<usize>().unwrap());
    if promised.is_some_and(|promised| promised != body.len()) {
        return None;
    }
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        location: header("location").map(|(_, url)| url.to_owned()),
        body: body.to_owned(),
    })
}

/// The program while it runs, and what it says.
struct Server {
    child: Child,
    _says: BufReader<ChildStdout>,
}

impl Server {
    /// SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
    }
}

/// Starts the program on its data; it says where it serves as soon as it does.
fn start(data: &Path) -> (Server, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnpike"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TURNPIKE_")) {
        command.env_remove(name);
    }
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).env("TURNPIKE_SECRET_KEY", SECRET_KEY);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut says = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    says.read_line(&mut first).unwrap();
    let address = first.trim().strip_prefix("Turnpike serves http://").expect("where it serves").to_owned();
    (Server { child, _says: says }, address)
}

fn catalog() -> String {
    let mut text = format!(
        r#"
[[applications]]
slug = "shop"
name = "Shop"
payment_provider = "sandbox"
return_urls = ["{SUCCESS}"]
[[applications.clients]]
name = "Server"
client_id = "shop-server"
client_secret = "{CLIENT_SECRET}"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"
"#
    );
    for number in 0..BUYERS * PEOPLE_EACH {
        text += &format!(
            "[[users]]\nemail = \"user{number}@example.com\"\npassword = \"correct horse\"\napplications = [\"shop\"]\n"
        );
    }
    text
}

/// The services on the data of a program, as one would have them that goes by this clock.
pub async fn services(data: &Path, clock: impl Clock) -> Services {
    let db = db::connect(&DatabaseUrl::in_directory(data)).await.unwrap();
    db::migrate(&db).await.unwrap();
    let settings = Settings { hashing_memory: 64, hashing_passes: 1, ..Settings::new("http://127.0.0.1:8080") };
    let rng = Arc::new(SystemRng::default());
    Services::start(db, &Secret::new(SECRET_KEY), settings, Arc::new(clock), rng).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_killed_while_people_pay() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut people = Vec::new();
    {
        let services = services(data, SystemClock).await;
        let catalog = Catalog::parse(&catalog(), "shop.toml").unwrap();
        services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
        for number in 0..BUYERS * PEOPLE_EACH {
            let email = Email::parse(&format!("user{number}@example.com")).unwrap();
            people.push(services.users().find_by_email(&email).await.unwrap().unwrap().id.to_string());
        }
    }
    let kills = tokio::task::block_in_place(|| people_pay_and_it_is_killed(data, &people));
    assert_eq!(kills, KILLS);

    let services = services(data, SystemClock).await;
    while services.inbox().work().await.unwrap() > 0 {}
    let operator = Ctx::operator();
    let shop = services.applications().by_slug(&operator, "shop").await.unwrap().application.id;
    for user in &people {
        let user = user.parse().unwrap();
        let payments = services.payments().of_member(&operator, shop, user).await.unwrap();
        let paid: Vec<_> =
            payments.iter().map(|own| (own.payment.state().status(), own.payment.amount.amount())).collect();
        assert_eq!(paid, [(Status::Succeeded, 999)]);
        let invoices = services.invoices().of_member(&operator, shop, user).await.unwrap();
        assert_eq!(invoices.iter().map(|own| own.state.status()).collect::<Vec<_>>(), [InvoiceStatus::Paid]);
        let held = services.subscriptions().get(&operator, shop, user).await.unwrap().unwrap();
        assert_eq!(held.state, State::Active);
    }
    assert_eq!(books::audit(&services).await.unwrap(), Vec::<String>::new());
}

/// Returns how often it was killed.
fn people_pay_and_it_is_killed(data: &Path, people: &[String]) -> usize {
    let stage = Stage::default();
    let (mut server, address) = start(data);
    stage.running.lock().unwrap().address = address;
    let seed: &dyn Rng = &SeededRng::new(20_261_121);
    let mut kills = 0;
    std::thread::scope(|scope| {
        for own in people.chunks(PEOPLE_EACH) {
            let stage = &stage;
            scope.spawn(move || {
                for (done, user) in own.iter().enumerate() {
                    stage.buy(user);
                    for earlier in &own[..done] {
                        assert_eq!(stage.plan(earlier), "pro", "it was there before");
                    }
                }
                stage.running.lock().unwrap().finished += 1;
                stage.changed.notify_all();
            });
        }
        while kills < KILLS {
            let until = stage.running.lock().unwrap().answers + u64::from(seed.bytes::<1>()[0] % ANSWERS) + 1;
            let running = stage.running.lock().unwrap();
            let goes_on = |running: &mut Running| running.answers < until && running.finished < BUYERS;
            let (running, waited) =
                stage.changed.wait_timeout_while(running, Duration::from_secs(60), goes_on).unwrap();
            assert!(!waited.timed_out(), "nobody gets an answer");
            if running.finished == BUYERS {
                break;
            }
            drop(running);
            server.kill();
            let (another, address) = start(data);
            server = another;
            stage.running.lock().unwrap().address = address;
            stage.changed.notify_all();
            kills += 1;
        }
    });
    server.kill();
    kills
}
