/* Candles as data: from the API, folded with live ticks, spaced out for drawing. Times are whole
 * seconds of UTC, the start of a candle's interval. */
export const intervals = [
  { name: "1m", seconds: 60, words: "1 minute" },
  { name: "5m", seconds: 300, words: "5 minutes" },
  { name: "15m", seconds: 900, words: "15 minutes" },
  { name: "1h", seconds: 3600, words: "1 hour" },
  { name: "4h", seconds: 14400, words: "4 hours" },
  { name: "1d", label: "1D", seconds: 86400, words: "1 day" },
  { name: "1w", label: "1W", seconds: 604800, words: "1 week" },
];

const weekSeconds = 604800;
const mondaySeconds = 345600; /* 1970-01-05, when the first whole week began */

/* The start of the interval that contains `time`; weeks begin on Monday. */
export function intervalStart(time, seconds) {
  const origin = seconds % weekSeconds === 0 ? mondaySeconds : 0;
  return Math.floor((time - origin) / seconds) * seconds + origin;
}

export function intervalNamed(name) {
  return intervals.find((interval) => interval.name === name);
}

/* The finest interval that shows [fromMs, toMs] with at most 400 candles, else the coarsest. */
export function intervalFor(fromMs, toMs) {
  const seconds = (toMs - fromMs) / 1000;
  return intervals.find((interval) => seconds / interval.seconds <= 400) ?? intervals.at(-1);
}

const more = ["volume", "covered", "polls", "filled"]; /* which not every candle has */

export function fromApi(rows) {
  return rows.map((row) => ({
    time: Math.floor(Date.parse(row.time) / 1000),
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    ticks: row.ticks,
    ...Object.fromEntries(more.filter((name) => name in row).map((name) => [name, row[name]])),
  }));
}

/* A source tells once a minute what it has covered, so of the newest time nothing is known yet. */
const toldWithinMs = 120000;

export function isTold(candle, seconds, now = Date.now()) {
  return now > (candle.time + seconds) * 1000 + toldWithinMs;
}

/* Whether a part of a candle's time is in a hole, or nothing is known of it. */
export function isHoled(candle, seconds, now = Date.now()) {
  const { hole = 0, unknown = 0 } = candle.covered ?? {};
  if (candle.filled) {
    return false; /* an exchange's bar is whole */
  }
  return hole > 0 || (unknown > 0 && isTold(candle, seconds, now));
}

/* How much of a candle's time was covered, in words; "" when that is not known, or not yet. */
export function coveredWords(candle, seconds, now = Date.now()) {
  const { covered } = candle;
  if (!covered || (covered.hole === 0 && !isTold(candle, seconds, now))) {
    return "";
  }
  const percent = Math.floor((covered.live + covered.refilled) * 100);
  const parts = ["refilled", "hole", "unknown"].filter((name) => covered[name] > 0);
  return [`${percent} % covered`, ...parts].join(", ");
}

/* Folds one price into the newest candle or begins the next. A price before the newest candle is
 * left to the store, which has the last word anyway. The candle that changed, or null. */
export function fold(candles, seconds, timeMs, price) {
  const time = intervalStart(timeMs / 1000, seconds);
  const last = candles.at(-1);
  if (last && time < last.time) {
    return null;
  }
  if (last && time === last.time) {
    last.high = Math.max(last.high, price);
    last.low = Math.min(last.low, price);
    last.close = price;
    last.ticks += 1;
    return last;
  }
  const candle = { time, open: price, high: price, low: price, close: price, ticks: 1 };
  candles.push(candle);
  return candle;
}

/* The empty intervals between candles stay empty on the screen: each is a point without a candle.
 * Where there would be too many of them, the longest gaps are drawn shorter, and `shortened` says
 * how many were. */
const blanksMost = 20000;

function missingBetween(before, after, seconds) {
  return Math.round((after.time - before.time) / seconds) - 1;
}

function longestGapShown(candles, seconds) {
  for (let longest = 4000; longest > 8; longest = Math.floor(longest / 2)) {
    let blanks = 0;
    for (let i = 1; i < candles.length; i++) {
      blanks += Math.min(longest, missingBetween(candles[i - 1], candles[i], seconds));
    }
    if (blanks <= blanksMost) {
      return longest;
    }
  }
  return 8;
}

export function spaced(candles, seconds) {
  const longest = longestGapShown(candles, seconds);
  const points = [];
  let shortened = 0;
  candles.forEach((candle, index) => {
    const before = candles[index - 1];
    const missing = before ? missingBetween(before, candle, seconds) : 0;
    for (let i = 1; i <= Math.min(longest, missing); i++) {
      points.push({ time: before.time + i * seconds });
    }
    shortened += missing > longest ? 1 : 0;
    points.push({ time: candle.time, candle });
  });
  return { points, shortened };
}

/* The topics that have messages, if none of them has ticks. */
export function topicsWithoutTicks(streams) {
  const filled = streams.filter((stream) => stream.end > 0);
  return filled.some((stream) => stream.kind === "ticker") ? [] : filled.map((stream) => stream.topic);
}
