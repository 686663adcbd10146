// The hosted pages, as people go through them: from a product's authorization URL back to the product with tokens.
import { admin, application, member, newApplication, newEmail, newPlan, password, people } from "../support/admin";
import { mailedLink } from "../support/mail";
import { issuer, redeem, refresh } from "../support/oauth";
import { expect, expectPage, test } from "../support/test";

const nbsp = "\u00a0";

test.describe("sign-in", () => {
  test("shows the product and puts the cursor where typing begins", async ({ visitor, page }) => {
    await visitor.open();
    await expectPage(page, "Sign in to Kopi Kita");
    await expect(page).toHaveTitle("Sign in to Kopi Kita");
    await expect(page.getByLabel("Email")).toBeFocused();
    await expect(page.getByLabel("Email")).toHaveAttribute("autocomplete", "username webauthn");
    await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("autocomplete", "current-password");
    await expect(page.getByRole("link", { name: "Help" })).toHaveAttribute("href", "https://help.example/");
  });

  test("shows the password when asked to", async ({ visitor, page, scripts }) => {
    await visitor.open();
    const field = page.getByLabel("Password", { exact: true });
    await field.fill("a secret");
    const show = page.getByLabel("Show");
    if (!scripts) return expect(show).toBeHidden();
    await show.check();
    await expect(field).toHaveAttribute("type", "text");
    await show.uncheck();
    await expect(field).toHaveAttribute("type", "password");
  });

  test("says the same of a wrong password and an unknown address, and keeps what was typed", async ({ visitor, page }) => {
    await visitor.open();
    for (const email of [people.member.email, newEmail()]) {
      const answered = page.waitForResponse((response) => response.request().method() === "POST");
      await visitor.signIn({ email, password: "not the password" });
      expect((await answered).status()).toBe(401);
      await expect(page.getByRole("alert")).toHaveText(
        "The email or the password is not right. Check both and try again.",
      );
      await expect(page.getByRole("alert")).toBeFocused();
      await expect(page.getByLabel("Email")).toHaveValue(email);
      await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
      expect(page.url()).not.toContain(encodeURIComponent(email));
      expect(page.url()).not.toContain(email);
    }
  });

  test("names each field that is missing", async ({ visitor, page }) => {
    await visitor.open();
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByLabel("Email"), "the browser asks first").toBeFocused();
    await page.locator("form").evaluate((form: HTMLFormElement) => (form.noValidate = true));
    await page.getByLabel("Email").fill("nobody");
    await page.getByRole("button", { name: "Sign in" }).click();
    const summary = page.getByRole("alert");
    await expect(summary).toBeFocused();
    await expect(summary.getByRole("link")).toHaveText([
      "Email: Enter an email address, such as name@example.com.",
      "Password: Fill this in.",
    ]);
    await expect(page.getByLabel("Email")).toHaveAccessibleDescription(/Enter an email address/);
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
    await summary.getByRole("link", { name: "Password" }).click();
    await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  });

  test("fills in the address that the product knows", async ({ visitor, page }) => {
    await visitor.open("e2e-web", { login_hint: "ana@example.com" });
    await expect(page.getByLabel("Email")).toHaveValue("ana@example.com");
    await expect(page.getByLabel("Password", { exact: true })).toBeFocused();
  });

  test("writes an address with markup in it back as text", async ({ visitor, page }) => {
    const hint = `"><script>document.title = 'bent'</script>@example.com`;
    await visitor.open("e2e-web", { login_hint: hint });
    await expect(page.getByLabel("Email")).toHaveValue(hint);
    await expect(page).toHaveTitle("Sign in to Kopi Kita");
  });

  test("leads back to the product, and the next time without a question", async ({ visitor }) => {
    const { tokens } = await visitor.arrive();
    const again = await visitor.open();
    expect((await visitor.tokens(again)).id.sub).toBe(tokens.id.sub);
  });

  test("asks again when the product wants it", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    const request = await visitor.open("e2e-web", { prompt: "login" });
    await expectPage(page, "Sign in to Kopi Kita");
    await visitor.signIn({ email, password });
    await visitor.tokens(request);
  });

  test("tells the product when a silent request needs a person", async ({ visitor }) => {
    const request = await visitor.open("e2e-web", { prompt: "none" });
    const redirect = await visitor.back();
    expect(redirect.searchParams.get("error")).toBe("login_required");
    expect(redirect.searchParams.get("state")).toBe(request.state);
  });

  test("survives a double click", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    const request = await visitor.open("e2e-web", { prompt: "login" });
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).dblclick();
    await visitor.tokens(request);
  });
});

