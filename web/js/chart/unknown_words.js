/* What the address names and there is not. Pure. */
import { intervals } from "../candles.js";

/* unknown: { coin, interval, records }, null or "" what is known; shown: words for what is shown
 * instead. Gives sentences, or "". */
export function unknownWords(unknown, shown) {
  const names = intervals.map(({ name }) => name).join(", ");
  return [
    unknown.coin ? `There is no coin ${unknown.coin} here; ${shown.coin} is shown.` : null,
    unknown.interval
      ? `There is no interval ${unknown.interval}; candles of ${shown.interval} are shown. Intervals are ${names}.`
      : null,
    unknown.records
      ? `${shown.coin} has no candles from ${unknown.records}; those from ${shown.records} are shown.`
      : null,
  ]
    .filter(Boolean)
    .join(" ");
}
