// One's own account, with and without JavaScript.
import { newEmail, password } from "../support/admin";
import { mailedLink } from "../support/mail";
import { expect, expectPage, test } from "../support/test";

test.describe("one's own account", () => {
  test("is reached by signing in, and keeps what is said there", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    await page.context().clearCookies();
    await page.goto("/account");
    await expectPage(page, "Sign in");
    await visitor.signIn({ email, password });
    await expectPage(page, "Profile");
    await expect(page.getByLabel("Email")).toHaveValue(email);
    await page.getByLabel("Given name").fill("Budi");
    await page.getByLabel("Phone number").fill("0812");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText(["Phone number: Write it like this: +6281234567890"]);
    await expect(page.getByLabel("Given name")).toHaveValue("Budi");
    await page.getByLabel("Phone number").fill("+62 812 3456 7890");
    await page.getByRole("combobox", { name: "Language" }).selectOption("id");
    await page.getByRole("button", { name: "Save" }).click();
    await expectPage(page, "Profil", "id");
    await expect(page.getByRole("status")).toHaveText("Tersimpan.");
    await expect(page.getByLabel("Nomor telepon")).toHaveValue("+6281234567890");
  });

  test("has folded parts, which open where something in them is wrong", async ({ visitor, page }) => {
    await visitor.arrive();
    await page.goto("/account");
    const unfold = (part: string) => page.locator("summary", { hasText: part }).click();
    const save = () => page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByLabel("Nickname")).toBeHidden();
    await unfold("More about you");
    await page.getByLabel("Nickname").fill("Bud");
    await page.getByLabel("Website").fill("budi.example");
    await save();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText(["Website: Write it like this: https://www.example.com"]);
    await expect(page.getByLabel("Website")).toBeVisible();
    await expect(page.getByLabel("Website")).toHaveValue("budi.example");
    await expect(page.getByLabel("Nickname")).toHaveValue("Bud");
    await expect(page.getByLabel("City")).toBeHidden();
    await page.getByLabel("Website").fill("https://budi.example");
    await unfold("Postal address");
    await page.getByLabel("Street").fill("Jalan Braga 1\nLantai 2");
    await page.getByLabel("City").fill("Bandung");
    await save();
    await expect(page.getByRole("status")).toHaveText("Saved.");
    await expect(page.getByLabel("Website")).toHaveValue("https://budi.example/");
    await expect(page.getByLabel("Street")).toHaveValue("Jalan Braga 1\nLantai 2");
    await unfold("Postal address");
    await page.getByLabel("City").fill("");
    await save();
    await expect(page.getByLabel("City")).toBeHidden();
    await expect(page.getByLabel("City")).toHaveValue("");
    await expect(page.getByLabel("Street")).toHaveValue("Jalan Braga 1\nLantai 2");
  });

  test("says that a form is lost whose session has ended", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    await page.goto("/account");
    await page.getByLabel("Given name").fill("Budi");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Save" }).click();
    await expectPage(page, "Sign in");
    await expect(page.getByRole("status")).toHaveText("Your session has ended. What you changed was not saved.");
    await visitor.signIn({ email, password });
    await expectPage(page, "Profile");
    await expect(page.getByLabel("Given name")).toHaveValue("");
  });

  test("changes the password, which ends every other session", async ({ visitor, page, browser }) => {
    const { email } = await visitor.arrive();
    const other = await browser.newPage();
    const signedIn = await other.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
    expect(signedIn.status()).toBe(303);
    await page.goto("/account/sessions");
    await expectPage(page, "Sessions");
    await expect(page.getByRole("listitem").filter({ hasText: "This browser" })).toHaveCount(1);
    await page.goto("/account/password");
    await page.getByLabel("Current password").fill("not the password");
    await page.getByLabel("New password").fill("lantern orbit staple purple");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText(["Current password: This is not your current password."]);
    await page.getByLabel("Current password").fill(password);
    await page.getByLabel("New password").fill("lantern orbit staple purple");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByRole("status")).toContainText("Your password was changed");
    const gone = await other.request.get("/account", { maxRedirects: 0 });
    expect(gone.headers()["location"]).toBe("/sign-in?to=profile");
    await other.close();
  });

  test("gets another address by a link to it", async ({ visitor, page, browser }) => {
    const { email } = await visitor.arrive();
    const other = await browser.newPage();
    await other.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
    await page.goto("/account");
    await page.getByRole("link", { name: "Change email address" }).click();
    await expectPage(page, "Change email address");
    await page.getByLabel("New email address").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText(["Email: This is your address already."]);
    const fresh = newEmail();
    await page.getByLabel("New email address").fill(fresh);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    const link = await mailedLink(fresh);
    // A browser that is signed in nowhere, as on a phone: the account is proved first.
    const phone = await browser.newPage();
    const asked = await phone.request.get(link, { maxRedirects: 0 });
    expect(asked.headers()["location"]).toMatch(/^\/sign-in\?to=mail&token=/);
    await phone.close();
    await page.goto(link);
    await expect(page.getByText(`You sign in with ${fresh} from now on`)).toBeVisible();
    await page.getByRole("button", { name: "Use this address" }).click();
    await expectPage(page, "Profile");
    await expect(page.getByRole("status")).toHaveText(`You sign in with ${fresh} from now on. Every other session has ended.`);
    await expect(page.getByLabel("Email")).toHaveValue(fresh);
    const gone = await other.request.get("/account", { maxRedirects: 0 });
    expect(gone.headers()["location"]).toBe("/sign-in?to=profile");
    const told = await (await page.request.get(`/demo/mailbox?to=${email}`)).text();
    expect(told).toContain("your email address was changed");
    for (const [address, status] of [[email, 401], [fresh, 303]] as const) {
      const signedIn = await other.request.post("/sign-in", { form: { email: address, password }, maxRedirects: 0 });
      expect(signedIn.status()).toBe(status);
    }
    await other.close();
  });

  test("signs another browser out", async ({ visitor, page, browser }) => {
    const { email } = await visitor.arrive();
    const other = await browser.newPage();
    await other.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
    await page.goto("/account/sessions");
    await page.getByRole("button", { name: /^Sign out (?!everywhere)/ }).click();
    await expect(page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
    const gone = await other.request.get("/account", { maxRedirects: 0 });
    expect(gone.status()).toBe(303);
    await other.close();
  });

  test("is taken along and deleted", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    await page.goto("/account/data");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("account.json");
    await page.getByLabel("Current password").fill(password);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await expectPage(page, "Your account is deleted");
    const refused = await page.request.post("/sign-in", { form: { email, password } });
    expect(refused.status()).toBe(401);
    // The address is free again, for a new person.
    await visitor.open();
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.goto(await mailedLink(email));
    await expectPage(page, "Choose a password");
  });
});
