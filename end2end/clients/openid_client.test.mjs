// The certified client `openid-client` against the running server, and a person without JavaScript in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";
import { Browser } from "./browser.mjs";
import * as person from "./person.mjs";
import { call } from "./shop.mjs";

const { issuer, signUp } = person;
const secrets = {
  "e2e-web": "e2e-web-secret-of-32-characters-or-more",
  "e2e-partner": "e2e-partner-secret-of-32-characters-or-more",
};
const discover = (client_id, metadata) => person.discover(client_id, secrets[client_id], metadata);

const decode = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

async function platform(path, body) {
  const credentials = { client_id: "e2e-web", client_secret: secrets["e2e-web"] };
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const response = await fetch(`${issuer}/api/platform/${path}`, { ...init, body: JSON.stringify({ ...credentials, ...body }) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

test("sign-up, plan selection, features in the id_token", async () => {
  const config = await discover("e2e-web");
  const { tokens } = await signUp(config, { plan: "pro" });
  const claims = tokens.claims();
  assert.equal(claims.plan, "pro");
  assert.deepEqual(claims.features, { maxProjects: 50, exportEnabled: true, storageGb: 100 });
  const access = decode(tokens.access_token);
  assert.equal(access.plan, "pro");
  assert.deepEqual(access.features, claims.features);
  assert.deepEqual(access.claims, { plan: "pro" });
  assert.equal(access.ent_ver, claims.ent_ver);
  const user = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(user.plan, "pro");
  assert.equal(user.name, "Budi");
});

test("a refresh after a claims call carries the new plan", async () => {
  const config = await discover("e2e-web");
  const { tokens, email } = await signUp(config, { plan: "free" });
  assert.equal(tokens.claims().plan, "free");
  const answer = await platform("claims", { email, claims: { plan: "pro", seats: 5 } });
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(fresh.claims().plan, "pro");
  assert.equal(decode(fresh.access_token).claims.seats, 5);
  assert.equal(decode(fresh.access_token).ent_ver, answer.ent_ver);
  assert.ok(fresh.claims().ent_ver > tokens.claims().ent_ver);
  assert.notEqual(fresh.refresh_token, tokens.refresh_token);
});

test("single sign-on, prompt=none, and logout", async () => {
  const config = await discover("e2e-web");
  const { tokens, browser } = await signUp(config);
  browser.left = undefined;
  const again = await signUp(config, { browser, parameters: { prompt: "none" } });
  assert.equal(again.tokens.claims().sub, tokens.claims().sub);
  const goodbye = "http://127.0.0.1:9/goodbye";
  browser.left = undefined;
  await browser.go(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: goodbye, state: "s" }));
  assert.equal(browser.left.href, `${goodbye}?state=s`);
  browser.left = undefined;
  await assert.rejects(signUp(config, { browser, parameters: { prompt: "none" } }), { error: "login_required" });
});

test("introspection, revocation, client credentials", async () => {
  const config = await discover("e2e-web");
  const { tokens } = await signUp(config);
  const active = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(active.active, true);
  assert.equal(active.sub, tokens.claims().sub);
  await oidc.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
  const machine = await oidc.clientCredentialsGrant(config);
  assert.equal(decode(machine.access_token).sub, "e2e-web");
});

test("a client with consent and ES256", async () => {
  const config = await discover("e2e-partner", { id_token_signed_response_alg: "ES256" });
  const { tokens } = await signUp(config);
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split(".")[0], "base64url")).alg, "ES256");
});

test("a public client with EdDSA", async () => {
  const config = await discover("e2e-mobile", { id_token_signed_response_alg: "EdDSA" });
  const { tokens } = await signUp(config, { plan: "pro" });
  assert.equal(tokens.claims().plan, "pro");
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(fresh.claims().plan, "pro");
});

// RFC 9864 calls EdDSA by such keys Ed25519, and so does this library.
const kinds = { ES256: { name: "ECDSA", namedCurve: "P-256" }, Ed25519: "Ed25519" };
for (const [alg, kind] of Object.entries(kinds)) {
  test(`a client that registers itself: private_key_jwt, a pushed request, DPoP, by ${alg}`, async () => {
    const { applications } = await call("GET", "admin/applications?limit=100");
    const { id } = applications.find((one) => one.slug === "e2e");
    const made = await call("POST", `admin/applications/${id}/registration-tokens`, { name: "Partners", days: 1 });
    const own = await crypto.subtle.generateKey(kind, false, ["sign", "verify"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", own.publicKey);
    const metadata = {
      client_name: "Registered by itself",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ kty, crv, x, y, kid: "own", alg, use: "sig" }] },
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    };
    const proves = oidc.PrivateKeyJwt({ key: own.privateKey, kid: "own" });
    const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, proves, {
      initialAccessToken: made.token,
      execute: [oidc.allowInsecureRequests],
    });
    assert.equal(config.clientMetadata().client_secret, undefined);

    const options = { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg)) };
    const { tokens } = await signUp(config, { plan: "pro", begin: oidc.buildAuthorizationUrlWithPAR, options });
    assert.equal(tokens.token_type, "dpop");
    const { sub } = tokens.claims();
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub, options)).plan, "pro");
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, options);
    assert.equal((await oidc.fetchUserInfo(config, fresh.access_token, sub, options)).sub, sub);
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub), "without a proof");
  });
}

test("an answer by form_post", async () => {
  const config = await discover("e2e-web");
  const { tokens, browser } = await signUp(config, { plan: "pro", parameters: { response_mode: "form_post" } });
  assert.equal(browser.left, undefined, "no address carried the code");
  assert.equal(tokens.claims().plan, "pro");
});

test("a device without a browser of its own", async () => {
  const config = await discover("e2e-tv");
  const device = await oidc.initiateDeviceAuthorization(config, { scope: "openid email offline_access" });
  const polled = oidc.pollDeviceAuthorizationGrant(config, device);
  const browser = new Browser(issuer);
  await browser.go(new URL(device.verification_uri_complete));
  assert.equal(browser.path, "/sign-in");
  await browser.submit({ email: "maya@example.com", password: "ride the turnpike" });
  if (browser.path === "/plans") await browser.submit({}, (html) => html.includes('name="keep"'));
  assert.ok(browser.html.includes(device.user_code));
  await browser.submit({}, (html) => html.includes('value="deny"') === false && html.includes('value="allow"'));
  const tokens = await polled;
  assert.equal(decode(tokens.id_token).email, "maya@example.com");
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.ok(fresh.access_token);
});
