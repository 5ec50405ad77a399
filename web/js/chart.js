/* The drawn chart: lightweight-charts with our colours, empty intervals, an open candle that looks
 * open, marks and holes that others set, and data-* attributes that say what is drawn. */
import { CandlestickSeries, createChart, LineStyle, PriceScaleMode } from "lightweight-charts";
import { isHoled, spaced } from "./candles.js";
import { Holes } from "./chart/holes.js";
import { Lines } from "./chart/lines.js";
import { LowerPane } from "./chart/lower_pane.js";
import { Markers } from "./chart/markers.js";
import { fixedOptions, seriesOptions, themeOptions } from "./chart/options.js";
import { TimeAxis } from "./chart/time_axis.js";
import { View } from "./chart/view.js";
import * as format from "./format.js";
import { colours } from "./theme.js";

const scaleModes = {
  plain: PriceScaleMode.Normal,
  log: PriceScaleMode.Logarithmic,
  percent: PriceScaleMode.Percentage,
};
const chartKeys = {
  ArrowLeft: (chart) => chart.step(-1),
  ArrowRight: (chart) => chart.step(1),
  "+": (chart) => chart.view.zoom(1.25),
  "=": (chart) => chart.view.zoom(1.25),
  "-": (chart) => chart.view.zoom(0.8),
  Home: (chart) => chart.view.showAll(),
  End: (chart) => chart.view.toNewest(),
  Escape: (chart) => chart.pointNowhere(),
};

/* onHover({ time, candle } or null, byKeys): what the pointer or the keys' cursor is at; `candle` is
 * null where there is none. onEarlier(seconds): candles before the oldest are wanted, back to that
 * time, if one is given; gives a promise. */
export class PriceChart {
  view;
  #box;
  #chart;
  #series;
  #priceLine;
  #axis = new TimeAxis();
  #markers;
  #holes;
  #lines;
  #lower;
  #unit = "";
  #of = "ticker";
  #onHover;
  #onEarlier;
  #candles = [];
  #byTime = new Map();
  #seconds = 60;
  #forming = false;
  #drawn = ""; /* the newest candle as it was drawn last */
  #cursor = null; /* time of the candle that the keys point at */

