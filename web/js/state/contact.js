/* Whether the program answers at all, and since when it does not. Every question tells it here. */
const listeners = new Set();
let since = null;

/* Since when no question has been answered, in ms; null: it answers. */
export function awaySince() {
  return since;
}

export function answered() {
  if (since !== null) {
    since = null;
    listeners.forEach((listener) => listener());
  }
}

export function notAnswered(now = Date.now()) {
  if (since === null) {
    since = now;
    listeners.forEach((listener) => listener());
  }
}

/* Calls `listener` when the program has gone, and when it is back. */
export function onContact(listener) {
  listeners.add(listener);
}
