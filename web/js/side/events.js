/* What happened, as a list in the rail and as marks on the candles. */
import { intervalNamed } from "../candles.js";
import { byId, h, setText } from "../dom.js";
import * as format from "../format.js";
import { colours } from "../theme.js";
import { marksOf } from "./event_marks.js";
import { happenings } from "./happenings.js";
import { light, Marks } from "./marks.js";

const mostMarks = 200;
const firstShown = 12;
const shapes = { down: "square", up: "arrowUp", info: "circle" };

function timeWords({ time, end }) {
  const begin = format.recent(time);
  return end === Infinity ? `${begin} –` : end === null || end - time < 1000 ? begin : `${begin} – ${format.recent(end)}`;
}

export class Events {
  #box = byId("side-events");
  #list = h("ul", { class: "happenings", "data-testid": "happenings" });
  #empty = h("p", { class: "empty", role: "status" }, "Nothing has happened yet, or no events are stored.");
  #more = h("button", { type: "button", class: "button", onclick: () => this.#showAll() }, "Show all");
  #count = h("span", { class: "muted num" });
  #chart;
  #feed;
  #marks;
  #chosen = null;
  #all = false;
  #drawn = "";

  constructor(chart, feed) {
    this.#chart = chart;
    this.#feed = feed;
    this.#marks = new Marks(chart, "event", (id) => this.#pick(id));
    this.#box.setAttribute("aria-labelledby", "side-events-title");
    this.#box.append(
      h("div", { class: "card-head" }, h("h2", { id: "side-events-title" }, "Events"), this.#count),
      this.#list,
      this.#empty,
      h("div", { class: "side-foot" }, this.#more),
    );
    this.#box.hidden = false;
    feed.onChange(() => this.draw());
  }

  choose(chosen) {
    this.#chosen = chosen;
    this.draw();
  }

  #happenings() {
    return happenings(this.#feed.answer.events).filter(
      ({ coins }) => coins === null || coins.includes(this.#chosen?.coin),
    );
  }

  /* Also after a change of the theme. */
  draw() {
    const all = this.#happenings();
    const theme = colours();
    const colour = { down: theme.down, up: theme.up, info: theme.muted };
    const seconds = intervalNamed(this.#chosen?.interval)?.seconds ?? 60;
    this.#marks.set(
      marksOf(all.slice(0, mostMarks), seconds).map(({ tone, ...mark }) => ({
        ...mark,
        position: "aboveBar",
        shape: shapes[tone],
        color: colour[tone],
      })),
    );
    this.#drawList(all);
  }

  #drawList(all) {
    const shown = this.#all ? all : all.slice(0, firstShown);
    this.#empty.hidden = all.length > 0 || !this.#feed.loaded;
    this.#more.hidden = shown.length === all.length;
    setText(this.#count, all.length > 0 ? format.count(all.length) : "");
    const drawn = JSON.stringify(shown);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#list.replaceChildren(...shown.map((one) => this.#item(one)));
    }
  }

  #item(one) {
    return h(
      "li",
      { "data-id": one.id, "data-tone": one.tone },
      h(
        "button",
        {
          type: "button",
          class: "happening",
          title: "Show it on the chart",
          onclick: () => this.#chart.goTo(one.time / 1000),
        },
        h("span", { class: "happening-icon", "aria-hidden": "true" }, one.icon),
        h("span", { class: "happening-title" }, h("bdi", {}, one.title)),
        h("span", { class: "happening-time num" }, timeWords(one)),
        one.words ? h("span", { class: "happening-words" }, h("bdi", {}, one.words)) : null,
      ),
    );
  }

  #showAll() {
    this.#all = true;
    this.draw();
  }

  #pick(id) {
    if (!this.#happenings().slice(0, firstShown).some((one) => one.id === id)) {
      this.#showAll();
    }
    light(this.#list, id);
  }
}
