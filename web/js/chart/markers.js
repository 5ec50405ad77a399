/* Marks on the candles, from several owners that know nothing of each other. */
import { createSeriesMarkers } from "lightweight-charts";

export class Markers {
  #plugin;
  #axis;
  #byOwner = new Map();

  constructor(series, axis) {
    this.#plugin = createSeriesMarkers(series, []);
    this.#axis = axis;
  }

  /* The marks of one owner replace those that it had; the same ones are not drawn again. */
  set(owner, marks) {
    if (JSON.stringify(this.#byOwner.get(owner)) !== JSON.stringify(marks)) {
      this.#byOwner.set(owner, marks);
      this.draw();
    }
  }

  /* Again after the points have changed: a mark stands at the candle whose time it is in. */
  draw() {
    const marks = [...this.#byOwner.values()]
      .flat()
      .map((mark) => ({ ...mark, time: this.#axis.startOf(mark.time) ?? mark.time }));
    this.#plugin.setMarkers(this.#axis.empty ? [] : marks.sort((a, b) => a.time - b.time));
  }
}
