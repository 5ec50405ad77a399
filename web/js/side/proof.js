/* The proof: what verify found when the page ran it last, by coin, with its age, and a button that runs
 * it again. */
import { get, post } from "../api.js";
import { byId, h, setText } from "../dom.js";
import * as format from "../format.js";

const everyMs = 30000;
const runningMs = 1000;
const others = ["former", "older", "conflicting"];

function sum(streams, name) {
  return streams.reduce((all, stream) => all + (stream[name] ?? 0), 0);
}

/* The state in a word or two, and its tone. */
export function verdict({ state, balanced, former_only: formerOnly }) {
  if (state === "running") {
    return ["being proved", ""];
  }
  if (balanced === true) {
    return ["books balance", "up"];
  }
  if (formerOnly) {
    return ["balance, but for a former log", "wait"];
  }
  if (balanced === false) {
    return ["books do not balance", "down"];
  }
  return { never: ["not proved yet", ""], stopped: ["stopped", "down"], failed: ["not proved", "down"] }[state] ?? ["not proved", "down"];
}

/* "0 missing · 0 unexpected · 0 differing", and what else there is. */
export function faultWords(counts) {
  const names = ["missing", "unexpected", "differing", ...others.filter((name) => counts[name] > 0)];
  const words = { former: "of a former log", older: "by an older member" };
  return names.map((name) => `${format.count(counts[name])} ${words[name] ?? name}`).join(" · ");
}

function seriesName({ coin, subject, source, what, timeframe }) {
  return [coin ?? subject ?? source, what ?? null, coin ? source : null, timeframe].filter(Boolean).join(" ");
}

/* Of the series that the answer does not name; "" where it names all. */
export function moreWords({ more_series: more, more_faulty: faulty = 0 }) {
  const about = faulty > 0 ? `${format.count(faulty)} of them with faults` : "without a fault";
  return more > 0 ? `and ${format.count(more)} more, ${about}` : "";
}

export class Proof {
  #box = byId("side-proof");
  #state = h("span", { class: "proof-state", role: "status" });
  #body = h("div", { class: "side-body" });
  #button = h("button", { type: "button", class: "button", onclick: () => this.#start() }, "Prove now");
  #note = h("span", { class: "muted num" });
  #offered = false;
  #watched = false;
  #timer = null;
  #answer = null;
  #at = 0; /* when the answer came */
  #trouble = "";
  #drawn = "";

  constructor() {
    this.#box.setAttribute("aria-labelledby", "side-proof-title");
    this.#box.append(
      h("div", { class: "card-head" }, h("h2", { id: "side-proof-title" }, "Proof"), this.#state),
      this.#body,
      h("div", { class: "side-foot" }, this.#button, this.#note),
    );
    setInterval(() => this.#drawTimes(), 1000);
  }

  /* Whether the program offers a proof at all. */
  setInfo({ verify }) {
    this.#offered = verify === true;
    this.#load();
  }

  setWatched(watched) {
    this.#watched = watched;
    this.#load();
  }

  async #load() {
    clearTimeout(this.#timer);
    if (!this.#offered || !this.#watched) {
      return;
    }
    if (!document.hidden) {
      try {
        this.#take(await get("/api/verify"));
      } catch (error) {
        this.#trouble = error.message;
        this.#draw();
      }
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), this.#answer?.state === "running" ? runningMs : everyMs);
  }

  #take(answer) {
    this.#answer = answer;
    this.#at = Date.now();
    this.#trouble = "";
    this.#draw();
  }

  async #start() {
    this.#button.disabled = true;
    try {
      this.#take(await post("/api/verify"));
    } catch (error) {
      this.#trouble = error.message;
      this.#draw();
    }
    this.#load();
  }

  #gone() {
    return (Date.now() - this.#at) / 1000;
  }

  /* What moves with the clock. */
  #drawTimes() {
    const answer = this.#answer;
    if (answer === null || this.#box.hidden) {
      return;
    }
    const wait = Math.ceil(answer.again_in_s - this.#gone());
    const running = answer.state === "running";
    this.#button.disabled = running || wait > 0;
    setText(this.#note, running ? (answer.progress ?? "begins") : wait > 0 ? `again in ${wait}\u00a0s` : "");
    const age = this.#body.querySelector(".proof-age");
    if (age && answer.age_s !== null) {
      setText(
        age,
        `checked ${format.recent(Date.parse(answer.ended))}, ${format.span((answer.age_s + this.#gone()) * 1000)} ago, in ${format.seconds(answer.took_ms / 1000)}`,
      );
    }
  }

  #draw() {
    this.#box.hidden = !this.#offered;
    const [words, tone] = this.#trouble ? ["no answer", "down"] : verdict(this.#answer);
    setText(this.#state, words);
    this.#state.className = `proof-state ${tone}`;
    const drawn = JSON.stringify([this.#answer?.ended, this.#answer?.state === "never", this.#trouble]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#body.replaceChildren(...this.#content());
    }
    this.#drawTimes();
  }

  #content() {
    const { ended, streams = [], words } = this.#answer ?? {};
    if (this.#trouble) {
      return [h("p", { class: "down" }, this.#trouble)];
    }
    if (!ended) {
      return [h("p", { class: "muted" }, "Reads all topics again, and compares every record with the store, point by point.")];
    }
    const proved = streams.filter((stream) => !stream.error);
    const blind = [...new Set(proved.map((stream) => stream.not_looked_at).filter(Boolean))];
    return [
      h(
        "p",
        { class: "proof-sum num" },
        `${format.count(sum(proved, "log"))} records in the log, ${format.count(sum(proved, "stored"))} points in the store`,
      ),
      h(
        "p",
        { class: "num" },
        faultWords(Object.fromEntries(["missing", "unexpected", "differing", ...others].map((name) => [name, sum(proved, name)]))),
      ),
      h("p", { class: "muted num proof-age" }),
      h("p", { class: "muted" }, words),
      ...blind.map((text) => h("p", { class: "muted" }, text)),
      h("details", {}, h("summary", {}, "By coin, and verify's words"), ...streams.map((stream) => this.#stream(stream))),
    ];
  }

  #stream(stream) {
    const series = stream.series ?? [];
    return h(
      "div",
      { class: "proof-stream", "data-stream": stream.stream },
      h("p", {}, h("strong", {}, stream.topic), " ", stream.error ?? stream.verdict),
      series.length > 0
        ? h(
            "div",
            { class: "scroll", tabindex: "0", role: "region", "aria-label": `${stream.topic} by coin` },
            h("table", { class: "table" }, this.#head(), h("tbody", {}, series.map((one) => this.#row(one)))),
          )
        : null,
      moreWords(stream) ? h("p", { class: "muted" }, moreWords(stream)) : null,
    );
  }

  #head() {
    const names = ["coin", "log", "store", "missing", "unexp.", "differ"];
    return h("thead", {}, h("tr", {}, names.map((name, index) => h("th", { scope: "col", class: index > 0 ? "right" : null }, name))));
  }

  #row(series) {
    const cells = ["log", "stored", "missing", "unexpected", "differing"].map((name) => {
      const wrong = series[name] > 0 && name !== "log" && name !== "stored";
      return h("td", { class: wrong ? "right down" : "right" }, format.count(series[name]));
    });
    return h("tr", {}, h("th", { scope: "row" }, seriesName(series)), cells);
  }
}
