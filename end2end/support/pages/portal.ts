// The customer portal.
import { application, member } from "../admin";
import { portalUrl } from "../portal";
import type { Visitor } from "../test";
import type { PageUnderTest } from "./page";
import { act, join } from "./ways";

/** A member of the sandbox's application in front of the portal, who has bought Pro there; by their id. */
export async function portal(visitor: Visitor): Promise<string> {
  const email = await join(visitor, "sandbox-web");
  const found = await member(await application("sandbox"), email);
  await visitor.page.goto(await portalUrl(found.id));
  await visitor.page.goto("/portal/change?plan=pro");
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/checkout\//);
  await visitor.page.locator("main form button").first().click();
  await visitor.page.waitForURL(/\/sandbox\/pay\//);
  await act(visitor, "card");
  await visitor.page.waitForURL(/\/portal\?done=paid/);
  return found.id;
}

export const portalPages: PageUnderTest[] = [
  { name: "portal", route: "/portal", open: portal },
  {
    name: "portal-change",
    route: "/portal/change",
    light: true,
    async open(visitor) {
      await portal(visitor);
      await visitor.page.goto("/portal/change?plan=free");
    },
  },
  {
    name: "portal-canceled",
    route: "/portal",
    async open(visitor) {
      await portal(visitor);
      await visitor.page.locator("details:has([name=act][value=cancel]) summary").click();
      await act(visitor, "cancel");
      await visitor.page.waitForURL(/done=canceled/);
    },
  },
  {
    name: "portal-invoice",
    route: "/portal/invoices/{number}",
    light: true,
    async open(visitor) {
      await portal(visitor);
      await visitor.page.locator("#history a").first().click();
    },
  },
  { name: "portal-closed", route: "/portal", light: true, open: (visitor) => visitor.page.goto("/portal") },
];
