/* The badge, the rates beside it and the notices: gathers the facts that the state of the page is made of. */
import { byId, setText } from "../dom.js";
import * as format from "../format.js";
import { setWaiting } from "../problems.js";
import { badgeOf, intervalOf } from "./badge.js";
import { awaySince, onContact } from "./contact.js";

const everyMs = 1000; /* ages grow */

export class Head {
  #status = null;
  #newestMs = null;
  #madeUp = null;
  #polled = false;
  #clockAhead = 0; /* how far the program's clock is ahead of the browser's, in ms */
  #timer = null;

  constructor() {
    onContact(() => this.#draw());
    document.addEventListener("visibilitychange", () => this.#draw());
    this.#draw();
  }

  /* Whether the page has to ask by itself, without an event stream. */
  setPolled(polled) {
    this.#polled = polled;
    this.#draw();
  }

  /* What is shown is made up; `words` and `title` say how. */
  setMadeUp(words, title) {
    this.#madeUp = words;
    setText(byId("synthetic"), words);
    byId("synthetic").title = title;
    byId("synthetic").hidden = false;
    this.#draw();
  }

  /* A price of this time has been seen. */
  saw(timeMs) {
    if (format.known(timeMs) && (this.#newestMs === null || timeMs > this.#newestMs)) {
      this.#newestMs = timeMs;
    }
  }

  setStatus(status) {
    this.#status = status;
    this.#clockAhead = format.known(status.now) ? status.now - Date.now() : 0;
    setWaiting(status.waiting_for ?? null, status.no_news ?? null);
    const twoProducers = status.two_producers ?? null;
    byId("two-producers").hidden = twoProducers === null;
    setText(byId("two-producers-text"), twoProducers ?? "");
    this.#draw();
  }

  #badge() {
    const status = this.#status;
    return badgeOf({
      awaySince: awaySince(),
      known: status !== null,
      waitingFor: status?.waiting_for ?? null,
      noNews: status?.no_news ?? null,
      now: Date.now() + this.#clockAhead,
      newestMs: this.#newestMs,
      intervalMs: intervalOf(status?.sources ?? []),
      replay: status?.replay ?? null,
      madeUp: this.#madeUp,
      polled: this.#polled,
    });
  }

  /* What is not known, or from before the program went away, is not shown. */
  #drawPulse() {
    const { ticks_per_second: rate = null, lag_total: lag = null } = this.#status ?? {};
    const parts = [
      format.known(rate) ? `${format.rate(rate)} ticks/s` : null,
      format.known(lag) ? `lag ${format.count(lag)}` : null,
    ].filter((part) => part !== null && awaySince() === null);
    byId("pulse").hidden = parts.length === 0;
    setText(byId("pulse"), parts.join(" · "));
  }

  #draw() {
    clearTimeout(this.#timer);
    const badge = this.#badge();
    byId("live").dataset.state = badge.state;
    setText(byId("live-text"), badge.words);
    setText(byId("live-detail"), badge.detail);
    this.#drawPulse();
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.#draw(), everyMs);
    }
  }
}
