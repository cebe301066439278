// From a roster to a certificate that anyone can verify: the notice's case, by hand in the browser.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { expect, test, type Page } from "@playwright/test";

import { binary, root } from "./demo.ts";
import { account, demo, firstSteps, signIn, twelve, upload, watch, type Row } from "./people.ts";

async function importsTheRoster(page: Page) {
  const good = twelve.slice(0, 2);
  const wrongCheck = twelve[2]![1].slice(0, 17) + (twelve[2]![1].endsWith("0") ? "1" : "0");
  const bad: Row[] = [
    ...good,
    ["坏一", wrongCheck, "专业技术", "专业技术十级", "基础课部", "2016-09-01"],
    ["坏二", twelve[3]![1], "专业技术", "专业技术十九级", "基础课部", "2016-09-01"],
    ["坏三", good[1]![1], "专业技术", "专业技术十级", "基础课部", "2016-09-01"],
  ];
  await upload(page, bad);
  for (const [row, column, why] of [["第 5 行", "身份证号", "校验码"], ["第 6 行", "岗位等级", "不认识"], ["第 7 行", "身份证号", "重复"]] as const) {
    const line = page.getByRole("row").filter({ hasText: row });
    await expect(line).toContainText(column);
    await expect(line).toContainText(why);
  }
  await upload(page, twelve);
  await expect(page.locator(".stats")).toContainText("12");
  await page.getByRole("button", { name: "确认导入" }).click();
  await expect(page.getByText("新增 12 人")).toBeVisible();
}

async function resetsThePassword(page: Page, name: string): Promise<{ account: string; password: string }> {
  await page.goto(`${demo.hub}/people?q=${encodeURIComponent(name)}`);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("link", { name: "账号、密码与角色" }).click();
  await page.getByLabel("原因").first().fill("首次启用");
  await page.getByRole("button", { name: "生成一次性密码" }).click();
  const secret = (await page.locator("#one-time").textContent())!.trim();
  const name_ = (await page.locator("dt", { hasText: "账号" }).locator("+ dd").textContent())!.trim();
  return { account: name_, password: secret };
}

async function booksTheTraining(page: Page): Promise<void> {
  await page.goto(`${demo.hub}/trainings/new`);
  await page.getByLabel("培训名称").fill("2023年度教职工素质能力提升培训（基础课部）");
  await page.getByLabel("开始日期").fill("2023-08-30");
  await page.getByLabel("结束日期").fill("2023-09-01");
  await page.getByLabel("实际天数").fill("3");
  await page.getByRole("button", { name: "查看名单" }).click();
  await expect(page.getByText("3 天 × 8 = 24 学时")).toBeVisible();
  await page.getByRole("button", { name: "确认入账" }).click();
}

/** Plays the provider's free course of two lectures in the real player, at the speed of time. */
async function learns(page: Page) {
  await page.goto(`${demo.hub}/courses`);
  const course = page.locator("article.course").filter({ hasText: "办公场所消防安全" });
  await course.getByRole("button", { name: "去学习" }).click();
  await expect(page).toHaveURL(/ischinese-fire/);
  // A slow line: whoever presses play before the session is open must not be forgotten.
  await page.route("**/api/v1/learning-sessions", async (route) => {
    await page.waitForTimeout(2_000);
    await route.continue();
  });
  for (const lecture of ["ischinese-fire-1", "ischinese-fire-2"]) {
    await page.goto(`${demo.providers[0]!.url}/lectures/${lecture}`);
    await page.getByRole("button", { name: /播放/ }).first().click();
    await expect(page.locator("#learned")).toContainText("本讲已完成", { timeout: 6 * 60_000 });
  }
}

