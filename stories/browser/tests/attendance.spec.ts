// At the door of a training: a fresh browser scans, signs in afterwards, and serves one person only.
import { expect, test } from "@playwright/test";

import { account, demo, signIn, watch } from "./people.ts";

test("a scan in a fresh browser holds its instant until its owner has signed in", async ({ browser, page }) => {
  await signIn(page, account("admin"));
  await page.goto(`${demo.hub}/attendances/new`);
  await page.getByLabel("培训名称").fill("消防演练");
  await page.getByLabel("开始").fill("00:00");
  await page.getByLabel("结束").fill("23:59");
  await page.getByRole("button", { name: "创建" }).click();
  const id = new URL(page.url()).pathname.split("/").pop()!;
  const board = await page.getByRole("link", { name: "打开会场大屏" }).getAttribute("href");

  const hall = await (await browser.newContext()).newPage();
  await hall.goto(`${demo.hub}${board}`);
  const digits = hall.locator(".board-digits");
  const first = await digits.textContent();
  await expect(digits).not.toHaveText(first!, { timeout: 20_000 });

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const wrong = watch(phone);
  const own = await phone.newPage();
  await own.goto(`${demo.hub}/attend/${id}/scan?c=${(await digits.textContent())!.trim()}`);
  await expect(own).toHaveURL(/sign-in/);
  const who = account("王芳");
  await own.getByLabel("账号").fill(who.account);
  await own.locator("#password").fill(who.password);
  await own.getByRole("button", { name: "登录", exact: true }).click();
  await own.getByRole("button", { name: "确认签到" }).click();
  await expect(own.getByText("签到成功")).toBeVisible();
  await page.goto(`${demo.hub}/attendances/${id}`);
  await expect(page.getByRole("row").filter({ hasText: "王芳" })).toContainText("未签退");

  await own.getByRole("button", { name: "退出" }).click();
  await expect(own).toHaveURL(/sign-in/);
  await own.goto(`${demo.hub}/attend/${id}/scan?c=${(await digits.textContent())!.trim()}`);
  const other = account("张伟");
  await own.getByLabel("账号").fill(other.account);
  await own.locator("#password").fill(other.password);
  await own.getByRole("button", { name: "登录", exact: true }).click();
  await own.getByRole("button", { name: "确认签到" }).click();
  await expect(own.getByText("这台设备已经为别人签过到")).toBeVisible();
  expect(wrong).toEqual([]);
});
