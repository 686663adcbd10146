//! A stand-in for a provider to sign in with: an issuer of OpenID Connect, and GitHub with its API. It checks what real
//! ones check (client, redirect URI, PKCE) and says about people whatever a test wants.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    client_key::ClientKey,
    http::{Answer, HttpServer, Reply, Request},
};
use crate::crypto;

pub const CLIENT_ID: &str = "turnpike-at-the-stand-in";
pub const CLIENT_SECRET: &str = "what-the-stand-in-gave-to-turnpike";

type Bend = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

/// See the module.
pub struct Provider {
    server: HttpServer,
    state: Arc<Mutex<State>>,
}

struct State {
    key: ClientKey,
    /// As tokens and the discovery document have it; its own address when there is none.
    issuer: Option<String>,
    /// What is said about whoever signs in.
    person: Value,
    /// Changes header and claims of the id_tokens.
    bend: Option<Bend>,
    /// By which the next id_tokens are signed instead.
    forger: Option<ClientKey>,
    /// Email and name stand in userinfo only.
    by_userinfo: bool,
    /// What every endpoint does instead of answering.
    instead: Option<Reply>,
    now: i64,
    /// Requests so far.
    requests: u32,
    codes: HashMap<String, Asked>,
    count: u32,
}

/// What an authorization request asked for.
#[derive(Clone)]
struct Asked {
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    person: Value,
}

impl Provider {
    /// At a free port of 127.0.0.1, at the moment `now`, in seconds.
    pub async fn start(now: i64) -> Self {
        let state = Arc::new(Mutex::new(State {
            key: ClientKey::new("upstream-1"),
            issuer: None,
            person: json!({ "sub": "1001", "email": "ann@example.com", "email_verified": true, "name": "Ann" }),
            bend: None,
            forger: None,
            by_userinfo: false,
            instead: None,
            now,
            requests: 0,
            codes: HashMap::new(),
            count: 0,
        }));
        let answering = state.clone();
        let server = HttpServer::start(move |request| {
            let mut state = answering.lock().unwrap_or_else(PoisonError::into_inner);
            state.requests += 1;
            state.instead.clone().unwrap_or_else(|| Reply::Answer(state.answer(&request)))
        })
        .await;
        Self { server, state }
    }

