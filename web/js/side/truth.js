/* What was polled against what is true: the candles of polled prices, of trades, and the exchange's own,
 * for the candle under the pointer and for a day, and what polling costs in numbers. */
import { get } from "../api.js";
import { fromApi, intervalNamed, intervals, intervalStart } from "../candles.js";
import { choicesOf, makes } from "../chart/origins.js";
import { byId, h, setText } from "../dom.js";
import * as format from "../format.js";
import { failure } from "../problems.js";
import { costWords, offBy, pollingCost } from "./polling_cost.js";

const everyMs = 60000;
const dayMs = 86400000;
const leastCandles = 24;
const mostCandles = 1500;
const kinds = [
  { of: "ticker", words: "polled" },
  { of: "trade", words: "trades" },
  { of: "bar", words: "exchange" },
];
const prices = ["open", "high", "low", "close"];
const reasons = {
  no_bar_yet: "no bar yet",
  hole: "in a hole",
  unknown: "not covered",
  bar_changed: "bar changed",
  late_trade: "late trade",
  unexplained: "unexplained",
};

/* As many decimals as the prices were written with, but no more than make sense. */
function decimalsOf(prices) {
  const written = prices.map((price) => (String(price).includes("e") ? 14 : (String(price).split(".")[1] ?? "").length));
  return Math.min(format.decimalsFor(prices), Math.max(0, ...written));
}

/* What candles of trades and the exchange's own say of each other, from /api/compare; "" without such. */
export function tradesWords(answer) {
  const pair = answer?.pairs.find(({ ours, theirs }) => ours === "trades" && theirs === "bars");
  if (!pair || pair.both === 0) {
    return "";
  }
  const why = Object.entries(pair.reasons ?? {})
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${format.count(count)} ${reasons[reason] ?? reason}`);
  return (
    `Of trades, ${format.count(pair.equal)} of ${format.count(pair.both)} candles of ${answer.interval} are the exchange's own, number for number` +
    `${why.length > 0 ? `; the others: ${why.join(", ")}` : ""}.`
  );
}

export class Truth {
  #box = byId("side-truth");
  #when = h("span", { class: "muted num" });
  #table = h("table", { class: "table truth" });
  #cost = h("p", { class: "truth-cost" });
  #trades = h("p", { class: "muted" });
  #coins = new Map();
  #chosen = null;
  #hovered = null;
  #watched = false;
  #timer = null;
  #underWay = null;
  #byKind = new Map(); /* candles by kind, of the last day */
  #compared = null;

