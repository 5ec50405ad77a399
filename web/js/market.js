/* The market panel: which coin, interval and records are chosen, and what a live price changes. */
import * as address from "./address.js";
import { intervalFor, intervalNamed, intervals, topicsWithoutTicks } from "./candles.js";
import { PriceChart } from "./chart.js";
import { CompareCoins } from "./chart/compare_coins.js";
import { emptyWords } from "./chart/empty_words.js";
import { saveCsv, savePicture } from "./chart/export.js";
import { showLegend } from "./chart/legend.js";
import { hasVolume } from "./chart/measure.js";
import { OriginPicker } from "./chart/origin_picker.js";
import { intervalOf } from "./chart/origins.js";
import { averageLines } from "./chart/overlays.js";
import { addressTime, rangeFromAddress } from "./chart/range_address.js";
import { intervalOfRange, setUpRanges, showRange } from "./chart/ranges.js";
import { Tools } from "./chart/tools.js";
import { unknownWords } from "./chart/unknown_words.js";
import * as coinData from "./coins.js";
import { byId, h, setText } from "./dom.js";
import { CandleFeed } from "./feed.js";
import { decimalsFor, minute } from "./format.js";
import { setUpIntervals, showInterval } from "./intervals.js";
import { showProviders } from "./providers.js";
import { Quote } from "./quote.js";
import { showRangeFigures } from "./side_range.js";
import { colours } from "./theme.js";

const replayCandles = 5000;
const leastCandles = 1000;
const mostCandles = 20000;
const candlesBefore = 100; /* loaded before those in view */
const daySeconds = 86400;
const quietMs = 15000; /* after so long without a tick a candle of the past forms no more */
const standsStillMs = 250;
const liveMs = 60000; /* prices this near the wall clock are live */

