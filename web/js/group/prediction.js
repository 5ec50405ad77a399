/* What each assignor would do with the group's topics, as `candlewick lab predict` computes it. */
import { get } from "../api.js";
import { byId, h, setText } from "../dom.js";
import * as format from "../format.js";

const most = 31; /* members */
const usual = 3;
const againMs = 10000; /* after a failure */
const changes = {
  join: { change: "join" },
  first: { change: "leave", member: 1 },
  last: { change: "leave" },
  none: { change: "none" },
};
/* The words that producers and consumers are configured with. */
const titles = {
  range: "range",
  roundrobin: "roundrobin",
  sticky: "cooperative-sticky",
  "eager-sticky": "sticky (Java's, eager)",
};

export function strategyTitle(name) {
  return titles[name] ?? name;
}

/* "tickers-0" as topic and partition; a topic's name may have a "-", too. */
function splitName(name) {
  const at = name.lastIndexOf("-");
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
}

/* What a placement gives a member, by topic: [topic, [{partition, moved}]]. A partition has moved
 * if another member owned it `before`; where there was no before, none has. Pure. */
export function ownedByTopic(placement, before, member) {
  const formerOwner = new Map(
    Object.entries(before ?? {}).flatMap(([owner, names]) => names.map((name) => [name, owner])),
  );
  const topics = new Map();
  for (const name of placement[member] ?? []) {
    const { topic, partition } = splitName(name);
    const moved = before !== null && formerOwner.get(name) !== member;
    topics.set(topic, [...(topics.get(topic) ?? []), { partition, moved }]);
  }
  return [...topics];
}

function chips(placement, before, member, several) {
  if (!(member in placement)) {
    return h("span", { class: "muted" }, "not in the group");
  }
  const owned = ownedByTopic(placement, before, member);
  return h(
    "div",
    { class: "chips" },
    owned.length === 0 ? h("span", { class: "muted" }, "nothing: it is idle") : null,
    owned.map(([topic, partitions]) =>
      h(
        "span",
        { class: "chip" },
        several ? h("span", { class: "muted" }, `${topic} `) : null,
        partitions.flatMap(({ partition, moved }, index) => [
          index > 0 ? ", " : null,
          moved ? h("b", { class: "moved" }, `p${partition}`) : `p${partition}`,
        ]),
      ),
    ),
  );
}

function each({ least, most: greatest }) {
  return least === greatest ? String(least) : `${least} to ${greatest}`;
}

export class Prediction {
  #answer = null;
  #asked = ""; /* the question that was asked last */
  #chosen = null;
  #touched = false; /* the reader has chosen */
  #failedAt = 0;
  #shown = false;
  #underWay = null;

  constructor() {
    byId("predict-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    byId("predict-form").addEventListener("change", (event) => {
      this.#touched = true;
      if (event.target.id === "predict-strategy") {
        this.#chosen = event.target.value;
        this.#draw();
      } else if (byId("predict-form").reportValidity()) {
        this.#ask();
      }
    });
  }

  /* Until the reader chooses, the members are as many as the real group has (0: not known), and the
   * strategy is its own (null: not known). `known`: the topics' partitions are known. */
  setGroup(members, strategy, known) {
    if (!this.#touched) {
      byId("predict-members").value = String(Math.min(most, members > 0 ? members : usual));
      this.#chosen = Object.keys(titles).find((name) => (strategy ?? "").includes(name)) ?? null;
    }
    if (known && Date.now() - this.#failedAt > againMs) {
      this.#ask();
    }
  }

  setShown(shown) {
    this.#shown = shown;
    if (shown) {
      this.#ask();
    }
  }

  #question() {
    const members = Number(byId("predict-members").value);
    const wanted = { members, ...changes[byId("predict-change").value] };
    return wanted.change === "leave" ? { member: members, ...wanted } : wanted;
  }

  async #ask() {
    if (!this.#shown || !byId("predict-form").checkValidity()) {
      return;
    }
    const question = this.#question();
    const text = JSON.stringify(question);
    if (text === this.#asked) {
      return; /* it is shown, or under way */
    }
    this.#underWay?.abort();
    const mine = new AbortController();
    this.#underWay = mine;
    this.#asked = text;
    try {
      this.#answer = await get("/api/lab/predict", question, mine.signal);
      setText(byId("predict-note"), this.#words());
      this.#draw();
    } catch (error) {
      if (!mine.signal.aborted) {
        this.#answer = null;
        this.#asked = ""; /* a later status asks again */
        this.#failedAt = Date.now();
        byId("prediction").replaceChildren();
        byId("assignment").replaceChildren();
        setText(byId("predict-note"), `Nothing could be predicted: ${error.message}.`);
      }
    }
  }

  #words() {
    const topics = this.#answer.topics.map(({ topic, partitions }) => `${topic} ${partitions}`).join(", ");
    return `Partitions of this group's topics: ${topics}.`;
  }

  #strategies() {
    return this.#answer?.strategies ?? [];
  }

  #draw() {
    const strategies = this.#strategies();
    if (strategies.length === 0) {
      return;
    }
    const chosen = strategies.find(({ strategy }) => strategy === this.#chosen) ?? strategies[0];
    byId("predict-strategy").value = chosen.strategy;
    this.#drawComparison(strategies, chosen);
    this.#drawAssignment(chosen);
  }

  #drawComparison(strategies, chosen) {
    const head = (text, name) => h("th", { scope: "col", class: name }, text);
    byId("prediction").replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head("Strategy"),
          head("Each has", "right"),
          head("Rounds", "right hide-phone"),
          head("Moved", "right"),
          head("Needless", "right hide-phone"),
          head("Needed", "right hide-phone"),
          head("Revoked", "right"),
        ),
      ),
      h(
        "tbody",
        {},
        strategies.map(({ strategy, steps }) => {
          const step = steps.at(-1);
          const number = (value, name = "right") => h("td", { class: name }, format.count(value));
          return h(
            "tr",
            { "data-strategy": strategy, class: strategy === chosen.strategy ? "chosen" : null },
            h("th", { scope: "row" }, strategyTitle(strategy)),
            h("td", { class: "right" }, each(step)),
            number(step.rounds, "right hide-phone"),
            number(step.moved),
            number(step.needless, "right hide-phone"),
            number(step.needed, "right hide-phone"),
            number(step.revoked),
          );
        }),
      ),
    );
  }

  #drawAssignment({ steps }) {
    const [start, change] = steps;
    const several = this.#answer.topics.length > 1;
    const members = [
      ...new Set([...Object.keys(start.placement), ...Object.keys(change?.placement ?? {})]),
    ];
    const head = (text) => h("th", { scope: "col" }, text);
    byId("assignment").replaceChildren(
      h(
        "thead",
        {},
        h("tr", {}, head("Member"), head(change ? "Before" : "Assigned"), change ? head(`After ${change.change}`) : null),
      ),
      h(
        "tbody",
        {},
        members.map((member) =>
          h(
            "tr",
            { "data-member": member },
            h("th", { scope: "row", class: "num" }, member),
            h("td", { "data-label": "before" }, chips(start.placement, null, member, several)),
            change
              ? h("td", { "data-label": "after" }, chips(change.placement, start.placement, member, several))
              : null,
          ),
        ),
      ),
    );
  }
}
