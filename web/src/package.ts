// Runs inside the frame of contents: gives a package the runtime it looks for and tells the page around it that someone
// is here. Everything is of this origin; the page around is another, and only hears "activity".
import * as scorm12 from "scorm-again/scorm12";
import * as scorm2004 from "scorm-again/scorm2004";

import { restore, type Runtime } from "./package/model";
import { Order, type Ordered } from "./package/order";

const data = document.body.dataset;
const parentOrigin = data["parent"] ?? "";

/** So often activity is told at most, in milliseconds. */
const tellEvery = 2_000;
let toldAt = 0;

function tell(): void {
  if (Date.now() - toldAt < tellEvery) return;
  toldAt = Date.now();
  window.parent.postMessage({ xueshi: "activity" }, parentOrigin);
}

/** Watches a document of the package and every frame in it. */
function watch(frame: HTMLIFrameElement | HTMLFrameElement): void {
  const begin = (): void => {
    try {
      const inner = frame.contentDocument;
      if (!inner) return;
      for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) inner.addEventListener(type, tell, { passive: true });
      for (const media of inner.querySelectorAll("video, audio")) media.addEventListener("timeupdate", tell);
      for (const deeper of inner.querySelectorAll<HTMLIFrameElement>("iframe, frame")) watch(deeper);
    } catch {
      // A frame of yet another origin tells nothing; what is done around it does.
    }
  };
  frame.addEventListener("load", begin);
  begin();
}

// The library's types name default exports that its modules do not have.
const { Scorm12API } = scorm12 as unknown as { Scorm12API: new (settings: object) => Runtime };
const { Scorm2004API } = scorm2004 as unknown as { Scorm2004API: new (settings: object) => Ordered };

const settings = { autocommit: true, autocommitSeconds: 10, lmsCommitUrl: data["commit"] ?? false, dataCommitFormat: "json", logLevel: 4 };

/** Gives parts the runtime that they look for, under the name that their standard has for it. */
function offer(name: string, api: Runtime): void {
  restore(api, data);
  (window as unknown as Record<string, unknown>)[name] = api;
}

const frame = document.createElement("iframe");

/** Ends the part on show, which may have something left to say. */
function unload(): Promise<void> {
  return new Promise((resolve) => {
    frame.addEventListener("load", () => setTimeout(resolve, 0), { once: true });
    setTimeout(resolve, 3_000);
    frame.src = "about:blank";
  });
}

/** Which part is played here, as far as the package says in which order they are. */
async function ordered(): Promise<"here" | "elsewhere" | "none"> {
  const make = (sequencing: object): Ordered => new Scorm2004API({ ...settings, sequencing });
  const order = await Order.open(data, make, (message) => window.parent.postMessage(message, parentOrigin));
  if (!order) {
    offer("API_1484_11", new Scorm2004API(settings));
    return "here";
  }
  const where = await order.begin();
  offer("API_1484_11", order.api);
  order.listen(parentOrigin, unload);
  return where;
}

async function begin(): Promise<void> {
  if (data["standard"] === "scorm12") offer("API", new Scorm12API(settings));
  if (data["standard"] === "scorm2004") {
    const where = data["keep"] ? await ordered() : (offer("API_1484_11", new Scorm2004API(settings)), "here");
    if (where === "elsewhere") return;
    if (where === "none") {
      document.querySelector("#none")?.removeAttribute("hidden");
      return;
    }
  }
  frame.title = data["title"] ?? "";
  frame.allow = "fullscreen";
  frame.style.cssText = "position: fixed; top: 0; left: 0; width: 100%; height: 100%; border: 0; background: #fff;";
  frame.src = data["source"] ?? "";
  document.body.append(frame);
  watch(frame);
}

void begin();
