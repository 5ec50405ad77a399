/* The times without data of the chosen candles, with their length and cause, for the chart. Pure. */
import * as format from "../format.js";
import { holes, timeOf } from "./happenings.js";
import { listening, spansOf } from "./lane_times.js";

const nearMs = 120000; /* what a source says of its own end is this near to it */
const shortest = 2000;

/* Whether events of this source are about the candles: bitfinex writes those of ticks,
 * bitfinex-trades those of trades. */
export function isOfCandles(eventSource, { coin, of, source }) {
  if (of === "ticker") {
    const service = coin.startsWith("cg:") ? "coingecko" : coin.startsWith("cmc:") ? "coinmarketcap" : "bitfinex";
    return eventSource === (source ?? service) || (source === null && eventSource === "synthetic");
  }
  return eventSource === `${source}-${source === "synthetic" ? of : `${of}s`}`;
}

function lengthWords(from, to, now) {
  return to >= now ? `since ${format.recent(from, now)}` : format.span(to - from);
}

/* Why nobody listened between two spans: what the source itself said near their ends. */
function causeOf(events, source, from, to) {
  const said = (what, time) =>
    events.some(
      (event) => event.what === what && event.subject === source && Math.abs(timeOf(event) - time) < nearMs,
    );
  return said("ended", from) || said("started", to) ? "producer away" : "not covered";
}

function gaps({ events, covered }, chosen, now) {
  const spans = spansOf(covered).filter(({ source }) => isOfCandles(source.replace(/\/\d+$/, ""), chosen));
  const listened = listening(spans, now);
  const source = spans[0]?.source.replace(/\/\d+$/, "");
  return listened
    .map((span, index) => ({ from: span.to, to: listened[index + 1]?.from ?? now }))
    .filter(({ from, to }) => to - from >= shortest)
    .map(({ from, to }) => ({ from, to, cause: causeOf(events, source, from, to) }));
}

/* [{ from, to, words }] for PriceChart.setHoles(), in seconds. What was refilled is no hole. */
export function chartHoles(answer, chosen, now) {
  const told = holes(answer.events)
    .filter((hole) => hole.coin === chosen.coin && isOfCandles(hole.source, chosen) && hole.closed !== "whole")
    .map((hole) => ({ ...hole, to: Math.min(hole.to, now) }));
  const records = chosen.of === "ticker" ? "no ticks" : `no ${chosen.of}s`;
  return [...told, ...gaps(answer, chosen, now)].map(({ from, to, cause }) => ({
    from: from / 1000,
    to: to / 1000,
    words: [`${records}:`, cause, lengthWords(from, to, now)].filter(Boolean).join(" "),
  }));
}
