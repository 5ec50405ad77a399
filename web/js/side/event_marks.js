/* The marks of happenings on the candles. Pure. */
import { intervalStart } from "../candles.js";

const longestMark = 16;
const rank = { down: 0, up: 1, info: 2 };

/* One mark for the happenings of one candle: the worst of them, with its name, and how many more there are. */
export function marksOf(happenings, seconds) {
  const byCandle = new Map();
  for (const one of happenings) {
    const candle = intervalStart(one.time / 1000, seconds);
    byCandle.set(candle, [...(byCandle.get(candle) ?? []), one]);
  }
  return [...byCandle.values()].map((group) => {
    const worst = [...group].sort((a, b) => rank[a.tone] - rank[b.tone])[0];
    const name = worst.mark.slice(0, longestMark);
    return {
      id: worst.id,
      time: worst.time / 1000,
      tone: worst.tone,
      text: [worst.icon, name, group.length > 1 ? `+${group.length - 1}` : ""].filter(Boolean).join(" "),
    };
  });
}
