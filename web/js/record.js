/* The table of messages: a row each, opened to the decoded record. Rows keep their place and stay
 * open when the list is refreshed. */
import { h, svg } from "./dom.js";
import * as format from "./format.js";
import { copyButton } from "./messages/copy.js";
import { deadLetterBlock } from "./messages/dead_letter.js";

const columns = [
  ["", ""],
  ["Partition", "right"],
  ["Offset", "right"],
  ["Time, UTC", ""],
  ["Key", ""],
  ["Schema", "right"],
  ["Value", ""],
  ["Size", "right"],
];
/* Of each kind: it is recognised by a column that the others lack. */
const previewed = {
  last_price: ["last_price", "bid", "ask", "volume", "source"],
  timeframe: ["timeframe", "open", "high", "low", "close", "time", "volume", "source"],
  trade_id: ["price", "amount", "time", "trade_id", "source"],
  what: ["what", "time", "number", "detail", "source"],
  dated: ["title", "coins", "source", "time", "score"],
};

function keyOf(message) {
  return `${message.partition}:${message.offset}`;
}

function text(value) {
  return value === null || value === undefined ? "null" : String(value);
}

function preview(message) {
  if (message.dead_letter) {
    return [`⚠ ${message.dead_letter.reason ?? message.dead_letter.kind ?? "no reason is told"}`];
  }
  if (message.error) {
    return [`⚠ ${message.error}`];
  }
  if (!message.value) {
    return [h("i", {}, "no value")];
  }
  const known = Object.keys(previewed).find((name) => name in message.value);
  return (previewed[known] ?? Object.keys(message.value))
    .filter((name) => message.value[name] !== null && message.value[name] !== undefined)
    .map((name) => h("span", {}, h("i", {}, `${name} `), h("b", {}, text(message.value[name]))));
}

function record(message) {
  if (message.error) {
    return h("p", { class: "fault" }, `Could not be decoded: ${message.error}`);
  }
  if (!message.value) {
    return h("p", { class: "muted" }, "The message has no value.");
  }
  const field = ([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", { class: value === null ? "null num" : "num" }, text(value)));
  return h("dl", { class: "record" }, Object.entries(message.value).map(field));
}

/* The address of a message, on this page. */
function hrefOf({ topic, partition, offset }) {
  return `${location.pathname}?${new URLSearchParams({ topic, partition, offset })}#messages`;
}

export class MessageTable {
  #body = h("tbody");
  #columns = columns.length;
  #on;
  #open = new Set(); /* keys of opened rows */
  #messages = [];

  /* on.onOpen(message, open): a row was opened or closed by the reader. on.topic(): the topic of what
   * is shown. on.goTo({ topic, partition, offset }): the reader follows a link to a message. */
  constructor(table, on) {
    this.#on = on;
    const head = columns.map(([name, kind]) =>
      h("th", { scope: "col", class: kind }, name || h("span", { class: "visually-hidden" }, "Open")),
    );
    table.replaceChildren(h("thead", {}, h("tr", {}, head)), this.#body);
  }

  /* `nothing` is said when there are none. */
  show(messages, nothing) {
    const active = document.activeElement?.closest?.("tr")?.dataset.key;
    this.#messages = messages;
    const keys = new Set(messages.map(keyOf));
    this.#open = new Set([...this.#open].filter((key) => keys.has(key)));
    const rows = messages.flatMap((message) => this.#rows(message));
    this.#body.replaceChildren(
      ...(rows.length > 0
        ? rows
        : [h("tr", {}, h("td", { class: "empty", colspan: this.#columns }, nothing))]),
    );
    this.#showOpen();
    if (active) {
      this.#body.querySelector(`tr[data-key="${CSS.escape(active)}"] button`)?.focus();
    }
  }

  /* What is shown next is of another topic. */
  forget() {
    this.#open.clear();
    this.#messages = [];
  }

  /* Opens the message alone and scrolls to it. Returns false if it is not in the table, or the table is
   * of another topic; `place.topic` null: of any. */
  open(place, shownTopic) {
    const key = keyOf(place);
    const there = this.#messages.some((message) => keyOf(message) === key);
    if (!there || (place.topic !== null && place.topic !== shownTopic)) {
      return false;
    }
    this.#open = new Set([key]);
    this.#showOpen();
    const row = this.#body.querySelector(`tr[data-key="${CSS.escape(key)}"]`);
    row.querySelector("button").focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
    return true;
  }

  close() {
    this.#open.clear();
    this.#showOpen();
  }

  #showOpen() {
    for (const row of this.#body.querySelectorAll("tr[data-key]")) {
      const open = this.#open.has(row.dataset.key);
      row.querySelector(".expand").setAttribute("aria-expanded", String(open));
      row.classList.toggle("opened", open);
      row.nextElementSibling.hidden = !open;
    }
  }

  /* A link that this page follows itself. */
  #link(place, words) {
    return h(
      "a",
      {
        href: hrefOf(place),
        onclick: (event) => {
          if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
            event.preventDefault();
            this.#on.goTo(place);
          }
        },
      },
      words,
    );
  }

  #detail(message) {
    const place = { topic: this.#on.topic(), partition: message.partition, offset: message.offset };
    return [
      message.dead_letter ? deadLetterBlock(message.dead_letter, (of, words) => this.#link(of, words)) : null,
      record(message),
      h(
        "div",
        { class: "record-foot" },
        copyButton("Copy as JSON", () => JSON.stringify({ topic: place.topic, ...message }, null, 2)),
        copyButton("Copy link", () => new URL(hrefOf(place), location.href).href),
      ),
    ];
  }

  /* First and last offset shown, or null. */
  range() {
    const offsets = this.#messages.map((message) => message.offset);
    return offsets.length > 0 ? { first: Math.min(...offsets), last: Math.max(...offsets) } : null;
  }

  #rows(message) {
    const key = keyOf(message);
    const row = h("tr", { class: message.error || message.dead_letter ? "row bad" : "row", "data-key": key });
    const detail = h(
      "tr",
      { class: "detail", hidden: !this.#open.has(key), id: `message-${key}` },
      h("td", { colspan: this.#columns }, ...this.#detail(message)),
    );
    const button = h(
      "button",
      {
        type: "button",
        class: "expand",
        "aria-label": `Record at partition ${message.partition}, offset ${message.offset}`,
        "aria-controls": detail.id,
      },
      svg(
        "svg",
        { viewBox: "0 0 12 12", "aria-hidden": "true", focusable: "false" },
        svg("path", { d: "M4 2l4 4-4 4" }),
      ),
    );
    row.addEventListener("click", () => {
      if (getSelection()?.toString()) {
        return; /* the user marks text */
      }
      const open = !this.#open.delete(key);
      if (open) {
        this.#open.add(key);
      }
      this.#showOpen();
      this.#on.onOpen(message, open);
    });
    const cell = (label, kind, ...children) => h("td", { "data-label": label, class: kind }, ...children);
    const stamp = Date.parse(message.timestamp);
    row.append(
      cell("Open", "", button),
      cell("Partition", "right", String(message.partition)),
      cell("Offset", "right", String(message.offset)),
      cell(
        "Time",
        "",
        Number.isNaN(stamp)
          ? format.none
          : `${format.moment(stamp)}.${String(stamp % 1000).padStart(3, "0")}`,
      ),
      cell("Key", "", message.key ?? h("span", { class: "muted" }, "null")),
      cell("Schema", "right", text(message.schema_id ?? format.none)),
      cell("Value", "grow", h("div", { class: "preview" }, ...preview(message))),
      cell("Size", "right", format.bytes(message.size)),
    );
    return [row, detail];
  }
}
