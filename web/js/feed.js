/* The candles of the chosen coin and interval: loaded from the store, moved on by live ticks, and
 * put right by the store again soon after: what was folded here is only ever a preview. */
import { get } from "./api.js";
import { fold, fromApi } from "./candles.js";
import { failure, untilItWorks } from "./problems.js";

const page = 1000;
const most = 20000;
const resyncMs = 8000; /* the store's word over what was folded here */
const soonMs = 2000; /* the same, after a candle was closed or the log grew unseen */
const previewMs = 3000; /* a price folded so lately may not be in the store yet */
const margin = 2; /* intervals before the store's newest candle that may still have been unfinished */

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}

export class CandleFeed {
  coin = null;
  offer = null; /* from what the candles are made */
  interval = null;
  candles = [];
  loaded = false;
  failure = null; /* why they could not be loaded; being tried again */
  #onChange;
  #cause;
  #generation = 0; /* of the choice; an answer to an older one is dropped */
  #exhausted = false; /* nothing before the first candle */
  #earlierUnderWay = false;
  #timer = null;
  #due = Infinity; /* when the timer asks again */
  #foldedAt = 0;
  #limit = page;
  #stored = null; /* time of the newest candle that the store gave */

  /* onChange("loading" | "failed" | "loaded" | "first" | "earlier" | "resynced"): `candles` is
   * another list, or `failure` is. cause: names what does not work, for the problems. */
  constructor(onChange, cause = "candles") {
    this.#onChange = onChange;
    this.#cause = cause;
  }

  /* Drops what was there and loads the newest `limit` candles. */
  async choose(coin, offer, interval, name, limit = page) {
    const mine = ++this.#generation;
    Object.assign(this, { coin, offer, interval, candles: [], loaded: false, failure: null });
    this.#exhausted = false;
    this.#limit = limit;
    this.#stored = null;
    this.#onChange("loading");
    const fresh = await untilItWorks(
      this.#cause,
      `candles of ${name}`,
      () => this.#load(mine),
      () => mine === this.#generation,
    );
    if (mine === this.#generation) {
      this.candles = fresh;
      this.loaded = true;
      this.#onChange("loaded");
    }
  }

  /* What there was is wanted no more. */
  drop() {
    this.#generation += 1;
    clearTimeout(this.#timer);
    this.#due = Infinity;
    this.loaded = false;
  }

  /* One live price. True when the newest candle changed. */
  fold(timeMs, price) {
    const before = this.candles.length;
    if (!this.loaded || !fold(this.candles, this.interval.seconds, timeMs, price)) {
      return false;
    }
    this.#foldedAt = Date.now();
    this.#resyncIn(this.candles.length > before ? soonMs : resyncMs);
    if (before === 0) {
      this.#onChange("first");
    }
    return true;
  }

  /* Asks again for the newest candles: after a cut, lost events, or a while of folding. */
  async resync() {
    clearTimeout(this.#timer);
    this.#due = Infinity;
    if (!this.loaded) {
      return;
    }
    const mine = this.#generation;
    const from = this.#stored === null ? null : this.#stored - margin * this.interval.seconds;
    try {
      const fresh = await this.#ask({ from: from === null ? null : iso(from), limit: this.#limit });
      if (mine === this.#generation) {
        failure(this.#cause, "candles", null);
        this.#take(fresh, from);
      }
    } catch (error) {
      if (mine === this.#generation) {
        failure(this.#cause, "candles", error);
        this.#resyncIn(resyncMs);
      }
    }
  }

  /* Everything since `from` gives way to the store's candles, but for what it may not have yet:
   * newer ones, and the newest when a price was folded into it just now. An answer cut at its limit
   * may leave a hole before it: then it is all there is, and what lies before is loaded again when
   * it is looked at. */
  #take(fresh, from) {
    const first = this.candles.length === 0;
    const cut = fresh.length >= this.#limit;
    const newest = fresh.at(-1);
    this.#stored = newest?.time ?? this.#stored;
    this.#exhausted &&= !cut;
    const here = this.candles.at(-1);
    if (
      newest &&
      here?.time === newest.time &&
      here.ticks > newest.ticks &&
      Date.now() - this.#foldedAt < previewMs
    ) {
      fresh[fresh.length - 1] = here;
      this.#resyncIn(resyncMs);
    }
    const before = (candle) => from !== null && !cut && candle.time < from;
    const after = (candle) =>
      (from === null || candle.time >= from) && candle.time > (newest?.time ?? -Infinity);
    const kept = this.candles.filter(before);
    const newer = [...fresh, ...this.candles.filter(after)];
    const same = JSON.stringify(newer) === JSON.stringify(this.candles.slice(kept.length));
    if (!same) {
      this.candles = [...kept, ...newer];
      this.#onChange(first ? "first" : "resynced");
    }
  }

  /* Loads candles before the first: a page of them, or all back to `seconds`. */
  async loadEarlier(seconds = null) {
    if (
      this.#exhausted ||
      this.#earlierUnderWay ||
      !this.loaded ||
      this.candles.length === 0 ||
      this.candles.length > most
    ) {
      return;
    }
    this.#earlierUnderWay = true;
    const mine = this.#generation;
    try {
      const fresh = await this.#ask({
        from: seconds === null ? null : iso(seconds - page * this.interval.seconds),
        to: iso(this.candles[0].time),
        limit: seconds === null ? page : most,
      });
      if (mine === this.#generation) {
        this.#exhausted = fresh.length === 0 && seconds === null;
        if (fresh.length > 0) {
          this.candles = [...fresh, ...this.candles];
          this.#onChange("earlier");
        }
      }
    } catch {
      this.#exhausted = true; /* what is shown stays right; the next choice tries again */
    } finally {
      this.#earlierUnderWay = false;
    }
  }

  /* The log or its lag has changed; `quiet`: no ticks tell of it. */
  onLog(quiet) {
    this.#resyncIn(quiet ? soonMs : resyncMs);
  }

  async #load(mine) {
    try {
      const fresh = await this.#ask({ limit: this.#limit });
      this.#stored = fresh.at(-1)?.time ?? null;
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
    const { of, source } = this.offer;
    return get("/api/candles", {
      coin: this.coin,
      of,
      source,
      fill: of === "trade" ? "bar" : null, /* from before our first trade, too */
      interval: this.interval.name,
      ...parameters,
    }).then(fromApi);
  }

  #resyncIn(ms) {
    const due = Date.now() + ms;
    if (due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.resync(), ms);
    }
  }
}
