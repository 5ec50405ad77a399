/* What lies over the candles by the reader's choice: averages, and the lines of other coins. */
import { dayVwap, movingAverage } from "./averages.js";

const averages = [20, 50];

/* The lines for Lines of the candles' own averages. */
export function averageLines(candles, { seconds, wanted, theme }) {
  const line = (name, colour, points) => ({ name, colour, points, seconds, scaled: false });
  return [
    ...(wanted.averages
      ? averages.map((count, index) =>
          line(`MA ${count}`, [theme.accent, theme.lines[0]][index], movingAverage(candles, seconds, count)),
        )
      : []),
    ...(wanted.vwap ? [line("VWAP", theme.lines[1], dayVwap(candles, seconds))] : []),
  ].filter(({ points }) => points.length > 0);
}

/* The line of another coin, drawn as if it had begun where the candles begin in view.
 * firstInView(): { time, close } of the candles. */
export function coinLine(name, candles, { seconds, colour, firstInView }) {
  const points = candles.map(({ time, close }) => ({ time, value: close }));
  return {
    name,
    colour,
    points,
    seconds,
    scaled: true,
    relative: true,
    factor: () => {
      const first = firstInView();
      const own = first && (points.findLast((point) => point.time <= first.time) ?? points[0]);
      return own ? first.close / own.value : null;
    },
  };
}
