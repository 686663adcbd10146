// A new person who signs up without JavaScript, in front of the certified client `openid-client`.
import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { Browser } from "./browser.mjs";

export const issuer = process.env.TURNPIKE_URL ?? "http://127.0.0.1:8080";
const redirect_uri = "http://127.0.0.1:9555/callback";

/// What the issuer says of itself, to a client with a secret or to a public one.
export async function discover(client_id, secret, metadata = {}) {
  const auth = secret ? oidc.ClientSecretBasic(secret) : oidc.None();
  return oidc.discovery(new URL(issuer), client_id, metadata, auth, { execute: [oidc.allowInsecureRequests] });
}

const newcomer = () => `new-${crypto.randomUUID()}@example.com`;

/// Sends a new person through authorize, register and plan selection; answers the tokens. `plan: null` skips.
/// `begin` makes the address to start from; `options` are the library's, a DPoP handle for one.
export async function signUp(config, changes = {}) {
  const { email = newcomer(), plan = "free", parameters = {}, browser = new Browser(issuer) } = changes;
  const { begin = oidc.buildAuthorizationUrl, options } = changes;
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const asked = {
    redirect_uri,
    scope: "openid profile email offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  };
  await browser.go(await begin(config, asked, options));
  if (browser.path === "/sign-in") {
    const register = browser.html.match(/href="(\/register\?[^"]+)"/)[1].replaceAll("&amp;", "&");
    await browser.go(new URL(register, issuer));
    await browser.submit({ email, name: "Budi" });
    const mailbox = await fetch(`${issuer}/demo/mailbox?to=${encodeURIComponent(email)}`);
    await browser.go(new URL((await mailbox.text()).match(/href="([^"]*\/link\/[^"]+)"/)[1]));
    await browser.submit({ password: "a long enough passphrase" });
  }
  if (!browser.left && browser.path === "/consent") await browser.submit({ decision: "allow" });
  if (!browser.left && browser.path === "/plans") {
    if (plan) await browser.submit({ plan }, (html) => html.includes(`"${plan}"`));
    else await browser.submit({}, (html) => html.includes('name="keep"'));
  }
  // With response_mode=form_post it does not leave: the page has a form, which a script or its button sends.
  const answer = browser.left ?? browser.posted(redirect_uri);
  assert.ok(answer, `stuck at ${browser.url}: ${browser.html?.slice(0, 2000)}`);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(config, answer, checks, undefined, options);
  return { tokens, browser, email };
}
