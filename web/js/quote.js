/* The selected coin's figures above the chart, the picker, and the list of all coins. */
import { volumeUnit } from "./coins.js";
import { byId, h, setClass, setText } from "./dom.js";
import * as format from "./format.js";
import { arrangeRail } from "./rail.js";

const filterFrom = 9; /* a filter is worth its place from so many coins on */
const arrows = { 1: "▲", 0: "", "-1": "▼" };

function showDirection(element, direction) {
  setClass(element, "up", direction > 0);
  setClass(element, "down", direction < 0);
}

function changeDirection(coin) {
  return coin ? format.direction(coin.change, coin.decimals) : 0;
}

function changeText(coin) {
  if (!format.known(coin.change)) {
    return format.none;
  }
  const arrow = arrows[changeDirection(coin)];
  const relative = format.known(coin.relative) ? ` (${format.percent(coin.relative)})` : "";
  return `${arrow} ${format.signed(coin.change, coin.decimals)}${relative}`.trim();
}

/* Two figures and what stands between them; one – when neither is known. */
function showPair(ids, texts) {
  const none = texts[0] === format.none && texts[2] === format.none;
  ids.forEach((id, index) => setText(byId(id), none && index > 0 ? "" : texts[index]));
}

function volumeText(coin) {
  return `${format.amount(coin.volume)} ${format.known(coin.volume) ? volumeUnit(coin) : ""}`.trim();
}

/* Bid to ask, also in hundredths of a per cent of the price between them. */
function spreadText({ bid, ask, decimals }) {
  if (!format.known(bid) || !format.known(ask)) {
    return format.none;
  }
  const points = ((ask - bid) / ((ask + bid) / 2)) * 10000;
  return `${format.price(ask - bid, decimals)} (${format.price(points, points < 1 ? 2 : 1)}\u2009bp)`;
}

function moveText(coin) {
  return format.known(coin.relative)
    ? `${arrows[format.directionOfPercent(coin.relative)]} ${format.percent(coin.relative)}`.trim()
    : "";
}

function listRow(coin, onPick) {
  const row = {
    name: h("span", { class: "name" }, coin.name),
    last: h("span", { class: "last num" }, format.none),
    move: h("span", { class: "move num" }),
  };
  row.button = h(
    "button",
    { type: "button", class: "coin-row", "data-coin": coin.symbol, onclick: () => onPick(coin.symbol) },
    row.name,
    row.last,
    h("span", { class: "symbol" }, coin.symbol),
    row.move,
  );
  row.item = h("li", {}, row.button);
  return row;
}

/* onPick(symbol): the user chose a coin. */
export class Quote {
  #onPick;
  #rows = new Map();
  #shownPrice = null;

  constructor(onPick) {
    this.#onPick = onPick;
    byId("coin").addEventListener("change", () => onPick(byId("coin").value));
    byId("coin-filter").addEventListener("input", () => this.#filter());
  }

  /* The set of coins changed. coins: null before it is known. */
  list(known, selected) {
    const coins = known ?? [];
    const none = known === null ? "Loading" : "No coin yet";
    const picker = byId("coin");
    this.#rows = new Map(coins.map((coin) => [coin.symbol, listRow(coin, this.#onPick)]));
    picker.replaceChildren(...coins.map((coin) => h("option", { value: coin.symbol }, coin.name)));
    byId("coins").replaceChildren(...[...this.#rows.values()].map((row) => row.item));
    picker.disabled = coins.length === 0;
    if (coins.length === 0) {
      picker.append(h("option", {}, none));
      byId("coins").append(h("li", { class: "empty" }, none));
    }
    setText(byId("coins-count"), coins.length > 1 ? String(coins.length) : "");
    byId("coin-filter-box").hidden = coins.length < filterFrom;
    this.#filter();
    this.select(selected);
    arrangeRail();
  }

  select(symbol) {
    if (symbol !== null) {
      byId("coin").value = symbol;
    }
    for (const [name, row] of this.#rows) {
      row.button.setAttribute("aria-current", String(name === symbol));
    }
    this.#shownPrice = null;
  }

  row(coin) {
    const row = this.#rows.get(coin.symbol);
    setText(row.last, format.price(coin.last, coin.decimals));
    setText(row.move, moveText(coin));
    showDirection(row.move, format.directionOfPercent(coin.relative));
  }

  /* The figures of the selected coin; null empties them. */
  figures(coin) {
    const price = (value) => (coin ? format.price(value, coin.decimals) : format.none);
    setText(byId("last-price"), price(coin?.last));
    setText(byId("change"), coin ? changeText(coin) : format.none);
    showDirection(byId("change"), changeDirection(coin));
    showPair(["low", "low-high", "high"], [price(coin?.low), " – ", price(coin?.high)]);
    setText(byId("volume-24h"), coin ? volumeText(coin) : format.none);
    showPair(["bid", "bid-ask", "ask"], [price(coin?.bid), " / ", price(coin?.ask)]);
    setText(byId("spread"), coin ? spreadText(coin) : format.none);
    setText(byId("last-time"), coin ? format.recent(coin.timeMs) : format.none);
    this.#flash(coin?.last ?? null);
    document.title = format.known(coin?.last)
      ? `${price(coin.last)} ${coin.name} · Candlewick`
      : "Candlewick";
  }

  #flash(last) {
    if (last !== null && this.#shownPrice !== null && last !== this.#shownPrice) {
      const element = byId("last-price");
      element.classList.remove("flash-up", "flash-down");
      void element.offsetWidth; /* restarts the animation */
      element.classList.add(last > this.#shownPrice ? "flash-up" : "flash-down");
    }
    this.#shownPrice = last;
  }

  #filter() {
    const wanted = byId("coin-filter").value.trim().toLowerCase();
    for (const [symbol, row] of this.#rows) {
      const text = `${symbol} ${row.name.textContent}`.toLowerCase();
      row.item.hidden = wanted !== "" && !text.includes(wanted);
    }
  }
}
