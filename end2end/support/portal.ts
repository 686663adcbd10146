// The customer portal, opened as a product's server does it.
import type { Page } from "@playwright/test";
import { issuer } from "./oauth";
import { expectPage } from "./test";

/** The address of a portal session for a user of `sandbox-web`. */
export async function portalUrl(user: string): Promise<string> {
  const body = {
    client_id: "sandbox-web",
    client_secret: "sandbox-web-secret-of-32-characters-or-more",
    end_user_id: user,
  };
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(new URL("/api/platform/portal/sessions", issuer), init);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { portal_url: string }).portal_url;
}

/** Opens the portal for a user. */
export async function openPortal(page: Page, user: string): Promise<void> {
  await page.goto(`${await portalUrl(user)}&redirect_uri=http://127.0.0.1:9/account`);
  await expectPage(page, "Your plan");
}
