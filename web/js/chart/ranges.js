/* The ranges that one click shows, each at an interval that suits it. */
import { intervalFor, intervalNamed } from "../candles.js";
import { h } from "../dom.js";

const hour = 3600;
export const ranges = [
  { name: "1H", seconds: hour, interval: "1m", words: "The last hour" },
  { name: "24H", seconds: 24 * hour, interval: "5m", words: "The last 24 hours" },
  { name: "7D", seconds: 168 * hour, interval: "1h", words: "The last 7 days" },
  { name: "30D", seconds: 720 * hour, interval: "4h", words: "The last 30 days" },
  { name: "All", seconds: Infinity, interval: null, words: "All that is stored" },
];

/* The interval for a range; for all, one that shows [firstMs, newestMs] in few candles. */
export function intervalOfRange(range, firstMs, newestMs) {
  return range.interval ? intervalNamed(range.interval) : intervalFor(firstMs ?? newestMs, newestMs);
}

export function setUpRanges(box, onPick) {
  box.replaceChildren(
    ...ranges.map((range) =>
      h(
        "button",
        {
          type: "button",
          "data-range": range.name,
          "aria-pressed": "false",
          title: range.words,
          onclick: () => onPick(range),
        },
        range.name,
      ),
    ),
  );
}

/* chosen: the range in view, or null. */
export function showRange(box, chosen) {
  for (const button of box.children) {
    button.setAttribute("aria-pressed", String(button.dataset.range === chosen?.name));
  }
}
