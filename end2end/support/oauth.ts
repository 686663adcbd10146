// What a product does: sends people to the authorization endpoint, redeems the code, reads the tokens.
import { createHash, randomBytes } from "node:crypto";

export const issuer = process.env.TURNPIKE_URL ?? "http://127.0.0.1:8080";

// The clients of catalog.toml.
const secrets = {
  "e2e-web": "e2e-web-secret-of-32-characters-or-more",
  "e2e-partner": "e2e-partner-secret-of-32-characters-or-more",
  "e2e-mobile": undefined,
  "closed-web": "closed-web-secret-of-32-characters-or-more",
  "paid-web": "paid-web-secret-of-32-characters-or-more",
  "sandbox-web": "sandbox-web-secret-of-32-characters-or-more",
  "guarded-web": "guarded-web-secret-of-32-characters-or-more",
  "linked-web": "linked-web-secret-of-32-characters-or-more",
  "story-web": "story-web-secret-of-32-characters-or-more",
  "stripe-web": "stripe-web-secret-of-32-characters-or-more",
  "midtrans-web": "midtrans-web-secret-of-32-characters-or-more",
} as const;
export type Client = keyof typeof secrets;

/** An authorization request, and what it takes to redeem its answer. */
export interface Request {
  url: string;
  client: Client;
  redirectUri: string;
  state: string;
  nonce: string;
  verifier: string;
}

/** Makes an authorization request with PKCE. Parameters override what is sent; undefined ones are left out. */
export function authorization(
  client: Client,
  redirectUri: string,
  parameters: Record<string, string | undefined> = {},
): Request {
  const [state, nonce, verifier] = [0, 1, 2].map(() => randomBytes(32).toString("base64url"));
  const all: Record<string, string | undefined> = {
    response_type: "code",
    client_id: client,
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...parameters,
  };
  const url = new URL("/oauth2/authorize", issuer);
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return { url: url.href, client, redirectUri, state, nonce, verifier };
}

/** What Turnpike says about a user, in either token. */
export interface Claims {
  sub: string;
  email?: string;
  name?: string;
  plan?: string;
  features: Record<string, unknown>;
  claims: Record<string, unknown>;
  ent_ver: number;
  nonce?: string;
  acr?: string;
  amr?: string[];
}

export interface Tokens {
  access: Claims;
  id: Claims;
  refreshToken: string;
}

/** The second part of a token. Its signature is for the tests in clients/. */
export const decode = (jwt: string): Claims => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString());

/** Redeems the code of a redirect. */
export async function redeem(request: Request, redirect: URL): Promise<Tokens> {
  const answer = await token(request.client, {
    grant_type: "authorization_code",
    code: redirect.searchParams.get("code") ?? "",
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  });
  const tokens = read(answer);
  if (tokens.id.nonce !== request.nonce) throw new Error("the id_token carries another nonce");
  return tokens;
}

/** Opens the customer portal for a user, as the product's own server does. */
export async function portal(client: Client, userId: string): Promise<string> {
  const body = JSON.stringify({ client_id: client, client_secret: secrets[client], end_user_id: userId });
  const headers = { "content-type": "application/json" };
  const response = await fetch(new URL("/api/platform/portal/sessions", issuer), { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { portal_url: string }).portal_url;
}

export async function refresh(client: Client, refreshToken: string): Promise<Tokens> {
  return read(await token(client, { grant_type: "refresh_token", refresh_token: refreshToken }));
}

const read = (answer: Record<string, string>): Tokens => ({
  access: decode(answer.access_token),
  id: decode(answer.id_token),
  refreshToken: answer.refresh_token,
});

async function token(client: Client, fields: Record<string, string>): Promise<Record<string, string>> {
  const body = new URLSearchParams({ client_id: client, ...fields });
  const secret = secrets[client];
  if (secret) body.set("client_secret", secret);
  const response = await fetch(new URL("/oauth2/token", issuer), { method: "POST", body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}
