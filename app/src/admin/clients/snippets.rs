//! How a product uses a client: with the real issuer and `client_id`, the secret from the environment.

use domain::oauth::client::{Client, GrantType};

use crate::{admin::snippet::Snippet, i18n::Text};

/// The environment file; without the secret, its place is left open.
pub fn env(issuer: &str, client: &Client, secret: Option<&str>) -> String {
    let mut text = format!("OIDC_ISSUER={issuer}\nOIDC_CLIENT_ID={}\n", client.client_id);
    if client.has_secret() {
        text.push_str(&format!("OIDC_CLIENT_SECRET={}\n", secret.unwrap_or_default()));
    }
    if let Some(uri) = client.settings.redirect_uris.0.first() {
        text.push_str(&format!("OIDC_REDIRECT_URI={uri}\n"));
    }
    text
}

/// `data:` URL of a text, for a link that downloads it without a request.
pub fn data_url(text: &str) -> String {
    let mut url = String::from("data:text/plain;charset=utf-8,");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// Snippets per language, for what the client may do: people sign in through it or allow a device, it has a token of
/// its own, it calls the platform API.
pub fn snippets(text: Text, issuer: &str, client: &Client) -> Vec<Snippet> {
    let by_device = client.may(GrantType::DeviceCode);
    let by_web = client.may(GrantType::AuthorizationCode) && !(by_device && client.settings.redirect_uris.0.is_empty());
    let mut all = Vec::new();
    if by_web {
        all.push(Snippet { name: "JavaScript (openid-client)".into(), code: javascript(issuer, client) });
        if !by_keys(client) {
            all.push(Snippet { name: "Python (Authlib)".into(), code: python(issuer, client) });
        }
    }
    if by_device {
        all.push(Snippet { name: text.snippet_device(), code: device(issuer, client) });
    }
    if !client.has_secret() {
        return all;
    }
    let calls: Vec<_> = [own_token(issuer, client), claims(issuer, client)].into_iter().flatten().collect();
    if !calls.is_empty() {
        all.push(Snippet { name: "cURL".into(), code: calls.join("\n") });
    }
    if by_web {
        all.push(Snippet { name: text.snippet_link(), code: link(issuer, client) });
    }
    all
}

fn redirect(client: &Client) -> &str {
    client.settings.redirect_uris.0.first().map_or("https://app.example/callback", |uri| uri.as_str())
}

const fn by_keys(client: &Client) -> bool {
    !client.is_public() && !client.has_secret()
}

fn javascript(issuer: &str, client: &Client) -> String {
    let (id, redirect) = (&client.client_id, redirect(client));
    let secret = match (client.is_public(), by_keys(client)) {
        (true, _) => "undefined, client.None()",
        (_, true) => "undefined, client.PrivateKeyJwt(privateKey)",
        _ => "process.env.OIDC_CLIENT_SECRET",
    };
    // The library refuses http otherwise; its options stand behind the way to authenticate.
    let options = match (issuer.starts_with("http://"), client.has_secret()) {
        (false, _) => "",
        (true, true) => ", undefined, {\n  execute: [client.allowInsecureRequests],\n}",
        (true, false) => ", {\n  execute: [client.allowInsecureRequests],\n}",
    };
    format!(
        "import * as client from \"openid-client\";\n\n\
         const config = await client.discovery(new URL(\"{issuer}\"), \"{id}\", {secret}{options});\n\
         const verifier = client.randomPKCECodeVerifier();\n\
         const url = client.buildAuthorizationUrl(config, {{\n  \
           redirect_uri: \"{redirect}\",\n  \
           scope: \"openid profile email offline_access\",\n  \
           code_challenge: await client.calculatePKCECodeChallenge(verifier),\n  \
           code_challenge_method: \"S256\",\n\
         }});\n\
         // redirect to url, then at {redirect}:\n\
         const tokens = await client.authorizationCodeGrant(config, currentUrl, {{ pkceCodeVerifier: verifier }});\n\
         const {{ plan, features }} = tokens.claims();\n"
    )
}

fn python(issuer: &str, client: &Client) -> String {
    let id = &client.client_id;
    let secret = if client.is_public() { "" } else { "\n    client_secret=os.environ[\"OIDC_CLIENT_SECRET\"]," };
    format!(
        "from authlib.integrations.flask_client import OAuth\n\n\
         oauth = OAuth(app)\n\
         oauth.register(\n    \
             \"turnpike\",\n    \
             client_id=\"{id}\",{secret}\n    \
             server_metadata_url=\"{issuer}/.well-known/openid-configuration\",\n    \
             client_kwargs={{\"scope\": \"openid profile email\", \"code_challenge_method\": \"S256\"}},\n\
         )\n\n\
         token = oauth.turnpike.authorize_access_token()\n\
         token[\"userinfo\"][\"plan\"], token[\"userinfo\"][\"features\"]\n"
    )
}

/// How a device asks (RFC 8628, sections 3.1 and 3.4).
fn device(issuer: &str, client: &Client) -> String {
    let id = &client.client_id;
    let proof = match (client.is_public(), by_keys(client)) {
        (true, _) => format!("-d client_id={id}"),
        (_, true) => "-d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n  \
                      -d client_assertion=\"$(new_assertion)\""
            .to_owned(),
        _ => format!("-u \"{id}:$OIDC_CLIENT_SECRET\""),
    };
    let grant = GrantType::DeviceCode.protocol_name();
    format!(
        "curl {issuer}/oauth2/device_authorization {proof} \\\n  \
           -d scope=\"openid profile email offline_access\"\n\n\
         # show user_code and verification_uri, then ask every 5 seconds until somebody has allowed it\n\
         curl {issuer}/oauth2/token {proof} \\\n  \
           -d grant_type={grant} \\\n  \
           -d device_code=\"$DEVICE_CODE\"\n"
    )
}

/// A token in the client's own name.
fn own_token(issuer: &str, client: &Client) -> Option<String> {
    client.may(GrantType::ClientCredentials).then(|| {
        let id = &client.client_id;
        format!("curl {issuer}/oauth2/token -u \"{id}:$OIDC_CLIENT_SECRET\" \\\n  -d grant_type=client_credentials\n")
    })
}

/// A call of the platform API, which takes no client that registered itself.
fn claims(issuer: &str, client: &Client) -> Option<String> {
    (!client.is_registered).then(|| {
        let id = &client.client_id;
        format!(
            "# set a user's plan after your own payment check\n\
             curl {issuer}/api/platform/claims -u \"{id}:$OIDC_CLIENT_SECRET\" \\\n  \
               -H 'Content-Type: application/json' \\\n  \
               -d '{{\"email\":\"user@example.com\",\"claims\":{{\"plan\":\"pro\"}}}}'\n"
        )
    })
}

fn link(issuer: &str, client: &Client) -> String {
    let (id, redirect) = (&client.client_id, redirect(client).replace(':', "%3A").replace('/', "%2F"));
    format!("{issuer}/auth/login?client_id={id}&redirect_uri={redirect}&state=RANDOM\n")
}

#[cfg(test)]
mod tests {
    use domain::{
        Locale, Timestamp,
        oauth::{
            client::{ClientId, ClientSettings, ClientType},
            redirect_uri::{RedirectUri, RedirectUris},
        },
        text::Name,
    };

    use super::*;

    const ISSUER: &str = "https://id.example";
    const TEXT: Text = Text(Locale::En);

    fn client(kind: ClientType, grants: &[GrantType], uris: &[&str]) -> Client {
        let id = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f";
        let uris = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
        let settings = ClientSettings {
            grants: grants.iter().copied().collect(),
            redirect_uris: RedirectUris(uris),
            ..ClientSettings::new(Name::parse("App").unwrap())
        };
        Client {
            id: id.parse().unwrap(),
            application_id: id.parse().unwrap(),
            client_id: ClientId::parse("app").unwrap(),
            kind,
            settings,
            is_registered: false,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn names(client: &Client) -> Vec<String> {
        snippets(TEXT, ISSUER, client).into_iter().map(|snippet| snippet.name).collect()
    }

    fn code(issuer: &str, client: &Client, name: &str) -> String {
        snippets(TEXT, issuer, client).into_iter().find(|snippet| snippet.name == name).unwrap().code
    }

    #[test]
    fn a_client_is_shown_what_it_may() {
        use ClientType::{Confidential, Public};
        use GrantType::{AuthorizationCode, ClientCredentials, DeviceCode, RefreshToken};
        let [javascript, python, device, curl, link] =
            ["JavaScript (openid-client)", "Python (Authlib)", "Device (cURL)", "cURL", "Sign-in link"];
        let uri = ["https://app.example/cb"];

        let mut web = client(Confidential, &[AuthorizationCode, RefreshToken], &uri);
        assert_eq!(names(&web), [javascript, python, curl, link]);
        assert!(!code(ISSUER, &web, curl).contains("client_credentials"));
        assert!(code(ISSUER, &web, link).contains("redirect_uri=https%3A%2F%2Fapp.example%2Fcb&"));
        web.settings.grants.insert(ClientCredentials);
        assert!(code(ISSUER, &web, curl).contains("grant_type=client_credentials\n\n# set a user's plan"));
        web.is_registered = true;
        assert_eq!(names(&web), [javascript, python, link], "the platform API takes no stranger");

        assert_eq!(names(&client(Confidential, &[ClientCredentials], &[])), [curl]);
        assert_eq!(names(&client(Public, &[AuthorizationCode, ClientCredentials], &[])), [javascript, python]);
        assert_eq!(names(&client(Public, &[AuthorizationCode, DeviceCode], &uri)), [javascript, python, device]);
        assert_eq!(names(&client(Public, &[AuthorizationCode, DeviceCode], &[])), [device]);
        assert_eq!(names(&client(Public, &[DeviceCode, RefreshToken], &uri)), [device]);
        let television = client(Confidential, &[DeviceCode], &[]);
        assert_eq!(names(&television), [device, curl]);
        assert!(code(ISSUER, &television, device).contains("-u \"app:$OIDC_CLIENT_SECRET\" \\\n  -d grant_type=urn:"));
    }

    #[test]
    fn http_is_allowed_where_the_issuer_has_it() {
        let grants = [GrantType::AuthorizationCode];
        for (kind, arguments) in [
            (ClientType::Confidential, "\"app\", process.env.OIDC_CLIENT_SECRET, undefined, {\n  execute: ["),
            (ClientType::Public, "\"app\", undefined, client.None(), {\n  execute: ["),
        ] {
            let client = client(kind, &grants, &[]);
            let local = code("http://127.0.0.1:8080", &client, "JavaScript (openid-client)");
            assert!(local.contains(arguments), "{local}");
            assert!(!code(ISSUER, &client, "JavaScript (openid-client)").contains("allowInsecureRequests"));
        }
    }

    #[test]
    fn a_data_url_holds_every_byte() {
        assert_eq!(data_url("a=b\n#&"), "data:text/plain;charset=utf-8,a%3Db%0A%23%26");
    }
}
