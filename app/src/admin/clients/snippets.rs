//! How a product uses a client: with the real issuer and `client_id`, the secret from the environment.

use domain::oauth::client::Client;

use crate::admin::snippet::Snippet;

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

/// Snippets per language.
pub fn snippets(issuer: &str, client: &Client) -> Vec<Snippet> {
    let id = client.client_id.as_str();
    let redirect = client.settings.redirect_uris.0.first().map_or("https://app.example/callback", |uri| uri.as_str());
    let by_keys = !client.is_public() && !client.has_secret();
    let secret_js = match (client.is_public(), by_keys) {
        (true, _) => "undefined, client.None()",
        (_, true) => "undefined, client.PrivateKeyJwt(privateKey)",
        _ => "process.env.OIDC_CLIENT_SECRET",
    };
    let secret_py = if client.is_public() { "" } else { "\n    client_secret=os.environ[\"OIDC_CLIENT_SECRET\"]," };
    let javascript = format!(
        "import * as client from \"openid-client\";\n\n\
         const config = await client.discovery(new URL(\"{issuer}\"), \"{id}\", {secret_js});\n\
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
    );
    let python = format!(
        "from authlib.integrations.flask_client import OAuth\n\n\
         oauth = OAuth(app)\n\
         oauth.register(\n    \
             \"turnpike\",\n    \
             client_id=\"{id}\",{secret_py}\n    \
             server_metadata_url=\"{issuer}/.well-known/openid-configuration\",\n    \
             client_kwargs={{\"scope\": \"openid profile email\", \"code_challenge_method\": \"S256\"}},\n\
         )\n\n\
         token = oauth.turnpike.authorize_access_token()\n\
         token[\"userinfo\"][\"plan\"], token[\"userinfo\"][\"features\"]\n"
    );
    let link = format!(
        "{issuer}/auth/login?client_id={id}&redirect_uri={}&state=RANDOM",
        redirect.replace(':', "%3A").replace('/', "%2F")
    );
    let mut all = vec![Snippet { name: "JavaScript (openid-client)", code: javascript }];
    if by_keys {
        return all;
    }
    all.push(Snippet { name: "Python (Authlib)", code: python });
    if client.is_public() {
        return all;
    }
    let curl = format!(
        "curl {issuer}/oauth2/token -u \"{id}:$OIDC_CLIENT_SECRET\" \\\n  -d grant_type=client_credentials\n\n\
         # set a user's plan after your own payment check\n\
         curl {issuer}/api/platform/claims -u \"{id}:$OIDC_CLIENT_SECRET\" \\\n  \
           -H 'Content-Type: application/json' \\\n  \
           -d '{{\"email\":\"user@example.com\",\"claims\":{{\"plan\":\"pro\"}}}}'\n"
    );
    all.push(Snippet { name: "cURL", code: curl });
    all.push(Snippet { name: "Sign-in link", code: format!("{link}\n") });
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_data_url_holds_every_byte() {
        assert_eq!(super::data_url("a=b\n#&"), "data:text/plain;charset=utf-8,a%3Db%0A%23%26");
    }
}
