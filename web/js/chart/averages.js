/* Averages of candles, as points { time, value }; a candle with a hole in its time ends them. Pure. */
import { isHoled } from "../candles.js";

const daySeconds = 86400;

/* The mean of the last `count` closes. A gap between candles ends it, too; it goes on when there are
 * enough candles again. */
export function movingAverage(candles, seconds, count) {
  const points = [];
  let sum = 0;
  let run = 0; /* candles without a gap up to this one */
  candles.forEach((candle, index) => {
    const before = candles[index - 1];
    if (isHoled(candle, seconds)) {
      run = 0;
      sum = 0;
      return;
    }
    if (run === 0 || candle.time - before.time !== seconds) {
      run = 0;
      sum = 0;
    }
    run += 1;
    sum += candle.close;
    if (run > count) {
      sum -= candles[index - count].close;
    }
    if (run >= count) {
      points.push({ time: candle.time, value: sum / count });
    }
  });
  return points;
}

/* The mean price of each UTC day so far, weighted by volume; a candle counts with the mean of its high,
 * low and close. A minute without a trade is no gap in it. A day whose first candle is missing has
 * none, nor have candles of a day and longer. */
export function dayVwap(candles, seconds) {
  const points = [];
  let day = null;
  let value = 0;
  let volume = 0;
  let whole = false;
  for (const candle of seconds < daySeconds ? candles : []) {
    const itsDay = Math.floor(candle.time / daySeconds);
    if (itsDay !== day) {
      day = itsDay;
      value = 0;
      volume = 0;
      whole = candle.time === itsDay * daySeconds;
    }
    whole &&= candle.volume !== undefined && candle.volume !== null && !isHoled(candle, seconds);
    if (whole) {
      value += (candle.volume * (candle.high + candle.low + candle.close)) / 3;
      volume += candle.volume;
    }
    if (whole && volume > 0) {
      points.push({ time: candle.time, value: value / volume });
    }
  }
  return points;
}
