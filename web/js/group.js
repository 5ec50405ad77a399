/* The group panel: what the status says of topic, partitions, members and their history. */
import { byId, h, setText } from "./dom.js";
import * as format from "./format.js";
import { LabResults } from "./group/lab_results.js";
import { Lag } from "./group/lag.js";
import { showMembers } from "./group/members.js";
import { Partitions, swatch, underReplicated } from "./group/partitions.js";
import { Prediction } from "./group/prediction.js";
import { setUpSections } from "./group/sections.js";
import {
  lanesOf,
  madeAgainWords,
  memberNames,
  partitionName,
  Timeline,
} from "./timeline.js";

const historyMost = 200;

function fact(label, value, { note = "", alert = false, id }) {
  return h(
    "div",
    { class: alert ? "fact alert" : "fact", "data-fact": id },
    h("dt", {}, label),
    h("dd", { class: "num" }, value),
    note ? h("dd", { class: "note" }, note) : null,
  );
}

function rejectedNote(rejected) {
  return Object.entries(rejected)
    .filter(([, amount]) => amount > 0)
    .map(([reason, amount]) => `${reason.replaceAll("_", " ")} ${format.count(amount)}`)
    .join(", ");
}

function ownFacts(status, rejected) {
  const total = Object.values(rejected).reduce((sum, amount) => sum + amount, 0);
  return [
    fact("Written to the store", format.count(status.written), { id: "written" }),
    fact("Dead letters", format.count(status.dead_lettered), { id: "dead", alert: status.dead_lettered > 0 }),
    fact("Rows rejected", format.known(status.produced) ? format.count(total) : format.none, {
      id: "rejected",
      note: rejectedNote(rejected),
    }),
  ];
}

function showFacts(status) {
  const rejected = status.rejected ?? {};
  const under = underReplicated(status.streams);
  byId("facts").replaceChildren(
    fact("Messages in the log", format.count(status.end_total), {
      id: "end",
      note: format.known(status.produced) ? `${format.count(status.produced)} produced` : "",
    }),
    fact("Lag", format.count(status.lag_total), { id: "lag", note: "not yet committed" }),
    fact("Oldest unread", format.age(status.lag_s), { id: "age", note: "in the log for so long" }),
    ...(under > 0
      ? [fact("Under-replicated", format.count(under), { id: "under", alert: true, note: "partitions" })]
      : []),
    fact("Ticks a second", format.rate(status.ticks_per_second), { id: "rate" }),
    fact("Rebalances", format.count(status.rebalances), {
      id: "rebalances",
      note: status.strategy ? `strategy ${status.strategy}` : "",
    }),
    /* Members and producer in other processes tell Prometheus, not this page. */
    ...(format.known(status.written) ? ownFacts(status, rejected) : []),
  );
}

const steps = [
  ["exchange_to_frame", "Exchange to us"],
  ["frame_to_kafka", "To Kafka"],
  ["kafka_to_store", "Kafka to store"],
  ["kafka_to_page", "Kafka to page"],
  ["exchange_to_store", "All the way to the store"],
  ["exchange_to_page", "All the way to the page"],
];

function stepCell(step, label) {
  if (!step) {
    return h("td", { class: "right", "data-label": label }, format.none);
  }
  const times = `${format.seconds(step.half_s)}, ${format.seconds(step.most_s)}`;
  const skewed = step.negative > 0 ? `${format.count(step.negative)} below 0: clocks disagree` : "";
  return h("td", { class: "right", "data-label": label }, [step.measured > 0 ? times : "", skewed].filter(Boolean).join("; "));
}

/* From the exchange to store and page, by stream: what was measured of records that came live. */
function showTruth({ streams }) {
  const measured = streams.filter(({ truth_lag: lag }) => Object.keys(lag ?? {}).length > 0);
  const shown = steps.filter(([name]) => measured.some(({ truth_lag: lag }) => lag[name]));
  byId("truth-card").hidden = measured.length === 0;
  const head = (text, name) => h("th", { scope: "col", class: name }, text);
  byId("truth").replaceChildren(
    h("thead", {}, h("tr", {}, head("Stream"), ...shown.map(([, words]) => head(words, "right")))),
    h(
      "tbody",
      {},
      measured.map(({ kind, truth_lag: lag }) =>
        h(
          "tr",
          { "data-stream": kind },
          h("th", { scope: "row" }, kind),
          ...shown.map(([name, words]) => stepCell(lag[name], words)),
        ),
      ),
    ),
  );
}

