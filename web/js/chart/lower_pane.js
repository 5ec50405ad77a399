/* The pane below the candles: their volume, or of how many ticks each is made where its records have
 * no volume. A volume that a ticker reports is one of 24 hours, never a candle's. */
import { createTextWatermark, HistogramSeries } from "lightweight-charts";
import { isHoled } from "../candles.js";
import * as format from "../format.js";
import { measureOf } from "./measure.js";

const share = 0.2; /* of the height of the candles */

export class LowerPane {
  #chart;
  #series = null;
  #label = null;
  #measure = null;
  #seconds = 60;
  #theme = null;

  constructor(chart) {
    this.#chart = chart;
  }

  get measure() {
    return this.#measure;
  }

  /* All candles anew. `unit`: of the volume; `of`: the kind of records. */
  show(candles, { seconds, unit, of, theme }) {
    const measure = measureOf(candles);
    this.#seconds = seconds;
    this.#theme = theme;
    if (candles.length > 0 && measure !== this.#measure) {
      this.#measure = measure;
      this.#open(measure !== null);
    }
    if (this.#series) {
      this.#series.setData(candles.map((candle) => this.#bar(candle)));
      this.#name(unit, of);
    }
  }

  /* The newest candle changed. */
  update(candle) {
    this.#series?.update(this.#bar(candle));
  }

  #open(wanted) {
    if (!wanted && this.#series) {
      this.#label.detach();
      this.#chart.removeSeries(this.#series);
      this.#series = null;
    } else if (wanted && !this.#series) {
      this.#series = this.#chart.addSeries(HistogramSeries, { priceLineVisible: false, lastValueVisible: false }, 1);
      const pane = this.#chart.panes()[1];
      pane.setStretchFactor(share);
      this.#chart.panes()[0].setStretchFactor(1);
      this.#series.priceScale().applyOptions({ scaleMargins: { top: 0.28, bottom: 0 }, entireTextOnly: true });
      this.#label = createTextWatermark(pane, { horzAlign: "left", vertAlign: "top", lines: [] });
    }
    this.#series?.applyOptions({
      priceFormat: { type: "custom", minMove: 1e-8, formatter: (value) => format.compact(value) },
    });
  }

  #name(unit, of) {
    const records = { ticker: "Ticks", trade: "Trades", bar: "Trades" }[of];
    const text = this.#measure === "volume" ? `Volume${unit ? `, ${unit}` : ""}` : `${records} per candle`;
    this.#label.applyOptions({
      lines: [{ text, color: this.#theme.muted, fontSize: 11, fontFamily: this.#theme.font, lineHeight: 18 }],
    });
  }

  /* A candle whose volume or ticks are not known is a gap. */
  #bar(candle) {
    const value = candle[this.#measure];
    if (!format.known(value)) {
      return { time: candle.time };
    }
    const { up, down, lineStrong, accent } = this.#theme;
    const tone = candle.close < candle.open ? down : up;
    const colour = this.#measure === "volume" ? `${tone}88` : isHoled(candle, this.#seconds) ? accent : lineStrong;
    return { time: candle.time, value, color: colour };
  }
}
