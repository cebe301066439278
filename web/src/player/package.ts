// A learning package: it runs in a frame of another origin and tells this page only that someone is at it. Time goes on
// while that is so, and stands still when nothing was done for a while.
import { all, make, one } from "../lib/dom";
import { Pace } from "./pace";

/** What the frame of an ordered package says of its parts. */
interface Parts { current?: string; open?: string[]; next?: boolean; previous?: boolean; isOver?: boolean }

/** So long nothing may happen in a package before its time stands still, in milliseconds. */
const idleMost = 5 * 60_000;
/** Being at it counts as an operation of the person so often. */
const tellEvery = 60_000;

export class Course {
  readonly pace: Pace;
  readonly view = make("div", { class: "package" });
  private readonly frame: HTMLIFrameElement | null;
  private lastAct = 0;
  private lastTold = 0;
  /** The package says in which order its parts are opened, and opens them itself. */
  private isOrdered = false;

  constructor(box: HTMLElement, seconds: number, private readonly resume: () => void, private readonly idled: () => void) {
    this.pace = new Pace(seconds);
    this.frame = one<HTMLIFrameElement>("iframe", box);
    if (this.frame) this.view.append(this.frame);
    // Not before: a frame that is at work and then moved loads once more, and so would open the package twice.
    this.place(this.frame?.dataset["src"]);
    const origin = box.dataset["contentOrigin"] ?? "";
    window.addEventListener("message", (event) => {
      const from = event.origin === origin && event.source === this.frame?.contentWindow;
      const said = (event.data as { xueshi?: string } | null)?.xueshi;
      if (from && said === "activity") this.active();
      if (from && said === "parts") this.order(event.data as Parts);
    });
    const go = (message: object): void => this.frame?.contentWindow?.postMessage({ xueshi: "go", ...message }, origin);
    for (const button of all<HTMLButtonElement>("#items [data-src]")) {
      button.addEventListener("click", () => {
        if (this.isOrdered) go({ to: "choice", item: button.dataset["item"] });
        else this.open(button);
      });
    }
    for (const button of all<HTMLButtonElement>("#items [data-go]")) {
      button.addEventListener("click", () => go({ to: button.dataset["go"] }));
    }
    this.pace.addEventListener("timeupdate", () => {
      if (!this.pace.paused && performance.now() - this.lastAct > idleMost) {
        this.pace.pause();
        this.idled();
      }
    });
    this.pace.addEventListener("play", () => (this.lastAct = performance.now()));
  }

  private open(button: HTMLButtonElement): void {
    if (!this.place(button.dataset["src"])) return;
    for (const other of all("#items [data-src]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    this.resume();
  }

  private place(source: string | undefined): boolean {
    if (!this.frame || !source) return false;
    this.frame.src = source;
    return true;
  }

  /** Shows which part is on and which others may be opened now, by the package's own rules. */
  private order({ current, open = [], next = false, previous = false, isOver = false }: Parts): void {
    this.isOrdered = true;
    for (const button of all<HTMLButtonElement>("#items [data-src]")) {
      const item = button.dataset["item"] ?? "";
      button.disabled = !isOver && item !== current && !open.includes(item);
      if (item === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    const may: Record<string, boolean> = { continue: next, previous };
    for (const button of all<HTMLButtonElement>("#items [data-go]")) button.disabled = !may[button.dataset["go"] ?? ""];
    one("#items-order")?.removeAttribute("hidden");
    one("#items-over")?.toggleAttribute("hidden", !isOver);
  }

  private active(): void {
    this.lastAct = performance.now();
    if (performance.now() - this.lastTold > tellEvery) {
      this.lastTold = performance.now();
      document.dispatchEvent(new CustomEvent("xueshi:act"));
    }
    if (this.pace.paused) this.resume();
  }
}