/* A row for each time that a member owned a partition, and for each topic that was made again. */
function showHistory({ streams, timeline, madeAgain }, names) {
  const several = streams.length > 1;
  const owned = (entry) => [
    h("td", {}, format.moment(entry.from)),
    h("td", {}, entry.to === null ? "now" : format.clock(entry.to)),
    h("td", {}, partitionName(entry, several)),
    h("td", {}, swatch(entry.member, names)),
  ];
  const remade = (event) => [
    h("td", {}, format.moment(event.time)),
    h("td", { colspan: 3 }, madeAgainWords(event)),
  ];
  const newest = [
    ...timeline.map((entry) => ({ time: entry.from, cells: owned(entry) })),
    ...madeAgain.map((event) => ({ time: event.time, cells: remade(event) })),
  ]
    .sort((a, b) => b.time - a.time)
    .slice(0, historyMost);
  const head = (text) => h("th", { scope: "col" }, text);
  byId("history").replaceChildren(
    h(
      "table",
      { class: "table" },
      h("thead", {}, h("tr", {}, head("From, UTC"), head("To"), head("Partition"), head("Member"))),
      h(
        "tbody",
        {},
        newest.map(({ cells }) => h("tr", {}, cells)),
      ),
    ),
  );
}

export class Group {
  #timeline = new Timeline(byId("timeline"));
  #lag = new Lag();
  #partitions = new Partitions();
  #prediction = new Prediction();
  #results = new LabResults();
  #status = null;
  #live = false;
  #shown = false;
  #seenMs = 0;

  constructor() {
    setUpSections([...document.querySelectorAll("#panel-group > .section, .group-grid > .section")], () =>
      this.setShown(this.#shown),
    );
    byId("timeline-span").addEventListener("change", (event) =>
      this.#timeline.setSpan(Number(event.target.value)),
    );
    byId("history").parentElement.addEventListener("toggle", () => this.#draw());
    setInterval(() => this.#drawTimeline(), 1000);
  }

  setStatus(status) {
    this.#status = {
      ...status,
      streams: status.streams ?? [],
      members: status.members ?? [],
      timeline: status.timeline ?? [],
      madeAgain: status.topics_made_again ?? [],
    };
    this.#seenMs = Date.now();
    this.#draw();
  }

  /* Not live: the drawing stops where the last word was. */
  setLive(live) {
    this.#live = live;
  }

  setShown(shown) {
    this.#shown = shown;
    this.#lag.setShown(shown && byId("section-lag").open);
    this.#prediction.setShown(shown && byId("section-prediction").open);
    if (shown && byId("section-lab").open) {
      this.#results.load();
    }
    this.#draw();
  }

  #names() {
    const { timeline, members } = this.#status;
    return [...new Set([...memberNames(timeline), ...members.map((member) => member.client_id)])];
  }

  #draw() {
    if (!this.#shown || !this.#status) {
      return;
    }
    const status = this.#status;
    const names = this.#names();
    showFacts(status);
    this.#partitions.show(status, names);
    showMembers(status, names);
    this.#prediction.setGroup(
      status.members.length,
      status.strategy,
      status.streams.some(({ partitions }) => partitions),
    );
    showTruth(status);
    this.#drawTimeline();
    const inOrder = [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    byId("legend-members").replaceChildren(...inOrder.map((name) => swatch(name, names)));
    if (byId("history").parentElement.open) {
      showHistory(status, names);
    }
    const brokers = format.known(status.brokers)
      ? `${status.brokers} ${status.brokers === 1 ? "broker" : "brokers"}`
      : "";
    const topics = status.streams.map(({ topic }) => topic);
    setText(
      byId("topic-name"),
      [`${topics.length > 1 ? "topics" : "topic"} ${topics.join(", ")}`, brokers].filter(Boolean).join(", "),
    );
    setText(
      byId("group-name"),
      [status.group ? `group ${status.group}` : "", status.strategy ?? ""].filter(Boolean).join(", "),
    );
  }

  #drawTimeline() {
    if (!this.#shown || !this.#status) {
      return;
    }
    this.#timeline.show(
      this.#status.timeline,
      lanesOf(this.#status),
      this.#status.madeAgain,
      this.#live ? Date.now() : this.#seenMs,
    );
  }
}
