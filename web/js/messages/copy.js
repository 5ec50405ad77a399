/* Copies text. The clipboard is there on https and on this machine alone; elsewhere a selection is
 * copied, as browsers did before. */
import { h } from "../dom.js";

function copySelected(text) {
  const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/* A button that copies what `text()` gives, and says whether it did. */
export function copyButton(label, text) {
  const button = h("button", { type: "button", class: "button small" }, label);
  const said = h("span", { class: "muted", role: "status" });
  button.addEventListener("click", async () => {
    const copied = await copyText(text());
    button.focus();
    said.textContent = copied ? "Copied" : "The browser does not allow copying";
  });
  return [button, said];
}
