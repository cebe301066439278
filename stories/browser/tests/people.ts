// What people in the stories do, in their words.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, type BrowserContext, type Page } from "@playwright/test";
import writeExcelFile from "write-excel-file/node";

interface Account { account: string; password: string; role: string; unit: string; ready: boolean; about?: string }
interface Demo { hub: string; providers: { name: string; url: string }[]; accounts: Account[] }

export const demo: Demo = JSON.parse(process.env.DEMO ?? "{}");
export const data = process.env.DEMO_DATA ?? "";
export const password = "Song-shu9630!";

/** An account of the demo by what its description says. */
export function account(about: string): Account {
  const all: Account[] = JSON.parse(readFileSync(join(data, "accounts.json"), "utf8"));
  const found = all.find((a) => a.account === about || a.about?.startsWith(about));
  if (!found) throw new Error(`no account of ${about}`);
  return found;
}

/** Collects what must not happen on any page: errors, policy violations, requests to other hosts than these. */
export function watch(context: BrowserContext, hosts: readonly string[] = ["127.0.0.1"]): string[] {
  const wrong: string[] = [];
  context.on("page", (page) => {
    page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) wrong.push(m.text()); });
    page.on("pageerror", (e) => wrong.push(e.message));
    page.on("request", (r) => {
      const url = new URL(r.url());
      if (url.protocol.startsWith("http") && !hosts.includes(url.hostname)) wrong.push(`request to ${url.host}`);
    });
  });
  return wrong;
}

export async function signIn(page: Page, who: { account: string; password: string }) {
  await page.goto(`${demo.hub}/sign-in`);
  await page.getByLabel("账号").fill(who.account);
  await page.locator("#password").fill(who.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
}

/** The last code sent to a phone. */
export async function code(phone: string): Promise<string> {
  const file = join(data, "hub/outbox/sms.jsonl");
  let found = "";
  await expect.poll(() => {
    const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    const lines = text.split("\n").filter(Boolean).map((l) => JSON.parse(l));
    found = lines.filter((m) => m.to === phone).at(-1)?.code ?? "";
    return found;
  }).not.toBe("");
  return found;
}

/** The forced first steps (manual, 情况1), a weak password first. */
export async function firstSteps(page: Page, phone: string) {
  await expect(page).toHaveURL(/first-sign-in/);
  await page.locator("#new_password").fill("Abc12345!");
  await expect(page.locator('.tick[data-rule~="digit_run"]')).toHaveAttribute("data-state", "bad");
  await page.locator("#new_password").fill(password);
  await page.locator("#repeated").fill(password);
  await page.locator("#phone").fill(phone);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.locator("#code").fill(await code(phone));
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await expect(page).toHaveURL(`${demo.hub}/`);
}

/** An invented ID number whose check character holds. */
export function idNumber(n: number): string {
  const body = `43010219820404${String(n).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...body].reduce((s, c, i) => s + Number(c) * weights[i]!, 0);
  return body + "10X98765432"[sum % 11];
}

export type Row = [name: string, id: string, category: string, level: string, department: string, joined: string];

/** A roster as a spreadsheet, a title above its header as people send them. */
export async function roster(rows: Row[]): Promise<Buffer> {
  const header = ["姓名", "身份证号", "岗位类别", "岗位等级", "部门", "入职日期"];
  const lines = [["2023年度在编人员名册"], header, ...rows];
  const cells = lines.map((line) => line.map((value) => ({ value, type: String })));
  return writeExcelFile(cells).toBuffer();
}

export const twelve: Row[] = Array.from({ length: 12 }, (_, i) => [
  `新教师${String.fromCharCode(0x4e00 + i)}`, idNumber(i + 1), i === 0 ? "" : "专业技术", i === 0 ? "" : "专业技术十级", "基础课部", "2016-09-01",
]);

export async function upload(page: Page, rows: Row[]) {
  await page.goto(`${demo.hub}/people-import`);
  await page.locator('input[type="file"]').setInputFiles({
    name: "名册.xlsx", mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buffer: await roster(rows),
  });
  await page.getByRole("button", { name: "查看差异" }).click();
}
