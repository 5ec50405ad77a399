/* The drawn chart: lightweight-charts with our colours, empty intervals, an open candle that looks
 * open, keys to read and zoom it, and data-* attributes that say what is drawn. */
import { CandlestickSeries, createChart, CrosshairMode, LineStyle } from "/assets/lightweight-charts.js";
import { isHoled, spaced } from "./candles.js";
import * as format from "./format.js";
import { colours } from "./theme.js";

const defaultSpacing = 8;
/* A few candles alone are candles still, not walls. */
const widestSpacing = 32;

const fixedOptions = {
  autoSize: true,
  /* The library's own logo brings inline styles; its link stands in the page's foot instead. */
  layout: { fontSize: 12, attributionLogo: false },
  rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.08 } },
  timeScale: {
    timeVisible: true,
    secondsVisible: false,
    rightOffset: 4,
    barSpacing: defaultSpacing,
    minBarSpacing: 0.05,
    maxBarSpacing: widestSpacing,
  },
  localization: { locale: "en-GB", timeFormatter: (time) => `${format.minute(time * 1000)} UTC` },
};

function themeOptions(theme) {
  return {
    layout: { background: { color: theme.card }, textColor: theme.muted, fontFamily: theme.font },
    grid: { vertLines: { color: theme.line }, horzLines: { color: theme.line } },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: theme.muted, labelBackgroundColor: theme.lineStrong, style: LineStyle.Dotted },
      horzLine: { color: theme.muted, labelBackgroundColor: theme.lineStrong, style: LineStyle.Dotted },
    },
    rightPriceScale: { borderColor: theme.line },
    timeScale: { borderColor: theme.line },
  };
}

function seriesOptions(theme) {
  return {
    upColor: theme.up,
    downColor: theme.down,
    borderUpColor: theme.up,
    borderDownColor: theme.down,
    wickUpColor: theme.up,
    wickDownColor: theme.down,
    /* The line of our own keeps its colour where the forming candle is hollow. */
    lastValueVisible: false,
    priceLineVisible: false,
  };
}

/* onHover(candle or null, byKeys): the candle under the pointer or the keys' cursor.
 * onEarlier(): the view reached the oldest candle. */
export class PriceChart {
  #box;
  #chart;
  #series;
  #priceLine;
  #onHover;
  #candles = [];
  #byTime = new Map();
  #seconds = 60;
  #forming = false;
  #cursor = null; /* index of the candle that the keys point at */
  #fitted = false; /* all is shown, and goes on being shown until the user moves the chart */

  constructor(box, { onHover, onEarlier }) {
    this.#box = box;
    this.#onHover = onHover;
    this.#chart = createChart(box, fixedOptions);
    this.#series = this.#chart.addSeries(CandlestickSeries);
    this.#priceLine = this.#series.createPriceLine({
      price: 0,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
      lineVisible: false,
      axisLabelVisible: false,
    });
    this.applyTheme();
    this.#chart.subscribeCrosshairMove((move) => {
      if (move.sourceEvent) {
        this.#cursor = null;
      }
      if (this.#cursor === null) {
        onHover(move.time === undefined ? null : (this.#byTime.get(move.time) ?? null), false);
      }
    });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      this.#box.dataset.behind = this.#chart.timeScale().scrollPosition().toFixed(1);
      if (range && range.from < 10 && this.#candles.length > 0) {
        onEarlier();
      }
    });
    for (const gesture of ["wheel", "pointerdown", "touchstart"]) {
      box.addEventListener(gesture, () => this.#unfit(), { passive: true, capture: true });
    }
    box.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /* All of it anew. `view`: "newest", "all", or "keep" when only data was added: then the view
   * follows the newest candle if it was in it, and otherwise stays where the user moved it. */
  show({ coin, interval, candles, forming, decimals, view }) {
    const scale = this.#chart.timeScale();
    const range = view === "keep" ? scale.getVisibleRange() : null;
    const behind = scale.scrollPosition(); /* bars from the newest one to the right edge; below 0: beyond it */
    const follows = view === "keep" && this.#candles.length > 0 && behind > -1;
    this.#fitted = view === "all" || (view === "keep" && this.#fitted);
    this.#candles = candles;
    this.#seconds = interval.seconds;
    this.#forming = forming;
    this.#cursor = null;
    this.#box.dataset.coin = coin;
    this.#box.dataset.interval = interval.name;
    this.#series.applyOptions({
      priceFormat: {
        type: "custom",
        minMove: 10 ** -decimals,
        formatter: (price) => format.price(price, decimals),
      },
    });
    this.#draw();
    if (this.#fitted) {
      scale.fitContent();
    } else if (view === "newest") {
      scale.applyOptions({ barSpacing: defaultSpacing });
      scale.scrollToRealTime();
    } else if (follows) {
      scale.scrollToPosition(behind, false);
    } else if (range && candles.length > 0) {
      scale.setVisibleRange(range);
    }
  }

  /* The newest candle changed, was closed, or one was added behind it. */
  update(candles, forming) {
    const last = candles.at(-1);
    const redraw = !this.#byTime.has(last.time) || this.#forming !== forming;
    this.#candles = candles;
    this.#forming = forming;
    if (redraw) {
      this.#draw();
      if (this.#fitted) {
        this.#chart.timeScale().fitContent();
      }
      return;
    }
    this.#byTime.set(last.time, last);
    this.#series.update(this.#point(last));
    this.#describe();
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
    this.#series.setData(
      points.map((entry) => (entry.candle ? this.#point(entry.candle, theme) : { time: entry.time })),
    );
    this.#box.dataset.holed = String(
      this.#candles.filter((candle) => isHoled(candle, this.#seconds)).length,
    );
    this.#box.dataset.shortened = String(shortened);
    this.#box.dataset.blanks = String(points.length - this.#candles.length);
    this.#describe();
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

  #onKey(event) {
    const keys = {
      ArrowLeft: () => this.#pointAt((this.#cursor ?? this.#candles.length) - 1),
      ArrowRight: () => this.#pointAt((this.#cursor ?? this.#candles.length - 2) + 1),
      "+": () => this.#zoom(1.25),
      "=": () => this.#zoom(1.25),
      "-": () => this.#zoom(0.8),
      Home: () => this.#chart.timeScale().fitContent(),
      End: () => this.#chart.timeScale().scrollToRealTime(),
      Escape: () => this.#pointNowhere(),
    };
    if (keys[event.key] && this.#candles.length > 0 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#unfit();
      keys[event.key]();
    }
  }

  #unfit() {
    this.#fitted = false;
  }

  #pointAt(index) {
    this.#cursor = Math.max(0, Math.min(this.#candles.length - 1, index));
    const candle = this.#candles[this.#cursor];
    const scale = this.#chart.timeScale();
    const view = scale.getVisibleRange();
    if (view && (candle.time < view.from || candle.time > view.to)) {
      const half = (view.to - view.from) / 2;
      scale.setVisibleRange({ from: candle.time - half, to: candle.time + half });
    }
    this.#chart.setCrosshairPosition(candle.close, candle.time, this.#series);
    this.#onHover(candle, true);
  }

  #pointNowhere() {
    this.#cursor = null;
    this.#chart.clearCrosshairPosition();
    this.#onHover(null, false);
  }

  #zoom(factor) {
    const scale = this.#chart.timeScale();
    scale.applyOptions({ barSpacing: Math.max(0.5, Math.min(widestSpacing, scale.options().barSpacing * factor)) });
  }
}
