// Courses made by people of a platform, by hand in the browser: packages in a frame of another origin, a document, and a
// film that is watched on without a network.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test, type Page } from "@playwright/test";
import { strToU8, zipSync } from "fflate";

import { root } from "./demo.ts";
import { account, demo, signIn, watch } from "./people.ts";

const site = demo.providers[0]?.url ?? "";
const title = "课件、阅读与视频";

/** A SCORM 2004 package that finds its runtime, resumes its bookmark and says that it was passed. */
function scorm2004(): Buffer {
  const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>二〇〇四</title><item identifier="i" identifierref="r"><title>一</title><imsss:sequencing><imsss:objectives><imsss:primaryObjective objectiveID="all">
<imsss:minNormalizedMeasure>0.7</imsss:minNormalizedMeasure></imsss:primaryObjective></imsss:objectives></imsss:sequencing></item></organization></organizations>
<resources><resource identifier="r" type="webcontent" adlcp:scormType="sco" href="index.html"><file href="index.html"/></resource></resources></manifest>`;
  const page = `<!doctype html><meta charset="utf-8"><h1>SCORM 2004</h1><p id="said"></p><button id="go">学习</button><script>
    let win = window; while (!win.API_1484_11 && win.parent !== win) win = win.parent;
    const api = win.API_1484_11, said = document.getElementById("said");
    const asked = ["cmi.location", "cmi.scaled_passing_score", "cmi.objectives.0.id", "cmi.interactions._count"];
    said.textContent = [api.Initialize(""), ...asked.map((name) => api.GetValue(name))].join(" ");
    document.getElementById("go").addEventListener("click", () => {
      // An answer is judged by its interaction's type, which stands behind it in what is stored.
      api.SetValue("cmi.interactions.0.id", "q1"); api.SetValue("cmi.interactions.0.type", "choice");
      api.SetValue("cmi.interactions.0.learner_response", "a");
      api.SetValue("cmi.location", "p3"); api.SetValue("cmi.completion_status", "completed"); api.SetValue("cmi.success_status", "passed");
      said.textContent = "saved " + api.Commit("");
    });
  </script>`;
  return Buffer.from(zipSync({ "imsmanifest.xml": strToU8(manifest), "index.html": strToU8(page) }));
}

/** SCORM 2004 in three parts: the second opens once the first was passed, the third only follows the second. */
function ordered(): Buffer {
  const item = (id: string, title: string, rules: string) => `<item identifier="${id}" identifierref="r${id}"><title>${title}</title><imsss:sequencing>${rules}</imsss:sequencing></item>`;
  const map = (way: string) => `<imsss:mapInfo targetObjectiveID="first" ${way}SatisfiedStatus="true"/>`;
  const rule = (action: string, conditions: string) => `<imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions conditionCombination="any">${conditions}</imsss:ruleConditions><imsss:ruleAction action="${action}"/></imsss:preConditionRule></imsss:sequencingRules>`;
  const unmet = ["satisfied", "objectiveStatusKnown"].map((c) => `<imsss:ruleCondition referencedObjective="needed" operator="not" condition="${c}"/>`).join("");
  const items = [
    item("a", "甲", `<imsss:objectives><imsss:primaryObjective objectiveID="own">${map("write")}</imsss:primaryObjective></imsss:objectives><imsss:deliveryControls objectiveSetByContent="true"/>`),
    item("b", "乙", `${rule("disabled", unmet)}<imsss:objectives><imsss:primaryObjective/><imsss:objective objectiveID="needed">${map("read")}</imsss:objective></imsss:objectives>`),
    item("c", "丙", rule("hiddenFromChoice", '<imsss:ruleCondition condition="always"/>')),
  ];
  const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>有顺序</title>${items.join("")}<imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization></organizations>
<resources>${["a", "b", "c"].map((id) => `<resource identifier="r${id}" type="webcontent" adlcp:scormType="sco" href="part.html?${id}"><file href="part.html"/></resource>`).join("")}</resources></manifest>`;
  const page = `<!doctype html><meta charset="utf-8"><h1 id="part"></h1><button id="pass">通过</button><button id="on">往下</button><script>
    let win = window; while (!win.API_1484_11 && win.parent !== win) win = win.parent;
    const api = win.API_1484_11; api.Initialize("");
    document.getElementById("part").textContent = location.search.slice(1) + " " + api.GetValue("cmi.entry");
    let ended = false;
    const end = () => { if (!ended) { ended = true; api.Terminate(""); } };
    document.getElementById("pass").addEventListener("click", () => { api.SetValue("cmi.success_status", "passed"); api.SetValue("cmi.completion_status", "completed"); end(); });
    document.getElementById("on").addEventListener("click", () => { api.SetValue("cmi.completion_status", "completed"); api.SetValue("adl.nav.request", "continue"); end(); });
    addEventListener("pagehide", end);
  </script>`;
  return Buffer.from(zipSync({ "imsmanifest.xml": strToU8(manifest), "part.html": strToU8(page) }));
}

