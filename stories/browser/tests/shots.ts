// Pictures of every page, at the width of a desk and of a phone, to be looked at.
import { mkdirSync } from "node:fs";

import { test, type BrowserContext, type Page } from "@playwright/test";

import { account, demo, signIn, twelve, upload } from "./people.ts";

const widths = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

async function shoot(page: Page, name: string, path?: string) {
  if (path !== undefined) await page.goto(path.startsWith("http") ? path : demo.hub + path);
  for (const size of widths) {
    await page.setViewportSize(size);
    await page.screenshot({ path: `shots/${name}-${size.width}.png`, fullPage: true });
  }
  await page.setViewportSize(widths[0]!);
}

async function as(context: BrowserContext, who: string): Promise<Page> {
  const page = await context.newPage();
  await signIn(page, account(who));
  return page;
}

test("every page", async ({ browser }) => {
  mkdirSync("shots", { recursive: true });
  const anyone = await (await browser.newContext()).newPage();
  await shoot(anyone, "sign-in", "/sign-in");
  await shoot(anyone, "verify", "/verify");
  await shoot(anyone, "verify-unknown", "/verify/4320235823019470");
  await shoot(anyone, "help", "/help");
  await shoot(anyone, "forgot", "/forgot");
  await anyone.locator("#account").fill("somebody");
  await anyone.locator("#phone").fill("13800138000");
  await anyone.getByRole("button", { name: "获取验证码" }).click();
  await shoot(anyone, "forgot-code");
  for (const provider of demo.providers) await shoot(anyone, `provider-${provider.name}`, provider.url);

  const fresh = await as(await browser.newContext(), "newadmin");
  await fresh.locator("#new_password").fill("Abc12345!");
  await shoot(fresh, "first-sign-in");

  const staff = await as(await browser.newContext(), "王芳");
  for (const [name, path] of [["home-2023", "/?year=2023"], ["home-2026", "/"], ["courses", "/courses"], ["certificates", "/certificates"], ["profile", "/me/profile"], ["account", "/me/account"], ["phone", "/me/account/phone"], ["totp", "/me/account/totp"], ["not-found", "/nowhere"]] as const) {
    await shoot(staff, name, path);
  }
  await staff.goto(`${demo.hub}/hours?year=2023`);
  await staff.locator("details.row-detail").first().click();
  await shoot(staff, "hours");
  await staff.goto(`${demo.hub}/certificates`);
  await shoot(staff, "verify-valid", (await staff.getByRole("link", { name: "核验" }).getAttribute("href"))!);
  await staff.goto(`${demo.hub}/courses`);
  await staff.locator("article.course").filter({ hasText: "办公场所消防安全" }).getByRole("button").click();
  await shoot(staff, "provider-course");
  await shoot(staff, "provider-lecture", `${demo.providers[0]!.url}/lectures/ischinese-fire-1`);
  await shoot(staff, "provider-me", `${demo.providers[0]!.url}/me`);

  const admin = await as(await browser.newContext(), "admin");
  for (const [name, path] of [["desk", "/"], ["people", "/people"], ["import", "/people-import"], ["trainings", "/trainings"], ["training-new", "/trainings/new"]] as const) {
    await shoot(admin, name, path);
  }
  await admin.goto(`${demo.hub}/people?q=${encodeURIComponent("张伟")}`);
  await admin.getByRole("link", { name: "张伟", exact: true }).click();
  await shoot(admin, "person");
  await upload(admin, [["坏", "43010219820404001", "专业", "十九级", "", "x"]]);
  await shoot(admin, "import-errors");
  await upload(admin, twelve);
  await shoot(admin, "import-preview");
  await admin.goto(`${demo.hub}/trainings/new`);
  await admin.getByLabel("培训名称").fill("消防演练");
  await admin.getByLabel("开始日期").fill("2026-11-02");
  await admin.getByLabel("结束日期").fill("2026-11-02");
  await admin.getByLabel("实际天数").fill("1");
  await admin.getByRole("button", { name: "查看名单" }).click();
  await shoot(admin, "training-preview");
});
