/* The marks of news on the candles. Pure. */
import { intervalStart } from "../candles.js";

/* The number of an item, from the oldest that is shown. */
export function numberOf(items, index) {
  return `N${items.length - index}`;
}

/* One mark for the items of one candle: the newest, and how many more there are. Items are newest first. */
export function marksOf(items, seconds) {
  const byCandle = new Map();
  items.forEach((news, index) => {
    const time = Date.parse(news.time) / 1000;
    const candle = intervalStart(time, seconds);
    const mark = byCandle.get(candle) ?? { id: `${news.source} ${news.id}`, time, number: numberOf(items, index), more: -1 };
    byCandle.set(candle, { ...mark, more: mark.more + 1 });
  });
  return [...byCandle.values()].map(({ number, more, ...mark }) => ({ ...mark, text: more > 0 ? `${number} +${more}` : number }));
}
