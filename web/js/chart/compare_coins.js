/* The candles of other coins that are compared with the chosen one. */
import { CandleFeed } from "../feed.js";
import { choicesOf, intervalOf } from "./origins.js";
import { coinLine } from "./overlays.js";

export const comparedMost = 6;

export class CompareCoins {
  #onChange;
  #feeds = new Map(); /* by coin */

  /* onChange(): lines() are others. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get symbols() {
    return [...this.#feeds.keys()];
  }

  /* Loads the newest `limit` candles of each coin, in place of what there was. A coin without candles
   * of the interval has none. */
  choose(coins, interval, limit) {
    const before = this.#feeds;
    this.#feeds = new Map();
    before.forEach((feed) => feed.drop());
    for (const coin of coins) {
      const feed = before.get(coin.symbol) ?? new CandleFeed(() => this.#onChange(), `compare ${coin.symbol}`);
      const choice = choicesOf(coin).find((entry) => intervalOf(entry, interval) === interval);
      if (choice) {
        this.#feeds.set(coin.symbol, feed);
        feed.choose(coin.symbol, choice, interval, coin.name, limit);
      }
    }
    this.#onChange();
  }

  resync() {
    this.#feeds.forEach((feed) => feed.resync());
  }

  loadEarlier(seconds) {
    this.#feeds.forEach((feed) => feed.loadEarlier(seconds));
  }

  /* A line for each coin whose candles are there; nameOf(symbol): its name. */
  lines({ seconds, colours, firstInView, nameOf }) {
    return [...this.#feeds].map(([symbol, feed], index) =>
      coinLine(nameOf(symbol), feed.candles, { seconds, colour: colours[index % colours.length], firstInView }),
    );
  }
}
