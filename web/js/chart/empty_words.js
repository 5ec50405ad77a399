/* Why there is no candle to see, in words. Pure. */
import { shortly } from "../state/badge.js";

const byItself = "The first candle appears by itself.";

/* what: { name, symbol, listed, failed, waitingFor, elsewhere, otherBars, loaded }: the coin's names
 * (`symbol` null: none is chosen), whether it is known which coins there are, whether the coin's candles
 * could not be loaded, what the program waits for, the topics that have messages where there is no coin,
 * and the timeframe of bars that none of the intervals is made of. Gives { title, more }. */
export function emptyWords({ name, symbol, listed, failed, waitingFor, elsewhere, otherBars, loaded }) {
  if (failed) {
    return { title: `${name} cannot be shown now`, more: "The reason is told above." };
  }
  if (waitingFor) {
    return { title: `Waiting for ${shortly(waitingFor)}`, more: byItself };
  }
  if (!listed) {
    return { title: "Loading", more: "" };
  }
  if (symbol === null && elsewhere.length > 0) {
    return {
      title: `No ticks, but other records: ${elsewhere.join(", ")}`,
      more: "Messages shows them. Of bars, candlewick candles --of bar draws the candles.",
    };
  }
  if (otherBars) {
    return {
      title: `Of ${name} there are only bars of ${otherBars}`,
      more: `candlewick candles --of bar --coin ${symbol} --interval ${otherBars} draws them.`,
    };
  }
  return symbol !== null && !loaded
    ? { title: `Loading ${name}`, more: "" }
    : { title: `No candle of ${name} yet`, more: byItself };
}
