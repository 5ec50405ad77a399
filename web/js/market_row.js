/* One row of the markets' table. */
import { h, setText } from "./dom.js";
import { favouriteName, isFavourite, toggleFavourite } from "./favourites.js";
import * as format from "./format.js";
import { sparkline } from "./sparkline.js";

const arrows = { 1: "▲", 0: "", "-1": "▼" };
const kindWords = { ticker: "polled", trade: "trades", bar: "bars" };

export function tone(value) {
  const direction = format.direction(value, 2);
  return direction > 0 ? "up" : direction < 0 ? "down" : "";
}

/* The colour of the line of 24 hours is that of the change over 24 hours; where that is not known, of what it shows. */
export function sparkTone(row) {
  const known = row.sparkline.filter((value) => value !== null);
  const drawn = known.length > 1 ? ((known.at(-1) - known[0]) / known[0]) * 100 : null;
  return tone(row.change_24h ?? drawn);
}

function changeText(value) {
  const direction = format.direction(value, 2);
  return value === null ? format.none : `${arrows[direction]} ${format.percent(value / 100)}`.trim();
}

function showChange(cell, value) {
  setText(cell, changeText(value));
  cell.className = `right num change ${tone(value)}`;
}

function amount(value, unit) {
  return value === null ? format.none : `${format.compact(value)}${unit ? `\u00a0${unit}` : ""}`;
}

export class MarketRow {
  #spark = "";
  #data = null;

  /* onOpen(coin): the chart is wanted. */
  constructor(coin, nameOf, onOpen) {
    this.coin = coin;
    this.nameOf = nameOf;
    this.star = h("button", {
      type: "button",
      class: "star",
      onclick: () => toggleFavourite(favouriteName(this.#data)),
    });
    this.name = h("span", { class: "name" });
    this.open = h("button", { type: "button", class: "open", "data-coin": coin, onclick: () => onOpen(coin) }, this.name);
    this.sub = h("span", { class: "sub" });
    this.tag = h("span", { class: "badge badge-warn tag", hidden: true }, "synthetic");
    this.price = h("span", { class: "value" });
    this.from = h("span", { class: "sub" });
    this.volume = h("span", { class: "value" });
    this.volumeFrom = h("span", { class: "sub" });
    this.cap = h("span", { class: "value" });
    this.capFrom = h("span", { class: "sub" });
    this.hour = h("td", { "data-column": "change_1h" });
    this.day = h("td", { "data-column": "change_24h" });
    this.week = h("td", { "data-column": "change_7d" });
    this.spark = h("td", { class: "spark-cell" });
    this.element = h(
      "tr",
      { class: "market-row", "data-coin": coin },
      h("td", { class: "star-cell" }, this.star),
      h("th", { scope: "row", class: "coin-cell" }, this.open, this.tag, this.sub),
      h("td", { class: "right num", "data-column": "price" }, this.price, this.from),
      this.hour,
      this.day,
      this.week,
      h("td", { class: "right num", "data-column": "volume_24h" }, this.volume, this.volumeFrom),
      h("td", { class: "right num", "data-column": "market_cap" }, this.cap, this.capFrom),
      this.spark,
    );
  }

  show(row) {
    this.#data = row;
    this.showFavourite();
    setText(this.name, row.name);
    setText(this.sub, row.asset?.name ?? (row.name === row.coin ? "" : row.coin));
    setText(this.tag, row.source === "replay-loop" ? "made-up times" : "synthetic");
    this.tag.hidden = !row.synthetic;
    setText(this.price, format.price(row.price, format.decimalsFor([row.price])));
    const source = [this.nameOf(row.source), row.timeframe ? `${kindWords[row.of]} ${row.timeframe}` : kindWords[row.of]];
    setText(this.from, source.filter(Boolean).join(", "));
    this.price.title = `${row.quote ? `${row.quote}, ` : ""}${format.moment(Date.parse(row.time))} UTC`;
    showChange(this.hour, row.change_1h);
    showChange(this.day, row.change_24h);
    showChange(this.week, row.change_7d);
    setText(this.volume, amount(row.volume_24h, row.volume_unit));
    setText(this.volumeFrom, row.volume_24h === null ? "" : (this.nameOf(row.volume_source) ?? ""));
    setText(this.cap, amount(row.market_cap, row.market_cap_unit));
    setText(this.capFrom, row.market_cap === null ? "" : (this.nameOf(row.market_cap_source) ?? ""));
    this.#drawSpark(row);
  }

  showFavourite() {
    const name = favouriteName(this.#data);
    const on = isFavourite(name);
    setText(this.star, on ? "★" : "☆");
    this.star.setAttribute("aria-pressed", String(on));
    this.star.setAttribute("aria-label", `${name} is a favourite`);
    this.star.title = on ? "A favourite: click to remove" : "Make it a favourite";
  }

  #drawSpark(row) {
    const direction = sparkTone(row);
    const drawn = `${direction} ${row.sparkline}`;
    if (drawn !== this.#spark) {
      this.#spark = drawn;
      this.spark.replaceChildren(sparkline(row.sparkline, direction));
    }
  }
}
