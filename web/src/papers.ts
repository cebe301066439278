// Draws <div data-paper="address"> as the pages of that PDF, beside the form that decides on it. Files are handed out as
// attachments in a sandbox, which no viewer of a browser shows: the bytes are read and drawn here. What cannot be drawn
// keeps its link.
import { getDocument } from "unpdf/pdfjs";
import { all, make } from "./lib/dom";

/** More pages than these are left to the link. */
const MOST_PAGES = 30;

type Pages = Awaited<ReturnType<typeof getDocument>["promise"]>;

async function draw(pages: Pages, number: number, into: HTMLElement): Promise<void> {
  const page = await pages.getPage(number);
  const width = Math.min(into.clientWidth || 640, 1000) * Math.min(window.devicePixelRatio || 1, 2);
  const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
  const label = `${into.dataset["name"] ?? ""} ${number} / ${pages.numPages}`;
  const canvas = make("canvas", { role: "img", "aria-label": label });
  canvas.width = Math.round(viewport.width);
  canvas.height = Math.round(viewport.height);
  into.append(canvas);
  await page.render({ canvas, viewport }).promise;
}

async function show(into: HTMLElement): Promise<void> {
  const answer = await fetch(into.dataset["paper"] ?? "", { credentials: "same-origin" });
  if (!answer.ok) return;
  const data = new Uint8Array(await answer.arrayBuffer());
  const pages = await getDocument({ data, isEvalSupported: false, useSystemFonts: true, verbosity: 0 }).promise;
  for (let number = 1; number <= Math.min(pages.numPages, MOST_PAGES); number++) await draw(pages, number, into);
}

for (const element of all("[data-paper]")) {
  show(element).catch(() => element.replaceChildren());
}