test("from a roster to a certificate anyone can verify", async ({ browser, context, page }) => {
  test.setTimeout(15 * 60_000);
  const wrong = watch(context);
  await page.close();
  const admin = await context.newPage();
  await signIn(admin, account("newadmin"));
  await firstSteps(admin, "13900007001");
  await importsTheRoster(admin);

  const school = await browser.newContext();
  const wrongAtSchool = watch(school);
  const teacher = await school.newPage();
  await signIn(teacher, await resetsThePassword(admin, twelve[0]![0]));
  await firstSteps(teacher, "13900007002");
  await expect(teacher.getByText("先完善岗位信息")).toBeVisible();
  await teacher.getByRole("link", { name: "完善岗位信息" }).click();
  await teacher.getByLabel("岗位类别").selectOption("professional");
  await teacher.getByLabel("岗位等级").selectOption("professional_9");
  await teacher.getByRole("button", { name: "保存" }).click();
  await expect(teacher.getByText("已保存")).toBeVisible();
  await teacher.goto(`${demo.hub}/?year=2023`);
  await expect(teacher.getByText("不少于 90 学时，或 12 天")).toBeVisible();
  await expect(teacher.getByText("公共科目还差 30 学时")).toBeVisible();
  await expect(teacher.getByText("专业科目还差 60 学时")).toBeVisible();

  const learning = learns(await school.newPage());

  await booksTheTraining(admin);
  await expect(admin.getByText(/已为 \d+ 人入账/)).toBeVisible();
  await booksTheTraining(admin);
  await expect(admin.getByText("没有重复入账")).toBeVisible();
  await teacher.reload();
  await expect(teacher.getByText("专业科目还差 36 学时")).toBeVisible();

  for (const words of ["湖南开放大学", "原湖南广播电视大学", "www.hnsydwpx.cn", "0731-82821099"]) {
    await expect(teacher.getByText(words).first()).toBeVisible();
  }

  await learning;
  await expect.poll(async () => {
    await teacher.goto(`${demo.hub}/hours?year=2026`);
    return teacher.locator("main").textContent();
  }, { timeout: 30_000 }).toContain("计入 0.1 学时");
  expect([...wrong, ...wrongAtSchool]).toEqual([]);
  await school.close();
});

test("the notice's case stands: 90 hours, 144 yuan, a certificate", async ({ context, page }) => {
  const wrong = watch(context);
  await signIn(page, account("王芳"));
  await page.goto(`${demo.hub}/?year=2023`);
  await expect(page.getByText("已完成 90 学时，达到全部要求")).toBeVisible();
  await expect(page.getByText("144.00 元").first()).toBeVisible();
  const href = await page.getByRole("link", { name: "查看合格证书" }).getAttribute("href");
  const pdf = await page.request.get(demo.hub + href);
  const bytes = await pdf.body();
  expect(bytes.subarray(0, 4).toString()).toBe("%PDF");
  expect(bytes.length).toBeGreaterThan(10_000);

  const no = href!.match(/\d\d-\d{4}-\d{9}-\d/)![0];
  await page.goto(`${demo.hub}/verify/${no.replaceAll("-", "")}`);
  await expect(page.getByRole("heading", { name: "证书有效" })).toBeVisible();
  const digits = no.replaceAll("-", "");
  const changed = digits.slice(0, 9) + ((Number(digits[9]) + 1) % 10) + digits.slice(10);
  await page.goto(`${demo.hub}/verify/${changed}`);
  await expect(page.getByRole("heading", { name: "没有这张证书" })).toBeVisible();

  const year = await (await page.request.get(`${demo.hub}/api/v1/me/years/2023`)).json();
  const record = await (await page.request.get(`${demo.hub}/api/v1/me/years/2023/record`)).json();
  const policy = join(root, "policies/hunan-2023.toml");
  const assessed = JSON.parse(execFileSync(binary, ["assess", "--policy", policy], { input: JSON.stringify(record) + "\n" }).toString());
  expect(year.fees.allowance).toBe("144.00");
  for (const [key, value] of Object.entries(assessed)) expect(year[key], key).toEqual(value);
  expect(wrong).toEqual([]);
});

test("a satisfied year with an incomplete profile waits, and is issued on saving", async ({ page }) => {
  await signIn(page, account("李娜"));
  await page.goto(`${demo.hub}/?year=2023`);
  await expect(page.getByText("资料未完善，证书待生成")).toBeVisible();
  await page.getByRole("link", { name: "完善资料" }).click();
  await page.getByLabel("岗位等级").selectOption("professional_8");
  await page.getByRole("button", { name: "保存" }).click();
  await expect.poll(async () => {
    await page.goto(`${demo.hub}/?year=2023`);
    return page.getByRole("link", { name: "查看合格证书" }).count();
  }).toBe(1);
});

test("the pages work without script", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, account("张伟"));
  await expect(page.getByRole("heading", { name: /年度培训/ })).toBeVisible();
  await page.getByRole("button", { name: "退出" }).click();
  await expect(page.getByText("您已退出登录")).toBeVisible();
  await context.close();
});

test("the administrator's figures show who completed the year", async ({ page }) => {
  await signIn(page, account("admin"));
  await page.goto(`${demo.hub}/statistics?year=2023`);
  const done = page.locator(".stat").filter({ hasText: "已完成" }).locator(".stat-value");
  await expect(done).not.toHaveText(/^0/);
});