export class Market {
  #coins = new Map();
  #listed = false; /* whether the server has told which coins there are */
  #info = null;
  #synthetic = false;
  #asked = null; /* a coin that another tab wants to be chosen, until it is known */
  #waitingFor = null;
  #elsewhere = []; /* topics with messages, where there are no ticks */
  #selected = null;
  #interval = null;
  #picked = false; /* the interval is the reader's choice, not ours */
  #origin = new OriginPicker(() => this.#choose(this.#selected, this.#interval, address.push));
  #range = null; /* the one of ranges that is in view, until the reader moves it */
  #logSize = null;
  #hovered = null; /* { time, candle }: what the pointer or the keys' cursor is at */
  #view = "newest"; /* what is in view once the candles are loaded */
  #sought = null; /* a time that the reader has gone to */
  #noting = null; /* until the address holds the view */
  #onChosen = [];
  #onHovered = [];
  #lastTickAt = 0;
  #newestMs = 0;
  #changed = new Set(); /* coins to draw in the next frame */
  #quote = new Quote((symbol) => this.#choose(symbol, this.#interval, address.push));
  #feed = new CandleFeed((what) => this.#onCandles(what));
  #compare = new CompareCoins(() => this.#drawLines());
  #tools = new Tools({
    toggled: () => this.#drawLines(),
    compared: () => this.#chooseCompared(),
    go: (seconds) => this.#goTo(seconds),
    save: (kind) => this.#save(kind),
  });
  chart = new PriceChart(byId("chart"), {
    onHover: (hovered, byKeys) => {
      this.#hovered = hovered;
      byId("legend").setAttribute("aria-live", byKeys ? "polite" : "off");
      this.#drawLegend();
      this.#onHovered.forEach((callback) => callback(hovered?.candle ?? null));
    },
    onEarlier: (seconds) => {
      this.#compare.loadEarlier(seconds);
      return this.#feed.loadEarlier(seconds);
    },
  });

  constructor() {
    setUpIntervals(byId("intervals"), (interval) => {
      if (this.#selected) {
        this.#picked = true;
        this.#choose(this.#selected, interval, address.push);
      }
    });
    setUpRanges(byId("ranges"), (range) => this.#pickRange(range));
    address.onBack(() => this.#goBack());
    this.chart.view.onTouch(() => this.#setRange(null));
    this.chart.onView(() => this.#onView());
    this.#quote.list(null, null);
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
    this.#origin.setProviders(info.providers ?? []);
    const fitting = this.#selected && !this.#picked ? this.#fitting(this.#coin()) : this.#interval;
    if (this.#selected && intervalOf(this.#origin.choice, fitting) !== this.#interval) {
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
    if (this.#coins.size !== before || !this.#listed) {
      this.#listed = true;
      this.#quote.list([...this.#coins.values()], this.#selected);
    }
    this.#coins.forEach((coin) => this.#quote.row(coin));
    this.#origin.setCoin(this.#coin());
    if (this.#selected === null && this.#coins.size > 0) {
      this.#chooseFirst();
    } else if (this.#selected !== null && this.#origin.choice.key !== this.#feed.offer.key) {
      this.#choose(this.#selected, this.#interval, address.replace); /* the first trades have come */
    }
    this.#openAsked();
    this.#origin.show();
    this.#tools.listCoins([...this.#coins.values()], this.#selected);
    this.#quote.figures(this.#coin());
    this.#drawEmpty();
  }

  hasCoin(symbol) {
    return this.#coins.has(symbol);
  }

  onTick(tick) {
    const coin = this.#onPrice(tick);
    const timeMs = Date.parse(tick.time);
    if (coin && (coin.timeMs === null || timeMs >= coin.timeMs)) {
      coinData.applyPrice(coin, tick.last_price, timeMs);
      coinData.applyMarket(coin, tick);
      this.#fold(tick.symbol, "ticker", timeMs, tick.last_price);
      this.#redraw(tick.symbol);
    }
  }

  /* Trades move the last price of a coin that has no ticks. */
  onTrade(trade) {
    const coin = this.#onPrice(trade);
    const timeMs = Date.parse(trade.time);
    if (coin) {
      const polled = coin.offers.some(({ of }) => of === "ticker");
      if (!polled && (coin.timeMs === null || timeMs >= coin.timeMs)) {
        coinData.applyPrice(coin, trade.price, timeMs);
      }
      this.#fold(trade.symbol, "trade", timeMs, trade.price);
      this.#redraw(trade.symbol);
    }
  }

  /* The coin of a live price. */
  #onPrice({ symbol, time }) {
    this.#lastTickAt = Date.now();
    this.#newestMs = Math.max(this.#newestMs, Date.parse(time));
    return this.#coins.get(symbol);
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
    this.#drawLines();
  }

  #coin() {
    return this.#coins.get(this.#selected) ?? null;
  }

  /* Who the candles are from. Ticks do not say it, but their coin's name does, unless they are made up or
   * from a file. */
  #showProvider(choice) {
    const real = !this.#synthetic && !this.#info?.replay_from;
    const service = choice.source ?? (real ? this.#coin().service : null);
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
    const [coin, name, of, source] = ["coin", "interval", "of", "source"].map(address.get);
    const chosen = this.#coins.has(coin) ? coin : this.#coins.keys().next().value;
    const interval = intervalNamed(name);
    this.#origin.setCoin(this.#coins.get(chosen));
    const had = this.#origin.want(of, source);
    this.#picked = interval !== undefined;
    this.#choose(chosen, interval ?? this.#fitting(this.#coins.get(chosen)), address.replace);
    this.#tellUnknown({ coin, name, records: had ? [] : [of, source] });
  }

  /* The address names something that there is not: something else is shown, which must be told. */
  #tellUnknown({ coin, name, records }) {
    const text = unknownWords(
      {
        coin: this.#coins.has(coin) ? null : coin,
        interval: intervalNamed(name) ? null : name,
        records: records.filter(Boolean).join(" of "),
      },
      { coin: this.#coin().name, interval: this.#interval.words, records: this.#origin.choice.words },
    );
    byId("address-problem").hidden = text === "";
    setText(byId("address-problem-text"), text);
  }

  /* After Back: what the address says. */
  #goBack() {
    if (this.#selected !== null) {
      this.#view = rangeFromAddress() ?? this.#usualView();
      this.#setRange(null);
      this.#chooseFromAddress();
    }
  }

  #onView() {
    if (this.chart.visibleTimes() && this.#feed.loaded) {
      this.#noteView();
      this.#drawRange();
      this.#drawLegend();
    }
  }

  /* The address holds the range that the reader has moved to, once it stands still: browsers allow only so
   * many changes in a time. A range that ends at the newest candle goes on ending there. */
  #noteView() {
    if (!this.chart.view.moved) {
      return;
    }
    const times = this.chart.visibleTimes();
    this.#view = { from: times.from, to: this.chart.view.follows ? null : times.to };
    clearTimeout(this.#noting);
    this.#noting = setTimeout(() => {
      if (typeof this.#view === "object") {
        address.replace({ from: addressTime(this.#view.from), to: addressTime(this.#view.to) });
      }
    }, standsStillMs);
  }

  #setRange(range) {
    this.#range = range;
    showRange(byId("ranges"), range);
  }

  #pickRange(range) {
    const coin = this.#coin();
    if (coin) {
      const newestMs = coin.timeMs ?? this.#newestMs;
      this.#picked = true;
      this.#view = { from: Math.max(0, newestMs / 1000 - range.seconds), to: null };
      this.#setRange(range);
      this.#choose(this.#selected, intervalOfRange(range, coin.firstMs, newestMs), address.push);
    }
  }

  /* A time that the reader asked for: at the chosen interval, unless that would be too many candles. */
  async #goTo(seconds) {
    if (!this.#selected || Number.isNaN(seconds)) {
      return;
    }
    const fits = (interval) => this.#newestMs / 1000 - seconds < mostCandles * interval.seconds;
    if (fits(this.#interval)) {
      this.#setRange(null);
      await this.chart.goTo(seconds);
    } else {
      const times = this.chart.visibleTimes();
      const half = times ? (times.to - times.from) / 2 : 0;
      this.#view = { from: seconds - half, to: seconds + half };
      this.#choose(this.#selected, intervals.find(fits) ?? intervals.at(-1), address.push);
    }
    this.#sought = seconds;
    this.#drawNote();
  }

  #fitting(coin) {
    const from = Date.parse(this.#info?.replay_from ?? "");
    const to = Date.parse(this.#info?.replay_to ?? "") || coin.timeMs;
    return from && to ? intervalFor(from, to) : intervals[0];
  }

  /* keep: how the address takes it. */
  #choose(symbol, interval, keep) {
    this.#selected = symbol;
    this.#sought = null;
    this.#origin.setCoin(this.#coin());
    const choice = this.#origin.choice;
    this.#interval = interval = intervalOf(choice, interval);
    this.#origin.show();
    this.#tools.listCoins([...this.#coins.values()], this.#selected);
    this.#showProvider(choice);
    this.#quote.select(symbol);
    this.#quote.figures(this.#coin());
    showInterval(byId("intervals"), interval);
    const chosen = this.#origin.wanted === choice.key;
    const range = typeof this.#view === "object" ? this.#view : { from: null, to: null };
    keep({
      coin: symbol,
      interval: this.#picked ? interval.name : null,
      of: chosen ? choice.of : null,
      source: chosen ? choice.source : null,
      from: addressTime(range.from),
      to: addressTime(range.to),
    });
    byId("address-problem").hidden = true;
    this.#feed.choose(symbol, choice, interval, this.#coin().name, this.#candlesWanted(interval));
    this.#chooseCompared();
    this.#onChosen.forEach((callback) =>
      callback({ coin: symbol, interval: interval.name, of: choice.of, source: choice.source }),
    );
  }

  #chooseCompared() {
    const coins = this.#tools.comparedWith(this.#selected).map((symbol) => this.#coins.get(symbol));
    const wanted = Math.max(this.#candlesWanted(this.#interval) ?? leastCandles, this.#feed.candles.length);
    this.#compare.choose(coins, this.#interval, wanted);
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
    if (what === "loaded" && this.#passOver()) {
      return;
    }
    if (what === "resynced") {
      this.#compare.resync();
    }
    coin.decimals = Math.max(coin.decimals, decimalsFor(candles.slice(-300).map((candle) => candle.close)));
    const keep = what === "earlier" || what === "resynced" || !this.#feed.loaded;
    this.chart.show({
      coin: this.#selected,
      interval: this.#interval,
      of: this.#feed.offer.of,
      unit: coinData.volumeUnit(coin),
      candles,
      forming: this.#forming(),
      decimals: coin.decimals,
      view: keep ? "keep" : this.#view,
    });
    this.#tools.setVolume(hasVolume(candles) && this.#interval.seconds < daySeconds);
    byId("chart").dataset.origin = this.#feed.offer.key;
    byId("chart").dataset.loaded = this.#feed.loaded ? `${this.#selected} ${this.#interval.name}` : "";
    this.#drawLines();
    this.#drawEmpty();
    this.#drawNote();
    this.#quote.figures(coin);
  }

  /* Where the reader has not chosen and this choice has no candle in view, the next one is tried.
   * Whether it is. */
  #passOver() {
    const from = typeof this.#view === "object" ? this.#view.from : -Infinity;
    const to = this.#view.to ?? Infinity;
    const some = this.#feed.candles.some(({ time }) => time + this.#interval.seconds > from && time < to);
    if (some || !this.#origin.passOver()) {
      return false;
    }
    this.#choose(this.#selected, this.#interval, address.replace);
    return true;
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
    if (loaded && candles.length > 0 && this.chart.update(candles, this.#forming())) {
      this.#drawLines();
      this.#drawRange();
    }
  }

  /* What lies over the candles, and the scale that suits it. */
  #drawLines() {
    const theme = colours();
    const { seconds } = this.#interval ?? intervals[0];
    const others = this.#compare.lines({
      seconds,
      colours: theme.lines,
      firstInView: () => this.chart.firstInView(),
      nameOf: (symbol) => this.#coins.get(symbol)?.name ?? symbol,
    });
    this.chart.setScale(others.length > 0 ? "percent" : this.#tools.on.log ? "log" : "plain");
    this.chart.setLines([
      ...averageLines(this.#feed.candles, { seconds, wanted: this.#tools.on, theme }),
      ...others,
    ]);
    this.#drawLegend();
  }

  #drawLegend() {
    const newest = this.#feed.candles.at(-1) ?? null;
    const time = this.#hovered?.time ?? newest?.time;
    const shown = this.#hovered && newest ? this.chart.candleAt(time) : newest;
    showLegend(byId("legend"), shown, {
      time: newest ? time : null,
      words: newest ? `${this.#interval.words} of ${this.#origin.choice.words}` : "",
      lines: this.chart.lines,
      first: this.chart.firstInView(),
      decimals: this.#coin()?.decimals ?? 2,
      forming: shown === newest && this.#forming(),
      seconds: this.#interval?.seconds ?? 60,
      of: this.#feed.offer?.of ?? "ticker",
    });
  }

  #drawRange() {
    const coin = this.#coin();
    showRangeFigures(this.chart.candlesInView(), {
      seconds: this.#interval.seconds,
      decimals: coin.decimals,
      unit: coinData.volumeUnit(coin),
      of: this.#feed.offer.of,
    });
  }

  #drawEmpty() {
    const box = byId("chart-empty");
    box.hidden = this.#feed.candles.length > 0;
    const coin = this.#coin();
    const { title, more } = emptyWords({
      name: coin?.name ?? "any coin",
      symbol: this.#selected,
      listed: this.#listed,
      failed: this.#feed.failure !== null,
      waitingFor: this.#waitingFor,
      elsewhere: this.#elsewhere,
      otherBars: this.#origin.choices.length > 0 ? null : (coin?.offers[0]?.timeframe ?? null),
      loaded: this.#feed.loaded,
    });
    if (!box.hidden && box.dataset.title !== title) {
      box.dataset.title = title;
      box.replaceChildren(h("strong", {}, title), h("span", {}, more));
    }
  }

  #drawNote() {
    const shortened = Number(byId("chart").dataset.shortened ?? 0);
    const first = this.#feed.candles[0];
    const words = ["Times are UTC."];
    if (shortened > 0) {
      words.push(`${shortened === 1 ? "1 long gap is" : `${shortened} long gaps are`} drawn shorter.`);
    }
    if (this.#sought !== null && first && this.#sought < first.time) {
      words.push(`Before ${minute(first.time * 1000)} nothing is stored.`);
    }
    setText(byId("chart-note"), words.join(" "));
  }

  /* The candles in view as a file. */
  async #save(kind) {
    const candles = this.chart.candlesInView();
    if (candles.length === 0) {
      return;
    }
    const coin = this.#coin();
    const what = {
      coin: coin.symbol,
      name: coin.name,
      interval: this.#interval.name,
      seconds: this.#interval.seconds,
      words: this.#origin.choice.words,
      forming: this.#forming() && candles.at(-1) === this.#feed.candles.at(-1),
    };
    await (kind === "csv" ? saveCsv(candles, what) : savePicture(candles, what, this.chart.picture(), colours()));
  }
}
