// Small helpers for building and finding elements. No inline styles: the content policy forbids them.

export function all<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

export function one<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return selector ? root.querySelector<T>(selector) : null;
}

type Attributes = Record<string, string | number | boolean | undefined>;

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  setAll(element, attributes);
  element.append(...children);
  return element;
}

const svgSpace = "http://www.w3.org/2000/svg";

export function makeSvg(name: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS(svgSpace, name) as SVGElement;
  setAll(element, attributes);
  element.append(...children);
  return element;
}

function setAll(element: Element, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
}

/** An icon of the sprite; its address stands on the root element. */
export function icon(name: string, className = "icon"): SVGElement {
  const sprite = document.documentElement.dataset["icons"] ?? "/assets/icons.svg";
  return makeSvg("svg", { class: className, "aria-hidden": "true" }, makeSvg("use", { href: `${sprite}#${name}` }));
}

/** Runs `bind` once for each element, now and for what htmx brings in later. */
export function bindEach(selector: string, bind: (element: HTMLElement) => void): (root: ParentNode) => void {
  const seen = new WeakSet<HTMLElement>();
  return (root) => {
    const found = all(selector, root);
    if (root instanceof HTMLElement && root.matches(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      bind(element);
    }
  };
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 0.001));
  const pad = (n: number): string => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`
    : `${pad(minutes)}:${pad(whole % 60)}`;
}
