// oidc-client-ts in Chromium: a public client whose code runs in the page, so that every call of it is cross-origin.
import type { Page } from "@playwright/test";
import { decode, issuer } from "../support/oauth";
import { startSpa, type Spa } from "../support/spa";
import { expect, expectPage, test as base } from "../support/test";

const test = base.extend<{ spa: Spa }>({
  spa: async ({ guard }, use) => {
    const spa = await startSpa();
    await use(spa);
    await spa.close();
    // The application is a third party to the hosted pages, and no other is.
    const others = guard.filter((complaint) => !complaint.startsWith(`third party: ${spa.origin}/`));
    guard.splice(0, guard.length, ...others);
  },
});

interface User {
  id_token: string;
  access_token: string;
  refresh_token: string;
  /** The claims of the id_token with those of userinfo over them. */
  profile: Record<string, any>;
}

const ready = (page: Page) => page.locator("html[data-ready]").waitFor({ state: "attached" });

/** Whom the application takes for signed in. */
async function user(page: Page): Promise<User> {
  await ready(page);
  await expect(page.locator("#error")).toHaveText("");
  await expect(page.locator("#user")).not.toHaveText("nobody");
  return JSON.parse((await page.locator("#user").textContent()) ?? "");
}

/** Another answer of the token endpoint than `before`. */
async function renewed(page: Page, before: User): Promise<User> {
  await expect(page.locator("#user")).not.toContainText(before.access_token);
  return user(page);
}

/** Gives a user another plan, as the product's own server does. */
async function assign(userId: string, plan: string): Promise<void> {
  const credentials = { client_id: "e2e-web", client_secret: "e2e-web-secret-of-32-characters-or-more" };
  const body = JSON.stringify({ ...credentials, end_user_id: userId, claims: { plan } });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(new URL("/api/platform/claims", issuer), { method: "POST", headers, body });
  expect(answer.status).toBe(200);
}

test("signs in with PKCE, reads the plan, renews, and signs out", async ({ spa, visitor, page }) => {
  await page.clock.install();
  await page.goto(spa.origin);
  await ready(page);
  const asked = page.waitForRequest((request) => request.url().startsWith(`${issuer}/oauth2/authorize?`));
  await page.getByRole("button", { name: "Sign in" }).click();
  const parameters = new URL((await asked).url()).searchParams;
  expect(parameters.get("code_challenge_method")).toBe("S256");
  expect(parameters.get("response_type")).toBe("code");
  const email = await visitor.enroll();
  await expectPage(page, "Choose your plan");
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${spa.origin}/**`);

  const first = await user(page);
  const features = { maxProjects: 50, exportEnabled: true, storageGb: 100 };
  expect(decode(first.id_token)).toMatchObject({ plan: "pro", features, claims: { plan: "pro" }, email });
  expect(first.profile).toMatchObject({ plan: "pro", features, email, name: "Budi Santoso" });
  expect(page.url()).toBe(`${spa.origin}/`);

  // With the refresh token, in place: no page is left, no frame is opened.
  await assign(first.profile.sub, "free");
  await page.getByRole("button", { name: "Renew" }).click();
  const second = await renewed(page, first);
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(decode(second.id_token)).toMatchObject({ plan: "free", features: { maxProjects: 3, exportEnabled: false } });
  expect(second.profile.plan).toBe("free");

  // By itself, a minute before the access token expires.
  await assign(first.profile.sub, "tim");
  await page.clock.fastForward("59:30");
  const third = await renewed(page, second);
  expect(third.profile.plan).toBe("tim");
  expect(page.frames()).toHaveLength(1);

  await page.reload();
  expect((await user(page)).access_token).toBe(third.access_token);

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.locator("#user")).toHaveText("nobody");
  await ready(page);
  expect(page.url()).toBe(`${spa.origin}/`);
  const userinfo = { headers: { authorization: `Bearer ${third.access_token}` } };
  expect((await fetch(new URL("/oauth2/userinfo", issuer), userinfo)).status).toBe(401);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expectPage(page, /^Sign in/);
});

test("an origin that no client registered reads only what is public", async ({ spa, product, page, guard }) => {
  const ask = (origin: string) =>
    page.goto(origin).then(() =>
      page.evaluate(async (url) => {
        const call = (path: string, init?: RequestInit) =>
          fetch(url + path, init).then(
            (answer) => answer.status,
            () => "refused",
          );
        return [
          await call("/.well-known/openid-configuration"),
          await call("/.well-known/jwks.json"),
          await call("/oauth2/userinfo", { headers: { authorization: "Bearer none" } }),
          await call("/oauth2/token", { method: "POST", body: new URLSearchParams({ grant_type: "refresh_token" }) }),
        ];
      }, issuer),
    );
  expect(await ask(spa.origin)).toEqual([200, 200, 401, 401]);
  expect(await ask(product.origin)).toEqual([200, 200, "refused", "refused"]);
  guard.length = 0;
});
