// The webhooks of an application.
import { admin, newApplication } from "../admin";
import { expect } from "../test";
import type { PageUnderTest } from "./page";
import { dashboard } from "./ways";

/** An application with a webhook that leads nowhere: the pages of it, and its address in the admin API. */
async function newWebhook(): Promise<{ list: string; own: string; path: string }> {
  const { id, slug } = await newApplication();
  const input = { url: "http://127.0.0.1:9/hooks", description: "Gudang", events: ["user.created", "payment.settled"] };
  const { webhook } = await admin("POST", `/applications/${id}/webhooks`, input);
  const list = `/${slug}/webhooks`;
  return { list, own: `${list}/${webhook.id}`, path: `/applications/${id}/webhooks/${webhook.id}` };
}

export const webhookPages: PageUnderTest[] = [
  {
    name: "dashboard-webhooks",
    route: "/dashboard/{slug}/webhooks",
    open: async (visitor) => dashboard((await newWebhook()).list)(visitor),
  },
  { name: "dashboard-webhooks-none", route: "/dashboard/{slug}/webhooks", open: dashboard("/acme/webhooks") },
  {
    name: "dashboard-new-webhook-wrong",
    route: "/dashboard/{slug}/webhooks/new",
    async open(visitor) {
      await dashboard("/acme/webhooks/new")(visitor);
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.getByRole("alert").first()).toBeVisible();
    },
  },
  {
    name: "dashboard-webhook-made",
    route: "/dashboard/{slug}/webhooks/{id}",
    async open(visitor) {
      const { slug } = await newApplication();
      await dashboard(`/${slug}/webhooks/new`)(visitor);
      await visitor.page.locator("#endpoint").fill("http://127.0.0.1:9/hooks");
      await visitor.page.locator("button[value=save]").click();
      await expect(visitor.page.locator("#secret-once")).toBeVisible();
    },
  },
  {
    name: "dashboard-webhook",
    route: "/dashboard/{slug}/webhooks/{id}",
    open: async (visitor) => dashboard((await newWebhook()).own)(visitor),
  },
  {
    name: "dashboard-webhook-deliveries",
    route: "/dashboard/{slug}/webhooks/{id}/deliveries",
    async open(visitor) {
      const { own, path } = await newWebhook();
      await admin("POST", `${path}/test`);
      await dashboard(`${own}/deliveries`)(visitor);
    },
  },
  {
    name: "dashboard-webhook-delivery",
    route: "/dashboard/{slug}/webhooks/{id}/deliveries/{delivery}",
    async open(visitor) {
      const { own, path } = await newWebhook();
      const { id } = (await admin("POST", `${path}/test`)).delivery;
      const attempts = async () => (await admin("GET", `${path}/deliveries/${id}`)).delivery.attempts;
      await expect.poll(attempts).toBeGreaterThan(0);
      await dashboard(`${own}/deliveries/${id}`)(visitor);
    },
  },
];
