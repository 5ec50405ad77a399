/* What the page remembers between visits; nothing of it matters when storage is off or full. */
const prefix = "candlewick.";

export function remember(key, value) {
  try {
    if (value === null) {
      localStorage.removeItem(prefix + key);
    } else {
      localStorage.setItem(prefix + key, value);
    }
  } catch {
    /* as if nothing had been kept */
  }
}

export function recall(key) {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}