test.describe("registration", () => {
  test("leads through plan selection to the tokens", async ({ visitor, page }) => {
    const { request, email } = await visitor.register();
    await expectPage(page, "Choose your plan");
    await page.getByRole("button", { name: "Keep Free" }).click();
    const { id, access } = await visitor.tokens(request);
    expect(id).toMatchObject({ email, name: "Budi Santoso", plan: "free", claims: { plan: "free" } });
    expect(id.features).toEqual({ maxProjects: 3, exportEnabled: false });
    expect(access).toMatchObject({ plan: "free", features: id.features, claims: id.claims, ent_ver: id.ent_ver });
  });

  test("names what is wrong and keeps what was typed, but not the password", async ({ visitor, page }) => {
    await visitor.open();
    await page.getByRole("link", { name: "Create an account" }).click();
    await expectPage(page, "Create your Kopi Kita account");
    const email = newEmail();
    await page.getByLabel("Name").fill("Budi");
    // Browsers take it for an address.
    const bad = `${"budi".repeat(17)}@example.com`;
    await page.getByLabel("Email").fill(bad);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([/^Email: Enter an email address/]);
    await expect(page.getByLabel("Name")).toHaveValue("Budi");
    await expect(page.getByLabel("Email")).toHaveValue(bad);
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.goto(await mailedLink(email));
    await expectPage(page, "Choose a password");
    const field = page.getByLabel("Password", { exact: true });
    for (const [typed, complaint] of [
      ["short", "Use 8 to 256 characters."],
      ["password1", "This password is easy to guess. Choose another, for example a few unrelated words."],
    ]) {
      await field.fill(typed);
      await page.getByRole("button", { name: "Create an account" }).click();
      await expect(page.getByRole("alert").getByRole("link")).toHaveText([`Password: ${complaint}`]);
      await expect(field).toHaveAccessibleDescription(new RegExp(complaint.slice(0, 20)));
      await expect(field).toHaveValue("");
    }
    await expect(page.getByLabel("Email")).toHaveValue(email);
  });

  test("says while one types how easily the password is guessed", async ({ visitor, page, scripts }) => {
    await visitor.open();
    await page.getByRole("link", { name: "Create an account" }).click();
    const email = newEmail();
    await page.getByLabel("Name").fill("Budi Santoso");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    await page.goto(await mailedLink(email));
    await expectPage(page, "Choose a password");
    const meter = page.locator("meter");
    if (!scripts) return expect(meter).toBeHidden();
    const field = page.getByLabel("Password", { exact: true });
    const said = page.locator("[data-words] p");
    const button = page.getByRole("button", { name: "Create an account" });
    const box = await button.boundingBox();
    await expect(meter).toBeVisible();
    for (const [typed, word, parts] of [
      ["password1", "Too easy to guess", 1],
      ["kqzvwxtr", "Fair", 2],
      ["BudiSantoso88!", "Too easy to guess", 1],
      ["horse staple", "Good", 3],
      [password, "Strong", 4],
      ["", "", 0],
    ] as const) {
      await field.fill(typed);
      await expect(said).toHaveText(word);
      await expect(meter).toHaveJSProperty("value", parts);
      expect(await button.boundingBox(), "nothing moves").toEqual(box);
    }
    await field.fill("BudiSantoso88!");
    await button.click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([/^Password: This password is easy to guess/]);
  });

  test("does not say that an address has an account", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    await visitor.open("e2e-web", { prompt: "login" });
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    const mailbox = await (await page.request.get(`/demo/mailbox?to=${email}`)).text();
    expect(mailbox).toContain("Kopi Kita: you have an account already");
  });

  test("survives a double click", async ({ visitor, page, scripts }) => {
    await visitor.open();
    await page.getByRole("link", { name: "Create an account" }).click();
    const email = newEmail();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).dblclick();
    await expectPage(page, "Check your mail");
    await page.goto(await mailedLink(email));
    await page.getByLabel("Password", { exact: true }).fill(password);
    // The link works once; without scripts nothing holds the second click back.
    const button = page.getByRole("button", { name: "Create an account" });
    await (scripts ? button.dblclick() : button.click());
    await expectPage(page, "Choose your plan");
  });

  test("is refused where the product lets nobody register", async ({ visitor, page }) => {
    await visitor.open("closed-web");
    await expectPage(page, "Sign in to Members only");
    await expect(page.getByRole("link", { name: "Create an account" })).toHaveCount(0);
    const response = await page.goto(page.url().replace("/sign-in", "/register"));
    expect(response?.status()).toBe(403);
    await expectPage(page, "Registration is closed");
  });
});

