/* Lines over the candles: averages, and other coins. A line has a gap where points are missing. */

/* A primitive of lightweight-charts.
 *
 * A line is { name, colour, points: [{ time, value }], seconds, factor(), scaled }: `seconds` is the
 * length of a point's interval; factor(), if there is one, is what the values are multiplied with
 * now, null: the line cannot be drawn; `scaled`: the price scale makes room for it.
 * plot: { x(seconds), y(price), times() } with pixels of the pane, and { from, to } in view. */
export class Lines {
  #plot;
  #lines = [];
  #requestUpdate = () => {};

  constructor(plot) {
    this.#plot = plot;
  }

  set(lines) {
    this.#lines = lines;
    this.#requestUpdate();
  }

  get all() {
    return this.#lines;
  }

  attached({ requestUpdate }) {
    this.#requestUpdate = requestUpdate;
  }

  paneViews() {
    return [{ zOrder: () => "normal", renderer: () => ({ draw: (target) => this.#draw(target) }) }];
  }

  autoscaleInfo() {
    const values = this.#lines
      .filter((line) => line.scaled)
      .flatMap((line) => this.#inView(line).map((point) => point.value * (line.factor?.() ?? 1)));
    return values.length > 0
      ? { priceRange: { minValue: Math.min(...values), maxValue: Math.max(...values) } }
      : null;
  }

  /* The points in view, and the one before and after. */
  #inView({ points, seconds }) {
    const times = this.#plot.times();
    const { from, to } = times ?? { from: 0, to: 0 };
    const first = points.findIndex((point) => point.time + 2 * seconds > from);
    const end = points.findIndex((point) => point.time - seconds > to);
    return first < 0 || times === null ? [] : points.slice(first, end < 0 ? undefined : end);
  }

  #draw(target) {
    target.useMediaCoordinateSpace(({ context }) => {
      context.lineJoin = "round";
      context.lineWidth = 1.5;
      for (const line of this.#lines) {
        this.#drawLine(context, line);
      }
    });
  }

  #drawLine(context, line) {
    const factor = line.factor ? line.factor() : 1;
    if (factor === null) {
      return;
    }
    let before = -Infinity;
    context.strokeStyle = line.colour;
    context.beginPath();
    for (const { time, value } of this.#inView(line)) {
      const x = this.#plot.x(time + line.seconds / 2);
      const y = this.#plot.y(value * factor);
      if (time - before > line.seconds) {
        context.moveTo(x, y);
      } else {
        context.lineTo(x, y);
      }
      before = time;
    }
    context.stroke();
  }
}

/* The line's value at the candle of `time`, or null. */
export function valueAt(line, time) {
  return line.points.findLast((point) => point.time === time)?.value ?? null;
}
