// Passkeys, in Chromium with its virtual authenticator, on a server of their own: an IP address has none.
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import { password } from "../support/admin";
import { faults } from "../support/axe";
import { freePort, startServer, type Server } from "../support/server";
import { confirm, expect, expectPage, test } from "../support/test";

const email = "owner@example.com";

/** A device in the browser that makes sure by itself that it is its owner. */
async function authenticator(context: BrowserContext, page: Page) {
  const session: CDPSession = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** Whether somebody is there who touches it. */
    attend: (enabled: boolean) => session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    forget: () => session.send("WebAuthn.clearCredentials", { authenticatorId }),
    passkeys: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

/** What keeps people out of a page, on a phone too. */
async function barriers(page: Page): Promise<string[]> {
  const serious = await faults(page);
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (size) await page.setViewportSize(size);
  return [...serious, ...(wider > 0 ? ["does not reflow"] : [])];
}

/** The first superadmin of a new server, in front of the security page. */
async function begin(server: Server, page: Page): Promise<void> {
  await page.goto(server.setup);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create superadmin" }).click();
  await page.waitForURL(/\/dashboard/);
  await page.goto(`${server.url}/account/security`);
  await expectPage(page, "Security");
}

let server: Server;
test.beforeAll(async () => {
  const port = await freePort();
  server = await startServer({ listen: `127.0.0.1:${port}`, publicUrl: `http://localhost:${port}` });
});
test.afterAll(async () => expect(await server.stop()).toBe(0));
test.afterEach(({ guard }) => {
  // This server is nobody's third party.
  const others = guard.filter((complaint) => !complaint.startsWith(`third party: ${server.url}/`));
  guard.splice(0, guard.length, ...others);
});

test("a passkey is made, signs in by itself, and stands beside the password", async ({ page, context, scripts }) => {
  test.skip(!scripts, "no browser gives a passkey without JavaScript");
  await begin(server, page);
  const device = await authenticator(context, page);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expectPage(page, "Keep your recovery codes");
  await page.getByRole("link", { name: "I have kept them" }).click();
  expect(await device.passkeys()).toHaveLength(1);
  expect((await device.passkeys())[0]).toMatchObject({ isResidentCredential: true, rpId: "localhost" });

  // Offered while somebody types, and taken.
  await context.clearCookies();
  await page.goto(`${server.url}/sign-in`);
  await page.waitForURL(`${server.url}/dashboard`);

  // By the button.
  await context.clearCookies();
  await device.attend(false);
  await page.goto(`${server.url}/sign-in`);
  await expect(page.getByLabel("Email")).toHaveAttribute("autocomplete", "username webauthn");
  expect(await barriers(page)).toEqual([]);
  await device.attend(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(`${server.url}/dashboard`);

  // After the password.
  await context.clearCookies();
  await device.attend(false);
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expectPage(page, "One more step");
  expect(await barriers(page)).toEqual([]);
  await device.attend(true);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(`${server.url}/dashboard`);

  // Its name, and its end.
  await page.goto(`${server.url}/account/security`);
  expect(await barriers(page)).toEqual([]);
  await page.getByLabel("Name").fill("Key ring");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByLabel("Name")).toHaveValue("Key ring");
  await confirm(page, "Remove Key ring");
  await expect(page.getByText("Remove Key ring")).toHaveCount(0);
  await context.clearCookies();
  // While somebody types, and not again by itself; then by the button.
  await page.goto(`${server.url}/sign-in`);
  await expect(page.getByRole("alert")).toContainText("This passkey was not accepted");
  await expect(page.locator("form[data-options]")).not.toHaveAttribute("data-autofill");
  await page.waitForLoadState();
  const again = page.waitForResponse((r) => r.request().method() === "POST" && r.url().includes("/sign-in/passkey"));
  const loaded = page.waitForEvent("load");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  expect((await again).status()).toBe(401);
  await loaded;
  await expect(page.getByRole("alert")).toContainText("This passkey was not accepted");
  await device.forget();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByText("The browser gave no passkey.")).toBeVisible();
});

test("without JavaScript there is the rest", async ({ page, scripts }) => {
  await page.goto(`${server.url}/sign-in`);
  const button = page.getByRole("button", { name: "Sign in with a passkey" });
  await expect(button).toBeVisible({ visible: scripts });
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
});
