// A package that says in which order its parts are opened: the runtime follows its rules, and the page around hears what may be
// opened now. The state is kept by the platform, so that a reload goes on where it was.
import { activities } from "./sequencing";
import type { Facts, Runtime } from "./model";

interface Delivered { id: string; attemptCount: number }
interface Validity { continue: boolean; previous: boolean; choice: Record<string, string>; hideLmsUi: string[] }

interface Sequencing {
  processNavigationRequest(request: string, target?: string, exit?: string): boolean;
  getOverallSequencingProcess(): { updateNavigationValidity(): void } | null;
}

/** A runtime that follows rules. */
export interface Ordered extends Runtime {
  on(event: string, heard: (element: string, value: string) => void): void;
  serializeSequencingState(): string;
  deserializeSequencingState(state: string): boolean;
  getSequencingState(): { currentActivity?: Delivered | null };
  getSequencingService(): Sequencing | null;
}

export type Make = (settings: object) => Ordered;

/** What the page around asks for. */
interface Asked { xueshi?: string; to?: string; item?: string }

/** The manifest as the browser reads it, in whatever encoding it declares. */
function manifest(address: string): Promise<Document | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.overrideMimeType("text/xml");
    request.responseType = "document";
    request.onload = () => resolve(request.status === 200 ? request.responseXML : null);
    request.onerror = () => resolve(null);
    request.send();
  });
}

export class Order {
  private validity: Validity = { continue: false, previous: false, choice: {}, hideLmsUi: [] };
  private attempts: Map<string, number>;
  /** What the rules deliver next; while this page's part is on show, it leads away from here. */
  private next: Delivered | null = null;
  private exit = "";
  private isShown = false;
  private isLeaving = false;
  private kept: Promise<unknown> = Promise.resolve();

  private constructor(private readonly facts: Facts, readonly api: Ordered, private readonly tellParent: (message: object) => void) {
    this.attempts = this.counted();
  }

  /** The runtime of an ordered package; none where its manifest cannot be read. */
  static async open(facts: Facts, make: Make, tellParent: (message: object) => void): Promise<Order | null> {
    const read = await manifest(facts["manifest"] ?? "");
    const tree = read && activities(read);
    if (!tree) return null;
    let order: Order | null = null;
    const eventListeners = {
      onActivityDelivery: (activity: Delivered) => order?.delivered(activity),
      onNavigationValidityUpdate: (validity: Validity) => order && (order.validity = validity),
      onSequencingSessionEnd: () => setTimeout(() => void order?.over(), 0),
    };
    const api = make({ activityTree: tree, eventListeners });
    if (facts["order"]) api.deserializeSequencingState(facts["order"]);
    order = new Order(facts, api, tellParent);
    return order;
  }

  private get current(): string {
    return this.api.getSequencingState().currentActivity?.id ?? "";
  }

  /** Which part is to be played here: the wanted one, another instead (and this page is left), or none. */
  async begin(): Promise<"here" | "elsewhere" | "none"> {
    const wanted = this.facts["item"] ?? "";
    // A package that flows says where it begins; another leaves it to the learner, who opened this part.
    if (!this.current) void (this.request("start") || this.request("choice", wanted));
    if (!this.current) return "none";
    if (this.current !== wanted) {
      await this.leave(this.current, this.next);
      return "elsewhere";
    }
    this.next = null;
    this.attempts = this.counted();
    this.isShown = true;
    this.api.on("SetValue.cmi.exit", (_, value) => (this.exit = value));
    this.api.on("Terminate", () => setTimeout(() => void this.settled(), 0));
    await this.settled();
    return "here";
  }

  /** Follows what the page around asks for, once the part on show has had its say. */
  listen(origin: string, unload: () => Promise<void>): void {
    window.addEventListener("message", (event) => {
      const asked = event.data as Asked | null;
      if (event.origin === origin && event.source === window.parent && asked?.xueshi === "go") void this.go(asked, unload);
    });
  }

  private async go({ to = "", item }: Asked, unload: () => Promise<void>): Promise<void> {
    await unload();
    // What the part did as it went may lead elsewhere, or have changed what is allowed.
    if (this.isLeaving || this.next) return;
    if (!this.request(to, item)) await this.leave(this.facts["item"] ?? "", null);
  }

  private request(to: string, item?: string): boolean {
    return this.api.getSequencingService()?.processNavigationRequest(to, item, this.exit || undefined) ?? false;
  }

  private delivered(activity: Delivered): void {
    const isFirst = this.next === null;
    this.next = activity;
    if (this.isShown && isFirst) setTimeout(() => void (this.next && this.leave(this.next.id, this.next)), 0);
  }

  /** Nothing more is on its way: the state is kept, and the page around told. */
  private async settled(): Promise<void> {
    if (this.isLeaving || this.next) return;
    await this.keep();
    this.api.getSequencingService()?.getOverallSequencingProcess()?.updateNavigationValidity();
    const { choice, hideLmsUi } = this.validity;
    const may = (to: "continue" | "previous"): boolean => this.validity[to] && !hideLmsUi?.includes(to);
    const open = Object.keys(choice).filter((id) => choice[id] === "true");
    this.tellParent({ xueshi: "parts", current: this.current, open, next: may("continue"), previous: may("previous") });
  }

  private async over(): Promise<void> {
    await this.keep();
    this.tellParent({ xueshi: "parts", isOver: true });
  }

  private counted(): Map<string, number> {
    const state = JSON.parse(this.api.serializeSequencingState()) as { sequencing?: { activityStates?: Record<string, Delivered> } };
    return new Map(Object.values(state.sequencing?.activityStates ?? {}).map((a) => [a.id, a.attemptCount]));
  }

  /** Keeps the state, one after the other: the latest stays. */
  private keep(): Promise<unknown> {
    const send = (): Promise<unknown> => fetch(this.facts["keep"] ?? "", { method: "POST", body: this.api.serializeSequencingState() });
    this.kept = this.kept.then(send).catch(() => null);
    return this.kept;
  }

  /** Opens another part, or the same anew: a new attempt finds nothing of the one before (SN 4.5). */
  private async leave(id: string, delivered: Delivered | null): Promise<void> {
    this.isLeaving = true;
    await this.keep();
    const isNew = delivered !== null && delivered.attemptCount > Math.max(1, this.attempts.get(id) ?? 0);
    const query = new URLSearchParams({ item: id, ...(isNew ? { attempt: "new" } : {}) });
    location.replace(`${location.pathname}?${query}`);
  }
}
