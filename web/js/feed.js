/* The candles of the chosen coin and interval: loaded from the store, moved on by live ticks, and
 * put right by the store again soon after. */
import { get } from "./api.js";
import { fold, fromApi, merge } from "./candles.js";
import { problem, untilItWorks } from "./problems.js";

const page = 1000;
const most = 20000;
const resyncMs = 10000; /* the store's word over what was folded here */
const closedMs = 2000; /* the same, after a candle was closed */

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}

export class CandleFeed {
  coin = null;
  interval = null;
  candles = [];
  loaded = false;
  failure = null; /* why they could not be loaded; being tried again */
  #onChange;
  #generation = 0; /* of the choice; an answer to an older one is dropped */
  #exhausted = false; /* nothing before the first candle */
  #earlierUnderWay = false;
  #timer = null;

  /* onChange("loading" | "failed" | "loaded" | "first" | "earlier" | "resynced"): `candles` is
   * another list, or `failure` is. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /* Drops what was there and loads the newest `limit` candles. */
  async choose(coin, interval, name, limit = page) {
    const mine = ++this.#generation;
    Object.assign(this, { coin, interval, candles: [], loaded: false, failure: null });
    this.#exhausted = false;
    this.#onChange("loading");
    const fresh = await untilItWorks(
      "candles",
      `Candles of ${name} could not be loaded`,
      () => this.#load(limit, mine),
      () => mine === this.#generation,
    );
    if (mine === this.#generation) {
      this.candles = merge(this.candles, fresh);
      this.loaded = true;
      this.#onChange("loaded");
    }
  }

  /* One live price. True when the newest candle changed. */
  fold(timeMs, price) {
    const before = this.candles.length;
    if (!this.loaded || !fold(this.candles, this.interval.seconds, timeMs, price)) {
      return false;
    }
    this.#resyncIn(this.candles.length > before ? closedMs : resyncMs);
    if (before === 0) {
      this.#onChange("first");
    }
    return true;
  }

  /* Asks again for the newest candles: after a cut, lost events, or a while of folding. */
  async resync() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.loaded) {
      return;
    }
    const mine = this.#generation;
    const from = this.candles.at(-3) ?? this.candles[0];
    try {
      const fresh = await this.#ask({ from: from ? iso(from.time) : null, limit: page });
      if (mine === this.#generation) {
        problem("candles", null);
        const first = this.candles.length === 0 && fresh.length > 0;
        this.candles = merge(this.candles, fresh);
        this.#onChange(first ? "first" : "resynced");
      }
    } catch (error) {
      if (mine === this.#generation) {
        problem("candles", `Candles could not be refreshed: ${error.message}. Trying again.`);
        this.#resyncIn(resyncMs);
      }
    }
  }

  async loadEarlier() {
    if (this.#exhausted || this.#earlierUnderWay || !this.loaded || this.candles.length === 0 || this.candles.length > most) {
      return;
    }
    this.#earlierUnderWay = true;
    const mine = this.#generation;
    try {
      const fresh = await this.#ask({ to: iso(this.candles[0].time), limit: page });
      if (mine === this.#generation) {
        this.#exhausted = fresh.length === 0;
        this.candles = merge(this.candles, fresh);
        this.#onChange("earlier");
      }
    } catch {
      this.#exhausted = true; /* what is shown stays right; the next choice tries again */
    } finally {
      this.#earlierUnderWay = false;
    }
  }

  async #load(limit, mine) {
    try {
      const fresh = await this.#ask({ limit });
      this.failure = null;
      return fresh;
    } catch (error) {
      if (mine === this.#generation) {
        this.failure = error.message;
        this.#onChange("failed");
      }
      throw error;
    }
  }

  #ask(parameters) {
    return get("/api/candles", { coin: this.coin, interval: this.interval.name, ...parameters }).then(fromApi);
  }

  #resyncIn(ms) {
    this.#timer ??= setTimeout(() => this.resync(), ms);
  }
}
