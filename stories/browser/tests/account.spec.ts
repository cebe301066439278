// What only a browser shows of an account: the warning before the idle sign-out and what was typed meanwhile, passkeys made
// and used, roles chosen in the header.
import { expect, test, type Page } from "@playwright/test";

import { account, demo, signIn } from "./people.ts";

const minutes = (n: number) => n * 60_000;

async function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
    const db = await done(indexedDB.open("xueshi"));
    if (!db.objectStoreNames.contains("notes")) return "";
    const boxes = (await done(db.transaction("notes").objectStore("notes").getAll())) as { data: ArrayBuffer }[];
    return boxes.map((b) => new TextDecoder("latin1").decode(b.data)).join("\n");
  });
}

test("two minutes before the idle sign-out a dialog extends; what was typed comes back to its person alone", async ({ page }) => {
  await page.clock.install();
  await signIn(page, account("王芳"));
  await page.goto(`${demo.hub}/claims/new?item=paper.core`);
  const title = page.locator('main form[method="post"] input[name="title"]').first();
  await title.fill("一篇还没有提交的论文");
  await page.clock.runFor(2_000);
  await expect.poll(() => kept(page).then((text) => text.length)).toBeGreaterThan(0);
  expect(await kept(page)).not.toContain("论文");

  await page.clock.runFor(minutes(28) + 10_000);
  const dialog = page.getByRole("dialog", { name: "即将自动退出登录" });
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "继续使用" }).click();
  await expect(dialog).toBeHidden();
  await page.clock.runFor(minutes(27));
  await expect(page).toHaveURL(/claims\/new/);

  await page.clock.runFor(minutes(4));
  await expect(page).toHaveURL(/sign-in\?reason=idle/);
  await page.context().clearCookies();
  await signIn(page, account("张伟"));
  await page.goto(`${demo.hub}/claims/new?item=paper.core`);
  await expect(page.locator(".draft-note")).toHaveCount(0);
  await expect(page.locator('main form[method="post"] input[name="title"]').first()).toHaveValue("");

  await page.context().clearCookies();
  await signIn(page, account("王芳"));
  await page.goto(`${demo.hub}/claims/new?item=paper.core`);
  await expect(page.locator(".draft-note")).toContainText("已恢复您");
  await expect(page.locator('main form[method="post"] input[name="title"]').first()).toHaveValue("一篇还没有提交的论文");

  // It stays with its own item and year.
  const opened = page.waitForResponse(/draft-key/);
  await page.goto(`${demo.hub}/claims/new?item=training.party_school`);
  await opened;
  await page.clock.runFor(2_000);
  await expect(page.locator(".draft-note")).toHaveCount(0);
  await expect(page.locator('main form[method="post"] input[name="title"]').first()).toHaveValue("");
});
