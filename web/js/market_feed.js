/* What all coins are worth, asked for while somebody looks. */
import { get } from "./api.js";
import { failure } from "./problems.js";

export class MarketFeed {
  rows = [];
  providers = [];
  loaded = false;
  #listeners = [];
  #everyMs = null; /* how often somebody wants it; null: nobody does */
  #timer = null;

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /* Asks now, and then every `everyMs`; null: no more. */
  watch(everyMs) {
    this.#everyMs = everyMs;
    clearTimeout(this.#timer);
    if (everyMs !== null) {
      this.load();
    }
  }

  async load() {
    clearTimeout(this.#timer);
    if (!document.hidden) {
      try {
        const answer = await get("/api/markets");
        this.rows = answer.markets;
        this.providers = answer.providers;
        this.loaded = true;
        failure("markets", "the markets", null);
        this.#listeners.forEach((listener) => listener());
      } catch (error) {
        failure("markets", "the markets", error);
      }
    }
    if (this.#everyMs !== null) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.load(), this.#everyMs);
    } else {
      failure("markets", "the markets", null);
    }
  }

  /* The coin whose chart shows an asset: of several the one that is traded most closely. */
  coinOf(ticker) {
    const named = this.rows.filter((row) => (row.asset?.ticker ?? row.coin) === ticker);
    const rank = (row) => (/^(cg|cmc):/.test(row.coin) ? 1 : 0);
    return named.sort((a, b) => rank(a) - rank(b))[0]?.coin ?? null;
  }
}
