/* What stands beside and under the chart: truth, proof, news, events, lanes, holes. */
import { byId } from "../dom.js";
import { chartHoles } from "./chart_holes.js";
import { Events } from "./events.js";
import { HistoryFeed } from "./history_feed.js";
import { Lanes } from "./lanes.js";
import { SideNews } from "./news.js";
import { Proof } from "./proof.js";
import { Truth } from "./truth.js";

export class Side {
  #market;
  #feed = new HistoryFeed();
  #truth;
  #proof = new Proof();
  #news;
  #events;
  #lanes;
  #chosen = null;
  #drawn = ""; /* the holes that the chart has */

  constructor(market) {
    this.#market = market;
    this.#truth = new Truth(market);
    this.#news = new SideNews(market.chart);
    this.#events = new Events(market.chart, this.#feed);
    this.#lanes = new Lanes(market.chart, this.#feed);
    market.onChosen((chosen) => this.#choose(chosen));
    market.chart.onView(() => this.#reach());
    this.#feed.onChange(() => this.#showHoles());
  }

  /* While the chart is shown, all of it is kept up to date. */
  setShown(shown) {
    for (const part of [this.#feed, this.#truth, this.#proof, this.#news]) {
      part.setWatched(shown);
    }
  }

  setInfo(info) {
    this.#proof.setInfo(info);
  }

  setCoins(rows) {
    this.#truth.setCoins(rows);
  }

  setStatus(status) {
    this.#lanes.setStatus(status);
  }

  applyTheme() {
    this.#events.draw();
    this.#news.draw();
  }

  #choose(chosen) {
    this.#chosen = chosen;
    this.#truth.choose(chosen);
    this.#news.choose(chosen);
    this.#events.choose(chosen);
    this.#feed.choose(chosen);
    this.#showHoles();
  }

  #reach() {
    const times = this.#market.chart.visibleTimes();
    if (times) {
      this.#feed.reach(times.from * 1000, times.to * 1000);
    }
  }

  #showHoles() {
    if (this.#chosen !== null) {
      const holes = chartHoles(this.#feed.answer, this.#chosen, Date.now());
      const drawn = JSON.stringify(holes);
      if (drawn !== this.#drawn) {
        this.#drawn = drawn; /* the chart repaints all of itself */
        this.#market.chart.setHoles(holes);
        byId("chart").dataset.holeWords = holes.map(({ words }) => words).join(" | "); /* for tests */
      }
    }
  }
}
