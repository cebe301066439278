// <div data-progress="/progress/ID/events"><progress></progress><span></span></div>: follows work that goes on, as the server tells it.
import { all } from "../lib/dom";

type Progress = { done: number; total: number; state: string; label?: string; link: string };

function follow(element: HTMLElement): void {
  const address = element.dataset["progress"];
  if (!address) return;
  const source = new EventSource(address);
  const meter = element.querySelector("progress");
  const words = element.querySelector("span");
  source.addEventListener("progress", (event) => {
    const p = JSON.parse((event as MessageEvent<string>).data) as Progress;
    if (meter && p.total > 0) {
      meter.max = p.total;
      meter.value = p.done;
    }
    if (words && p.total > 0) words.textContent = `${p.label ?? ""} ${p.done} / ${p.total}`.trim();
    if (p.state === "running") return;
    source.close();
    element.dataset["state"] = p.state;
    if (element.dataset["then"] === "open" && p.link) location.assign(p.link);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) element.dataset["state"] = "failed";
  });
}

export function progress(root: ParentNode): void {
  for (const element of all("[data-progress]", root)) follow(element);
}
