/* The table of messages: a row each, opened to the decoded record. Rows keep their place and stay
 * open when the list is refreshed. */
import { h, svg } from "./dom.js";
import * as format from "./format.js";

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

export class MessageTable {
  #body = h("tbody");
  #columns = columns.length;
  #onOpen;
  #open = new Set(); /* keys of opened rows */
  #messages = [];

  /* onOpen(): a row was opened, so the user reads. */
  constructor(table, onOpen) {
    this.#onOpen = onOpen;
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
    if (active) {
      this.#body.querySelector(`tr[data-key="${CSS.escape(active)}"] button`)?.focus();
    }
  }

  /* What is shown next is of another topic. */
  forget() {
    this.#open.clear();
    this.#messages = [];
  }

  /* First and last offset shown, or null. */
  range() {
    const offsets = this.#messages.map((message) => message.offset);
    return offsets.length > 0 ? { first: Math.min(...offsets), last: Math.max(...offsets) } : null;
  }

  #rows(message) {
    const key = keyOf(message);
    const row = h("tr", { class: message.error ? "row bad" : "row", "data-key": key });
    const detail = h(
      "tr",
      { class: "detail", hidden: !this.#open.has(key), id: `message-${key}` },
      h("td", { colspan: this.#columns }, record(message)),
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
    const showOpen = () => {
      const open = this.#open.has(key);
      button.setAttribute("aria-expanded", String(open));
      row.classList.toggle("open", open);
      detail.hidden = !open;
    };
    row.addEventListener("click", () => {
      if (getSelection()?.toString()) {
        return; /* the user marks text */
      }
      if (!this.#open.delete(key)) {
        this.#open.add(key);
        this.#onOpen();
      }
      showOpen();
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
    showOpen();
    return [row, detail];
  }
}
