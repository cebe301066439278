// The red line under a field: icon, text, and the tie to the field for screen readers.
import { icon, make, one } from "./dom";

function describe(field: HTMLElement, id: string, on: boolean): void {
  const ids = new Set((field.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
  else field.removeAttribute("aria-describedby");
}

export function fieldError(field: HTMLElement, text: string | null): void {
  const id = `${field.id || field.getAttribute("name") || "field"}-live-error`;
  const box = field.closest<HTMLElement>(".field") ?? field.parentElement;
  if (!box) return;
  let line = one(`#${CSS.escape(id)}`, box);
  if (!text) {
    line?.remove();
    describe(field, id, false);
    if (!one(".field-error", box)) field.removeAttribute("aria-invalid");
    return;
  }
  if (!line) {
    line = make("p", { class: "field-error", id, role: "alert" });
    box.append(line);
  }
  line.replaceChildren(icon("alert-circle"), make("span", {}, text));
  field.setAttribute("aria-invalid", "true");
  describe(field, id, true);
}
