/* Who owned which partition when: a lane a partition of a topic, a colour a member, a dashed line
 * where the group was rebalanced, a solid one where a topic was made again. Time runs to the right,
 * in UTC. */
import { memberClass } from "./colours.js";
import { h, setText, svg } from "./dom.js";
import * as format from "./format.js";

const roomy = { height: 24, gap: 4 }; /* a lane */
const dense = { height: 15, gap: 2 }; /* a lane of more than so many: */
const roomyMost = 12;
const labelLeast = 40;
const axisHeight = 24;
const topHeight = 12;
const together = 8000; /* changes this near (ms) are one rebalance */
const letterWidth = 7.6; /* of a wide font at the size of the labels */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800];

function axisTicks(from, to, room) {
  const most = Math.max(2, Math.floor(room / 96));
  const step = (steps.find((seconds) => (to - from) / 1000 / seconds <= most) ?? 2592000) * 1000;
  const ticks = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    ticks.push(time);
  }
  return { ticks, step };
}

/* When ownership changed after the group's first assignment: from the first partition that was
 * given up to the last that was taken. */
export function rebalances(timeline) {
  const first = Math.min(...timeline.map((entry) => entry.from));
  const times = timeline
    .flatMap((entry) => [entry.from, entry.to])
    .filter((time) => time !== null && time > first + 1000)
    .sort((a, b) => a - b);
  const found = [];
  for (const time of times) {
    if (found.length > 0 && time - found.at(-1).to <= together) {
      found.at(-1).to = time;
    } else {
      found.push({ from: time, to: time });
    }
  }
  return found;
}

/* A partition's name; its topic is only told where there are several. */
export function partitionName({ topic, partition }, several) {
  return several ? `${topic} p${partition}` : `p${partition}`;
}

export function severalTopics(entries) {
  return new Set(entries.map((entry) => entry.topic)).size > 1;
}

/* The partitions that are known or were owned, in the order of the streams. */
export function lanesOf({ streams, timeline }) {
  const known = streams.flatMap(({ topic, partitions }) =>
    (partitions ?? []).map(({ partition }) => ({ topic, partition })),
  );
  const lanes = new Map([...known, ...timeline].map((entry) => [`${entry.topic} ${entry.partition}`, entry]));
  const rank = (lane) => streams.findIndex(({ topic }) => topic === lane.topic);
  return [...lanes.values()].sort((a, b) => rank(a) - rank(b) || a.partition - b.partition);
}

export function madeAgainWords({ topic, time }) {
  return `topic ${topic} made again at ${format.clock(time)} UTC`;
}

export function memberNames(timeline) {
  return [...new Set([...timeline].sort((a, b) => a.from - b.from).map((entry) => entry.member))];
}

export class Timeline {
  #box;
  #tip = h("div", { class: "tip", hidden: true });
  #empty = h("p", { class: "empty" });
  #drawing = null;
  #data = { timeline: [], lanes: [], madeAgain: [], endMs: 0 };
  #labelWidth = labelLeast;
  #size = roomy;
  #spanMs = 0;
  #hovered = null;

