// Runs inside the frame of contents: gives a package the runtime it looks for and tells the page around it that someone
// is here. Everything is of this origin; the page around is another, and only hears "activity".
import * as scorm12 from "scorm-again/scorm12";
import * as scorm2004 from "scorm-again/scorm2004";

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

interface Runtime {
  loadFromJSON(model: object, element: string): void;
}

type Make = new (settings: object) => Runtime;

// The library's types name default exports that its modules do not have.
const { Scorm12API } = scorm12 as unknown as { Scorm12API: Make };
const { Scorm2004API } = scorm2004 as unknown as { Scorm2004API: Make };

function model(): Record<string, unknown> | null {
  try {
    return data["model"] ? (JSON.parse(data["model"]) as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function runtime(): void {
  const settings = { autocommit: true, autocommitSeconds: 10, lmsCommitUrl: data["commit"] ?? false, dataCommitFormat: "json", logLevel: 4 };
  const kept = model();
  if (data["standard"] === "scorm12") {
    const api = new Scorm12API(settings);
    const core = { student_id: data["learner"] ?? "", student_name: data["learner"] ?? "" };
    const before = (kept?.["core"] ?? {}) as Record<string, unknown>;
    const start: Record<string, unknown> = { ...(kept ?? {}), core: { ...before, ...core, entry: kept ? "resume" : "ab-initio", exit: "", session_time: "" } };
    start["launch_data"] = data["data"] ?? "";
    if (data["mastery"]) start["student_data"] = { mastery_score: data["mastery"] };
    api.loadFromJSON(start, "");
    (window as unknown as Record<string, unknown>)["API"] = api;
  } else if (data["standard"] === "scorm2004") {
    const api = new Scorm2004API(settings);
    const start: Record<string, unknown> = { ...(kept ?? {}), learner_id: data["learner"] ?? "", learner_name: data["learner"] ?? "", entry: kept ? "resume" : "ab-initio" };
    start["launch_data"] = data["data"] ?? "";
    delete start["exit"];
    delete start["session_time"];
    api.loadFromJSON(start, "");
    (window as unknown as Record<string, unknown>)["API_1484_11"] = api;
  }
}

runtime();
const frame = document.createElement("iframe");
frame.title = data["title"] ?? "";
frame.allow = "fullscreen";
frame.style.cssText = "position: fixed; top: 0; left: 0; width: 100%; height: 100%; border: 0; background: #fff;";
frame.src = data["source"] ?? "";
document.body.append(frame);
watch(frame);
