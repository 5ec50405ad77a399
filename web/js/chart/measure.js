/* What is known of candles beside their prices. Pure. */
import { known } from "../format.js";

export function hasVolume(candles) {
  return candles.some((candle) => candle.volume > 0);
}

/* What the pane below the candles shows: "volume", "ticks", or null where neither is known. */
export function measureOf(candles) {
  if (hasVolume(candles)) {
    return "volume";
  }
  return candles.some((candle) => known(candle.ticks)) ? "ticks" : null;
}
