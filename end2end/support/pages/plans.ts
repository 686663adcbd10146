// Plan selection.
import { admin, application, member } from "../admin";
import { expect } from "../test";
import type { PageUnderTest } from "./page";
import { join, send } from "./ways";

export const plansPages: PageUnderTest[] = [
  { name: "plans", route: "/plans", open: (visitor) => join(visitor) },
  {
    name: "plans-yearly",
    route: "/plans",
    async open(visitor) {
      await join(visitor);
      await visitor.page.goto(`${visitor.page.url()}&cycle=year`);
    },
  },
  {
    name: "plans-wrong",
    route: "/plans",
    light: true,
    async open(visitor) {
      await join(visitor, "paid-web");
      await send(visitor);
      await expect(visitor.page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "plans-managed",
    route: "/plans",
    async open(visitor) {
      const email = await join(visitor);
      const shop = await application("e2e");
      const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
      const planId = plans.find((plan: { key: string }) => plan.key === "pro").id;
      const { id } = await member(shop, email);
      await admin("PUT", `/applications/${shop.id}/users/${id}/subscription`, { planId });
      await visitor.open("e2e-web", { prompt: "select_plan" });
    },
  },
  {
    name: "payment-missing",
    route: "/plans",
    light: true,
    async open(visitor) {
      await join(visitor, "paid-web");
      await visitor.page.locator("#plan-plus").check();
      await send(visitor);
      await expect(visitor.page.locator("#plan-plus")).toHaveCount(0);
    },
  },
];
