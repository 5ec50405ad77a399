/* Dark and light: the system's choice until the user makes one; choosing the system's again
 * goes back to following it. */
import { recall, remember } from "./storage.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

function systemTheme() {
  return system.matches ? "dark" : "light";
}

/* The colours that drawings need, read from the style sheet. */
export function colours() {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    card: read("--card"),
    text: read("--text"),
    muted: read("--muted"),
    line: read("--line"),
    lineStrong: read("--line-strong"),
    up: read("--candle-up"),
    down: read("--candle-down"),
    hole: read("--down"),
    accent: read("--accent"),
    onCandle: read("--on-candle"),
    lines: ["--m8", "--m3", "--m5", "--m2", "--m4", "--m1", "--m0", "--m7"].map(read),
    font: getComputedStyle(document.body).fontFamily,
  };
}

export function setUpTheme(button, onChange) {
  const apply = () => {
    const theme = recall("theme") ?? systemTheme();
    root.dataset.theme = theme;
    const other = theme === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Colour theme: ${theme}. Switch to ${other}`);
    button.title = `Switch to ${other}`;
    onChange();
  };
  button.addEventListener("click", () => {
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    remember("theme", next === systemTheme() ? null : next);
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}
