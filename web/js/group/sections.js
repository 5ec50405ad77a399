/* Sections that the reader folds; what is folded stays so on the next visit. */
import { recall, remember } from "../storage.js";

/* `sections`: details elements with an id. `onOpen` is called with the id of one that was opened. */
export function setUpSections(sections, onOpen) {
  const folded = new Set((recall("folded") ?? "").split(" ").filter(Boolean));
  for (const section of sections) {
    section.open = !folded.has(section.id);
    section.addEventListener("toggle", () => {
      if (section.open) {
        folded.delete(section.id);
        onOpen(section.id);
      } else {
        folded.add(section.id);
      }
      remember("folded", folded.size > 0 ? [...folded].join(" ") : null);
    });
  }
}
