// Whoever adds a page adds it to those that are looked at. This side reads the table of Rust's, and not the other way
// round: a row there is a path in quotes, while pages here are made by functions and in loops.
import { expect, test } from "@playwright/test";
import { dashboardPages, pages } from "../support/pages";
import { routes } from "../support/routes";

/** What answers GET and is no page to look at, by why. */
const others: Record<string, string[]> = {
  "for programs": [
    "/.well-known/jwks.json",
    "/.well-known/keys/{kid}",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/api/openapi.json",
    "/healthz",
    "/oauth2/userinfo",
    "/readyz",
  ],
  "a file": ["/account/export", "/demo/style.css", "/logo/{application}/{version}", "/site/{version}/{*path}"],
  "leads to another page": [
    "/",
    "/dashboard/{slug}",
    "/demo/callback",
    "/demo/sign-in",
    "/oauth2/logout",
    "/sign-in/passkey",
  ],
  "leads on, or refuses as unknown-client does": ["/auth/login"],
  "leads on, or refuses as checkout-wrong does": ["/checkout/return"],
  "leads on, or refuses as flow-expired does": ["/oauth2/resume"],
};

test("every route that shows a page is looked at", () => {
  const seen = [...pages, ...dashboardPages].flatMap(({ route }) => route ?? []);
  const known = [...new Set(seen), ...Object.values(others).flat()];
  expect(known.sort()).toEqual(routes().sort());
});
