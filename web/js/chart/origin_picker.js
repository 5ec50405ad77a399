/* "Candles from": from which of a coin's records its candles are made. */
import { byId, h } from "../dom.js";
import { choicesOf } from "./origins.js";

const none = { key: "ticker", of: "ticker", source: null, timeframes: [], words: "" };

export class OriginPicker {
  wanted = null; /* key of the choice that the reader made; null: the best */
  #coin = null;
  #passed = new Set(); /* keys of the coin's choices that have no candle in view */
  #providers = [];
  #box = byId("origin");

  /* onPick(): the reader chose. */
  constructor(onPick) {
    this.#box.addEventListener("change", () => {
      this.wanted = this.#box.value;
      onPick();
    });
  }

  /* Whose names sources have: those of /api/info. */
  setProviders(providers) {
    this.#providers = providers;
  }

  setCoin(coin) {
    if (coin?.symbol !== this.#coin?.symbol) {
      this.#passed.clear();
    }
    this.#coin = coin;
  }

  get choices() {
    const nameOf = (source) => this.#providers.find(({ service }) => service === source)?.name ?? source;
    return choicesOf(this.#coin, nameOf);
  }

  /* The reader's choice where the coin has it, else the best that has candles in view. */
  get choice() {
    const { choices } = this;
    return (
      choices.find(({ key }) => key === this.wanted) ??
      choices.find(({ key }) => !this.#passed.has(key)) ??
      choices[0] ??
      none
    );
  }

  /* Takes the address's word; null: it names none. Whether the coin has such records. */
  want(of, source) {
    const found = this.choices.find((choice) => choice.of === of && (source === null || choice.source === source));
    this.wanted = found?.key ?? null;
    return of === null || found !== undefined;
  }

  /* The present choice has no candle in view. Whether another takes its place: not where the reader
   * made it, or there is none. */
  passOver() {
    const { key } = this.choice;
    const others = this.choices.filter((choice) => choice.key !== key && !this.#passed.has(choice.key));
    if (this.wanted !== null || others.length === 0) {
      return false;
    }
    this.#passed.add(key);
    return true;
  }

  show() {
    const { choices } = this;
    const had = JSON.stringify(choices);
    byId("origin-box").hidden = choices.length < 2;
    if (this.#box.dataset.had !== had) {
      this.#box.dataset.had = had;
      this.#box.replaceChildren(...choices.map(({ key, words }) => h("option", { value: key }, words)));
    }
    this.#box.value = this.choice.key;
  }
}
