/* What polling costs: candles of polled prices against those that saw every trade. Pure. */
import * as format from "../format.js";

/* In basis points of theirs. */
export function offBy(ours, theirs) {
  return theirs === 0 ? null : ((ours - theirs) / theirs) * 10000;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length === 0
    ? null
    : sorted.length % 2 === 1
      ? sorted[middle]
      : (sorted[middle - 1] + sorted[middle]) / 2;
}

/* Of the candles that both have: how many, in how many the close is the same number, in how many the
 * high or the low was missed, and by how much in the middle and at most, in basis points; and in how many
 * a polled price lies outside what was traded, which polling alone cannot do. */
export function pollingCost(ours, theirs) {
  const byTime = new Map(theirs.map((candle) => [candle.time, candle]));
  const both = ours
    .filter((candle) => byTime.has(candle.time))
    .map((candle) => ({ polled: candle, real: byTime.get(candle.time) }));
  const highs = both.filter(({ polled, real }) => polled.high < real.high);
  const lows = both.filter(({ polled, real }) => polled.low > real.low);
  const off = [
    ...highs.map(({ polled, real }) => -offBy(polled.high, real.high)),
    ...lows.map(({ polled, real }) => offBy(polled.low, real.low)),
  ];
  return {
    candles: both.length,
    closeEqual: both.filter(({ polled, real }) => polled.close === real.close).length,
    highMissed: highs.length,
    lowMissed: lows.length,
    outside: both.filter(({ polled, real }) => polled.high > real.high || polled.low < real.low).length,
    medianBp: median(off),
    worstBp: off.length > 0 ? Math.max(...off) : null,
  };
}

function percent(part, whole) {
  return `${Math.round((part / whole) * 100)}\u2009%`;
}

/* "Of 96 candles the close is equal in 97 %, …" */
export function costWords(cost, theirs) {
  if (cost.candles === 0) {
    return `No finished candle of these 24 hours has both polled prices and ${theirs}.`;
  }
  const by = cost.medianBp === null ? "" : ` (by ${cost.medianBp.toFixed(1)}\u00a0bp in the middle, ${cost.worstBp.toFixed(1)} at most)`;
  const lesson =
    cost.outside === 0
      ? "A price between two polls is not seen: that is what polling costs."
      : `In ${format.count(cost.outside)} a polled price lies outside ${theirs}: the two are not of one market, or not of one clock.`;
  return (
    `Of ${format.count(cost.candles)} candles the close is equal in ${percent(cost.closeEqual, cost.candles)}, ` +
    `the high missed in ${percent(cost.highMissed, cost.candles)} and the low in ` +
    `${percent(cost.lowMissed, cost.candles)}${by}. ${lesson}`
  );
}
