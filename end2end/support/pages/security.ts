// The second factor, and where it is set up.
import { password } from "../admin";
import { setUpApp } from "../factors";
import { expect, type Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { join, send } from "./ways";

/** Stands before the second factor, on the way to the product. */
async function beforeFactor(visitor: Visitor): Promise<void> {
  const email = await join(visitor);
  await setUpApp(visitor.page);
  await visitor.page.context().clearCookies();
  await visitor.open();
  await visitor.page.locator("#email").fill(email);
  await visitor.page.locator("#password").fill(password);
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sign-in\/factor/);
}

export const securityPages: PageUnderTest[] = [
  {
    name: "security",
    route: "/account/security",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/security");
    },
  },
  {
    name: "security-factors",
    route: "/account/security",
    light: true,
    async open(visitor) {
      await join(visitor);
      await setUpApp(visitor.page);
      await visitor.page.goto("/account/security");
    },
  },
  { name: "security-needed", route: "/account/security", light: true, open: (visitor) => join(visitor, "guarded-web") },
  {
    name: "authenticator-wrong",
    route: "/account/security/authenticator",
    light: true,
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto("/account/security/authenticator");
      await visitor.page.locator("#code").fill("123");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "recovery-codes",
    route: "/account/security",
    light: true,
    async open(visitor) {
      await join(visitor);
      await setUpApp(visitor.page);
      await visitor.page.goto("/account/security");
      await visitor.page.locator("details:has([value=new_codes]) summary").click();
      await visitor.page.locator("form:has([value=new_codes]) button").click();
      await expect(visitor.page.locator("#recovery-codes")).toBeVisible();
    },
  },
  {
    name: "factor-wrong",
    route: "/sign-in/factor",
    light: true,
    async open(visitor) {
      await beforeFactor(visitor);
      await visitor.page.locator("#code").fill("123");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "factor-recovery",
    route: "/sign-in/factor",
    light: true,
    async open(visitor) {
      await beforeFactor(visitor);
      await visitor.page.locator("a[href*='with=recovery']").click();
      await expect(visitor.page.locator("#code")).toHaveAttribute("autocomplete", "off");
    },
  },
];
