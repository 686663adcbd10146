// Providers to sign in with: npm's oidc-provider, with pages of its own that need no scripts, and a second Turnpike.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { admin, application, password } from "./admin";
import { issuer } from "./oauth";
import { freePort, startServer } from "./server";

export interface Person {
  email: string;
  name: string;
  email_verified: boolean;
}

export interface Issuer {
  url: string;
  clientId: string;
  clientSecret: string;
  close(): Promise<unknown>;
}

/** A provider that the application `linked` offers until it is closed. */
export interface Offered extends Issuer {
  slug: string;
  /** The method in the admin API. */
  path: string;
}

/** Starts a provider and lets the application `linked` offer it by that name. */
export async function offer(name: string, start: typeof startOidcProvider, people: Person[]): Promise<Offered> {
  const slug = `up-${crypto.randomUUID().slice(0, 8)}`;
  const provider = await start(`${issuer}/upstream/callback/linked/${slug}`, people);
  const methods = `/applications/${(await application("linked")).id}/sign-in-methods`;
  const { url, clientId, clientSecret } = provider;
  const input = { kind: "oidc", slug, name, issuer: url, clientId, clientSecret, trustEmail: true };
  const path = `${methods}/${(await admin("POST", methods, input)).signInMethod.id}`;
  const close = async () => {
    await admin("DELETE", path);
    await provider.close();
  };
  return { ...provider, slug, path, close };
}

const clientId = "downstream";
const clientSecret = "downstream-secret-of-32-characters-or-more";

/** oidc-provider, where whoever types their address is signed in. It knows the given people. */
export async function startOidcProvider(redirectUri: string, people: Person[]): Promise<Issuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    findAccount(_: unknown, accountId: string) {
      const person = people.find(({ email }) => email === accountId);
      return person && { accountId, claims: async () => ({ sub: accountId, ...person }) };
    },
    cookies: { keys: [crypto.randomUUID()] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }: any) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  const protocol = provider.callback();
  server.on("request", (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return protocol(request, response);
    interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, clientId, clientSecret, close };
}

/** Asks who somebody is, and takes their word for it. */
async function interact(provider: any, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST") {
    const form = `<form method="post"><label>Address <input name="email"></label><button name="answer" value="yes">Go on</button>
      <button name="answer" value="no">Cancel</button></form>`;
    const page = `<!doctype html><html lang="en"><title>The provider</title><link rel="icon" href="data:,"><h1>Who are you?</h1>${form}`;
    response.setHeader("content-type", "text/html").end(page);
    return;
  }
  let body = "";
  for await (const chunk of request) body += chunk;
  const fields = new URLSearchParams(body);
  const answer =
    fields.get("answer") === "yes" ? { login: { accountId: fields.get("email") } } : { error: "access_denied" };
  await provider.interactionFinished(request, response, answer, { mergeWithLastSubmission: false });
}

/** A second Turnpike, whose people sign in with `password`. It has a host of its own, and so cookies of its own. */
export async function startPeer(redirectUri: string, people: Person[]): Promise<Issuer> {
  const users = people.map(({ email, name, email_verified }) =>
    ["[[users]]", `email = "${email}"`, `name = "${name}"`, `password = "${password}"`, `email_verified = ${email_verified}`].join("\n"),
  );
  const catalog = `
[[applications]]
slug = "idp"
name = "The other Turnpike"
plan_selection = "never"
[[applications.clients]]
name = "Downstream"
client_id = "${clientId}"
client_secret = "${clientSecret}"
redirect_uris = ["${redirectUri}"]
skip_consent = true
${users.join("\n")}
`;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const server = await startServer({ catalog, listen: `127.0.0.1:${port}`, publicUrl: url });
  return { url, clientId, clientSecret, close: () => server.stop() };
}
