/* The row of tools above the chart: what is drawn over the candles, other coins, a time to go to, and
 * the candles as a file. */
import { byId, h } from "../dom.js";
import { setUpMenus } from "../menu.js";
import { recall, remember } from "../storage.js";
import { comparedMost } from "./compare_coins.js";

const toggles = ["averages", "vwap", "log"];

export class Tools {
  on = {}; /* { averages, vwap, log }: what the reader has switched on */
  #compared = new Set();
  #handlers;

  /* handlers: toggled(), compared([symbol]), go(seconds), save("png" | "csv"). */
  constructor(handlers) {
    this.#handlers = handlers;
    const kept = (recall("tools") ?? "").split(" ");
    for (const name of toggles) {
      this.on[name] = kept.includes(name);
      byId(`tool-${name}`).addEventListener("click", () => this.#toggle(name));
    }
    this.#show();
    setUpMenus(byId("panel-market"));
    byId("goto-form").addEventListener("submit", (event) => {
      event.preventDefault();
      byId("goto-menu").open = false;
      handlers.go(Date.parse(`${byId("goto-time").value}Z`) / 1000);
    });
    byId("compare-coins").addEventListener("change", (event) => this.#compare(event.target));
    for (const kind of ["png", "csv"]) {
      byId(`save-${kind}`).addEventListener("click", () => handlers.save(kind));
    }
  }

  #toggle(name) {
    this.on[name] = !this.on[name];
    remember("tools", toggles.filter((other) => this.on[other]).join(" ") || null);
    this.#show();
    this.#handlers.toggled();
  }

  #show() {
    for (const name of toggles) {
      byId(`tool-${name}`).setAttribute("aria-pressed", String(this.on[name]));
    }
    const count = this.#compared.size;
    byId("compare-count").textContent = count > 0 ? String(count) : "";
  }

  /* The average that needs a volume is there only where candles have one. */
  setVolume(has) {
    byId("tool-vwap").hidden = !has;
  }

  /* The coins that can be compared with the chosen one. */
  listCoins(coins, selected) {
    const names = coins.map(({ symbol }) => symbol).join() + selected;
    const box = byId("compare-coins");
    if (box.dataset.names !== names) {
      box.dataset.names = names;
      box.replaceChildren(
        ...coins
          .filter(({ symbol }) => symbol !== selected)
          .map(({ symbol, name }) =>
            h(
              "label",
              { class: "check" },
              h("input", { type: "checkbox", value: symbol, checked: this.#compared.has(symbol) }),
              name,
            ),
          ),
      );
    }
    byId("compare-menu").hidden = coins.length < 2;
  }

  #compare(box) {
    if (box.checked && this.#compared.size >= comparedMost) {
      box.checked = false;
      return;
    }
    this.#compared[box.checked ? "add" : "delete"](box.value);
    this.#show();
    this.#handlers.compared([...this.#compared]);
  }

  /* The coins that are compared with `selected`. */
  comparedWith(selected) {
    return [...this.#compared].filter((symbol) => symbol !== selected);
  }
}
