// Payments, subscriptions, coupons and the clock, in a shop's dashboard.
import type { Sample } from "../shop";
import { expect, type Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { sample } from "./sample";
import { dashboard } from "./ways";

/** A page of that shop's dashboard. */
const money = (path: (sample: Sample) => string) => async (visitor: Visitor) => {
  const shop = await sample(visitor);
  await dashboard(`/${shop.shop.slug}/${path(shop)}`)(visitor);
};

export const moneyPages: PageUnderTest[] = [
  { name: "dashboard-payments", open: money(() => "payments") },
  { name: "dashboard-payments-none", open: dashboard("/e2e/payments") },
  { name: "dashboard-payment", open: money(({ payment }) => `payments/${payment}`) },
  {
    name: "dashboard-payment-wrong",
    async open(visitor) {
      await money(({ payment }) => `payments/${payment}`)(visitor);
      await visitor.page.locator("summary").filter({ hasText: "Refund" }).click();
      await visitor.page.locator("#refund").fill("much");
      await visitor.page.getByRole("button", { name: "Refund", exact: true }).click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-subscriptions", open: money(() => "subscriptions") },
  { name: "dashboard-subscription", open: money(({ paying }) => `subscriptions/${paying}`) },
  { name: "dashboard-subscription-trial", open: money(({ trying }) => `subscriptions/${trying}`) },
  { name: "dashboard-subscription-past-due", open: money(({ owing }) => `subscriptions/${owing}`) },
  {
    name: "dashboard-subscription-preview",
    async open(visitor) {
      await money(({ paying }) => `subscriptions/${paying}`)(visitor);
      await visitor.page.locator("#change button").first().click();
      await expect(visitor.page.locator("button[value=change]")).toBeVisible();
    },
  },
  { name: "dashboard-coupons", open: money(() => "coupons") },
  {
    name: "dashboard-coupons-wrong",
    async open(visitor) {
      await money(() => "coupons")(visitor);
      await visitor.page.locator("button[value=create]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-clock", open: money(() => "clock") },
  { name: "dashboard-alerts", open: money(() => "alerts") },
  { name: "dashboard-drift", open: money(() => "alerts?state=drift") },
  { name: "dashboard-payment-settings", open: money(() => "settings/payments") },
  { name: "mailbox", open: async (visitor) => void (await money(() => "payments")(visitor), await visitor.page.goto("/mailbox")) },
];
