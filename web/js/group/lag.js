/* The group's lag over the last half-hour: for each topic a line of how many messages were unread,
 * and one of how old the oldest of them was. */
import { get } from "../api.js";
import { byId, h, setText, svg } from "../dom.js";
import * as format from "../format.js";

const everyMs = 5000;
const width = 240;
const height = 36;
const margin = 2;

/* The values as path data, from 0 at the bottom up to the highest; where one is not known the line
 * has a gap, and a value without neighbours is a dash of a pixel. `steps`: how many values fill the
 * whole width; the newest is on the right. Pure. */
export function lagPath(values, steps) {
  const highest = Math.max(1, ...values.filter(format.known));
  const first = steps - values.length;
  const x = (index) => margin + ((first + index) * (width - 2 * margin)) / Math.max(1, steps - 1);
  const y = (value) => height - margin - (value * (height - 2 * margin)) / highest;
  let path = "";
  values.forEach((value, index) => {
    if (!format.known(value)) {
      return;
    }
    const place = `${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    const before = format.known(values[index - 1]);
    const after = format.known(values[index + 1]);
    path += before ? `L${place}` : `M${place}${after ? "" : "h1"}`;
  });
  return path;
}

function line(values, steps, label) {
  return svg(
    "svg",
    {
      class: "lag-line",
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
      focusable: "false",
    },
    svg("line", { class: "lag-zero", x1: 0, x2: width, y1: height - margin, y2: height - margin }),
    svg("path", { d: lagPath(values, steps) }),
  );
}

/* The highest of what is known, or null. */
function highest(values) {
  const known = values.filter(format.known);
  return known.length > 0 ? Math.max(...known) : null;
}

function cell(name, values, text, steps) {
  const now = text(values.at(-1) ?? null);
  const most = text(highest(values));
  return h(
    "td",
    { "data-label": name },
    h(
      "div",
      { class: "lag-cell" },
      line(values, steps, `${name}: now ${now}, highest ${most}`),
      h("span", { class: "lag-now" }, now, h("span", { class: "muted" }, `highest ${most}`)),
    ),
  );
}

export class Lag {
  #shown = false;
  #timer = null;

  setShown(shown) {
    if (shown !== this.#shown) {
      this.#shown = shown;
      clearTimeout(this.#timer);
      if (shown) {
        this.#ask();
      }
    }
  }

  async #ask() {
    try {
      this.#show(await get("/api/lag"));
      setText(byId("lag-note"), "");
    } catch (error) {
      setText(byId("lag-note"), `The lag could not be loaded: ${error.message}.`);
    }
    if (this.#shown) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), everyMs);
    }
  }

  #show({ step_s: stepS, topics }) {
    const steps = Math.round(1800 / stepS);
    const head = (text) => h("th", { scope: "col" }, text);
    byId("lag-lines").replaceChildren(
      h("thead", {}, h("tr", {}, head("Topic"), head("Unread messages"), head("Oldest unread message"))),
      h(
        "tbody",
        {},
        topics.map(({ topic, lag, lag_s: ages }) =>
          h(
            "tr",
            { "data-topic": topic },
            h("th", { scope: "row" }, topic),
            cell("Unread messages", lag, format.count, steps),
            cell("Oldest unread message", ages, format.age, steps),
          ),
        ),
      ),
    );
  }
}
