/* The market panel: which coin and interval are chosen, and what a live tick changes. */
import * as address from "./address.js";
import {
  intervalFor,
  intervalNamed,
  intervalOf,
  intervals,
  offerOf,
  origins,
  topicsWithoutTicks,
} from "./candles.js";
import { PriceChart } from "./chart.js";
import * as coinData from "./coins.js";
import { byId, h, setText } from "./dom.js";
import { CandleFeed } from "./feed.js";
import { decimalsFor } from "./format.js";
import { setUpIntervals, showInterval } from "./intervals.js";
import { shortly } from "./state/badge.js";
import { showProviders } from "./providers.js";
import { Quote, showLegend } from "./quote.js";

const replayCandles = 5000;
const leastCandles = 1000;
const mostCandles = 20000;
const candlesBefore = 100; /* loaded before those in view */
const quietMs = 15000; /* after so long without a tick a candle of the past forms no more */
const liveMs = 60000; /* prices this near the wall clock are live */

/* "2026-11-30T20:41:00Z" */
function addressTime(seconds) {
  return seconds === null ? null : new Date(seconds * 1000).toISOString().replace(/\.\d+/, "");
}

/* The range that the address holds, in seconds; `to` null: up to the newest candle. Null: none. */
function rangeFromAddress() {
  const [from, to] = ["from", "to"].map((name) => Date.parse(address.get(name) ?? "") / 1000);
  return from < (Number.isNaN(to) ? Infinity : to) ? { from, to: Number.isNaN(to) ? null : to } : null;
}

export class Market {
  #coins = new Map();
  #info = null;
  #synthetic = false;
  #asked = null; /* a coin that another tab wants to be chosen, until it is known */
  #waitingFor = null;
  #elsewhere = []; /* topics with messages, where there are no ticks */
  #selected = null;
  #interval = null;
  #picked = false; /* the interval is the user's choice, not ours */
  #origin = null; /* from what the user wants candles; null: the best that the coin has */
  #logSize = null;
  #hovered = null; /* { time, candle }: what the pointer or the keys' cursor is at */
  #view = "newest"; /* what is in view once the candles are loaded */
  #onChosen = [];
  #onHovered = [];
  #lastTickAt = 0;
  #newestMs = 0;
  #changed = new Set(); /* coins to draw in the next frame */
  #quote = new Quote((symbol) => this.#choose(symbol, this.#interval, address.push));
  #feed = new CandleFeed((what) => this.#onCandles(what));
  chart = new PriceChart(byId("chart"), {
    onHover: (hovered, byKeys) => {
      this.#hovered = hovered;
      byId("legend").setAttribute("aria-live", byKeys ? "polite" : "off");
      this.#drawLegend();
      this.#onHovered.forEach((callback) => callback(hovered?.candle ?? null));
    },
    onEarlier: () => this.#feed.loadEarlier(),
  });

  constructor() {
    setUpIntervals(byId("intervals"), (interval) => {
      if (this.#selected) {
        this.#picked = true;
        this.#choose(this.#selected, interval, address.push);
      }
    });
    byId("origin").addEventListener("change", (event) => {
      this.#origin = event.target.value;
      this.#choose(this.#selected, this.#interval, address.push);
    });
    address.onBack(() => this.#goBack());
    this.chart.onView(() => this.#keepRange());
    this.#quote.list([], null);
    setInterval(() => this.#drawNewest(), 1000);
  }

  /* Calls `callback({ coin, interval, of, source })` when candles are chosen: the interval's name
   * ("1m"), and the kind of records that they are made from; source: null where the kind has none. */
  onChosen(callback) {
    this.#onChosen.push(callback);
  }

  /* Calls `callback(candle)` with the candle under the pointer or the keys' cursor; null: none. */
  onHovered(callback) {
    this.#onHovered.push(callback);
  }

  /* Again when the range of a replay becomes known. */
  setInfo(info) {
    this.#info = info;
    const fitting = this.#selected && !this.#picked ? this.#fitting(this.#coin()) : this.#interval;
    if (fitting !== this.#interval) {
      this.#choose(this.#selected, fitting, address.replace);
    }
  }

  setSynthetic() {
    this.#synthetic = true;
  }

  /* Chooses a coin, as soon as it is known. */
  open(symbol) {
    this.#asked = symbol;
    this.#openAsked();
  }

  #openAsked() {
    if (this.#asked !== null && this.#selected !== null && this.#coins.has(this.#asked)) {
      const asked = this.#asked;
      this.#asked = null;
      this.#choose(asked, this.#interval, address.push);
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
    } else if (this.#selected !== null && this.#offer().of !== this.#feed.offer.of) {
      this.#choose(this.#selected, this.#interval, address.replace); /* the first trades have come */
    }
    this.#openAsked();
    this.#showOrigins();
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
    this.#fold(tick.symbol, "ticker", timeMs, tick.last_price);
    this.#redraw(tick.symbol);
  }

  /* Trades move the last price of a coin that has no ticks. */
  onTrade(trade) {
    const timeMs = Date.parse(trade.time);
    const coin = this.#coins.get(trade.symbol);
    this.#lastTickAt = Date.now();
    this.#newestMs = Math.max(this.#newestMs, timeMs);
    if (!coin) {
      return;
    }
    if (offerOf(coin, "ticker") === null && (coin.timeMs === null || timeMs >= coin.timeMs)) {
      coinData.applyPrice(coin, trade.price, timeMs);
    }
    this.#fold(trade.symbol, "trade", timeMs, trade.price);
    this.#redraw(trade.symbol);
  }

  #fold(symbol, of, timeMs, price) {
    if (symbol === this.#selected && this.#feed.offer?.of === of) {
      this.#feed.fold(timeMs, price);
    }
  }

  #redraw(symbol) {
    if (this.#changed.size === 0) {
      requestAnimationFrame(() => this.#frame());
    }
    this.#changed.add(symbol);
  }

  resync() {
    this.#feed.resync();
  }

  applyTheme() {
    this.chart.applyTheme();
  }

  #coin() {
    return this.#coins.get(this.#selected) ?? null;
  }

