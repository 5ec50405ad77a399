/* What part of the candles is in view. It is the reader's: new data never moves it, but for a view
 * that has the newest candle in it, which follows. */
import { defaultSpacing, rightMargin, widestSpacing } from "./options.js";

export class View {
  moved = false; /* the reader has moved it since it was set to "newest" or "all" */
  #chart;
  #scale;
  #axis;
  #box;
  #listeners = [];
  #onTouch = () => {};
  #asked = false; /* for a frame */
  #all = false; /* all is shown, and goes on being shown until the reader moves the chart */
  #waiting = null; /* a view that was set while the chart had no width */

  constructor(chart, axis, box) {
    this.#chart = chart;
    this.#scale = chart.timeScale();
    this.#axis = axis;
    this.#box = box;
    this.#scale.subscribeVisibleLogicalRangeChange(() => this.#changed());
    this.#scale.subscribeSizeChange(() => {
      this.#setWaiting();
      this.#changed();
    });
    box.addEventListener("wheel", () => this.touch(), { passive: true, capture: true });
    this.#watchDrags();
  }

  /* A drag to the side; one up or down leaves the view alone, and may scroll the page. */
  #watchDrags() {
    let x = null;
    this.#box.addEventListener("pointerdown", (event) => (x = event.clientX), { capture: true });
    this.#box.addEventListener(
      "pointermove",
      (event) => {
        if (event.buttons > 0 && x !== null && Math.abs(event.clientX - x) > 3) {
          this.touch();
        }
      },
      { capture: true },
    );
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /* Calls `listener` when the reader begins to move the chart. */
  onTouch(listener) {
    this.#onTouch = listener;
  }

  /* The reader moves the chart. */
  touch() {
    this.#all = false;
    this.moved = true;
    this.#onTouch();
  }

  /* "newest": the newest candles at the usual zoom; where there are few, at one that fills the view.
   * "all": all of them. { from, to }: times in seconds; `to` null: up to the newest candle. */
  set(wanted) {
    this.#all = wanted === "all";
    this.moved = typeof wanted === "object";
    this.#waiting = wanted;
    this.#setWaiting();
  }

  #setWaiting() {
    const wanted = this.#waiting;
    if (wanted === null || this.#axis.empty || this.#scale.width() === 0) {
      return;
    }
    this.#waiting = null;
    if (wanted === "all") {
      this.#scale.fitContent();
    } else if (wanted === "newest") {
      const filling = this.#scale.width() / (this.#axis.last + 1 + rightMargin);
      this.#scale.applyOptions({ barSpacing: Math.max(defaultSpacing, Math.min(widestSpacing, filling)) });
      this.#scale.scrollToPosition(rightMargin, false);
    } else {
      const to = wanted.to === null ? this.#axis.last + 1 + rightMargin : this.#axis.position(wanted.to);
      const from = Math.max(0, this.#axis.position(wanted.from));
      this.#scale.setVisibleLogicalRange({ from, to: Math.max(from, to - 1) });
    }
  }

  /* The times at the edges; null while nothing is drawn. */
  times() {
    const range = this.#axis.empty ? null : this.#scale.getVisibleLogicalRange();
    return range && { from: this.#axis.time(range.from), to: this.#axis.time(range.to + 1) };
  }

  /* Whether the newest candle is in view. */
  get follows() {
    return this.#scale.scrollPosition() > -1;
  }

  /* Pixels from the left edge to a time, which may lie outside. The library knows whole positions only. */
  x(seconds) {
    const position = this.#axis.position(seconds) - 0.5;
    const index = Math.floor(position);
    const left = this.#scale.logicalToCoordinate(index);
    return left + (position - index) * (this.#scale.logicalToCoordinate(index + 1) - left);
  }

  /* Runs `change`, which replaces the points; afterwards the same times are where they were. The
   * library takes care of points that are added; not of those that are taken away. */
  keepWhile(change) {
    const kept = this.follows ? null : this.times();
    const first = this.#axis.first;
    change();
    if (this.#axis.empty) {
      return;
    }
    if (this.#all) {
      this.#scale.fitContent();
    } else if (kept !== null && first !== null && this.#axis.first > first) {
      this.#scale.setVisibleLogicalRange({
        from: this.#axis.position(kept.from),
        to: this.#axis.position(kept.to) - 1,
      });
    }
    this.#setWaiting();
    this.#changed();
  }

  /* All that is loaded, by the reader's wish. */
  showAll() {
    this.set("all");
    this.moved = true;
  }

  toNewest() {
    this.#scale.scrollToPosition(rightMargin, false);
  }

  zoom(factor) {
    const spacing = this.#scale.options().barSpacing * factor;
    this.#scale.applyOptions({ barSpacing: Math.max(0.5, Math.min(widestSpacing, spacing)) });
  }

  /* Moves a time to the middle. */
  centre(seconds) {
    const range = this.#scale.getVisibleLogicalRange();
    if (range && !this.#axis.empty) {
      const half = (range.to - range.from) / 2;
      const middle = this.#axis.position(seconds);
      this.touch();
      this.#scale.setVisibleLogicalRange({ from: middle - half, to: middle + half });
    }
  }

  /* Moves a time to the middle if it is not in view. */
  reveal(seconds) {
    const times = this.times();
    if (times && (seconds < times.from || seconds > times.to)) {
      this.centre(seconds);
    }
  }

  #changed() {
    this.#stayNear();
    if (!this.#asked) {
      this.#asked = true;
      requestAnimationFrame(() => {
        this.#asked = false;
        this.#describe();
        this.#listeners.forEach((listener) => listener());
      });
    }
  }

  /* At most half of the view is empty behind the newest candle, unless there are too few candles to
   * fill it. */
  #stayNear() {
    const range = this.#scale.getVisibleLogicalRange();
    if (range && !this.#axis.empty && this.#waiting === null) {
      const bars = range.to - range.from + 1;
      const most = Math.max(rightMargin, bars / 2, bars - this.#axis.last - 1);
      if (this.#scale.scrollPosition() > most + 0.01) {
        this.#scale.scrollToPosition(most, false);
      }
    }
  }

  /* For tests. */
  #describe() {
    const range = this.#scale.getVisibleLogicalRange();
    const times = this.times();
    this.#box.dataset.behind = this.#scale.scrollPosition().toFixed(1);
    this.#box.dataset.range = range ? `${range.from.toFixed(2)} ${range.to.toFixed(2)}` : "";
    this.#box.dataset.times = times ? `${times.from.toFixed(0)} ${times.to.toFixed(0)}` : "";
  }
}