/** A film of one minute whose picture changes with the time. */
function film(folder: string): Buffer {
  const path = join(folder, "film.mp4");
  const picture = ["-f", "lavfi", "-i", "testsrc=size=640x360:rate=10:duration=60", "-f", "lavfi", "-i", "sine=frequency=300:duration=60"];
  execFileSync("ffmpeg", ["-loglevel", "error", ...picture, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest", path]);
  return readFileSync(path);
}

async function pdf(page: Page): Promise<Buffer> {
  await page.setContent(`<h1>阅读</h1><p>${"消防安全，人人有责。".repeat(60)}</p><h1 style="break-before:page">第二页</h1><p>${"会用灭火器，会逃生。".repeat(20)}</p>`);
  return page.pdf({ format: "A5" });
}

async function uploads(page: Page, name: string, buffer: Buffer) {
  await page.getByLabel("讲座名称").fill(name);
  await page.locator("#file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  if (name.endsWith(".zip")) await page.getByLabel("课件包的学习时长（分钟）").fill("2");
  await page.getByRole("button", { name: "上传", exact: true }).click();
  // The page is loaded anew after an upload, and its form is the script's only once that has run.
  await expect(page.locator("#materials li").filter({ hasText: name })).toBeVisible({ timeout: 30_000 });
  await page.waitForLoadState();
}

async function covered(page: Page): Promise<number> {
  const id = page.url().split("/").at(-1)!;
  const asked = await page.request.get(`${site}/api/v1/lectures/${id}/coverage`);
  return ((await asked.json()) as { covered: number }).covered;
}

/** Opens a lecture of the course by its title. */
async function opens(page: Page, name: string) {
  await page.locator("ol.rows a").filter({ hasText: name }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  await expect(page.locator("#learned")).toContainText("播放后开始计时");
}

/** Whoever is at a package moves in it; that is what its time goes on by. */
async function touches(page: Page) {
  const box = (await page.locator("#player iframe").boundingBox())!;
  let n = 0;
  await expect.poll(async () => {
    await page.mouse.move(box.x + 150 + (n++ % 10) * 10, box.y + 150);
    return page.locator("#learned").textContent();
  }, { timeout: 30_000, intervals: [500] }).toContain("正在计时");
}

const credited = (page: Page, seconds: number) => expect.poll(() => covered(page), { timeout: 40_000 }).toBeGreaterThan(seconds);

// Where a frame within a frame is not found, what each shows is the first thing to know.
test.afterEach(({ context }, info) => {
  if (info.status !== info.expectedStatus) console.log(context.pages().flatMap((p) => p.frames().map((f) => f.url())));
});

test("packages, a document and a film of one's own are played and their time counts", async ({ context, page }) => {
  test.setTimeout(5 * 60_000);
  const folder = mkdtempSync(join(tmpdir(), "contents-"));
  const read = await pdf(page);
  const wrong = watch(context, ["127.0.0.1", "content.localhost"]);
  await page.close();
  page = await context.newPage();
  await signIn(page, account("provider"));
  await page.goto(`${demo.hub}/courses`);
  await page.locator("article.course").filter({ hasText: "办公场所消防安全" }).getByRole("button", { name: "去学习" }).click();
  await expect(page).toHaveURL(/ischinese-fire/);

  await page.goto(`${site}/studio/drafts/new`);
  await page.getByLabel("课程名称").fill(title);
  await page.getByLabel("主讲").fill("陈老师");
  await page.getByLabel("专业科目的专业领域").fill("体育");
  await page.getByLabel("免费").check();
  await page.getByRole("button", { name: "下一步：上传讲座" }).click();
  const real = (name: string) => readFileSync(join(root, `stories/tests/packages/${name}.zip`));
  await uploads(page, "film.mp4", film(folder));
  await uploads(page, "scorm12.zip", real("singlescobasic"));
  await uploads(page, "scorm2004.zip", scorm2004());
  await uploads(page, "ordered.zip", ordered());
  await uploads(page, "cmi5.zip", real("single_au_basic_responsive"));
  await uploads(page, "read.pdf", read);
  // A package may ask whether one really wants to leave it.
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "发布课程" }).click({ timeout: 120_000 });
  await page.getByRole("button", { name: "确认", exact: true }).click();
  await expect(page).toHaveURL(/\/courses\//);
  await page.getByRole("button", { name: "报名并开始学习" }).click();

  // A film: pictures above the seek bar, and twenty seconds without a network under the lease.
  await expect(page).toHaveURL(/\/lectures\//);
  await page.getByRole("button", { name: /播放/ }).first().click();
  await credited(page, 8);
  await page.locator(".player-seek").hover({ position: { x: 300, y: 4 } });
  await expect(page.locator(".player-thumb")).toBeVisible();
  expect((await page.locator(".player-thumb").boundingBox())!.height).toBeGreaterThan(80);
  await context.setOffline(true);
  await expect(page.locator("#learned")).toContainText("网络中断", { timeout: 30_000 });
  await page.waitForTimeout(15_000);
  const reached = await page.evaluate(() => document.querySelector("video")!.currentTime);
  await context.setOffline(false);
  await credited(page, reached - 2);
  wrong.splice(0, wrong.length, ...wrong.filter((w) => !w.includes("ERR_INTERNET_DISCONNECTED")));

  // SCORM 1.2: a real course of a frameset's age finds its runtime.
  await opens(page, "scorm12.zip");
  await expect(page.locator("#player iframe")).toHaveAttribute("src", /^http:\/\/content\.localhost:/);
  await touches(page);
  const runtime = page.frames().find((f) => f.url().includes("/frame?"))!;
  const model = () => runtime.evaluate(() => (window as never as { API: { LMSGetValue(n: string): string } }).API.LMSGetValue("cmi.core.lesson_status"));
  await expect.poll(model).toMatch(/incomplete|browsed|completed|passed/);
  await credited(page, 8);
  expect(await page.evaluate(() => document.querySelector<HTMLIFrameElement>("#player iframe")!.contentDocument)).toBeNull();

  // SCORM 2004: what it says is kept, shown, and there when it is opened again.
  await opens(page, "scorm2004.zip");
  const own = page.frameLocator("#player iframe").frameLocator("iframe");
  await expect(own.locator("#said")).toHaveText("true  0.7 all 0");
  await own.getByRole("button", { name: "学习" }).click();
  await expect(own.locator("#said")).toHaveText("saved true");
  await credited(page, 8);
  await page.reload();
  await expect(page.locator("#items")).toContainText("已通过");
  await expect(page.frameLocator("#player iframe").frameLocator("iframe").locator("#said")).toHaveText("true p3 0.7 all 1");

  // A package with an order: what may not be opened yet is grey, and a reload goes on where it was. The page's script may come
  // late, and the package is opened once all the same.
  await page.route(/\/assets\/player[^/]*\.js$/, async (route) => {
    await new Promise((late) => setTimeout(late, 1_500));
    await route.continue();
  });
  await opens(page, "ordered.zip");
  const shown = page.frameLocator("#player iframe").frameLocator("iframe");
  const part = (n: number) => page.locator("#items [data-src]").nth(n);
  await expect(shown.locator("#part")).toHaveText("a ab-initio");
  await expect(page.locator("#items-order")).toContainText("规定了学习的顺序");
  await expect(part(1)).toBeDisabled();
  await expect(part(2)).toBeDisabled();
  await shown.getByRole("button", { name: "通过" }).click();
  await expect(part(1)).toBeEnabled();
  await part(1).click();
  await expect(shown.locator("#part")).toHaveText("b ab-initio");
  await expect(part(1)).toHaveAttribute("aria-current", "true");
  await expect(part(2)).toBeDisabled();
  await page.reload();
  await expect(shown.locator("#part")).toHaveText(/^b /);
  await shown.getByRole("button", { name: "往下" }).click();
  await expect(shown.locator("#part")).toHaveText("c ab-initio");
  await expect(page.getByRole("button", { name: "上一部分" })).toBeEnabled();
  await page.getByRole("button", { name: "上一部分" }).click();
  await expect(shown.locator("#part")).toHaveText(/^b /);
  await page.unrouteAll();

  // cmi5: a real unit is launched and fetches its token.
  const launched = page.waitForResponse((r) => r.url().includes("/fetch") && r.status() === 200);
  await opens(page, "cmi5.zip");
  await launched;
  await touches(page);
  await credited(page, 8);

  // A document: time stands still at the end of a page until it is turned.
  await opens(page, "read.pdf");
  await page.getByRole("button", { name: /播放/ }).first().click();
  await expect(page.locator(".reader-page")).toBeVisible();
  await expect(page.locator(".reader-said")).toContainText("本页还需");
  await page.getByText("文字版").click();
  await expect(page.locator(".reader-text")).toContainText("人人有责");
  await credited(page, 8);
  expect(wrong).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});
