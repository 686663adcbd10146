// OAuth clients in the dashboard, and tokens by which they register themselves.
import { admin, newApplication } from "../support/admin";
import { done, enterDashboard, openDashboard as open } from "../support/dashboard";
import { decode, issuer } from "../support/oauth";
import { expect, expectPage, test } from "../support/test";

test.beforeEach(async ({ page }) => enterDashboard(page));

test.describe("clients", () => {
  test("get a new secret beside the old one", async ({ page }) => {
    const shop = await newApplication();
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    await open(page, shop, `clients/${clients[0].id}`);
    await page.getByRole("button", { name: "Rotate the secret" }).click();
    await expect(page.getByRole("heading", { name: "Keep this secret now" })).toBeVisible();
    const secret = (await page.getByText(/^sec_/).first().innerText()).trim();
    await expect(page.getByRole("main")).toContainText("works until");
    const grants = ["authorization_code", "refresh_token", "client_credentials"];
    await admin("PATCH", `/applications/${shop.id}/clients/${clients[0].id}`, { grants });
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: clients[0].clientId, client_secret: secret });
    const answer = await fetch(`${issuer}/oauth2/token`, { method: "POST", body });
    expect(decode((await answer.json()).access_token).sub).toBe(clients[0].clientId);
  });

  test("of both kinds are made, changed and deleted", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "clients");
    await page.getByRole("link", { name: "Create client" }).click();
    await page.getByLabel("Public", { exact: true }).check();
    await page.getByLabel("Name", { exact: true }).fill("Ponsel");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("http://127.0.0.1/callback\ncom.example.ponsel:/back");
    await page.getByRole("button", { name: "Create client" }).click();
    await expectPage(page, "Ponsel");
    await expect(page.getByRole("button", { name: "Rotate the secret" })).toHaveCount(0);
    await page.getByLabel("Signing algorithm").selectOption("EdDSA");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("http://everywhere.example/");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert").first()).toBeFocused();
    await expect(page.getByLabel("Redirect URIs", { exact: true })).toHaveValue("http://everywhere.example/");
    await page.getByLabel("Redirect URIs", { exact: true }).fill("https://ponsel.example/callback");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await done(page, "Saved.");
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    const made = clients.find((client: { name: string }) => client.name === "Ponsel");
    expect(made).toMatchObject({ idTokenAlg: "EdDSA", redirectUris: ["https://ponsel.example/callback"] });
    await page.getByLabel(/^Type .* to confirm$/).fill(made.clientId);
    await page.getByRole("button", { name: "Delete this client" }).click();
    await done(page, "Deleted.");
  });

  test("prove themselves by keys instead of a secret", async ({ page }) => {
    const shop = await newApplication();
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    await open(page, shop, `clients/${clients[0].id}`);
    await page.getByLabel("By keys at an address").check();
    await page.getByLabel("Address of the keys").fill("http://app.example/jwks.json");
    await page.getByLabel("Back-channel logout URI").fill("https://app.example/logout");
    await page.getByLabel("Only pushed authorization requests (PAR)").check();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("alert").first()).toContainText("Address of the keys: must use https");
    await expect(page.getByLabel("By keys at an address")).toBeChecked();
    await page.getByLabel("Address of the keys").fill("https://app.example/jwks.json");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await done(page, "Saved.");
    await expect(page.getByRole("button", { name: "Rotate the secret" })).toHaveCount(0);
    const after = await admin("GET", `/applications/${shop.id}/clients`);
    expect(after.clients[0]).toMatchObject({
      tokenEndpointAuthMethod: "private_key_jwt",
      keys: { jwksUri: "https://app.example/jwks.json" },
      backchannelLogoutUri: "https://app.example/logout",
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: false,
    });
  });

  test("register themselves with a token, until it is revoked", async ({ page }) => {
    const shop = await newApplication();
    await open(page, shop, "clients");
    await page.getByRole("link", { name: "Registration tokens" }).click();
    await expectPage(page, "Registration tokens");
    await expect(page.getByRole("heading", { name: "No registration tokens yet" })).toBeVisible();
    await page.getByLabel("Name").fill("Mitra");
    await page.getByLabel("Days").fill("366");
    await expect(page.getByLabel("Require PKCE")).toBeChecked();
    await page.getByLabel("Require PKCE").uncheck();
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByRole("alert").first()).toContainText("Days: must be 1 to 365");
    await expect(page.getByLabel("Require PKCE")).not.toBeChecked();
    await page.getByLabel("Days").fill("7");
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByRole("heading", { name: "Keep this token now" })).toBeVisible();
    await expect(page.getByText("PKCE not required")).toBeVisible();
    const token = (await page.getByText(/^reg_[^…]+$/).first().innerText()).trim();
    const register = () =>
      fetch(`${issuer}/oauth2/register`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["https://mitra.example/callback"] }),
      });
    expect((await register()).status).toBe(201);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Keep this token now" })).toHaveCount(0);
    await page.getByRole("button", { name: "Revoke Mitra" }).click();
    await done(page, "The token registers nobody any more.");
    expect((await register()).status).toBe(401);
  });
});
