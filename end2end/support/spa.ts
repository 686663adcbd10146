// A single-page application of somebody else's making: oidc-client-ts does everything that is OpenID Connect in it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { admin, application } from "./admin";
import { issuer } from "./oauth";

export interface Spa {
  origin: string;
  close(): Promise<void>;
}

const library = resolve(import.meta.dirname, "../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js");

const page = (settings: object) => `<!doctype html>
<html lang="en">
<title>A single-page application</title>
<link rel="icon" href="data:,">
<button id="enter">Sign in</button> <button id="renew">Renew</button> <button id="leave">Sign out</button>
<pre id="user">nobody</pre>
<p id="error"></p>
<script src="/oidc-client-ts.js"></script>
<script type="module">
  const show = (user) => (document.querySelector("#user").textContent = user ? JSON.stringify(user) : "nobody");
  const attempt = (work) => async () => {
    try {
      await work();
    } catch (error) {
      document.querySelector("#error").textContent = String(error);
    }
  };
  const here = location.origin;
  const manager = new oidc.UserManager({
    ...${JSON.stringify(settings)},
    redirect_uri: here + "/callback",
    post_logout_redirect_uri: here + "/",
    scope: "openid profile email offline_access",
    loadUserInfo: true,
    revokeTokensOnSignout: true,
    userStore: new oidc.WebStorageStateStore({ store: localStorage }),
  });
  manager.events.addUserLoaded(show);
  manager.events.addSilentRenewError((error) => (document.querySelector("#error").textContent = String(error)));
  document.querySelector("#enter").onclick = attempt(() => manager.signinRedirect());
  document.querySelector("#renew").onclick = attempt(() => manager.signinSilent());
  document.querySelector("#leave").onclick = attempt(() => manager.signoutRedirect());
  await attempt(async () => {
    if (location.pathname === "/callback") {
      await manager.signinCallback();
      history.replaceState(null, "", "/");
    } else if (new URLSearchParams(location.search).has("state")) {
      await manager.signoutCallback();
      history.replaceState(null, "", "/");
    }
    show(await manager.getUser());
  })();
  document.documentElement.dataset.ready = "";
</script>`;

/** Serves the application on a free port, as a public client of `e2e` that is registered for its very origin. */
export async function startSpa(): Promise<Spa> {
  const script = await readFile(library);
  let html = "";
  const server = createServer(({ url }, response) => {
    const isScript = url === "/oidc-client-ts.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : html);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { id } = await application("e2e");
  const { client } = await admin("POST", `/applications/${id}/clients`, {
    name: "Browser",
    type: "public",
    redirectUris: [`${origin}/callback`],
    postLogoutRedirectUris: [`${origin}/`],
    grants: ["authorization_code", "refresh_token"],
    skipConsent: true,
  });
  html = page({ authority: issuer, client_id: client.clientId });
  return {
    origin,
    close: async () => {
      await admin("DELETE", `/applications/${id}/clients/${client.id}`);
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}
