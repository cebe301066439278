// Runs inside the frame of contents: gives a package the runtime it looks for and tells the page around it that someone
// is here. Everything is of this origin; the page around is another, and only hears "activity".
import * as scorm12 from "scorm-again/scorm12";
import * as scorm2004 from "scorm-again/scorm2004";

import { restore, type Runtime } from "./package/model";

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

type Make = new (settings: object) => Runtime;

// The library's types name default exports that its modules do not have.
const { Scorm12API } = scorm12 as unknown as { Scorm12API: Make };
const { Scorm2004API } = scorm2004 as unknown as { Scorm2004API: Make };

/** The runtimes by the standard, each under the name that parts look for. */
const runtimes: Record<string, [string, Make]> = { scorm12: ["API", Scorm12API], scorm2004: ["API_1484_11", Scorm2004API] };

function runtime(): void {
  const [name, Api] = runtimes[data["standard"] ?? ""] ?? [];
  if (!name || !Api) return;
  const api = new Api({ autocommit: true, autocommitSeconds: 10, lmsCommitUrl: data["commit"] ?? false, dataCommitFormat: "json", logLevel: 4 });
  restore(api, data);
  (window as unknown as Record<string, unknown>)[name] = api;
}

runtime();
const frame = document.createElement("iframe");
frame.title = data["title"] ?? "";
frame.allow = "fullscreen";
frame.style.cssText = "position: fixed; top: 0; left: 0; width: 100%; height: 100%; border: 0; background: #fff;";
frame.src = data["source"] ?? "";
document.body.append(frame);
watch(frame);
