// In front of the dashboard.
import type { Page } from "@playwright/test";
import { people, type Application } from "./admin";
import { expect } from "./test";

/** Signs the superadmin of the catalog in. */
export async function enterDashboard(page: Page): Promise<void> {
  const { email, password } = people.superadmin;
  const answer = await page.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Opens a page of an application's dashboard. */
export async function openDashboard(page: Page, application: Application, path: string): Promise<void> {
  // People are slower than islands.
  await page.goto(`/dashboard/${application.slug}/${path}`, { waitUntil: "networkidle" });
}

/** What was done is said. */
export const done = (page: Page, sentence: string) =>
  expect(page.getByRole("main").getByRole("status").filter({ hasText: sentence })).toBeVisible();
