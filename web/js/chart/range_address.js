/* The range in view as the address holds it: from= and to= in UTC. */
import * as address from "../address.js";

/* "2026-11-30T20:41:00Z"; null for null. */
export function addressTime(seconds) {
  return seconds === null ? null : new Date(seconds * 1000).toISOString().replace(/\.\d+/, "");
}

/* { from, to } in seconds; `to` null: up to the newest candle. Null: the address holds none. */
export function rangeFromAddress() {
  const [from, to] = ["from", "to"].map((name) => Date.parse(address.get(name) ?? "") / 1000);
  return from < (Number.isNaN(to) ? Infinity : to) ? { from, to: Number.isNaN(to) ? null : to } : null;
}