    /// Its address; its issuer, unless it calls itself otherwise.
    pub fn url(&self) -> String {
        self.server.url()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets it be another issuer.
    pub fn call_itself(&self, issuer: &str) {
        self.state().issuer = Some(issuer.to_owned());
    }

    /// Whoever signs in next is this person: `sub`, `email`, `email_verified`, `name`.
    pub fn be(&self, person: Value) {
        self.state().person = person;
    }

    /// Changes header and claims of every id_token from now on.
    pub fn bend(&self, bend: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) {
        self.state().bend = Some(Arc::new(bend));
    }

    /// Signs with a key that is published nowhere, under the name of the one that is.
    pub fn forge(&self) {
        self.state().forger = Some(ClientKey::new("upstream-1"));
    }

    /// Ends [`Self::bend`] and [`Self::forge`].
    pub fn be_honest(&self) {
        let mut state = self.state();
        (state.bend, state.forger) = (None, None);
    }

    /// Says who somebody is in userinfo, not in the id_token.
    pub fn keep_to_userinfo(&self) {
        self.state().by_userinfo = true;
    }

    /// Hangs up on everybody, or no longer.
    pub fn go_down(&self, down: bool) {
        self.state().instead = down.then_some(Reply::HangUp);
    }

    /// Lets every endpoint do this instead of answering.
    pub fn do_instead(&self, reply: Reply) {
        self.state().instead = Some(reply);
    }

    /// How many requests it got so far.
    pub fn requests(&self) -> u32 {
        self.state().requests
    }

    /// The person says yes: what comes back to `redirect_uri`, as its query. `url` is where the server sent the browser.
    pub fn approve(&self, url: &str) -> Vec<(String, String)> {
        let url = url::Url::parse(url).expect("an address");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        let mut state = self.state();
        state.count += 1;
        let code = format!("code-{}", state.count);
        let asking = Asked {
            redirect_uri: asked["redirect_uri"].clone(),
            nonce: asked.get("nonce").cloned(),
            challenge: asked["code_challenge"].clone(),
            person: state.person.clone(),
        };
        state.codes.insert(code.clone(), asking);
        let issuer = state.issuer.clone().unwrap_or_else(|| self.server.url());
        let mut back = vec![("code".to_owned(), code), ("state".to_owned(), asked["state"].clone())];
        if !url.path().starts_with("/login/") {
            back.push(("iss".to_owned(), issuer));
        }
        back
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let base = format!("http://{}", request.header("host"));
        let issuer = self.issuer.clone().unwrap_or_else(|| base.clone());
        let ok = |body: &Value| Answer::json(StatusCode::OK, body);
        match (&request.method, request.path.as_str()) {
            (&Method::GET, "/.well-known/openid-configuration") => ok(&json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "userinfo_endpoint": format!("{base}/userinfo"),
                "jwks_uri": format!("{base}/jwks"),
                "authorization_response_iss_parameter_supported": true,
            })),
            (&Method::GET, "/jwks") => ok(&json!({ "keys": [self.key.jwk()] })),
            (&Method::POST, "/token") => self.token(request, &issuer),
            (&Method::POST, "/login/oauth/access_token") => self.github_token(request),
            (&Method::GET, "/userinfo") => self.told(request, |person| person),
            (&Method::GET, "/api/user") => self.told(request, |person| {
                json!({ "id": person["sub"].as_str().and_then(|sub| sub.parse::<u64>().ok()), "name": person["name"] })
            }),
            (&Method::GET, "/api/user/emails") => self.told(request, |person| {
                let verified = person["email_verified"] == true;
                json!([
                    { "email": "second@example.com", "primary": false, "verified": true },
                    { "email": person["email"], "primary": true, "verified": verified },
                ])
            }),
            _ => Answer::new(StatusCode::NOT_FOUND, "text/plain", ""),
        }
    }

    /// The answer for whoever has an access token of a code.
    fn told(&self, request: &Request, tell: impl Fn(Value) -> Value) -> Answer {
        let token = request.header("authorization").strip_prefix("Bearer at-").unwrap_or_default();
        match self.codes.get(token) {
            Some(asked) => Answer::json(StatusCode::OK, &tell(asked.person.clone())),
            None => Answer::new(StatusCode::UNAUTHORIZED, "text/plain", ""),
        }
    }

    /// The code that a client may redeem, with what was asked for; what is wrong otherwise.
    fn redeemed(&self, fields: &HashMap<String, String>) -> Result<(String, Asked), &'static str> {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let asked = self.codes.get(field("code")).cloned().ok_or("invalid_grant")?;
        let challenge = crypto::base64url(crypto::hash(field("code_verifier")));
        let right = field("redirect_uri") == asked.redirect_uri && challenge == asked.challenge;
        if right { Ok((field("code").to_owned(), asked)) } else { Err("invalid_grant") }
    }

    fn token(&self, request: &Request, issuer: &str) -> Answer {
        let refuse = |status: StatusCode, error: &str| Answer::json(status, &json!({ "error": error }));
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
        if request.header("authorization") != basic {
            return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        let (code, asked) = match self.redeemed(&form(request)) {
            Ok(redeemed) => redeemed,
            Err(error) => return refuse(StatusCode::BAD_REQUEST, error),
        };
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "iat": self.now, "exp": self.now + 300, "nonce": asked.nonce,
            "sub": asked.person["sub"],
        });
        if !self.by_userinfo
            && let (Some(claims), Some(person)) = (claims.as_object_mut(), asked.person.as_object())
        {
            claims.extend(person.clone());
        }
        let mut header = json!({ "alg": "ES256", "kid": "upstream-1" });
        if let Some(bend) = &self.bend {
            bend(&mut header, &mut claims);
        }
        let token = match header["alg"].as_str() {
            Some("none") => {
                format!("{}.{}.", crypto::base64url(header.to_string()), crypto::base64url(claims.to_string()))
            }
            _ => self.forger.as_ref().unwrap_or(&self.key).sign_with(&header, &claims),
        };
        let answer = json!({
            "access_token": format!("at-{code}"), "token_type": "Bearer", "expires_in": 300, "id_token": token,
        });
        Answer::json(StatusCode::OK, &answer)
    }

    /// GitHub refuses with the status of success.
    fn github_token(&self, request: &Request) -> Answer {
        let fields = form(request);
        let own = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let answer = if (own("client_id"), own("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
            json!({ "error": "incorrect_client_credentials" })
        } else {
            match self.redeemed(&fields) {
                Ok((code, _)) => {
                    json!({ "access_token": format!("at-{code}"), "token_type": "bearer", "scope": "read:user,user:email" })
                }
                Err(_) => json!({ "error": "bad_verification_code" }),
            }
        };
        Answer::json(StatusCode::OK, &answer)
    }
}

fn form(request: &Request) -> HashMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}
