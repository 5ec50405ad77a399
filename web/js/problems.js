/* What does not work right now, in words, in one place of the page. Each cause keeps its own line
 * and takes it back when it works again. */
import { byId, setText } from "./dom.js";

const open = new Map();

export function problem(cause, text) {
  if (text === null) {
    open.delete(cause);
  } else {
    open.set(cause, text);
  }
  const all = [...open.values()];
  setText(byId("problem-text"), all.join(" · "));
  byId("problem").hidden = all.length === 0;
}

/* Runs `work` until it succeeds, saying what failed meanwhile; slower each time. Gives its result,
 * or null when `wanted()` became false. */
export async function untilItWorks(cause, what, work, wanted = () => true) {
  for (let waitMs = 1000; wanted(); waitMs = Math.min(waitMs * 2, 10000)) {
    try {
      const result = await work();
      problem(cause, null);
      return result;
    } catch (error) {
      if (!wanted()) {
        break;
      }
      problem(cause, `${what}: ${error.message}. Trying again.`);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  problem(cause, null);
  return null;
}
