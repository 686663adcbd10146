// Second factors, from setting one up to signing in with it.
import { readFile } from "node:fs/promises";
import { password } from "../support/admin";
import { totp } from "../support/factors";
import { expect, expectPage, test } from "../support/test";

test("an authenticator app is set up, and asked for from then on", async ({ visitor, page, context, scripts }) => {
  const { email } = await visitor.arrive();
  await page.goto("/account/security");
  await expectPage(page, "Security");
  await page.getByRole("link", { name: "Set up an authenticator app" }).click();
  await expectPage(page, "Set up an authenticator app");
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  const key = await page.locator("#totp-key").innerText();
  await page.getByLabel("The code that it shows").fill("000000");
  await page.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  expect(await page.locator("#totp-key").innerText()).toBe(key);
  await page.getByLabel("The code that it shows").fill(totp(key));
  await page.getByRole("button", { name: "Turn on" }).click();

  await expectPage(page, "Keep your recovery codes");
  const codes = await page.locator("#recovery-codes code").allInnerTexts();
  expect(codes).toHaveLength(10);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const file = await readFile(await (await downloading).path(), "utf8");
  for (const code of codes) expect(file).toContain(code);
  expect(file).toContain(email);
  const copy = page.locator("[data-copies]");
  if (scripts) {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await copy.click();
    await expect(copy).toHaveText("Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(codes[0]);
  } else {
    await expect(copy).toBeHidden();
  }
  await page.getByRole("link", { name: "I have kept them" }).click();
  await expectPage(page, "Security");
  await expect(page.getByText("10 left.")).toBeVisible();

  await context.clearCookies();
  let request = await visitor.open();
  await visitor.signIn({ email, password });
  await expectPage(page, "One more step");
  await expect(page.getByLabel("Code")).toBeFocused();
  await page.getByLabel("Code").fill("12 34 56");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("Code")).toHaveValue("");
  // The one of now may be used up: a clock may be half a minute fast.
  await page.getByLabel("Code").fill(totp(key, 1));
  await page.getByRole("button", { name: "Continue" }).click();
  let { id } = await visitor.tokens(request);
  expect(id).toMatchObject({ email, amr: ["pwd", "otp", "mfa"] });

  await context.clearCookies();
  request = await visitor.open();
  await visitor.signIn({ email, password });
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[4].toLowerCase());
  await page.getByRole("button", { name: "Continue" }).click();
  ({ id } = await visitor.tokens(request));
  expect(id).toMatchObject({ email, amr: ["pwd", "otp", "mfa"] });
});

test("an application that asks for a second factor waits until there is one", async ({ visitor, page }) => {
  const { request, email } = await visitor.register("guarded-web");
  await expectPage(page, "Security");
  await expect(page.getByText("Kas Kecil asks for a second factor.")).toBeVisible();
  await page.getByRole("link", { name: "Set up an authenticator app" }).click();
  await page.getByLabel("The code that it shows").fill(totp(await page.locator("#totp-key").innerText()));
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("link", { name: "I have kept them" }).click();
  expect((await visitor.tokens(request)).id).toMatchObject({ email, amr: ["email", "otp", "mfa"] });
});