  constructor(box, { onHover, onEarlier }) {
    this.#box = box;
    this.#onHover = onHover;
    this.#onEarlier = onEarlier;
    this.#chart = createChart(box, fixedOptions);
    this.#series = this.#chart.addSeries(CandlestickSeries);
    this.#priceLine = this.#series.createPriceLine({
      price: 0,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
      lineVisible: false,
      axisLabelVisible: false,
    });
    this.view = new View(this.#chart, this.#axis, box);
    this.#markers = new Markers(this.#series, this.#axis);
    this.#holes = new Holes((seconds) => this.view.x(seconds), colours);
    this.#series.attachPrimitive(this.#holes);
    this.#lines = new Lines({
      x: (seconds) => this.view.x(seconds),
      y: (price) => this.#series.priceToCoordinate(price),
      times: () => this.view.times(),
    });
    this.#series.attachPrimitive(this.#lines);
    this.#lower = new LowerPane(this.#chart);
    this.applyTheme();
    this.#chart.subscribeCrosshairMove((move) => this.#onMove(move));
    this.view.onChange(() => this.#wantEarlier());
    box.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /* All of it anew. `view` is one of View.set(), or "keep" when only data was added: then the view
   * follows the newest candle if it was in it, and otherwise stays where the reader moved it. */
  show({ coin, interval, of, unit, candles, forming, decimals, view }) {
    Object.assign(this.#box.dataset, { coin, interval: interval.name, of });
    this.#unit = unit;
    this.#of = of;
    this.#candles = candles;
    this.#seconds = interval.seconds;
    this.#forming = forming;
    this.#series.applyOptions({
      priceFormat: {
        type: "custom",
        minMove: 10 ** -decimals,
        formatter: (price) => format.price(price, decimals),
      },
    });
    this.#draw();
    if (view !== "keep") {
      this.view.set(view);
    }
  }

  /* The newest candle may have changed, or was closed, or one was added behind it. Whether anything
   * had to be drawn. */
  update(candles, forming) {
    const last = candles.at(-1);
    const redraw = !this.#byTime.has(last.time) || this.#forming !== forming;
    const now = JSON.stringify([last, forming]);
    if (candles === this.#candles && now === this.#drawn) {
      return false;
    }
    this.#drawn = now;
    this.#candles = candles;
    this.#forming = forming;
    if (redraw) {
      this.#draw();
      return true;
    }
    this.#byTime.set(last.time, last);
    this.#series.update(this.#point(last));
    this.#lower.update(last);
    this.#describe();
    return true;
  }

  /* "plain", "log" or "percent". */
  setScale(mode) {
    this.#series.priceScale().applyOptions({ mode: scaleModes[mode] });
    this.#box.dataset.scale = mode;
  }

  /* Lines over the candles: see Lines. */
  setLines(lines) {
    this.#lines.set(lines);
    this.#box.dataset.lines = lines.map((line) => line.name).join(", ");
  }

  get lines() {
    return this.#lines.all;
  }

  /* The candles of which a part is in view, in time order. */
  candlesInView() {
    const { from, to } = this.view.times() ?? { from: 0, to: 0 };
    return this.#candles.filter(({ time }) => time + this.#seconds > from && time < to);
  }

  /* The close of the first candle in view, from which percents are counted, with its time; null:
   * there is none. */
  firstInView() {
    const times = this.view.times();
    const first = times && this.#candles.find((candle) => candle.time + this.#seconds / 2 >= times.from);
    return first ? { time: first.time, close: first.close } : null;
  }

  /* What is drawn as a canvas. */
  picture() {
    return this.#chart.takeScreenshot(true, false);
  }

  /* Pixels from the chart's left edge to a time; null when it is outside the view. */
  timeToX(seconds) {
    const x = this.#axis.empty ? null : this.view.x(seconds);
    return x !== null && x >= -1 && x <= this.#chart.timeScale().width() + 1 ? x : null;
  }

  /* The times, in seconds, at the left and the right edge: { from, to }; null while nothing is drawn. */
  visibleTimes() {
    return this.view.times();
  }

  /* Calls `callback` in the frame after the view, the data or the size has changed. */
  onView(callback) {
    this.view.onChange(callback);
  }

  /* The marks of one owner, [{ time, position, shape, color, text, id }], in place of those it had. */
  setMarkers(owner, marks) {
    this.#markers.set(owner, marks);
  }

  /* Calls `callback(id)` when a mark is clicked. */
  onMarker(callback) {
    this.#chart.subscribeClick((click) => {
      const id = click.hoveredInfo?.objectId ?? click.hoveredObjectId;
      if (id !== undefined && id !== null) {
        callback(id);
      }
    });
  }

  /* Times without data, [{ from, to, words }], in seconds. */
  setHoles(holes) {
    this.#holes.set(holes);
    this.#box.dataset.holes = String(holes.length);
  }

  /* Moves a time into the middle of the view, at the zoom that the reader chose. */
  async goTo(seconds) {
    if (this.#candles.length > 0 && seconds < this.#candles[0].time) {
      await this.#onEarlier(seconds);
    }
    this.view.centre(seconds);
  }

  /* The candle that is drawn at a point's time, or null. */
  candleAt(time) {
    return this.#byTime.get(time) ?? null;
  }

  applyTheme() {
    const theme = colours();
    this.#chart.applyOptions(themeOptions(theme));
    this.#series.applyOptions(seriesOptions(theme));
    if (this.#candles.length > 0) {
      this.#draw();
    }
  }

  /* The forming candle is hollow; one with a hole in its time is grey within. */
  #point(candle, theme = colours()) {
    if (this.#forming && candle === this.#candles.at(-1)) {
      return { ...candle, color: theme.card };
    }
    return isHoled(candle, this.#seconds) ? { ...candle, color: theme.lineStrong } : { ...candle };
  }

  #draw() {
    const { points, shortened } = spaced(this.#candles, this.#seconds);
    this.#byTime = new Map(this.#candles.map((candle) => [candle.time, candle]));
    const theme = colours();
    this.view.keepWhile(() => {
      this.#axis.set(points.map((point) => point.time), this.#seconds);
      this.#series.setData(
        points.map((entry) => (entry.candle ? this.#point(entry.candle, theme) : { time: entry.time })),
      );
      this.#lower.show(this.#candles, { seconds: this.#seconds, unit: this.#unit, of: this.#of, theme });
    });
    this.#box.dataset.lower = this.#lower.measure ?? "";
    this.#markers.draw();
    this.#box.dataset.holed = String(
      this.#candles.filter((candle) => isHoled(candle, this.#seconds)).length,
    );
    this.#box.dataset.shortened = String(shortened);
    this.#box.dataset.blanks = String(points.length - this.#candles.length);
    this.#drawn = JSON.stringify([this.#candles.at(-1), this.#forming]);
    this.#describe();
    this.#keepCursor();
  }

  /* The keys' cursor stays at its time, if there is a candle. */
  #keepCursor() {
    if (this.#cursor !== null && this.#candles.length > 0) {
      const time = this.#axis.startOf(this.#cursor);
      const candle = time === null ? null : this.candleAt(time);
      if (candle) {
        this.#pointAt(candle);
      } else {
        this.pointNowhere();
      }
    }
  }

  #markPrice(last) {
    const theme = colours();
    const shown = last !== undefined;
    this.#priceLine.applyOptions({
      price: last?.close ?? 0,
      color: shown && last.close < last.open ? theme.down : theme.up,
      axisLabelTextColor: theme.onCandle,
      lineVisible: shown,
      axisLabelVisible: shown,
    });
  }

  /* For screen readers, and for tests. */
  #describe() {
    const last = this.#candles.at(-1);
    this.#markPrice(last);
    const { dataset } = this.#box;
    dataset.candles = String(this.#candles.length);
    dataset.lastClose = last ? String(last.close) : "";
    dataset.lastTime = last ? String(last.time) : "";
    dataset.forming = String(this.#forming);
    this.#box.setAttribute(
      "aria-label",
      last
        ? `${dataset.coin}, ${dataset.candles} candles of ${dataset.interval}, the newest at ` +
            `${format.minute(last.time * 1000)} UTC closes at ${last.close}${this.#forming ? ", still forming" : ""}`
        : "Candle chart, empty",
    );
  }

  #wantEarlier() {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range && range.from < 10 && this.#candles.length > 0) {
      this.#onEarlier();
    }
  }

  #onMove(move) {
    if (move.sourceEvent) {
      this.#cursor = null;
    }
    if (this.#cursor === null) {
      this.#onHover(
        move.time === undefined ? null : { time: move.time, candle: this.candleAt(move.time) },
        false,
      );
    }
  }

  #onKey(event) {
    const act = chartKeys[event.key];
    if (act && this.#candles.length > 0 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.view.touch();
      act(this);
    }
  }

  /* Moves the keys' cursor by so many candles; it begins at the newest. */
  step(by) {
    const last = this.#candles.length - 1;
    const at = this.#candles.findLastIndex((candle) => candle.time <= (this.#cursor ?? Infinity));
    const from = this.#cursor === null ? last + (by < 0 ? 1 : 0) : at;
    const candle = this.#candles[Math.max(0, Math.min(last, from + by))];
    this.view.reveal(candle.time);
    this.#pointAt(candle);
  }

  #pointAt(candle) {
    this.#cursor = candle.time;
    this.#chart.setCrosshairPosition(candle.close, candle.time, this.#series);
    this.#onHover({ time: candle.time, candle }, true);
  }

  pointNowhere() {
    this.#cursor = null;
    this.#chart.clearCrosshairPosition();
    this.#onHover(null, false);
  }
}
