/* The markets panel: a table of all coins, favourites first. */
import { byId, h, setText } from "./dom.js";
import { favouriteName, isFavourite, onFavourites } from "./favourites.js";
import { columns, firstOrder, matches, nextOrder, ordered } from "./market_order.js";
import { MarketRow } from "./market_row.js";
import { showProviders } from "./providers.js";
import { recall, remember } from "./storage.js";

const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -Infinity, End: Infinity };

/* null: the reader has not chosen. */
function keptOrder() {
  const [column, direction] = (recall("markets") ?? "").split(" ");
  return Object.hasOwn(columns, column) ? { column, descending: direction === "down" } : null;
}

/* The name of a service for people, if it is known. */
function nameOf(providers) {
  const names = new Map(providers.map(({ service, name }) => [service, name]));
  return (source) => names.get(source) ?? source;
}

export class Markets {
  #feed;
  #onOpen;
  #chosen = keptOrder();
  #rows = new Map();
  #waitingFor = null;
  #shown = false;

  /* onOpen(coin): its chart is wanted. */
  constructor(feed, onOpen) {
    this.#feed = feed;
    this.#onOpen = onOpen;
    feed.onChange(() => this.#draw());
    onFavourites(() => this.#draw());
    byId("market-filter").addEventListener("input", () => this.#draw());
    byId("market-filter").addEventListener("keydown", (event) => this.#onFilterKey(event));
    byId("markets").addEventListener("keydown", (event) => this.#onTableKey(event));
    addEventListener("keydown", (event) => this.#onPageKey(event));
    for (const button of document.querySelectorAll("#markets thead button")) {
      button.addEventListener("click", () => this.#sortBy(button.dataset.column));
    }
  }

  setShown(shown) {
    this.#shown = shown;
  }

  setStatus(status) {
    this.#waitingFor = status.waiting_for ?? null;
    this.#drawEmpty(this.#rows.size);
  }

  #sortBy(column) {
    this.#chosen = nextOrder(this.#order(), column);
    remember("markets", `${this.#chosen.column} ${this.#chosen.descending ? "down" : "up"}`);
    this.#draw();
  }

  #order() {
    return this.#chosen ?? firstOrder(this.#feed.rows.filter((row) => !row.made_up));
  }

  #showOrder() {
    const order = this.#order();
    for (const button of document.querySelectorAll("#markets thead button")) {
      const on = button.dataset.column === order.column;
      const direction = order.descending ? "descending" : "ascending";
      button.closest("th").setAttribute("aria-sort", on ? direction : "none");
    }
  }

  #rowOf(data) {
    if (!this.#rows.has(data.coin)) {
      this.#rows.set(
        data.coin,
        new MarketRow(data.coin, (source) => nameOf(this.#feed.providers)(source), this.#onOpen),
      );
    }
    const row = this.#rows.get(data.coin);
    row.show(data);
    return row;
  }

  #draw() {
    const words = byId("market-filter").value.trim();
    const wanted = this.#feed.rows.filter((row) => matches(row, words));
    this.#showOrder();
    const sorted = ordered(wanted, this.#order(), (row) => isFavourite(favouriteName(row)));
    const real = sorted.filter((row) => !row.made_up).map((row) => this.#rowOf(row).element);
    const madeUp = sorted.filter((row) => row.made_up).map((row) => this.#rowOf(row).element);
    this.#place(byId("market-rows"), real);
    this.#place(byId("made-up-rows"), madeUp);
    byId("made-up").hidden = madeUp.length === 0;
    setText(byId("markets-count"), words ? `${sorted.length} of ${this.#feed.rows.length}` : String(this.#feed.rows.length || ""));
    showProviders(byId("market-providers"), this.#feed.providers);
    this.#drawEmpty(sorted.length);
  }

  /* Moves rows only when their order has changed, so that the focus stays where it is. */
  #place(body, elements) {
    const same = elements.length === body.children.length && elements.every((row, i) => row === body.children[i]);
    if (!same) {
      const focused = document.activeElement;
      body.replaceChildren(...elements);
      if (body.contains(focused)) {
        focused.focus();
      }
    }
  }

  #drawEmpty(count) {
    const box = byId("markets-empty");
    const filtered = this.#feed.rows.length > 0;
    box.hidden = count > 0 || !this.#feed.loaded;
    byId("markets").hidden = !filtered;
    const title = filtered ? "No coin has these words" : "No price is stored yet";
    const more = filtered
      ? "Escape empties the filter."
      : this.#waitingFor
        ? `Waiting for ${this.#waitingFor}. The first price appears by itself.`
        : "Start a source of prices: SOURCE=bitfinex ./launch.sh, or SOURCE=synthetic without an exchange.";
    if (box.textContent !== title + more) {
      box.replaceChildren(h("strong", {}, title), h("span", {}, more));
    }
  }

  #onFilterKey(event) {
    const first = document.querySelector("#markets .open");
    if (event.key === "Escape") {
      event.target.value = "";
      this.#draw();
    } else if ((event.key === "ArrowDown" || event.key === "Enter") && first) {
      event.preventDefault();
      event.key === "Enter" ? this.#onOpen(first.dataset.coin) : first.focus();
    }
  }

  /* Up and down move between the coins. */
  #onTableKey(event) {
    const opens = [...document.querySelectorAll("#markets .open")];
    const at = opens.indexOf(event.target.closest("tr")?.querySelector(".open"));
    const step = steps[event.key];
    if (at >= 0 && step !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      opens[Math.max(0, Math.min(opens.length - 1, at + step))].focus();
    }
  }

  #onPageKey(event) {
    const typing = event.target.closest?.("input, select, textarea");
    if (this.#shown && event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("market-filter").focus();
    }
  }
}
