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
  { name: "dashboard-payments", route: "/dashboard/{slug}/payments", open: money(() => "payments") },
  { name: "dashboard-payments-none", route: "/dashboard/{slug}/payments", open: dashboard("/e2e/payments") },
  {
    name: "dashboard-payment",
    route: "/dashboard/{slug}/payments/{id}",
    open: money(({ payment }) => `payments/${payment}`),
  },
  {
    name: "dashboard-payment-wrong",
    route: "/dashboard/{slug}/payments/{id}",
    async open(visitor) {
      await money(({ payment }) => `payments/${payment}`)(visitor);
      await visitor.page.locator("summary").filter({ hasText: "Refund" }).click();
      await visitor.page.locator("#refund").fill("much");
      await visitor.page.getByRole("button", { name: "Refund", exact: true }).click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-subscriptions", route: "/dashboard/{slug}/subscriptions", open: money(() => "subscriptions") },
  {
    name: "dashboard-subscription",
    route: "/dashboard/{slug}/subscriptions/{id}",
    open: money(({ paying }) => `subscriptions/${paying}`),
  },
  {
    name: "dashboard-subscription-trial",
    route: "/dashboard/{slug}/subscriptions/{id}",
    open: money(({ trying }) => `subscriptions/${trying}`),
  },
  {
    name: "dashboard-subscription-past-due",
    route: "/dashboard/{slug}/subscriptions/{id}",
    open: money(({ owing }) => `subscriptions/${owing}`),
  },
  {
    name: "dashboard-subscription-preview",
    route: "/dashboard/{slug}/subscriptions/{id}",
    async open(visitor) {
      await money(({ paying }) => `subscriptions/${paying}`)(visitor);
      await visitor.page.locator("#change button").first().click();
      await expect(visitor.page.locator("button[value=change]")).toBeVisible();
    },
  },
  {
    name: "dashboard-subscriptions-cancel",
    route: "/dashboard/{slug}/subscriptions/cancel",
    open: money(({ paying, trying }) => `subscriptions/cancel?id=${paying}&id=${trying}`),
  },
  { name: "dashboard-coupons", route: "/dashboard/{slug}/coupons", open: money(() => "coupons") },
  {
    name: "dashboard-coupons-wrong",
    route: "/dashboard/{slug}/coupons",
    async open(visitor) {
      await money(() => "coupons")(visitor);
      await visitor.page.locator("button[value=create]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  { name: "dashboard-clock", route: "/dashboard/{slug}/clock", open: money(() => "clock") },
  { name: "dashboard-alerts", route: "/dashboard/{slug}/alerts", open: money(() => "alerts") },
  { name: "dashboard-drift", route: "/dashboard/{slug}/alerts", open: money(() => "alerts?state=drift") },
  {
    name: "dashboard-payment-settings",
    route: "/dashboard/{slug}/settings/payments",
    open: money(() => "settings/payments"),
  },
  {
    name: "mailbox",
    route: "/mailbox",
    open: async (visitor) => void (await money(() => "payments")(visitor), await visitor.page.goto("/mailbox")),
  },
];