test.describe("mails", () => {
  test("bring a new password to somebody who forgot theirs", async ({ visitor, page }) => {
    const { email, tokens } = await visitor.arrive();
    const request = await visitor.open("e2e-web", { prompt: "login" });
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expectPage(page, "Choose a new password");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    await page.goto(await mailedLink(email));
    await expectPage(page, "Choose a new password");
    await expect(page.getByLabel("Email")).toHaveValue(email);
    await page.getByLabel("Password", { exact: true }).fill("a wholly different phrase");
    await page.getByRole("button", { name: "Save and sign in" }).click();
    expect((await visitor.tokens(request)).id.sub).toBe(tokens.id.sub);
    const again = await visitor.open("e2e-web", { prompt: "login" });
    await visitor.signIn({ email, password });
    await expect(page.getByRole("alert")).toContainText("The email or the password is not right.");
    await visitor.signIn({ email, password: "a wholly different phrase" });
    await visitor.tokens(again);
  });

  test("sign in without a password, once", async ({ visitor, page }) => {
    const { email, tokens } = await visitor.arrive();
    const request = await visitor.open("e2e-web", { prompt: "login" });
    await page.getByRole("link", { name: "Sign in by email" }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    const link = await mailedLink(email);
    await page.goto(link);
    await page.getByRole("button", { name: "Sign in" }).click();
    expect((await visitor.tokens(request)).id.sub).toBe(tokens.id.sub);
    await page.goto(link);
    await expectPage(page, "This link cannot be used");
    await page.getByRole("link", { name: "Your account" }).click();
    await expectPage(page, "Profile");
  });
});

test.describe("consent", () => {
  test("allowed once is not asked again", async ({ visitor, page }) => {
    const { request } = await visitor.register("e2e-partner");
    await expectPage(page, "Allow Kopi for partners?");
    await expect(page.getByRole("main").getByRole("listitem")).toHaveText([
      "Know that it is you, and which plan you have",
      "See and change your name, language and profile",
      "See your email address",
      "Keep this access while you are away",
    ]);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("button", { name: "Keep Free" }).click();
    await visitor.tokens(request);
    await visitor.tokens(await visitor.open("e2e-partner"));
  });

  test("refused is told to the product", async ({ visitor, page }) => {
    const { request } = await visitor.register("e2e-partner");
    await page.getByRole("button", { name: "Cancel" }).click();
    const redirect = await visitor.back();
    expect(redirect.searchParams.get("error")).toBe("access_denied");
    expect(redirect.searchParams.get("state")).toBe(request.state);
    expect(redirect.searchParams.get("iss")).toBe(issuer);
    await visitor.open("e2e-partner");
    await expectPage(page, "Allow Kopi for partners?");
  });
});

test.describe("plan selection", () => {
  test("shows every plan, and the one that one has", async ({ visitor, page }) => {
    await visitor.register();
    await expect(page.getByRole("heading", { level: 2 })).toHaveText(["Free", "Pro", "Tim"]);
    await expect(page.getByRole("radio", { name: "Free" })).toBeChecked();
    await expect(page.getByRole("radio", { name: "Free" })).toHaveAccessibleDescription(/Current/);
    await expect(page.getByText("Current", { exact: true })).toHaveCount(1);
    const pro = page.getByRole("radio", { name: "Pro" });
    await expect(pro).toHaveAccessibleDescription(/\$9\.99 per month Full access .*Max projects: 50/);
    await expect(page.getByText(`Rp${nbsp}99.000`, { exact: true })).toBeVisible();
  });

  test("a chosen plan is in the tokens", async ({ visitor, page }) => {
    const { request, email } = await visitor.register();
    await page.getByRole("radio", { name: "Pro" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    const { id, access } = await visitor.tokens(request);
    expect(id.plan).toBe("pro");
    expect(access.features).toEqual({ maxProjects: 50, exportEnabled: true, storageGb: 100 });
    const { subscription } = await member(await application("e2e"), email);
    expect(subscription).toMatchObject({ status: "active", isActive: true });
  });

  test("fetches WebAssembly when somebody points at what it is for", async ({ visitor, page, scripts }) => {
    const modules: string[] = [];
    page.on("request", (request) => request.url().endsWith(".wasm") && modules.push(request.url()));
    await visitor.register();
    await page.waitForLoadState("networkidle");
    expect(modules).toEqual([]);
    await page.getByRole("radio", { name: /^Yearly/ }).hover();
    if (scripts) await expect(page.locator("html")).toHaveAttribute("data-alive", "");
    expect(modules.length > 0).toBe(scripts);
  });

  test("does without WebAssembly that does not come", async ({ visitor, page, guard }) => {
    await page.route("**/*.wasm", (route) => route.abort());
    await visitor.register();
    await page.getByRole("radio", { name: /^Yearly/ }).click();
    await page.waitForURL(/cycle=year/);
    await expect(page.getByText("$8.33", { exact: true })).toBeVisible();
    guard.length = 0;
  });

  for (const key of ["Enter", " "]) {
    test(`the first press of ${key === " " ? "Space" : key} on a period chooses it`, async ({ visitor, page, scripts }) => {
      test.skip(key === " " && !scripts, "without scripts these are links");
      await visitor.register();
      const period = page.getByRole("radiogroup", { name: "Billing period" });
      const yearly = period.getByRole("radio", { name: /^Yearly/ });
      await yearly.focus();
      if (scripts) await expect(page.locator("html")).toHaveAttribute("data-alive", "");
      await page.keyboard.press(key);
      await page.waitForURL(/cycle=year/);
      await expect(yearly).toBeChecked();
      await expect(page.getByText("$8.33", { exact: true })).toBeVisible();
    });
  }

  test("switches between months and years", async ({ visitor, page, scripts }) => {
    const { request } = await visitor.register();
    const period = page.getByRole("radiogroup", { name: "Billing period" });
    await expect(period.getByRole("radio", { name: "Monthly" })).toBeChecked();
    await page.getByRole("radio", { name: "Pro" }).check();
    const navigations: string[] = [];
    page.on("request", (request) => request.isNavigationRequest() && navigations.push(request.url()));
    await period.getByRole("radio", { name: /^Yearly/ }).click();
    await expect(period.getByRole("radio", { name: /^Yearly/ })).toBeChecked();
    expect(navigations.length).toBe(scripts ? 0 : 1);
    await expect(page.getByText("$8.33", { exact: true })).toBeVisible();
    await expect(page.getByText("$99.90 billed yearly", { exact: true })).toBeVisible();
    await expect(page.getByText("Save 16%", { exact: true })).toBeVisible();
    await expect(page.getByText("$9.99", { exact: true })).toBeHidden();
    if (scripts) {
      await page.keyboard.press("ArrowLeft");
      await expect(period.getByRole("radio", { name: "Monthly" })).toBeChecked();
      await expect(period.getByRole("radio", { name: "Monthly" })).toBeFocused();
      await expect(page.getByText("$9.99", { exact: true })).toBeVisible();
      await page.keyboard.press("ArrowRight");
      await expect(period.getByRole("radio", { name: "Monthly" })).toHaveAttribute("tabindex", "-1");
      await expect(page.getByRole("radio", { name: "Pro" })).toBeChecked();
      await page.reload();
      await expect(period.getByRole("radio", { name: /^Yearly/ })).toBeChecked();
    }
    await page.getByRole("radio", { name: "Pro" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    expect((await visitor.tokens(request)).id.plan).toBe("pro");
  });

  test("is not shown again, unless the product asks", async ({ visitor, page }) => {
    const { request } = await visitor.register();
    await page.getByRole("radio", { name: "Pro" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    await visitor.tokens(request);
    await visitor.tokens(await visitor.open());
    const again = await visitor.open("e2e-web", { prompt: "select_plan" });
    await expectPage(page, "Choose your plan");
    await expect(page.getByRole("radio", { name: "Pro" })).toBeChecked();
    await page.getByRole("button", { name: "Keep Pro" }).click();
    expect((await visitor.tokens(again)).id.plan).toBe("pro");
  });

  test("starts with the plan that the product names", async ({ visitor, page }) => {
    const { request } = await visitor.register("e2e-web", { plan: "pro" });
    await expect(page.getByRole("radio", { name: "Pro" })).toBeChecked();
    await page.getByRole("button", { name: "Continue" }).click();
    expect((await visitor.tokens(request)).id.plan).toBe("pro");
    await visitor.tokens(await visitor.open("e2e-web", { plan: "pro" }));
    await visitor.tokens(await visitor.open("e2e-web", { plan: "no-such-plan" }));
    await visitor.open("e2e-web", { plan: "tim" });
    await expectPage(page, "Choose your plan");
    await expect(page.getByRole("radio", { name: "Tim" })).toBeChecked();
  });

  test("takes a double click for one choice", async ({ visitor, page }) => {
    const { request, email } = await visitor.register();
    await page.getByRole("radio", { name: "Pro" }).check();
    await page.getByRole("button", { name: "Continue" }).dblclick();
    expect((await visitor.tokens(request)).id.plan).toBe("pro");
    const { subscription } = await member(await application("e2e"), email);
    expect(subscription.status).toBe("active");
  });

  test("going back and choosing again moves on, too", async ({ visitor, page }) => {
    const { request } = await visitor.register();
    await page.getByRole("radio", { name: "Pro" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    await visitor.back();
    await page.goBack();
    await page.getByRole("radio", { name: "Tim" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    expect((await visitor.tokens(request)).id.plan).toBe("tim");
  });

  test("refuses a plan that went off offer meanwhile, and shows what is left", async ({ visitor, page, product }) => {
    const shop = await newApplication();
    await newPlan(shop, { name: "Basic", isDefault: true });
    const gone = await newPlan(shop, { name: "Gold", features: { gold: true } });
    const { clients } = await admin("GET", `/applications/${shop.id}/clients`);
    await admin("PATCH", `/applications/${shop.id}/clients/${clients[0].id}`, { skipConsent: true });
    const url = new URL("/auth/login", issuer);
    url.search = new URLSearchParams({ client_id: clients[0].clientId, redirect_uri: product.redirectUri, state: "s" }).toString();
    await page.goto(url.href);
    await page.getByRole("link", { name: "Create an account" }).click();
    const email = newEmail();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expectPage(page, "Check your mail");
    await page.goto(await mailedLink(email));
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByRole("radio", { name: "Gold" }).check();
    await admin("PATCH", `/applications/${shop.id}/plans/${gone.id}`, { archived: true });
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toContainText("This plan is no longer offered. Choose another.");
    await expect(page.getByRole("radio", { name: "Gold" })).toHaveCount(0);
    await page.getByRole("radio", { name: "Basic" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    expect((await visitor.back()).searchParams.get("code")).toBeTruthy();
  });

  test("needs a choice", async ({ visitor, page }) => {
    await visitor.register("paid-web");
    await expectPage(page, "Choose your plan");
    await page.locator("form#plan").evaluate((form: HTMLFormElement) => (form.noValidate = true));
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.getByRole("alert")).toContainText("Choose a plan.");
  });

  test("ends at the missing provider where plans cost money", async ({ visitor, page }) => {
    const { request, email } = await visitor.register("paid-web");
    await expect(page.getByText("Free trial 14 days")).toBeVisible();
    await page.getByRole("radio", { name: "Plus" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    await expectPage(page, "Payment is not available yet");
    await expect(page.getByRole("main")).toContainText(
      "Paid by Stripe takes payment for Plus through Stripe, and Stripe is not set up on this server yet.",
    );
    expect((await member(await application("paid"), email)).subscription).toBeNull();
    await page.getByRole("link", { name: "Choose another plan" }).click();
    await page.getByRole("button", { name: "Skip for now" }).click();
    const { id } = await visitor.tokens(request);
    expect(id).toMatchObject({ features: {}, claims: {} });
    expect(id.plan).toBeUndefined();
  });

  test("what an admin assigned can be kept, not changed", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    const shop = await application("e2e");
    const { plans } = await admin("GET", `/applications/${shop.id}/plans`);
    const planId = plans.find((plan: { key: string }) => plan.key === "pro").id;
    const { id } = await member(shop, email);
    await admin("PUT", `/applications/${shop.id}/users/${id}/subscription`, { planId });
    const request = await visitor.open("e2e-web", { prompt: "select_plan" });
    await expect(page.getByRole("status")).toContainText("Your plan is managed for you");
    await expect(page.getByRole("radio", { name: "Free" })).toBeDisabled();
    await page.getByRole("button", { name: "Keep Pro" }).click();
    expect((await visitor.tokens(request)).id.plan).toBe("pro");
  });

  test("a refresh carries what an admin changed meanwhile", async ({ visitor }) => {
    const { email, tokens } = await visitor.arrive();
    const shop = await application("e2e");
    const { id } = await member(shop, email);
    await admin("PUT", `/applications/${shop.id}/users/${id}/claims`, { claims: { seats: 7 } });
    const fresh = await refresh("e2e-web", tokens.refreshToken);
    expect(fresh.access.claims).toMatchObject({ seats: 7 });
    expect(fresh.access.ent_ver).toBeGreaterThan(tokens.access.ent_ver);
  });
});

test.describe("refused", () => {
  test("somebody without access is told so and can change the account", async ({ visitor, page }) => {
    const request = await visitor.open("closed-web");
    const { email } = people.member;
    await visitor.signIn(people.member);
    await expectPage(page, "No access to Members only");
    await expect(page.getByRole("main")).toContainText(`You are signed in as ${email}`);
    await page.getByRole("link", { name: "Use another account" }).click();
    await expectPage(page, "Sign in to Members only");
    await visitor.signIn(people.member);
    await expectPage(page, "No access to Members only");
    await page.getByRole("button", { name: "Back to Members only" }).click();
    const redirect = await visitor.back();
    expect(redirect.searchParams.get("error")).toBe("access_denied");
    expect(redirect.searchParams.get("state")).toBe(request.state);
    expect(redirect.searchParams.get("iss")).toBe(issuer);
  });

  test("a bent flow", async ({ visitor, page }) => {
    await visitor.open();
    for (const path of ["/sign-in", "/register", "/consent", "/plans", "/oauth2/resume"]) {
      const url = new URL(page.url().startsWith(issuer) ? page.url() : issuer);
      const flow = url.searchParams.get("flow") ?? "";
      const response = await page.goto(`${path}?flow=${flow.slice(0, -4)}AAAA`);
      expect(response?.status(), path).toBeGreaterThanOrEqual(400);
      expect(response?.status(), path).toBeLessThan(500);
      await expectPage(page, "This sign\u2011in has expired");
      await visitor.open();
    }
  });

  test("a client that nobody knows", async ({ visitor, page }) => {
    await visitor.open("e2e-web", { client_id: "nobody" });
    expect(new URL(page.url()).origin).toBe(issuer);
    await expectPage(page, "This link does not come from a known application");
  });

  test("an address that is not registered", async ({ visitor, page }) => {
    for (const redirect_uri of ["https://evil.example/callback", "http://127.0.0.1/elsewhere", undefined]) {
      await visitor.open("e2e-web", { redirect_uri });
      expect(new URL(page.url()).origin).toBe(issuer);
      await expectPage(page, "This link leads to an unknown address");
    }
  });

  test("every other fault goes back to the product", async ({ visitor }) => {
    for (const [parameters, error] of [
      [{ response_type: "token" }, "unsupported_response_type"],
      [{ code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
      [{ code_challenge_method: "plain" }, "invalid_request"],
      [{ request: "e30.e30." }, "request_not_supported"],
    ] as [Record<string, string | undefined>, string][]) {
      const request = await visitor.open("e2e-web", parameters);
      const redirect = await visitor.back();
      expect(redirect.searchParams.get("error")).toBe(error);
      expect(redirect.searchParams.get("state")).toBe(request.state);
      expect(redirect.searchParams.get("iss")).toBe(issuer);
    }
  });

  test("a page that does not exist", async ({ page }) => {
    const response = await page.goto("/no/such/page");
    expect(response?.status()).toBe(404);
    await expectPage(page, "Page not found");
  });
});

test.describe("sign-out", () => {
  test("asks, and ends the session", async ({ visitor, page }) => {
    const { email } = await visitor.arrive();
    await page.goto("/sign-out");
    await expectPage(page, "Sign out?");
    await expect(page.getByRole("main")).toContainText(`You are signed in as ${email}`);
    await page.getByRole("link", { name: "Stay signed in" }).click();
    await expectPage(page, "Profile");
    await page.goto("/sign-in");
    await expectPage(page, "Profile");
    await page.goto("/sign-out");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expectPage(page, "You are signed out");
    await visitor.open();
    await expectPage(page, "Sign in to Kopi Kita");
  });
});

test.describe("language and looks", () => {
  test("Indonesian, once chosen, stays", async ({ visitor, page }) => {
    await visitor.open();
    await page.getByRole("link", { name: "Bahasa Indonesia" }).click();
    await expectPage(page, "Masuk ke Kopi Kita", "id");
    await expect(page.getByRole("button", { name: "Masuk" })).toBeVisible();
    await visitor.open();
    await page.getByRole("link", { name: "Buat akun" }).click();
    await expectPage(page, "Buat akun Kopi Kita", "id");
    const email = newEmail();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Kirim tautan" }).click();
    await expectPage(page, "Periksa email Anda", "id");
    await page.goto(await mailedLink(email));
    await expectPage(page, "Buat kata sandi", "id");
    await page.getByLabel("Kata sandi", { exact: true }).fill("pendek");
    await page.getByRole("button", { name: "Buat akun" }).click();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText(["Kata sandi: Gunakan 8 sampai 256 karakter."]);
    await page.getByLabel("Kata sandi", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Buat akun" }).click();
    await expectPage(page, "Pilih paket Anda", "id");
    await expect(page.getByText("Saat ini", { exact: true })).toHaveCount(1);
    await expect(page.getByText(`Rp${nbsp}99.000`, { exact: true })).toBeVisible();
    await expect(page.getByRole("button", { name: "Tetap Free" })).toBeVisible();
  });

  test("the product may ask for a language", async ({ visitor, page }) => {
    await visitor.open("e2e-web", { ui_locales: "fr id" });
    await expectPage(page, "Masuk ke Kopi Kita", "id");
    await page.getByRole("link", { name: "Buat akun" }).click();
    const email = newEmail();
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Kirim tautan" }).click();
    await expectPage(page, "Periksa email Anda", "id");
    await page.goto(await mailedLink(email));
    await expectPage(page, "Buat kata sandi", "id");
  });

  test("the answer is posted to the product, by a script or by a button", async ({ visitor, page, product, scripts }) => {
    const request = await visitor.open("linked-web", { response_mode: "form_post", ui_locales: "id" });
    await page.locator("#email").fill(people.member.email);
    await page.locator("#password").fill(people.member.password);
    const posting = page.waitForRequest((sent) => sent.url() === product.redirectUri);
    await page.getByRole("button", { name: "Masuk", exact: true }).click();
    if (!scripts) {
      await expectPage(page, "Kembali ke Pasar Baru", "id");
      await page.getByRole("button", { name: "Lanjutkan" }).click();
    }
    const posted = await posting;
    expect((await visitor.back()).search).toBe("");
    expect(posted.method()).toBe("POST");
    const answer = new URLSearchParams(posted.postData() ?? "");
    expect([answer.get("state"), answer.get("iss")]).toEqual([request.state, issuer]);
    const { id } = await redeem(request, new URL(`${product.redirectUri}?${answer}`));
    expect(id.email).toBe(people.member.email);
  });

  test("the browser's language counts", async ({ browser, product }) => {
    const context = await browser.newContext({ locale: "id-ID" });
    const page = await context.newPage();
    await page.goto(`${issuer}/sign-in`);
    await expectPage(page, "Masuk ke dasbor", "id");
    await context.close();
    expect(product.origin).toBeTruthy();
  });

  test("wears the product's colours", async ({ visitor, page }) => {
    await visitor.open();
    const button = page.getByRole("button", { name: "Sign in" });
    await expect(button).toHaveCSS("background-color", "rgb(15, 118, 110)");
  });

  test("light and dark, without a flash", async ({ visitor, page }) => {
    await visitor.open();
    const html = page.locator("html");
    const background = () => html.evaluate((element) => getComputedStyle(element).backgroundColor);
    const light = await background();
    await page.getByRole("link", { name: "Dark" }).click();
    await expect(html).toHaveAttribute("data-theme", "dark");
    const dark = await background();
    expect(dark).not.toBe(light);
    const response = await page.goto((await visitor.open()).url);
    expect(await response?.text()).toMatch(/<html[^>]* data-theme="dark"/);
    await page.getByRole("link", { name: "Light" }).click();
    await expect.poll(background).toBe(light);
    await page.getByRole("link", { name: "System" }).click();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(background).toBe(dark);
  });
});
