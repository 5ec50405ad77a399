/* The line above the chart: what is drawn, and one candle's figures. */
import { coveredWords, isHoled, isTold } from "../candles.js";
import { h } from "../dom.js";
import * as format from "../format.js";
import { valueAt } from "./lines.js";

const said = new WeakMap(); /* what a box shows */
const emptyWords = { ticker: "no tick", trade: "no trade", bar: "no bar" };

/* How many prices a candle is made of. */
function ticksWords(candle, seconds, of) {
  const { ticks, polls } = candle;
  const word = of === "ticker" ? "tick" : "trade";
  const count = format.known(ticks) ? format.count(ticks) : "unknown";
  const told = of === "ticker" && format.known(polls) && isTold(candle, seconds);
  return told
    ? `${count} of ${format.count(polls)} ticks`
    : `${count} ${ticks === 1 ? word : `${word}s`}`;
}

function candleParts(candle, { decimals, forming, seconds, of }) {
  const change = candle.close - candle.open;
  const tone = change > 0 ? "up" : change < 0 ? "down" : "";
  const figure = (label, value) => h("span", {}, `${label} `, h("b", { class: tone }, value));
  const price = (value) => format.price(value, decimals);
  const covered = candle.filled ? "" : coveredWords(candle, seconds);
  return [
    figure("O", price(candle.open)),
    figure("H", price(candle.high)),
    figure("L", price(candle.low)),
    figure("C", price(candle.close)),
    h("span", {}, ticksWords(candle, seconds, of)),
    format.known(candle.volume) ? figure("Vol", format.volume(candle.volume)) : null,
    candle.filled ? h("span", {}, "the exchange's bar") : null,
    covered ? h("span", { class: isHoled(candle, seconds) ? "holed" : "" }, covered) : null,
    forming ? h("span", { class: "forming" }, "forming") : null,
  ];
}

/* One line's value at the time: a price, or how far another coin has moved since it came into view. */
function linePart(line, time, first, decimals) {
  const value = valueAt(line, time);
  const begin = line.relative && first ? (line.points.findLast((point) => point.time <= first.time)?.value ?? null) : null;
  const words = line.relative
    ? format.percent(value === null || begin === null ? null : value / begin - 1)
    : format.price(value, decimals);
  const mark = h("i", { class: "line-mark", "aria-hidden": "true" });
  mark.style.background = line.colour;
  return h("span", { class: "line-name" }, mark, `${line.name} `, h("b", {}, words));
}

/* Shows the candle, which is the one at `time` (null: there is none). what: { time, words, lines,
 * first, decimals, forming, seconds, of }; `words`: from what the candles are made; `first`: the first
 * candle in view. */
export function showLegend(box, candle, what) {
  const { time, words, lines, first, decimals, seconds, of } = what;
  const start = time === null ? null : time * 1000;
  const when =
    start === null
      ? null
      : h(
          "span",
          { title: `${format.moment(start)} to ${format.moment(start + seconds * 1000)} UTC` },
          format.minute(start),
        );
  const parts = [
    when,
    ...(candle ? candleParts(candle, what) : [start === null ? null : h("span", {}, emptyWords[of])]),
    ...(start === null ? [] : lines.map((line) => linePart(line, time, first, decimals))),
    words ? h("span", { class: "legend-origin" }, words) : null,
  ].filter(Boolean);
  const saying = parts.map((part) => part.outerHTML).join();
  if (said.get(box) !== saying) {
    said.set(box, saying);
    box.replaceChildren(...parts);
  }
}
