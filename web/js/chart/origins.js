/* From what a coin's candles can be made. Pure.
 *
 * A choice is { key, of, source, timeframes, words }: `key` names it ("trade:bitfinex", "ticker"),
 * `of` is the kind of records, `source` who they are from (null: the kind does not say), and
 * `timeframes` the lengths of bars that there are. */
import { intervals } from "../candles.js";

const unitSeconds = { m: 60, h: 3600, d: 86400, w: 604800 };
const daySeconds = 86400;

function isFile(source) {
  return source === "replay" || source?.startsWith("replay-") === true;
}

function rank({ of, source }) {
  return isFile(source) ? 3 : { trade: 0, ticker: 1, bar: 2 }[of];
}

function words({ of, source }, nameOf) {
  if (of === "ticker") {
    return "polled prices";
  }
  const records = of === "trade" ? "trades" : "bars";
  return isFile(source) ? `a file's ${records} (${source})` : `${records}, ${nameOf(source)}`;
}

/* All choices of the coin, the best first: trades, polled prices, an exchange's bars, a file.
 * nameOf(source): its name for people. */
export function choicesOf(coin, nameOf = (source) => source) {
  const choices = new Map();
  for (const { of, source = null, timeframe } of coin?.offers ?? []) {
    const key = source === null ? of : `${of}:${source}`;
    if (!choices.has(key)) {
      choices.set(key, { key, of, source, timeframes: [], words: words({ of, source }, nameOf) });
    }
    if (timeframe) {
      choices.get(key).timeframes.push(timeframe);
    }
  }
  return [...choices.values()]
    .filter((choice) => intervals.some((interval) => makes(choice, interval)))
    .sort((a, b) => rank(a) - rank(b));
}

/* The length of a timeframe in seconds; NaN for a month, which has none. */
function lengthOf(timeframe) {
  return Number(timeframe.slice(0, -1)) * (unitSeconds[timeframe.at(-1)] ?? NaN);
}

/* Whether the choice has candles of the interval: any, if they are folded from ticks or trades. */
export function makes({ of, timeframes }, interval) {
  const fits = (seconds) => daySeconds % seconds === 0 && interval.seconds % seconds === 0;
  return of !== "bar" || timeframes.some((name) => name === interval.name || fits(lengthOf(name)));
}

/* The interval, or the next longer one that the choice makes, or else the longest that it makes. */
export function intervalOf(choice, interval) {
  const made = intervals.filter((entry) => makes(choice, entry));
  return made.find(({ seconds }) => seconds >= interval.seconds) ?? made.at(-1) ?? interval;
}
