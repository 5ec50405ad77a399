/* What the page asked for in vain, shown as notices under the head. Each question keeps its own
 * failure, and takes it back when it works again. */
import { byId, setText } from "./dom.js";
import { awaySince, onContact } from "./state/contact.js";
import { noticesOf } from "./state/notices.js";

const failures = new Map();
let waiting = { waitingFor: null, noNews: null };

function show(id, text) {
  byId(id).hidden = text === null;
  setText(byId(`${id}-text`), text ?? "");
}

function draw() {
  const notices = noticesOf({ ...waiting, awaySince: awaySince(), failures: [...failures.values()] });
  show("waiting", notices.waiting);
  show("no-news", notices.noNews);
  show("problem", notices.problem);
}

/* The question `cause` has failed: `what`, such as "coins", could not be loaded. `error` null: it works. */
export function failure(cause, what, error) {
  if (error === null) {
    failures.delete(cause);
  } else {
    failures.set(cause, { what, why: error.message });
  }
  draw();
}

/* A problem in words of its own; null: it is over. */
export function problem(cause, text) {
  if (text === null) {
    failures.delete(cause);
  } else {
    failures.set(cause, { what: null, why: text });
  }
  draw();
}

/* What the status says is waited for, or why nothing new comes; null: neither. */
export function setWaiting(waitingFor, noNews) {
  waiting = { waitingFor, noNews };
  draw();
}

/* Runs `work` until it succeeds, saying what failed meanwhile; slower each time. Gives its result,
 * or null when `wanted()` became false. */
export async function untilItWorks(cause, what, work, wanted = () => true) {
  for (let waitMs = 1000; wanted(); waitMs = Math.min(waitMs * 2, 10000)) {
    try {
      const result = await work();
      failure(cause, what, null);
      return result;
    } catch (error) {
      if (!wanted()) {
        break;
      }
      failure(cause, what, error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  failure(cause, what, null);
  return null;
}

onContact(draw);
