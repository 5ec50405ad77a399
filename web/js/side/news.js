/* News beside the chart: of the chosen coin, of the favourites, or all; numbered, with marks of the same
 * numbers on the candles. */
import { get } from "../api.js";
import { intervalNamed } from "../candles.js";
import { byId, h, setText } from "../dom.js";
import { favourites, onFavourites } from "../favourites.js";
import * as format from "../format.js";
import { titleOf } from "../news_item.js";
import { failure } from "../problems.js";
import { recall, remember } from "../storage.js";
import { colours } from "../theme.js";
import { light, Marks } from "./marks.js";
import { marksOf, numberOf } from "./news_marks.js";

const page = 30;
const everyMs = 30000;
const filters = [
  ["coin", "This coin"],
  ["favourites", "★ Favourites"],
  ["all", "All news"],
];

export class SideNews {
  #box = byId("side-news");
  #list = h("ol", { class: "side-news", "data-testid": "side-news" });
  #empty = h("p", { class: "empty", role: "status", hidden: true });
  #picker = h(
    "select",
    { id: "side-news-filter" },
    filters.map(([value, words]) => h("option", { value }, words)),
  );
  #chart;
  #marks;
  #coin = null;
  #seconds = 60; /* of a candle */
  #watched = false;
  #some = false; /* news of any coin is stored */
  #items = [];
  #timer = null;
  #underWay = null;
  #drawn = "";

  constructor(chart) {
    this.#chart = chart;
    this.#marks = new Marks(chart, "news", (id) => light(this.#list, id));
    this.#picker.value = filters.some(([value]) => value === recall("side-news")) ? recall("side-news") : "coin";
    this.#picker.addEventListener("change", () => {
      remember("side-news", this.#picker.value === "coin" ? null : this.#picker.value);
      this.#load();
    });
    onFavourites(() => this.#load());
    this.#box.setAttribute("aria-labelledby", "side-news-title");
    this.#box.append(
      h(
        "div",
        { class: "card-head" },
        h("h2", { id: "side-news-title" }, "News"),
        h("label", { class: "inline" }, h("span", { class: "visually-hidden" }, "News of"), this.#picker),
      ),
      this.#list,
      this.#empty,
    );
  }

  choose({ coin, interval }) {
    this.#coin = coin;
    this.#seconds = intervalNamed(interval).seconds;
    this.#load();
  }

  setWatched(watched) {
    this.#watched = watched;
    this.#load();
  }

  /* What the filter asks for; null: for nothing, since there is no favourite. */
  #wanted() {
    const filter = this.#picker.value;
    if (filter === "coin") {
      return { coin: this.#coin };
    }
    return filter === "all" ? {} : favourites().length > 0 ? { coins: favourites().join() } : null;
  }

  async #load() {
    clearTimeout(this.#timer);
    this.#underWay?.abort();
    if (!this.#watched || this.#coin === null) {
      failure("side-news", "news", null);
      return;
    }
    const underWay = new AbortController();
    this.#underWay = underWay;
    try {
      if (!document.hidden) {
        const wanted = this.#wanted();
        const answer = wanted === null ? { news: [] } : await get("/api/news", { ...wanted, limit: page }, underWay.signal);
        this.#some ||= answer.news.length > 0 || (await get("/api/news", { limit: 1 }, underWay.signal)).news.length > 0;
        this.#items = answer.news;
        this.draw();
        failure("side-news", "news", null);
      }
    } catch (error) {
      if (underWay.signal.aborted) {
        return;
      }
      failure("side-news", "news", error);
    }
    this.#timer = setTimeout(() => this.#load(), everyMs);
  }

  /* Also after a change of the theme. */
  draw() {
    const theme = colours();
    this.#marks.set(
      marksOf(this.#items, this.#seconds).map((mark) => ({
        ...mark,
        position: "belowBar",
        shape: "circle",
        color: theme.accent,
      })),
    );
    this.#box.hidden = !this.#some;
    this.#empty.hidden = this.#items.length > 0;
    setText(this.#empty, this.#emptyWords());
    const drawn = JSON.stringify(this.#items);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#list.replaceChildren(...this.#items.map((news, index) => this.#item(news, index)));
    }
  }

  #emptyWords() {
    return this.#picker.value === "favourites" && favourites().length === 0
      ? "No favourites yet: mark coins with ☆ in Markets."
      : this.#picker.value === "coin"
        ? `No stored news names ${this.#coin}.`
        : "No stored news names a favourite.";
  }

  #item(news, index) {
    const time = Date.parse(news.time);
    return h(
      "li",
      { "data-id": `${news.source} ${news.id}` },
      titleOf(news),
      h(
        "p",
        { class: "news-about num" },
        h(
          "button",
          {
            type: "button",
            class: "chip",
            "aria-label": `Show ${numberOf(this.#items, index)} on the chart`,
            onclick: () => this.#chart.goTo(time / 1000),
          },
          numberOf(this.#items, index),
        ),
        h("time", { datetime: news.time, title: `${format.moment(time)} UTC` }, format.minute(time)),
        h("span", { class: "host" }, news.source),
        news.synthetic ? h("span", { class: "badge badge-warn tag" }, "synthetic") : null,
      ),
    );
  }
}