  constructor(box) {
    this.#box = box;
    box.append(this.#empty, this.#tip);
    new ResizeObserver(() => this.#draw()).observe(box);
    box.addEventListener("pointermove", (event) => this.#hover(event));
    box.addEventListener("pointerleave", () => this.#hover(null));
  }

  /* `lanes`: topic and partition of each. `madeAgain`: topic and time of each. `endMs`: where the
   * drawing ends; now, or the last word there was when not live. */
  show(timeline, lanes, madeAgain, endMs) {
    this.#data = { timeline, lanes, madeAgain, endMs };
    const longest = Math.max(0, ...lanes.map((lane) => this.#label(lane).length));
    this.#labelWidth = Math.max(labelLeast, longest * letterWidth + 8);
    this.#draw();
  }

  #label(lane) {
    return partitionName(lane, severalTopics(this.#data.lanes));
  }

  setSpan(ms) {
    this.#spanMs = ms;
    this.#draw();
  }

  #range() {
    const { timeline, endMs } = this.#data;
    const first = Math.min(...timeline.map((entry) => entry.from));
    const to = Math.max(endMs, first + 10000);
    return { from: this.#spanMs > 0 ? Math.max(first, to - this.#spanMs) : first, to };
  }

  #draw() {
    const { timeline, lanes } = this.#data;
    const width = this.#box.clientWidth - 2 * parseFloat(getComputedStyle(this.#box).paddingLeft);
    this.#empty.hidden = timeline.length > 0;
    setText(this.#empty, "No member owns a partition yet.");
    this.#drawing?.remove();
    this.#drawing = null;
    if (timeline.length === 0 || width <= this.#labelWidth + 20) {
      return;
    }
    const { from, to } = this.#range();
    this.#size = lanes.length > roomyMost ? dense : roomy;
    const height = this.#top(lanes.length) + axisHeight;
    const x = (time) =>
      this.#labelWidth +
      ((Math.max(from, Math.min(to, time)) - from) / (to - from)) * (width - this.#labelWidth - 1);
    const names = memberNames(timeline);
    this.#drawing = svg(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        role: "img",
        "aria-label": this.#words(names, from, to),
      },
      this.#grid(x, from, to, width, height),
      lanes.map((lane, row) => this.#lane(lane, row, width)),
      this.#bands(x, from, to, height),
      timeline.map((entry, index) => this.#segment(entry, index, x, { from, to, names, lanes })),
      this.#marks(x, from, to, height),
      this.#madeAgain(x, from, to, height),
    );
    this.#box.prepend(this.#drawing);
  }

  #words(names, from, to) {
    const { timeline, lanes, madeAgain } = this.#data;
    const events = [`${rebalances(timeline).length} rebalances`, ...madeAgain.map(madeAgainWords)];
    return (
      `Ownership of ${lanes.length} partitions by ${names.join(", ")} from ${format.clock(from)} to ` +
      `${format.clock(to)} UTC, ${events.join(", ")}. The same as a table below.`
    );
  }

  #grid(x, from, to, width, height) {
    const { ticks, step } = axisTicks(from, to, width - this.#labelWidth);
    const bottom = height - axisHeight;
    const label = (time) =>
      step >= 86400000
        ? format.minute(time).slice(0, 10)
        : step % 60000 === 0
          ? format.clock(time).slice(0, 5)
          : format.clock(time);
    return ticks.map((time) => {
      const at = x(time);
      const anchor = at > width - 30 ? "end" : at < this.#labelWidth + 24 ? "start" : "middle";
      return svg(
        "g",
        {},
        svg("line", { class: "grid", x1: at, x2: at, y1: topHeight, y2: bottom }),
        svg("text", { x: at, y: bottom + 16, "text-anchor": anchor }, label(time)),
      );
    });
  }

  /* Where the lane of a row begins. */
  #top(row) {
    return topHeight + row * (this.#size.height + this.#size.gap);
  }

  #lane(lane, row, width) {
    const y = this.#top(row);
    const { height } = this.#size;
    return svg(
      "g",
      {},
      svg("text", { x: 0, y: y + height / 2 + 4 }, this.#label(lane)),
      svg("rect", { class: "lane", x: this.#labelWidth, y, width: width - this.#labelWidth, height, rx: 4 }),
    );
  }

  #segment(entry, index, x, { from, to, names, lanes }) {
    const end = entry.to ?? to;
    const row = lanes.findIndex(
      (lane) => lane.topic === entry.topic && lane.partition === entry.partition,
    );
    if (row < 0 || end <= from || entry.from >= to) {
      return null;
    }
    const left = x(entry.from);
    const width = Math.max(1.5, x(end) - left);
    const y = this.#top(row);
    const laneHeight = this.#size.height;
    const fits = entry.member.length * letterWidth + 14 < width;
    return svg(
      "g",
      {},
      svg("rect", {
        class: `seg ${memberClass(entry.member, names)}`,
        x: left,
        y: y + 1,
        width,
        height: laneHeight - 2,
        rx: Math.min(4, width / 2),
        "data-index": index,
        "data-member": entry.member,
        "data-partition": entry.partition,
      }),
      fits ? svg("text", { class: "seg-label", x: left + 8, y: y + laneHeight / 2 + 4 }, entry.member) : null,
    );
  }

  #changes(from, to) {
    return rebalances(this.#data.timeline).filter((change) => change.to > from && change.from < to);
  }

  /* The time that a rebalance took lies behind the segments, its end and mark before them. */
  #bands(x, from, to, height) {
    return this.#changes(from, to).map((change) =>
      svg("rect", {
        class: "moving",
        x: x(change.from),
        y: topHeight - 2,
        width: x(change.to) - x(change.from),
        height: height - axisHeight - topHeight + 2,
      }),
    );
  }

  #marks(x, from, to, height) {
    return this.#changes(from, to).map((change) => {
      const right = x(change.to);
      const at = (x(change.from) + right) / 2;
      const words = `Rebalance from ${format.clock(change.from)} to ${format.clock(change.to)} UTC`;
      return svg(
        "g",
        { "data-rebalance": change.from, "pointer-events": "none" },
        svg("line", { class: "rebalance", x1: right, x2: right, y1: topHeight - 2, y2: height - axisHeight }),
        svg(
          "path",
          { class: "rebalance-mark", "pointer-events": "auto", d: `M${at - 5} 1h10l-5 8z` },
          svg("title", {}, words),
        ),
      );
    });
  }

  #madeAgain(x, from, to, height) {
    const seen = this.#data.madeAgain.filter(({ time }) => time >= from && time <= to);
    return seen.map((event) => {
      const at = x(event.time);
      return svg(
        "g",
        { "data-made-again": event.topic, "pointer-events": "none" },
        svg("line", { class: "made-again", x1: at, x2: at, y1: topHeight - 2, y2: height - axisHeight }),
        svg(
          "path",
          { class: "made-again-mark", "pointer-events": "auto", d: `M${at} 0l5 5l-5 5l-5 -5z` },
          svg("title", {}, madeAgainWords(event)),
        ),
      );
    });
  }

  #hover(event) {
    const index = event?.target.dataset?.index;
    this.#hovered = index === undefined ? null : this.#data.timeline[Number(index)];
    this.#tip.hidden = !this.#hovered;
    if (!this.#hovered) {
      return;
    }
    const { member, topic, partition, from, to } = this.#hovered;
    const of = severalTopics(this.#data.lanes) ? ` of ${topic}` : "";
    const lasted = format.span((to ?? this.#data.endMs) - from);
    this.#tip.replaceChildren(
      h("strong", {}, member),
      h("div", {}, `partition ${partition}${of}`),
      h("div", {}, `${format.clock(from)} to ${to === null ? "now" : format.clock(to)} UTC, ${lasted}`),
    );
    const box = this.#box.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 14, box.width - this.#tip.offsetWidth - 8);
    this.#tip.style.left = `${Math.max(0, left)}px`;
    this.#tip.style.top = `${event.clientY - box.top + 16}px`;
  }
}