  /* From what the coin's candles are made: the user's choice where the coin has it. */
  #offer() {
    const coin = this.#coin();
    const offers = origins.map(({ of }) => offerOf(coin, of)).filter(Boolean);
    return offers.find(({ of }) => of === this.#origin) ?? offers[0] ?? { of: "ticker", seconds: 0 };
  }

  #showOrigins() {
    const coin = this.#coin();
    const had = origins.filter(({ of }) => offerOf(coin, of) !== null);
    const picker = byId("origin");
    byId("origin-box").hidden = had.length < 2;
    if (picker.dataset.had !== String(had.map(({ of }) => of))) {
      picker.dataset.had = String(had.map(({ of }) => of));
      picker.replaceChildren(...had.map(({ of, words }) => h("option", { value: of }, words)));
    }
    picker.value = this.#offer().of;
  }

  /* Who the candles are from. Ticks do not say it, but their coin's name does, unless they are made up or
   * from a file. */
  #showProvider(offer) {
    const real = !this.#synthetic && !this.#info?.replay_from;
    const service = offer.source ?? (real ? this.#coin().service : null);
    const providers = (this.#info?.providers ?? []).filter((provider) => provider.service === service);
    showProviders(byId("chart-provider"), providers);
  }

  /* The first choice: the address's, else the first coin, at an interval that suits a replay. */
  #chooseFirst() {
    this.#view = rangeFromAddress() ?? this.#usualView();
    this.#chooseFromAddress();
  }

  /* What is in view where the reader has chosen nothing. */
  #usualView() {
    return this.#info?.replay_from ? "all" : "newest";
  }

  #chooseFromAddress() {
    const coin = address.get("coin");
    const name = address.get("interval");
    const chosen = this.#coins.has(coin) ? coin : this.#coins.keys().next().value;
    const interval = intervalNamed(name);
    this.#origin = address.get("of");
    this.#picked = interval !== undefined;
    this.#choose(chosen, interval ?? this.#fitting(this.#coins.get(chosen)), address.replace);
    this.#tellUnknown(coin, name);
  }

  /* The address names something that there is not: something else is shown, which must be told. */
  #tellUnknown(coin, name) {
    const words = [];
    if (coin !== null && !this.#coins.has(coin)) {
      words.push(`There is no coin ${coin} here; ${this.#coin().name} is shown.`);
    }
    if (name !== null && intervalNamed(name) === undefined) {
      words.push(
        `There is no interval ${name}; candles of ${this.#interval.words} are shown. ` +
          `Intervals are ${intervals.map((entry) => entry.name).join(", ")}.`,
      );
    }
    byId("address-problem").hidden = words.length === 0;
    setText(byId("address-problem-text"), words.join(" "));
  }

  /* After Back: what the address says. */
  #goBack() {
    if (this.#selected !== null) {
      this.#view = rangeFromAddress() ?? this.#usualView();
      this.#chooseFromAddress();
    }
  }

  /* The address holds the range that the reader has moved to; one that ends at the newest candle
   * goes on ending there. */
  #keepRange() {
    const times = this.chart.visibleTimes();
    if (this.chart.view.moved && times && this.#feed.loaded) {
      this.#view = { from: times.from, to: this.chart.view.follows ? null : times.to };
      address.replace({ from: addressTime(this.#view.from), to: addressTime(this.#view.to) });
    }
  }

  #fitting(coin) {
    const from = Date.parse(this.#info?.replay_from ?? "");
    const to = Date.parse(this.#info?.replay_to ?? "") || coin.timeMs;
    return from && to ? intervalFor(from, to) : intervals[0];
  }

  /* keep: how the address takes it. */
  #choose(symbol, interval, keep) {
    this.#selected = symbol;
    const offer = this.#offer();
    this.#interval = interval = intervalOf(offer, interval);
    this.#showOrigins();
    this.#showProvider(offer);
    this.#quote.select(symbol);
    this.#quote.figures(this.#coin());
    showInterval(byId("intervals"), interval);
    keep({
      coin: symbol,
      interval: this.#picked ? interval.name : null,
      of: this.#origin === offer.of ? offer.of : null,
    });
    byId("address-problem").hidden = true;
    this.#feed.choose(symbol, offer, interval, this.#coin().name, this.#candlesWanted(interval));
    this.#onChosen.forEach((callback) =>
      callback({ coin: symbol, interval: interval.name, of: offer.of, source: offer.source ?? null }),
    );
  }

  /* How many of the newest candles are loaded at first: as many as the view needs. */
  #candlesWanted(interval) {
    const usual = this.#info?.replay_from ? replayCandles : undefined;
    if (typeof this.#view !== "object") {
      return usual;
    }
    const newest = Math.max(this.#newestMs, this.#coin().timeMs ?? 0) / 1000;
    const needed = Math.ceil((newest - this.#view.from) / interval.seconds) + candlesBefore;
    return Math.max(usual ?? leastCandles, Math.min(mostCandles, needed));
  }

  #onCandles(what) {
    const { candles } = this.#feed;
    const coin = this.#coin();
    if (what === "failed") {
      this.#drawEmpty();
      return;
    }
    coin.decimals = Math.max(coin.decimals, decimalsFor(candles.slice(-300).map((candle) => candle.close)));
    const view = what === "earlier" || what === "resynced" ? "keep" : this.#view;
    this.chart.show({
      coin: this.#selected,
      interval: this.#interval,
      candles,
      forming: this.#forming(),
      decimals: coin.decimals,
      view: this.#feed.loaded ? view : "keep",
    });
    byId("chart").dataset.of = this.#feed.offer.of;
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
      this.chart.update(candles, this.#forming());
      this.#drawLegend();
    }
  }

  #drawLegend() {
    const newest = this.#feed.candles.at(-1) ?? null;
    const time = this.#hovered?.time ?? newest?.time;
    const shown = this.#hovered && newest ? this.chart.candleAt(time) : newest;
    showLegend(byId("legend"), shown, {
      time: newest ? time : null,
      decimals: this.#coin()?.decimals ?? 2,
      forming: shown === newest && this.#forming(),
      seconds: this.#interval?.seconds ?? 60,
      of: this.#feed.offer?.of ?? "ticker",
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

  /* The timeframe of the coin's bars if it has nothing else, and none of our intervals is made of
   * them; otherwise null. */
  #otherBars() {
    const coin = this.#coin();
    const drawn = origins.some(({ of }) => offerOf(coin, of) !== null);
    return drawn ? null : (coin?.offers[0]?.timeframe ?? null);
  }

  #emptyWords() {
    const name = this.#coin()?.name ?? "any coin";
    const more = "The first candle appears by itself.";
    if (this.#feed.failure) {
      return { title: `${name} cannot be shown now`, more: "The reason is told above." };
    }
    if (this.#waitingFor) {
      return { title: `Waiting for ${shortly(this.#waitingFor)}`, more };
    }
    if (!this.#selected && this.#elsewhere.length > 0) {
      return {
        title: `No ticks, but other records: ${this.#elsewhere.join(", ")}`,
        more: "Messages shows them. Of bars, candlewick candles --of bar draws the candles.",
      };
    }
    const others = this.#otherBars();
    if (others) {
      return {
        title: `Of ${name} there are only bars of ${others}`,
        more: `candlewick candles --of bar --coin ${this.#selected} --interval ${others} draws them.`,
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
