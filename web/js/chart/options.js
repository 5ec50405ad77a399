/* How the chart looks and moves. */
import { CrosshairMode, LineStyle } from "lightweight-charts";
import * as format from "../format.js";

export const defaultSpacing = 8;
/* A few candles alone are candles still, not walls. */
export const widestSpacing = 32;
export const rightMargin = 4; /* empty bars after the newest candle */

export const fixedOptions = {
  autoSize: true,
  /* The library's own logo brings inline styles; its link stands in the page's foot instead. */
  layout: { fontSize: 12, attributionLogo: false },
  rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.08 }, entireTextOnly: true },
  timeScale: {
    timeVisible: true,
    secondsVisible: false,
    rightOffset: rightMargin,
    barSpacing: defaultSpacing,
    minBarSpacing: 0.05,
    maxBarSpacing: widestSpacing,
    fixLeftEdge: true,
  },
  /* A finger that moves up or down scrolls the page. */
  handleScroll: { vertTouchDrag: false },
  localization: { locale: "en-GB", timeFormatter: (time) => `${format.minute(time * 1000)} UTC` },
};

export function themeOptions(theme) {
  return {
    layout: {
      background: { color: theme.card },
      textColor: theme.muted,
      fontFamily: theme.font,
      panes: { separatorColor: theme.line, separatorHoverColor: theme.lineStrong },
    },
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

export function seriesOptions(theme) {
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
