/* The market panel: which coin and interval are chosen, and what a live tick changes. */
import { intervalFor, intervalNamed, intervals, topicsWithoutTicks } from "./candles.js";
import { PriceChart } from "./chart.js";
import * as coinData from "./coins.js";
import { byId, h, setText } from "./dom.js";
import { CandleFeed } from "./feed.js";
import { decimalsFor } from "./format.js";
import { setUpIntervals, showInterval } from "./intervals.js";
import { Quote, showLegend } from "./quote.js";

const replayCandles = 5000;
const quietMs = 15000; /* after so long without a tick a candle of the past forms no more */
const liveMs = 60000; /* prices this near the wall clock are live */

export class Market {
  #coins = new Map();
  #info = null;
  #waitingFor = null;
  #elsewhere = []; /* topics with messages, where there are no ticks */
  #selected = null;
  #interval = null;
  #picked = false; /* the interval is the user's choice, not ours */
  #logSize = null;
  #hovered = null;
  #lastTickAt = 0;
  #newestMs = 0;
  #changed = new Set(); /* coins to draw in the next frame */
  #quote = new Quote((symbol) => this.#choose(symbol, this.#interval));
  #feed = new CandleFeed((what) => this.#onCandles(what));
  #chart = new PriceChart(byId("chart"), {
    onHover: (candle, byKeys) => {
      this.#hovered = candle;
      byId("legend").setAttribute("aria-live", byKeys ? "polite" : "off");
      this.#drawLegend();
    },
    onEarlier: () => this.#feed.loadEarlier(),
  });

  constructor() {
    setUpIntervals(byId("intervals"), (interval) => {
      if (this.#selected) {
        this.#picked = true;
        this.#choose(this.#selected, interval);
      }
    });
    this.#quote.list([], null);
    setInterval(() => this.#drawNewest(), 1000);
  }

  /* Again when the range of a replay becomes known. */
  setInfo(info) {
    this.#info = info;
    const fitting = this.#selected && !this.#picked ? this.#fitting(this.#coin()) : this.#interval;
    if (fitting !== this.#interval) {
      this.#choose(this.#selected, fitting);
    }
  }

  setStatus(status) {
    this.#waitingFor = status.waiting_for ?? null;
    this.#elsewhere = topicsWithoutTicks(status.streams ?? []);
    this.#drawEmpty();
    const logSize = `${status.end_total} ${status.lag_total}`;
    if (this.#logSize !== logSize) {
      this.#logSize = logSize;
      this.#feed.onLog(this.isQuiet());
    }
  }

  /* No tick came for a while: what moves must be asked for. */
  isQuiet() {
    return Date.now() - this.#lastTickAt > quietMs;
  }

  setCoins(rows) {
    const before = this.#coins.size;
    for (const row of rows) {
      const fresh = coinData.fromApi(row);
      const known = this.#coins.get(row.coin);
      this.#coins.set(row.coin, known ? coinData.refresh(known, fresh) : fresh);
      this.#newestMs = Math.max(this.#newestMs, fresh.timeMs ?? 0);
    }
    if (this.#coins.size !== before) {
      this.#quote.list([...this.#coins.values()], this.#selected);
    }
    this.#coins.forEach((coin) => this.#quote.row(coin));
    if (this.#selected === null && this.#coins.size > 0) {
      this.#chooseFirst();
    }
    this.#quote.figures(this.#coin());
  }

  hasCoin(symbol) {
    return this.#coins.has(symbol);
  }

  onTick(tick) {
    const timeMs = Date.parse(tick.time);
    const coin = this.#coins.get(tick.symbol);
    this.#lastTickAt = Date.now();
    this.#newestMs = Math.max(this.#newestMs, timeMs);
    if (!coin || (coin.timeMs !== null && timeMs < coin.timeMs)) {
      return;
    }
    coinData.applyPrice(coin, tick.last_price, timeMs);
    if (tick.symbol === this.#selected) {
      this.#feed.fold(timeMs, tick.last_price);
    }
    if (this.#changed.size === 0) {
      requestAnimationFrame(() => this.#frame());
    }
    this.#changed.add(tick.symbol);
  }

  resync() {
    this.#feed.resync();
  }

  applyTheme() {
    this.#chart.applyTheme();
  }

  #coin() {
    return this.#coins.get(this.#selected) ?? null;
  }

  /* The first choice: the address's, else the first coin, at an interval that suits a replay. */
  #chooseFirst() {
    const address = new URLSearchParams(location.search);
    const wanted = this.#coins.has(address.get("coin"))
      ? address.get("coin")
      : this.#coins.keys().next().value;
    const given = intervalNamed(address.get("interval"));
    this.#picked = given !== undefined;
    this.#choose(wanted, given ?? this.#fitting(this.#coins.get(wanted)));
  }

  #fitting(coin) {
    const from = Date.parse(this.#info?.replay_from ?? "");
    const to = Date.parse(this.#info?.replay_to ?? "") || coin.timeMs;
    return from && to ? intervalFor(from, to) : intervals[0];
  }

  #choose(symbol, interval) {
    this.#selected = symbol;
    this.#interval = interval;
    this.#quote.select(symbol);
    this.#quote.figures(this.#coin());
    showInterval(byId("intervals"), interval);
    const query = new URLSearchParams({ coin: symbol, ...(this.#picked ? { interval: interval.name } : {}) });
    history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
    this.#feed.choose(
      symbol,
      interval,
      this.#coin().name,
      this.#info?.replay_from ? replayCandles : undefined,
    );
  }

  #onCandles(what) {
    const { candles } = this.#feed;
    const coin = this.#coin();
    if (what === "failed") {
      this.#drawEmpty();
      return;
    }
    coin.decimals = Math.max(coin.decimals, decimalsFor(candles.slice(-300).map((candle) => candle.close)));
    this.#hovered = null;
    const view =
      what === "earlier" || what === "resynced" ? "keep" : this.#info?.replay_from ? "all" : "newest";
    this.#chart.show({
      coin: this.#selected,
      interval: this.#interval,
      candles,
      forming: this.#forming(),
      decimals: coin.decimals,
      view,
    });
    byId("chart").dataset.loaded = this.#feed.loaded ? `${this.#selected} ${this.#interval.name}` : "";
    this.#drawLegend();
    this.#drawEmpty();
    this.#drawNote();
    this.#quote.figures(coin);
  }

  /* Whether the newest candle can still change: its interval is not over by the clock of the
   * prices, which is the wall clock unless they are of the past. */
  #forming() {
    const last = this.#feed.candles.at(-1);
    if (!last) {
      return false;
    }
    const now = Date.now();
    const end = (last.time + this.#interval.seconds) * 1000;
    if (Math.abs(now - this.#newestMs) < liveMs) {
      return now < end;
    }
    return now - this.#lastTickAt < quietMs && this.#newestMs < end;
  }

  #frame() {
    const changed = this.#changed;
    this.#changed = new Set();
    changed.forEach((symbol) => this.#quote.row(this.#coins.get(symbol)));
    if (changed.has(this.#selected)) {
      this.#quote.figures(this.#coin());
      this.#drawNewest();
    }
  }

  #drawNewest() {
    const { candles, loaded } = this.#feed;
    if (loaded && candles.length > 0) {
      this.#chart.update(candles, this.#forming());
      this.#drawLegend();
    }
  }

  #drawLegend() {
    const newest = this.#feed.candles.at(-1) ?? null;
    const shown = this.#hovered ?? newest;
    showLegend(byId("legend"), shown, {
      decimals: this.#coin()?.decimals ?? 2,
      forming: shown === newest && this.#forming(),
      seconds: this.#interval?.seconds ?? 60,
    });
  }

  #drawEmpty() {
    const box = byId("chart-empty");
    box.hidden = this.#feed.candles.length > 0;
    const { title, more } = this.#emptyWords();
    if (!box.hidden && box.dataset.title !== title) {
      box.dataset.title = title;
      box.replaceChildren(h("strong", {}, title), h("span", {}, more));
    }
  }

  #emptyWords() {
    const name = this.#coin()?.name ?? "any coin";
    const more = "The first candle appears by itself.";
    if (this.#feed.failure) {
      return { title: `${name} cannot be shown now`, more: `${this.#feed.failure}. Trying again.` };
    }
    if (this.#waitingFor) {
      return { title: `Waiting for ${this.#waitingFor}`, more };
    }
    if (!this.#selected && this.#elsewhere.length > 0) {
      return {
        title: `No ticks, but other records: ${this.#elsewhere.join(", ")}`,
        more: "Messages shows them. Of bars, candlewick candles --of bar draws the candles.",
      };
    }
    return this.#selected && !this.#feed.loaded
      ? { title: `Loading ${name}`, more: "" }
      : { title: `No candle of ${name} yet`, more };
  }

  #drawNote() {
    const shortened = Number(byId("chart").dataset.shortened ?? 0);
    const gaps = shortened === 1 ? "1 long gap is" : `${shortened} long gaps are`;
    setText(byId("chart-note"), shortened > 0 ? `Times are UTC. ${gaps} drawn shorter.` : "Times are UTC.");
  }
}