  constructor(market) {
    this.#box.setAttribute("aria-labelledby", "side-truth-title");
    this.#box.append(
      h("div", { class: "card-head" }, h("h2", { id: "side-truth-title" }, "Polled against true"), this.#when),
      h("div", { class: "side-body" }, this.#table, this.#cost, this.#trades),
    );
    market.onHovered((candle) => {
      this.#hovered = candle;
      this.#drawCandle();
    });
  }

  setCoins(rows) {
    this.#coins = new Map(rows.map((row) => [row.coin, { offers: row.candles ?? [], last: row.last, timeMs: Date.parse(row.time) }]));
    if (this.#byKind.size === 0) {
      this.#load();
    }
  }

  choose(chosen) {
    this.#chosen = chosen;
    this.#byKind = new Map();
    this.#load();
  }

  setWatched(watched) {
    this.#watched = watched;
    this.#load();
  }

  /* The kinds that the chosen coin has at the interval. */
  #offers() {
    const interval = intervalNamed(this.#chosen?.interval);
    const choices = choicesOf(this.#coins.get(this.#chosen?.coin)).filter((choice) => makes(choice, interval));
    return kinds
      .map((kind) => ({ ...kind, offer: choices.find(({ of }) => of === kind.of) }))
      .filter(({ offer }) => offer !== undefined);
  }

  async #load() {
    clearTimeout(this.#timer);
    this.#underWay?.abort();
    const offers = this.#chosen === null ? [] : this.#offers();
    if (offers.length < 2 || offers[0].of !== "ticker") {
      this.#box.hidden = true; /* nothing to compare */
      failure("truth", "comparison", null);
      return;
    }
    if (!this.#watched) {
      return;
    }
    const underWay = new AbortController();
    this.#underWay = underWay;
    try {
      if (!document.hidden) {
        await this.#ask(offers, underWay.signal);
        failure("truth", "comparison", null);
        this.#draw();
      }
    } catch (error) {
      if (underWay.signal.aborted) {
        return;
      }
      failure("truth", "comparison", error);
    }
    this.#timer = setTimeout(() => this.#load(), everyMs);
  }

  /* Asks for the finished candles of the day that ends with the newest price. */
  async #ask(offers, signal) {
    const { coin, interval } = this.#chosen;
    const { seconds } = intervalNamed(interval);
    const lengthMs = seconds * 1000;
    const to = intervalStart(this.#coins.get(coin).timeMs / 1000, seconds) * 1000;
    const from = to - Math.max(dayMs, leastCandles * lengthMs);
    const range = { coin, interval, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const answers = await Promise.all(
      offers.map(({ of, offer }) => get("/api/candles", { ...range, of, source: offer.source, limit: mostCandles }, signal)),
    );
    this.#byKind = new Map(offers.map(({ of }, index) => [of, fromApi(answers[index])]));
    const bars = offers.find(({ of }) => of === "bar")?.offer;
    const stored = bars && offers.some(({ of }) => of === "trade") ? this.#timeframe(bars) : null;
    this.#compared = stored
      ? await get("/api/compare", { ...range, interval: stored, source: bars.source }, signal)
      : null;
  }

  /* Only bars that are stored as such can be compared number for number: those of the chosen interval, or the
   * shortest. */
  #timeframe({ source }) {
    const stored = this.#coins
      .get(this.#chosen.coin)
      .offers.filter((offer) => offer.of === "bar" && offer.source === source)
      .map(({ timeframe }) => timeframe);
    const shortest = intervals.find(({ name }) => stored.includes(name))?.name ?? null;
    return stored.includes(this.#chosen.interval) ? this.#chosen.interval : shortest;
  }

  /* What the polled candles are measured by: the exchange's own, else those of trades. */
  #truth() {
    return this.#byKind.get("bar")?.length > 0 ? "bar" : "trade";
  }

  #draw() {
    this.#box.hidden = this.#byKind.size === 0;
    const theirs = this.#truth();
    const cost = pollingCost(this.#byKind.get("ticker") ?? [], this.#byKind.get(theirs) ?? []);
    setText(this.#cost, costWords(cost, theirs === "bar" ? "the exchange's own" : "trades"));
    this.#box.dataset.candles = String(cost.candles);
    setText(this.#trades, tradesWords(this.#compared));
    this.#trades.hidden = this.#trades.textContent === "";
    this.#drawCandle();
  }

  /* The candle under the pointer; without one the newest that all kinds have. */
  #shownTime() {
    const newest = this.#byKind
      .get("ticker")
      ?.findLast(({ time }) => [...this.#byKind.values()].every((candles) => candles.some((candle) => candle.time === time)));
    return this.#hovered?.time ?? newest?.time ?? null;
  }

  #drawCandle() {
    if (this.#byKind.size === 0) {
      return;
    }
    const time = this.#shownTime();
    const shown = kinds
      .filter(({ of }) => this.#byKind.has(of))
      .map((kind) => ({ ...kind, candle: this.#byKind.get(kind.of).find((candle) => candle.time === time) ?? null }));
    const when = format.minute((time ?? 0) * 1000);
    const today = Date.now() - (time ?? 0) * 1000 < dayMs;
    setText(this.#when, time === null ? "" : `${today ? when.slice(11) : when}, ${this.#chosen.interval}`);
    const decimals = decimalsOf(shown.flatMap(({ candle }) => (candle ? prices.map((name) => candle[name]) : [])));
    const real = shown.find(({ of }) => of === this.#truth())?.candle ?? null;
    this.#table.replaceChildren(
      h(
        "thead",
        {},
        h("tr", {}, h("td", {}), shown.map(({ words }) => h("th", { scope: "col", class: "right" }, words)), h("th", { scope: "col", class: "right" }, "off by")),
      ),
      h(
        "tbody",
        {},
        prices.map((name) => this.#row(name, shown, real, decimals)),
      ),
    );
  }

  #row(name, shown, real, decimals) {
    const polled = shown[0].candle;
    const off = polled && real ? offBy(polled[name], real[name]) : null;
    const tone = off === null || off === 0 ? "" : name === "open" || name === "close" ? "" : "down";
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      shown.map(({ candle }) => h("td", { class: "right" }, format.price(candle?.[name], decimals))),
      h("td", { class: `right ${tone}` }, off === null ? format.none : off === 0 ? "0" : `${format.signed(off, 1)}\u00a0bp`),
    );
  }
}
