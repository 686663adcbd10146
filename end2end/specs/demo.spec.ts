// The five steps of the README, as a newcomer takes them.
import { application, member } from "../support/admin";
import { expect, expectPage, test } from "../support/test";

const accounts = {
  customer: { email: "demo@example.com", password: "ride the turnpike" },
  owner: { email: "admin@example.com", password: "ride the turnpike" },
};

test("the five steps of the README", async ({ visitor, page, browser, baseURL, javaScriptEnabled }) => {
  const acme = await application("acme");
  // Another run may have chosen already: then the customer is asked again by `prompt=select_plan`, as in the demo.
  const chosen = await member(acme, accounts.customer.email).then(
    (found) => found.chosenAt !== null,
    () => false,
  );

  // The owner, in a browser of their own, makes a change to a plan.
  const owner = await browser.newContext({ javaScriptEnabled, baseURL });
  const desk = await owner.newPage();
  const setProjects = async (projects: number) => {
    await desk.goto("/dashboard/acme/plans/pro");
    await desk.getByRole("button", { name: "JSON" }).click();
    const json = desk.getByRole("textbox", { name: "JSON" });
    const features = JSON.parse(await json.inputValue());
    await json.fill(JSON.stringify({ ...features, maxProjects: projects }));
    await desk.getByRole("button", { name: "Save" }).last().click();
    await expect(desk.getByRole("status").filter({ hasText: "Saved." })).toBeVisible();
  };
  await desk.goto("/dashboard");
  await desk.getByLabel("Email").fill(accounts.owner.email);
  await desk.getByLabel("Password", { exact: true }).fill(accounts.owner.password);
  await desk.getByRole("button", { name: "Sign in" }).click();
  await expectPage(desk, "Applications");
  await setProjects(60);

  await page.goto("/demo");
  await expectPage(page, "Acme has no billing code.");
  await page.getByRole("link", { name: "Sign in to Acme" }).click();
  await expectPage(page, "Sign in to Acme");
  await visitor.signIn(accounts.customer);
  if (chosen) await page.getByRole("link", { name: "Choose a plan" }).click();

  await expectPage(page, "Choose your plan");
  await page.getByRole("radio", { name: "Pro" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  // Another run has paid already: then the plan is kept.
  if (!chosen) {
    await expectPage(page, "Subscribe to Pro");
    await page.getByRole("button", { name: "Pay $12.00" }).click();
    await expectPage(page, "Test payment");
    await page.getByRole("radio", { name: "Asks for 3-D Secure" }).check();
    await page.getByRole("button", { name: "Pay $12.00" }).click();
    await expectPage(page, "3-D Secure");
    await page.getByRole("button", { name: "Yes, it is me" }).click();
  }

  await expectPage(page, "You are on pro, billed monthly");
  const identity = page.getByRole("region", { name: "Claims of the id_token" });
  await expect(identity).toContainText('"plan": "pro"');
  await expect(identity).toContainText('"maxProjects": 60');
  const claims = page.getByRole("region", { name: "Claims of the access token" });
  await expect(claims).toContainText('"plan": "pro"');
  await expect(claims).toContainText('"maxProjects": 60');
  await expect(page.getByText("60 projects", { exact: true })).toBeVisible();
  const version = async () => Number(/"ent_ver": (\d+)/.exec(await claims.innerText())?.[1]);
  const before = await version();

  await setProjects(50);
  await page.getByRole("button", { name: "Refresh tokens" }).click();
  await expect(page.getByRole("status")).toHaveText("New tokens: they say what holds at this moment.");
  await expect(claims).toContainText('"maxProjects": 50');
  expect(await version()).toBeGreaterThan(before);

  await page.getByRole("button", { name: "Manage my plan" }).click();
  await expectPage(page, "Your plan");
  await page.getByRole("link", { name: "Back to Acme" }).first().click();
  await expectPage(page, "You are on pro, billed monthly");

  await page.getByRole("button", { name: "Sign out" }).click();
  await expectPage(page, "Acme has no billing code.");
  await owner.close();
});

test("somebody who is on a plan sees what it unlocks", async ({ visitor, page }) => {
  await page.goto("/demo/sign-in");
  await visitor.signIn({ email: "maya@example.com", password: accounts.owner.password });
  await expectPage(page, "You are on pro, billed monthly");
  const features = page.getByRole("region", { name: "What it unlocks" }).getByRole("listitem");
  await expect(features.filter({ hasText: "Export" })).toContainText("Unlocked");
  await expect(features.filter({ hasText: "Single sign-on" })).toContainText("Locked");
  expect((await member(await application("acme"), "maya@example.com")).subscription.status).toBe("active");
});

test("a newcomer can register for Acme", async ({ page }) => {
  await page.goto("/demo");
  await page.getByRole("link", { name: "Sign in to Acme" }).click();
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Email").fill(`p-${crypto.randomUUID().slice(0, 18)}@example.com`);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("link", { name: "Open the test mailbox" }).click();
  await expectPage(page, "Mailbox");
  await page.getByRole("link", { name: "Open the link" }).click();
  await page.getByLabel("Password", { exact: true }).fill("purple staple orbit lantern");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("radio", { name: "Team" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Start free trial" }).click();
  await page.getByRole("button", { name: "Save the card" }).click();
  await expectPage(page, "You are on team, billed monthly");
  await expect(page.getByText("25 seats", { exact: true })).toBeVisible();
});
