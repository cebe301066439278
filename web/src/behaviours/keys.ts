// Single keys for reviewers: `data-key="a"` on a button or link. Never while one types, never with a modifier.
import { all } from "../lib/dom";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function pressKeys(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const pressed = event.key.toLowerCase();
  const element = all("[data-key]").find((e) => e.dataset["key"] === pressed);
  if (!element) return;
  event.preventDefault();
  const place = element.getAttribute("href") ?? "";
  if (place.startsWith("#")) document.querySelector<HTMLElement>(place)?.focus();
  else element.click();
}
