/* The reader's favourites, kept in the browser. A favourite is an asset's ticker, so that Bitcoin is one
 * whoever its price is from; a coin that is of no asset is meant by its own name. */
import { recall, remember } from "./storage.js";

const most = 200; /* as many as one question about news may name */
const listeners = new Set();
const chosen = new Set(load());

function load() {
  try {
    const names = JSON.parse(recall("favourites") ?? "[]");
    return Array.isArray(names) ? names.filter((name) => /^[\w:.^=-]{1,64}$/.test(name)).slice(0, most) : [];
  } catch {
    return [];
  }
}

export function favouriteName(row) {
  return row.asset?.ticker ?? row.coin;
}

export function isFavourite(name) {
  return chosen.has(name);
}

export function favourites() {
  return [...chosen];
}

export function toggleFavourite(name) {
  if (!chosen.delete(name) && chosen.size < most) {
    chosen.add(name);
  }
  remember("favourites", chosen.size > 0 ? JSON.stringify([...chosen]) : null);
  listeners.forEach((listener) => listener());
}

export function onFavourites(listener) {
  listeners.add(listener);
}
