/* What the last `candlewick lab run` has measured. */
import { get } from "../api.js";
import { byId, h, setText } from "../dom.js";
import * as format from "../format.js";
import { strategyTitle } from "./prediction.js";

const none =
  "No run yet: candlewick lab run measures it on groups of real members (minutes; --brokers HOST:PORT on " +
  "your own brokers), and its figures then stand here.";

/* The last one is shown on all screens. */
const figures = [
  ["moved", "Moved", ""],
  ["revoked", "Revoked", "hide-phone"],
  ["read_twice", "Read twice", "hide-phone"],
  ["missing", "Missing", "hide-phone"],
  ["needless", "Needless", ""],
  ["longest_gap_s", "Longest gap, s", "hide-narrow"],
  ["unowned_s", "Unowned, s", ""],
];

function number(value) {
  return Number.isInteger(value) ? format.count(value) : value.toFixed(1);
}

/* The median, with least and most where they differ. Pure. */
export function spreadText(spread) {
  if (!format.known(spread?.median)) {
    return format.none;
  }
  const { median, least, most } = spread;
  return least === most ? number(median) : `${number(median)} (${number(least)} to ${number(most)})`;
}

function rows({ scenario, question, strategies }, shown) {
  return strategies.map((strategy, index) =>
    h(
      "tr",
      { "data-scenario": scenario, "data-strategy": strategy.strategy },
      index === 0
        ? h("th", { scope: "rowgroup", rowspan: strategies.length, title: question }, scenario)
        : null,
      h("th", { scope: "row" }, strategyTitle(strategy.strategy)),
      ...shown.map(([name, , kind]) => h("td", { class: `right ${kind}` }, spreadText(strategy[name]))),
    ),
  );
}

function caption({ time, setting, good, broken_off: brokenOff }) {
  const parts = [
    `Run of ${format.minute(Date.parse(time))} UTC`,
    setting,
    good ? "every placement as predicted, no tick missing" : null,
    brokenOff ? `incomplete: ${brokenOff}` : null,
    !good && !brokenOff ? "not all as predicted: its own report says where" : null,
  ];
  return parts.filter(Boolean).join(" · ");
}

export class LabResults {
  async load() {
    try {
      const results = await get("/api/lab/results");
      if (results.scenarios.length === 0) {
        this.#say(none);
      } else {
        this.#show(results);
      }
    } catch (error) {
      this.#say(`The last run could not be loaded: ${error.message}.`);
    }
  }

  #say(words) {
    byId("lab-results").replaceChildren();
    setText(byId("lab-note"), words);
  }

  #show(results) {
    const scenarios = results.scenarios.filter(({ strategies }) => strategies.length > 0);
    const first = scenarios[0]?.strategies[0] ?? {};
    const shown = figures.filter(([name]) => name in first); /* times only of real brokers */
    const head = (text, name) => h("th", { scope: "col", class: name }, text);
    byId("lab-results").replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head("Scenario"),
          head("Strategy"),
          ...shown.map(([, words, kind]) => head(words, `right ${kind}`)),
        ),
      ),
      ...scenarios.map((scenario) => h("tbody", {}, rows(scenario, shown))),
    );
    setText(byId("lab-note"), caption(results));
  }
}
