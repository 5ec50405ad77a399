/* The coins as data: from the API, moved on by live ticks. */
import { decimalsFor, known } from "./format.js";

function number(value) {
  return known(value) ? value : null;
}

export function fromApi(row) {
  const last = number(row.last);
  const change = number(row.change_24h);
  return {
    symbol: row.coin,
    name: row.name ?? row.coin,
    last,
    timeMs: row.time ? Date.parse(row.time) : null,
    firstMs: row.first_time ? Date.parse(row.first_time) : null,
    change,
    relative: number(row.change_24h_relative),
    base: last !== null && change !== null ? last - change : null,
    high: number(row.high_24h),
    low: number(row.low_24h),
    bid: number(row.bid),
    ask: number(row.ask),
    volume: number(row.volume_24h), /* of 24 hours */
    decimals: decimalsFor([row.last, row.high_24h, row.low_24h]),
    service: row.service ?? null,
    offers: row.candles ?? [{ of: "ticker" }],
  };
}

/* Keeps what is newer here: a tick may have overtaken the API's answer. */
export function refresh(known, fresh) {
  fresh.decimals = Math.max(fresh.decimals, known.decimals);
  if (known.timeMs !== null && (fresh.timeMs === null || known.timeMs > fresh.timeMs)) {
    applyPrice(fresh, known.last, known.timeMs);
    Object.assign(fresh, { bid: known.bid, ask: known.ask, volume: known.volume });
  }
  return fresh;
}

/* The last price moved; change, high and low move with it until the API is asked again. */
export function applyPrice(coin, price, timeMs) {
  coin.last = price;
  coin.timeMs = timeMs;
  coin.decimals = Math.max(coin.decimals, decimalsFor([price]));
  if (coin.base !== null) {
    coin.change = price - coin.base;
    coin.relative = coin.base > 0 ? coin.change / coin.base : null;
  }
  coin.high = coin.high === null ? null : Math.max(coin.high, price);
  coin.low = coin.low === null ? null : Math.min(coin.low, price);
}

/* What a tick reports of its market beside the price. */
export function applyMarket(coin, tick) {
  coin.bid = number(tick.bid);
  coin.ask = number(tick.ask);
  coin.volume = number(tick.volume);
}

/* In what the coin's volume of 24 hours is counted: "BTC" for "BTC/USD"; "" where the name does not
 * say it. */
export function volumeUnit(coin) {
  return coin.name.includes("/") ? coin.name.split("/")[0] : "";
}
