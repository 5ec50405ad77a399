/* What happened, asked for while somebody looks, back to as far as the chart shows. */
import { get } from "../api.js";
import { failure } from "../problems.js";

const everyMs = 15000;
const most = 1000;
const hourMs = 3600000;
const leastMs = 48 * hourMs; /* what is listed goes back so far, however little is in view */

export class HistoryFeed {
  answer = { events: [], before: [], covered: [] };
  loaded = false; /* whether the server has answered since the page was opened */
  #listeners = [];
  #watched = false;
  #timer = null;
  #coin = null; /* of what is about coins, only its events are wanted */
  #fromMs = null; /* what is asked for begins here; null: nothing is known of the view yet */
  #underWay = null;

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /* While it is watched, it is asked again every few seconds. */
  setWatched(watched) {
    this.#watched = watched;
    clearTimeout(this.#timer);
    if (watched) {
      this.#load();
    } else {
      failure("history", "events", null);
    }
  }

  choose({ coin }) {
    if (coin !== this.#coin) {
      this.#coin = coin;
      if (this.#watched) {
        this.#load();
      }
    }
  }

  /* The view begins at `fromMs`: what happened since then is wanted, and as much again before it. */
  reach(fromMs, toMs) {
    if (this.#fromMs === null || fromMs < this.#fromMs) {
      const wanted = Math.min(fromMs - (toMs - fromMs), toMs - leastMs);
      this.#fromMs = Math.floor(wanted / hourMs) * hourMs;
      if (this.#watched) {
        this.#load();
      }
    }
  }

  async #load() {
    clearTimeout(this.#timer);
    this.#underWay?.abort();
    const underWay = new AbortController();
    this.#underWay = underWay;
    if (!document.hidden && this.#fromMs !== null) {
      try {
        const from = new Date(this.#fromMs).toISOString();
        this.answer = await get("/api/history", { coin: this.#coin, from, limit: most }, underWay.signal);
        this.loaded = true;
        failure("history", "events", null);
        this.#listeners.forEach((listener) => listener());
      } catch (error) {
        if (underWay.signal.aborted) {
          return;
        }
        failure("history", "events", error);
      }
    }
    if (this.#watched) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#load(), everyMs);
    }
  }
}
