// What anybody may see, and what is said of requests that lead nowhere.
import type { PageUnderTest } from "./page";
import { acme, enter } from "./ways";

export const publicPages: PageUnderTest[] = [
  { name: "flow-expired", light: true, open: (visitor) => visitor.page.goto("/sign-in?flow=bent") },
  { name: "unknown-client", light: true, open: (visitor) => visitor.open("e2e-web", { client_id: "nobody" }) },
  {
    name: "bad-redirect",
    light: true,
    open: (visitor) => visitor.open("e2e-web", { redirect_uri: "https://elsewhere.example/" }),
  },
  { name: "not-found", light: true, open: (visitor) => visitor.page.goto("/no/such/page") },
  { name: "setup-used", light: true, open: (visitor) => visitor.page.goto("/setup?token=used") },
  { name: "demo", light: true, open: (visitor) => visitor.page.goto("/demo") },
  {
    name: "demo-account",
    light: true,
    async open(visitor) {
      await enter(visitor, acme);
      await visitor.page.goto("/demo/sign-in");
    },
  },
  { name: "api-docs", light: true, open: (visitor) => visitor.page.goto("/api/docs") },
];
