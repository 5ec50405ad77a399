/* Beside the chart: the figures of the candles in view. */
import { byId, h, setText } from "./dom.js";
import * as format from "./format.js";

/* The figures of candles in time order; null if there are none. `volume` and `covered` (a part of
 * the candles' time) are null where they are not known. Pure. */
export function figuresOf(candles, seconds) {
  if (candles.length === 0) {
    return null;
  }
  const [first, last] = [candles[0], candles.at(-1)];
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const known = (values) => (values.every(format.known) ? sum(values) : null);
  /* The page folds the newest candle from live prices, which have no volume; the store tells it later. */
  const measured = format.known(last.volume) ? candles : candles.slice(0, -1);
  const covered = candles.filter((candle) => candle.covered && !candle.filled);
  return {
    close: last.close,
    change: last.close - first.open,
    relative: first.open > 0 ? last.close / first.open - 1 : null,
    low: Math.min(...candles.map((candle) => candle.low)),
    high: Math.max(...candles.map((candle) => candle.high)),
    volume: measured.some((candle) => candle.volume > 0) ? known(measured.map((candle) => candle.volume)) : null,
    ticks: known(candles.map((candle) => candle.ticks)),
    count: candles.length,
    empty: Math.round((last.time - first.time) / seconds) + 1 - candles.length,
    covered:
      covered.length > 0
        ? sum(covered.map((candle) => candle.covered.live + candle.covered.refilled)) / covered.length
        : null,
  };
}

function rowsOf(figures, { decimals, unit, of }) {
  const price = (value) => format.price(value, decimals);
  const empty = figures.empty > 0 ? `, ${format.count(figures.empty)} empty` : "";
  const records = of === "ticker" ? "Ticks" : "Trades";
  return [
    ["Price", price(figures.close)],
    ["Change", `${format.signed(figures.change, decimals)} (${format.percent(figures.relative)})`, figures.change],
    ["High", price(figures.high)],
    ["Low", price(figures.low)],
    ...(figures.volume === null ? [] : [["Volume", `${format.amount(figures.volume)} ${unit}`.trim()]]),
    ...(figures.ticks === null ? [] : [[records, format.count(figures.ticks)]]),
    ["Candles", `${format.count(figures.count)}${empty}`],
    ...(figures.covered === null
      ? []
      : [["Covered", `${(Math.floor(figures.covered * 1000) / 10).toFixed(1)}\u2009% of their time`]]),
  ];
}

/* candles: those in view. */
export function showRangeFigures(candles, { seconds, decimals, unit, of }) {
  const figures = figuresOf(candles, seconds);
  const rows = figures === null ? [["Candles", format.none]] : rowsOf(figures, { decimals, unit, of });
  const box = byId("side-range-figures");
  const said = JSON.stringify(rows);
  const length = figures === null ? 0 : candles.at(-1).time + seconds - candles[0].time;
  setText(byId("side-range-span"), figures === null ? "" : format.span(length * 1000));
  if (box.dataset.said !== said) {
    box.dataset.said = said;
    box.replaceChildren(
      ...rows.map(([name, value, tone = 0]) =>
        h(
          "div",
          {},
          h("dt", {}, name),
          h("dd", { class: `num ${{ 1: "up", "-1": "down" }[Math.sign(tone)] ?? ""}`.trim() }, value),
        ),
      ),
    );
  }
}
