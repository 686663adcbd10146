// A product that signs its users in with Turnpike and reads their plan and features in the id_token.
import { createServer } from "node:http";
import * as oidc from "openid-client";

const issuer = process.env.ISSUER ?? "http://127.0.0.1:8080";
const client_id = process.env.CLIENT_ID ?? "notes-web";
const client_secret = process.env.CLIENT_SECRET ?? "notes-web-secret-for-this-example-only";
const home = process.env.HOME_URL ?? "http://127.0.0.1:9300/";
const redirect_uri = new URL("callback", home).href;

// `allowInsecureRequests` is for an issuer on localhost only.
const execute = issuer.startsWith("http://") ? [oidc.allowInsecureRequests] : [];
const config = await oidc.discovery(new URL(issuer), client_id, {}, oidc.ClientSecretBasic(client_secret), { execute });

const pending = new Map(); // sign-ins under way, by state
const sessions = new Map(); // tokens, by session cookie

const cookie = (name, value, more = "") => `${name}=${value}; HttpOnly; SameSite=Lax; Path=/${more}`;
/// The name of the cookie by which a browser is known that has begun a sign-in. Each has its own, for two tabs at once.
const attempt = (state) => `sign-in-${state}`;

async function signIn(to, parameters) {
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  pending.set(state, { nonce, verifier });
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid profile email offline_access",
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  to(url.href, cookie(attempt(state), "begun", "; Max-Age=600"));
}

async function finish(url, state, cookies) {
  const { nonce, verifier } = pending.get(state) ?? {};
  // In another browser it counts for nothing: a link to somebody else's answer would sign people in as them.
  if (!cookies.has(attempt(state)) || !pending.delete(state)) throw new Error("no such sign-in is under way");
  return oidc.authorizationCodeGrant(config, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
}

/// What the page shows. A product asks for a feature, never for a plan's name.
function describe(claims) {
  return [
    `${claims.name ?? claims.email}, plan: ${claims.plan ?? "none"}, ent_ver: ${claims.ent_ver}`,
    `features: ${JSON.stringify(claims.features)}`,
    `notes: up to ${claims.features.maxNotes ?? 0}`,
    `export: ${claims.features.exportEnabled === true ? "yes" : "not in this plan"}`,
  ].join("\n");
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const links = (...paths) => paths.map((path) => `<a href="/${path}">${path.replace("-", " ")}</a>`).join(" · ");

const routes = {
  "/": ({ session }) =>
    session
      ? `<pre>${escaped(describe(session.claims))}</pre>${links("change-plan", "refresh", "sign-out")}`
      : links("sign-in"),
  "/sign-in": ({ to }) => signIn(to, {}),
  "/change-plan": ({ to }) => signIn(to, { prompt: "select_plan" }),
  "/callback": async ({ url, cookies, to }) => {
    const state = url.searchParams.get("state");
    const tokens = await finish(url, state, cookies);
    const id = oidc.randomState();
    sessions.set(id, { tokens, claims: tokens.claims() });
    console.log(describe(tokens.claims()));
    to("/", cookie("session", id), cookie(attempt(state), "", "; Max-Age=0"));
  },
  // A change that an admin or a backend made is in the next token.
  "/refresh": async ({ session, to }) => {
    if (!session) return to("/");
    session.tokens = await oidc.refreshTokenGrant(config, session.tokens.refresh_token);
    session.claims = session.tokens.claims();
    console.log(describe(session.claims));
    to("/");
  },
  "/sign-out": ({ cookies, session, to }) => {
    sessions.delete(cookies.get("session"));
    const hint = { id_token_hint: session?.tokens.id_token, post_logout_redirect_uri: home };
    to(session ? oidc.buildEndSessionUrl(config, hint).href : "/", cookie("session", ""));
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, home);
  const cookies = new Map((request.headers.cookie ?? "").split("; ").map((pair) => pair.split("=")));
  const session = sessions.get(cookies.get("session"));
  const to = (location, ...set) => response.writeHead(303, { location, "set-cookie": set }).end();
  try {
    const html = await routes[url.pathname]?.({ url, cookies, session, to });
    if (response.headersSent) return;
    response.writeHead(html ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><title>Notes</title>${html ?? "not found"}`);
  } catch (error) {
    console.error(error);
    response.writeHead(400, { "content-type": "text/plain" }).end(error.error_description ?? error.message);
  }
}).listen(new URL(home).port, new URL(home).hostname, () => console.log(`Notes is at ${home}`));
