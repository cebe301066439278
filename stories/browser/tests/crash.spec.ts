// A browser that dies in the middle of a lecture, and a lecture that goes on at another device: the learner loses seconds,
// and the next one at the computer sees nothing.
import { expect, test, type Page } from "@playwright/test";

import { account, demo, signIn } from "./people.ts";

const lecture = "ischinese-fire-1";
const another = "ischinese-fire-2";
/** A note is kept every 2 s; one more for its writing and for the time between looking and dying. */
const most = 4;

const position = (page: Page) => page.evaluate(() => document.querySelector("video")!.currentTime);

async function covered(page: Page, id = lecture): Promise<number> {
  const asked = await page.request.get(`${demo.providers[0]!.url}/api/v1/lectures/${id}/coverage`);
  return ((await asked.json()) as { covered: number }).covered;
}

/** Everything that the browser keeps for the platform, as whoever opens the developer tools reads it. */
async function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
    const db = await done(indexedDB.open("xueshi"));
    const notes = () => db.transaction("notes").objectStore("notes");
    const sealed = (await done(notes().getAll())) as { data: ArrayBuffer }[];
    return [...(await done(notes().getAllKeys())).map(String), ...sealed.map((s) => new TextDecoder("latin1").decode(s.data))];
  });
}

async function enters(page: Page, id: string) {
  await signIn(page, account("王芳"));
  await page.goto(`${demo.hub}/courses`);
  const course = page.locator("article.course").filter({ hasText: "办公场所消防安全" });
  await course.getByRole("button", { name: "去学习" }).click();
  await expect(page).toHaveURL(/ischinese-fire/);
  await page.goto(`${demo.providers[0]!.url}/lectures/${id}`);
  await page.getByRole("button", { name: /播放/ }).first().click();
}

test("a crash costs seconds, and what the browser keeps tells nobody anything", async ({ context, page }) => {
  await enters(page, lecture);
  // The second report is due at 20 s: shortly before it, most would be lost.
  await expect.poll(() => position(page), { timeout: 60_000, intervals: [250] }).toBeGreaterThan(17.5);
  const reached = await position(page);
  const known = await covered(page);
  expect(known).toBeLessThan(reached - most);
  const notes = await kept(page);
  expect(notes).toHaveLength(2);
  for (const telling of ["ischinese", "session", "position"]) expect(notes.join("\n")).not.toContain(telling);

  await page.goto("chrome://crash").catch(() => undefined);
  const again = await context.newPage();
  await again.goto(`${demo.providers[0]!.url}/lectures/${lecture}`);
  await expect(again.locator("#learned")).toContainText("从上次的");
  expect(await covered(again)).toBeGreaterThan(reached - most);
});

test("what was learned before another device took over is credited", async ({ browser, page }) => {
  await enters(page, another);
  await expect.poll(() => position(page), { timeout: 60_000, intervals: [250] }).toBeGreaterThan(16);
  const reached = await position(page);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const phone = await context.newPage();
  await enters(phone, another);
  await expect(page.locator(".player-say")).toContainText("您已在其他页面或设备开始学习", { timeout: 20_000 });
  // Where the page had told of itself less than a second before, there is nothing left to hand in.
  await expect(page.locator(".player-say")).toContainText(/此前学习的 \d+ 秒已计入|已计入的时间不受影响/);
  expect(await covered(phone, another)).toBeGreaterThan(reached - 1);
  await context.close();
});
