/* The table of partitions, folded by topic. */
import { memberClass } from "../colours.js";
import { byId, h, svg } from "../dom.js";
import * as format from "../format.js";
import { recall, remember } from "../storage.js";

const openMost = 12; /* with more partitions than these, only the first topic is open at first */

export function swatch(name, present) {
  return h("span", { class: `swatch ${memberClass(name, present)}` }, name);
}

/* Fewer replicas have all messages than the partition has. Unknown is not too few. */
export function isUnderReplicated({ replicas, in_sync: inSync }) {
  return format.known(replicas) && format.known(inSync) && inSync < replicas;
}

export function underReplicated(streams) {
  return streams.flatMap(({ partitions }) => (partitions ?? []).filter(isUnderReplicated)).length;
}

function owner(entry, status, names) {
  return entry.owner
    ? swatch(entry.owner, names)
    : h("span", { class: "swatch none" }, status.members_unknown ? "unknown" : "no owner");
}

function offset(value) {
  return value === null || value < 0 ? format.none : format.count(value);
}

function replicas(entry) {
  if (!format.known(entry.replicas) || !format.known(entry.in_sync)) {
    return format.none;
  }
  const words = `${entry.in_sync} of ${entry.replicas}`;
  return isUnderReplicated(entry)
    ? h("strong", { class: "too-few", title: "Not all replicas have all messages" }, `⚠ ${words}`)
    : words;
}

function lagBar(share) {
  const bar = h("i");
  bar.style.width = `${Math.round(share * 100)}%`;
  return h("span", { class: "lag-bar", "aria-hidden": "true" }, bar);
}

function head() {
  const column = (text, name) => h("th", { scope: "col", class: name }, text);
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      column("Partition"),
      column("Leader", "right hide-phone"),
      column("In sync", "right"),
      column("Begin", "right hide-narrow"),
      column("End", "right"),
      column("Committed", "right hide-phone"),
      column("Lag", "right"),
      column("Oldest", "right hide-phone"),
      column("Owner"),
    ),
  );
}

const columns = 9;

/* What a folded topic still says. */
function summary(partitions, stream) {
  const low = partitions.filter(isUnderReplicated).length;
  const words = [
    `${partitions.length} ${partitions.length === 1 ? "partition" : "partitions"}`,
    `lag ${format.count(stream.lag ?? null)}`,
  ];
  return [
    h("span", { class: "muted" }, words.join(" · ")),
    low > 0 ? h("strong", { class: "too-few" }, `⚠ ${low} under-replicated`) : null,
  ];
}

export class Partitions {
  #toggled = new Map(); /* by topic: whether the reader has opened it */
  #status = null;
  #names = [];

  constructor() {
    try {
      this.#toggled = new Map(JSON.parse(recall("topics") ?? "[]"));
    } catch {
      /* nothing sensible was kept */
    }
  }

  show(status, names) {
    this.#status = status;
    this.#names = names;
    const focused = document.activeElement?.closest?.("#partitions [data-fold]")?.dataset.fold;
    const streams = status.streams;
    const all = streams.flatMap(({ partitions }) => partitions ?? []);
    const most = Math.max(1, ...all.map((entry) => entry.lag ?? 0));
    byId("partitions").replaceChildren(
      head(),
      ...(all.length > 0
        ? streams.flatMap((stream, index) => this.#topic(stream, index, { most, count: all.length }))
        : [
            h(
              "tbody",
              {},
              h("tr", {}, h("td", { colspan: columns, class: "empty" }, "No partition is known yet.")),
            ),
          ]),
    );
    if (focused !== undefined) {
      byId("partitions").querySelector(`[data-fold="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  #isOpen(topic, index, count) {
    return this.#toggled.get(topic) ?? (index === 0 || count <= openMost);
  }

  #topic(stream, index, { most, count }) {
    const { topic } = stream;
    const partitions = stream.partitions ?? [];
    const several = this.#status.streams.length > 1;
    const open = !several || this.#isOpen(topic, index, count);
    const rows = h(
      "tbody",
      { id: `partitions-of-${index}`, hidden: !open },
      partitions.map((entry) => this.#row(stream, entry, most, several)),
    );
    return several ? [this.#fold(stream, partitions, { rows, open }), rows] : [rows];
  }

  #fold(stream, partitions, { rows, open }) {
    const button = h(
      "button",
      {
        type: "button",
        class: "fold",
        "data-fold": stream.topic,
        "aria-expanded": String(open),
        "aria-controls": rows.id,
        onclick: () => {
          this.#toggled.set(stream.topic, !open);
          remember("topics", JSON.stringify([...this.#toggled].slice(-50)));
          this.show(this.#status, this.#names);
        },
      },
      svg(
        "svg",
        { viewBox: "0 0 12 12", "aria-hidden": "true", focusable: "false" },
        svg("path", { d: "M4 2l4 4-4 4" }),
      ),
      stream.topic,
    );
    const about = stream.partitions ? summary(partitions, stream) : [h("span", { class: "muted" }, "not known")];
    return h(
      "tbody",
      { class: "topic" },
      h(
        "tr",
        {},
        h("th", { scope: "rowgroup", colspan: columns }, h("div", { class: "topic-head" }, button, about)),
      ),
    );
  }

  #row({ topic }, entry, most, several) {
    const right = (content, name = "right") => h("td", { class: name }, content);
    const leaderless = entry.leader === null || entry.leader < 0;
    return h(
      "tr",
      {
        "data-topic": topic,
        "data-partition": entry.partition,
        class: isUnderReplicated(entry) || leaderless ? "alarm" : null,
      },
      h(
        "th",
        { scope: "row", class: "num" },
        several ? h("span", { class: "visually-hidden" }, `${topic} `) : null,
        String(entry.partition),
      ),
      right(leaderless ? "none" : String(entry.leader), "right hide-phone"),
      right(replicas(entry)),
      right(offset(entry.begin), "right hide-narrow"),
      right(offset(entry.end)),
      right(offset(entry.committed), "right hide-phone"),
      h(
        "td",
        {},
        h("div", { class: "lag" }, h("span", {}, offset(entry.lag)), lagBar((entry.lag ?? 0) / most)),
      ),
      right(format.age(entry.lag_s), "right hide-phone"),
      h("td", {}, owner(entry, this.#status, this.#names)),
    );
  }
}
