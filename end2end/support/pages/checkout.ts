// From the checkout to the sandbox's page and back.
import { application } from "../admin";
import { expect, type Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { portal } from "./portal";
import { sample } from "./sample";
import { act, join } from "./ways";

/** Stands before the checkout of a plan that costs money. */
async function checkOut(visitor: Visitor, plan: "pro" | "team"): Promise<void> {
  await join(visitor, "sandbox-web");
  await visitor.page.locator(`#plan-${plan}`).check();
  await visitor.page.locator("form#plan button").last().click();
  await visitor.page.waitForURL(/\/checkout\//);
}

/** Stands before the sandbox's page. */
async function pay(visitor: Visitor): Promise<void> {
  await checkOut(visitor, "pro");
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sandbox\/pay\//);
}

export const checkoutPages: PageUnderTest[] = [
  { name: "checkout", route: "/checkout/{token}", light: true, open: (visitor) => checkOut(visitor, "pro") },
  { name: "checkout-trial", route: "/checkout/{token}", light: true, open: (visitor) => checkOut(visitor, "team") },
  {
    name: "checkout-coupon-wrong",
    route: "/checkout/{token}",
    light: true,
    async open(visitor) {
      await checkOut(visitor, "pro");
      await visitor.page.locator("summary").first().click();
      await visitor.page.locator("#coupon").fill("nothing");
      await visitor.page.locator("form:has(#coupon) button").click();
      await expect(visitor.page.locator("#coupon")).toHaveValue("nothing");
    },
  },
  {
    name: "checkout-not-charged",
    route: "/checkout/{token}",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000003220']").check();
      await act(visitor, "card");
      await act(visitor, "fail");
      await visitor.page.waitForURL(/\/checkout\//);
    },
  },
  {
    name: "pay-link",
    route: "/pay/{token}",
    light: true,
    open: async (visitor) => visitor.page.goto((await sample(visitor)).payLink),
  },
  { name: "pay-link-wrong", route: "/pay/{token}", light: true, open: (visitor) => visitor.page.goto("/pay/bent") },
  {
    name: "checkout-confirm",
    route: "/checkout",
    light: true,
    async open(visitor) {
      const user_id = await portal(visitor);
      const { id: project_id } = await application("sandbox");
      const urls = { success_url: "http://127.0.0.1:9/welcome", cancel_url: "http://127.0.0.1:9/pricing" };
      await visitor.page.goto(`/checkout?${new URLSearchParams({ project_id, plan: "free", user_id, ...urls })}`);
    },
  },
  { name: "checkout-wrong", route: "/checkout", light: true, open: (visitor) => visitor.page.goto("/checkout") },
  { name: "sandbox", route: "/sandbox/pay/{key}", light: true, open: pay },
  {
    name: "sandbox-declined",
    route: "/sandbox/pay/{key}",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000000002']").check();
      await act(visitor, "card");
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "sandbox-secure",
    route: "/sandbox/pay/{key}",
    light: true,
    async open(visitor) {
      await pay(visitor);
      await visitor.page.locator("[value='4000000000003220']").check();
      await act(visitor, "card");
      await expect(visitor.page.locator("[name=act][value=pass]")).toHaveCount(1);
    },
  },
  {
    name: "checkout-pending",
    route: "/checkout/{token}",
    async open(visitor) {
      await pay(visitor);
      await act(visitor, "va");
      await visitor.page.waitForURL(/\/checkout\//);
    },
  },
];
