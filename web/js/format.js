/* Numbers, times and spans as people read them. All times are UTC. */
const numberFormats = new Map();
const minus = "\u2212";
export const none = "–";

function grouped(value, decimals) {
  let format = numberFormats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    numberFormats.set(decimals, format);
  }
  return format.format(value).replace("-", minus);
}

export function known(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/* Digits after the point that `value` was written with: 0.25 has 2, 4e-8 has 8. */
function digitsAfterPoint(value) {
  const [digits, exponent] = String(value).split("e");
  const written = digits.includes(".") ? digits.split(".")[1].length : 0;
  return Math.max(0, written - Number(exponent ?? 0));
}

/* As many decimals as the prices have, but no more than their size makes sense of. */
export function decimalsFor(prices) {
  let most = 2;
  let largest = 0;
  for (const price of prices) {
    if (known(price) && price > 0) {
      most = Math.max(most, digitsAfterPoint(price));
      largest = Math.max(largest, price);
    }
  }
  const size = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
  return Math.min(most, Math.max(2, 5 - size), 14);
}

export function price(value, decimals) {
  return known(value) ? grouped(value, decimals) : none;
}

export function count(value) {
  return known(value) ? grouped(value, 0) : none;
}

const volumes = new Intl.NumberFormat("en-US", { maximumFractionDigits: 8 });

/* A sum of amounts, which have at most 8 decimals, without the noise of the sum. */
export function volume(value) {
  return known(value) ? volumes.format(value) : none;
}

const compacts = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 });

/* "1.935T", "12.4K" */
export function compact(value) {
  return known(value) ? compacts.format(value).replace("-", minus) : none;
}

/* An amount that is traded: "0.25", "1,737", "3.284M". */
export function amount(value) {
  if (!known(value) || value >= 1e6) {
    return compact(value);
  }
  const digits = value < 10 ? 4 : value < 1000 ? 2 : 0;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/* "5 ms", "1.5 s" */
export function seconds(value) {
  if (!known(value)) {
    return none;
  }
  return value < 1 ? `${grouped(value * 1000, 0)}\u00a0ms` : `${volumes.format(value)}\u00a0s`;
}

export function rate(value) {
  return known(value) ? grouped(value, value > 0 && value < 100 ? 1 : 0) : none;
}

export function signed(value, decimals) {
  if (!known(value)) {
    return none;
  }
  const rounded = Number(value.toFixed(decimals)) + 0; /* no minus before a zero */
  return (rounded > 0 ? "+" : "") + grouped(rounded, decimals);
}

export function percent(relative) {
  return known(relative) ? `${signed(relative * 100, 2)}\u2009%` : none;
}

export function bytes(value) {
  return known(value) ? (value < 1000 ? `${value} B` : `${grouped(value / 1000, 1)} kB`) : none;
}

function iso(ms) {
  return known(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null;
}

/* "09:24:05" */
export function clock(ms) {
  return iso(ms)?.slice(11, 19) ?? none;
}

/* "2026-11-21 09:24" */
export function minute(ms) {
  return iso(ms)?.slice(0, 16).replace("T", " ") ?? none;
}

/* "2026-11-21 09:24:05" */
export function moment(ms) {
  return iso(ms)?.slice(0, 19).replace("T", " ") ?? none;
}

/* The clock alone for the last 20 hours, with the date before that. */
export function recent(ms, now = Date.now()) {
  return known(ms) && Math.abs(now - ms) < 72e6 ? clock(ms) : moment(ms);
}

/* "8 s", "4 min 10 s", "2 h 5 min", "3 d 4 h" */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) {
    return "0 s";
  }
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}\u00a0${unit}`)
    .join(" ");
}

/* How old something is, from seconds: "0 s", "< 1 s", "4 min 10 s". */
export function age(seconds) {
  if (!known(seconds)) {
    return none;
  }
  return seconds > 0 && seconds < 1 ? "<\u00a01\u00a0s" : span(seconds * 1000);
}

/* +1, -1 or 0: which colour and arrow a change has that is shown with so many decimals (null: all). What is shown
 * as 0 has none. */
export function direction(value, decimals = null) {
  return known(value) ? Math.sign(decimals === null ? value : Number(value.toFixed(decimals))) + 0 : 0;
}

/* The same of a relative change, which percent() shows. */
export function directionOfPercent(relative) {
  return known(relative) ? direction(relative * 100, 2) : 0;
}
