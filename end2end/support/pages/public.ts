// What anybody may see, and what is said of requests that lead nowhere.
import type { PageUnderTest } from "./page";
import { acme, enter, join } from "./ways";

export const publicPages: PageUnderTest[] = [
  { name: "flow-expired", route: "/sign-in", light: true, open: (visitor) => visitor.page.goto("/sign-in?flow=bent") },
  {
    name: "unknown-client",
    route: "/oauth2/authorize",
    light: true,
    open: (visitor) => visitor.open("e2e-web", { client_id: "nobody" }),
  },
  {
    name: "bad-redirect",
    route: "/oauth2/authorize",
    light: true,
    open: (visitor) => visitor.open("e2e-web", { redirect_uri: "https://elsewhere.example/" }),
  },
  { name: "not-found", route: null, light: true, open: (visitor) => visitor.page.goto("/no/such/page") },
  { name: "setup-used", route: "/setup", light: true, open: (visitor) => visitor.page.goto("/setup?token=used") },
  { name: "demo", route: "/demo", light: true, open: (visitor) => visitor.page.goto("/demo") },
  {
    name: "demo-account",
    route: "/demo",
    light: true,
    async open(visitor) {
      await enter(visitor, acme);
      await visitor.page.goto("/demo/sign-in");
    },
  },
  {
    name: "demo-mailbox",
    route: "/demo/mailbox",
    light: true,
    async open(visitor) {
      const email = await join(visitor);
      await visitor.page.goto(`/demo/mailbox?to=${encodeURIComponent(email)}`);
    },
  },
  { name: "api-docs", route: "/api/docs", light: true, open: (visitor) => visitor.page.goto("/api/docs") },
];
