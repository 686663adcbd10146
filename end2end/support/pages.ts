// Every page there is, and the way to each.
import type { Page } from "@playwright/test";
import { accountPages } from "./pages/account";
import { applicationPages } from "./pages/applications";
import { checkoutPages } from "./pages/checkout";
import { moneyPages } from "./pages/money";
import { organizationPages } from "./pages/organizations";
import type { PageUnderTest } from "./pages/page";
import { plansPages } from "./pages/plans";
import { portalPages } from "./pages/portal";
import { publicPages } from "./pages/public";
import { securityPages } from "./pages/security";
import { signInPages } from "./pages/sign-in";
import { upstreamPages } from "./pages/upstream";
import { webhookPages } from "./pages/webhooks";
import { expect } from "./test";

export const pages: PageUnderTest[] = [
  ...signInPages,
  ...securityPages,
  ...upstreamPages,
  ...accountPages,
  ...plansPages,
  ...checkoutPages,
  ...portalPages,
  ...publicPages,
];

/** Those of the dashboard, as a superadmin of the demo's application sees them. */
export const dashboardPages: PageUnderTest[] = [
  ...applicationPages,
  ...webhookPages,
  ...organizationPages,
  ...moneyPages,
];

/** Waits until the islands of a page are awake, where it has any and runs scripts. On hosted pages a touch wakes them. */
export async function settled(page: Page, scripts: boolean): Promise<void> {
  await page.waitForLoadState("load");
  const islands = page.locator("leptos-island");
  if (!scripts || !(await islands.count())) return;
  await islands.first().dispatchEvent("pointerover");
  await expect(page.locator("html")).toHaveAttribute("data-alive", "");
}

/** Lets no WebAssembly through until the answer is called. */
export async function withhold(page: Page): Promise<() => void> {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/*.wasm", async (route) => {
    await gate;
    await route.continue();
  });
  return release;
}
