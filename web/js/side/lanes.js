/* Who was there when, under the chart and on its time axis: a lane a member, one for the brokers, one for
 * the producers. */
import { memberClass } from "../colours.js";
import { byId, setText, svg, h } from "../dom.js";
import * as format from "../format.js";
import { lanes } from "./lane_times.js";

const laneHeight = 18;
const laneGap = 3;
const mostMembers = 8;
const letterWidth = 7;

export class Lanes {
  #box = byId("lanes");
  #note = h("p", { class: "lanes-note" });
  #chart;
  #feed;
  #brokers = null;
  #drawn = "";

  constructor(chart, feed) {
    this.#chart = chart;
    this.#feed = feed;
    chart.onView(() => this.draw());
    feed.onChange(() => this.draw());
  }

  setStatus({ brokers }) {
    this.#brokers = format.known(brokers) && brokers > 0 ? brokers : null;
  }

  /* The lanes that have a bar in view. */
  #lanes(from, to) {
    const inView = ({ bars }) => bars.some((bar) => bar.to > from && bar.from < to);
    const all = lanes(this.#feed.answer, Date.now(), this.#brokers).filter(inView);
    const members = all.filter(({ kind }) => kind === "member");
    return { shown: [...members.slice(0, mostMembers), ...all.filter(({ kind }) => kind !== "member")], left: members.slice(mostMembers) };
  }

  draw() {
    const times = this.#chart.visibleTimes();
    const [from, to] = times ? [times.from * 1000, times.to * 1000] : [0, 0];
    const { shown, left } = this.#lanes(from, to);
    this.#box.hidden = shown.length === 0;
    if (shown.length === 0) {
      this.#box.replaceChildren();
      this.#drawn = "";
      return;
    }
    const x = (ms) => this.#chart.timeToX(Math.max(from, Math.min(to, ms)) / 1000) ?? 0;
    const width = x(to);
    const bars = shown.map((lane) => ({
      ...lane,
      bars: lane.bars
        .filter((bar) => bar.to > from && bar.from < to)
        .map((bar) => ({ ...bar, left: Math.round(x(bar.from)), right: Math.round(x(bar.to)) })),
    }));
    const drawn = JSON.stringify([width, bars.map((lane) => [lane.name, lane.bars.map((bar) => [bar.left, bar.right, bar.words])])]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#paint(bars, width, from, to);
    }
    setText(this.#note, left.length > 0 ? `and ${left.length} more members: ${left.map(({ name }) => name).join(", ")}` : "");
    this.#note.hidden = left.length === 0;
  }

  #paint(shown, width, from, to) {
    const names = shown.filter(({ kind }) => kind === "member").map(({ name }) => name);
    const height = shown.length * (laneHeight + laneGap);
    const words = shown.map(({ name, bars }) => `${name}: ${bars.length === 1 && bars[0].away !== true ? "there" : bars.map((bar) => this.#barWords(bar)).join(", ")}`);
    this.#box.replaceChildren(
      svg(
        "svg",
        {
          viewBox: `0 0 ${width} ${height}`,
          width,
          height,
          role: "img",
          "aria-label": `Who was there from ${format.minute(from)} to ${format.minute(to)} UTC. ${words.join("; ")}`,
        },
        shown.map((lane, row) => this.#lane(lane, row, names)),
      ),
      this.#note,
    );
  }

  #barWords({ from, to, away, words }) {
    return `${away ? `${words}, ` : ""}${format.recent(from)} to ${format.recent(to)}`;
  }

  #lane(lane, row, names) {
    const y = row * (laneHeight + laneGap);
    return svg(
      "g",
      { "data-lane": lane.name },
      lane.bars.map((bar) => this.#bar(lane, bar, y, names)),
      this.#nameBeside(lane, y),
    );
  }

  /* The name of a lane none of whose bars has room for it. */
  #nameBeside({ name, bars }, y) {
    const width = name.length * letterWidth + 14;
    if (bars.some(({ left, right }) => right - left > width)) {
      return null;
    }
    const [left, right] = [bars[0].left, bars.at(-1).right];
    const before = left > width;
    return svg(
      "text",
      { class: "lane-name", x: before ? left - 5 : right + 5, y: y + laneHeight / 2 + 4, "text-anchor": before ? "end" : "start" },
      name,
    );
  }

  #bar(lane, bar, y, names) {
    const width = Math.max(1.5, bar.right - bar.left);
    const text = bar.words ? `${lane.name} ${bar.words}` : lane.name;
    const kind = lane.kind === "member" ? memberClass(lane.name, names) : bar.away ? "lane-away" : `lane-${lane.kind}`;
    return svg(
      "g",
      {},
      svg(
        "rect",
        { class: `seg ${kind}`, x: bar.left, y, width, height: laneHeight, rx: Math.min(3, width / 2), "data-from": bar.from, "data-to": bar.to },
        svg("title", {}, `${text}, ${this.#barWords(bar)} UTC`),
      ),
      text.length * letterWidth + 14 < width ? svg("text", { class: "seg-label", x: bar.left + 7, y: y + laneHeight / 2 + 4 }, text) : null,
    );
  }
}
