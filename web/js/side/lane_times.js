/* Who was there when: a lane a member, one for the brokers, one for the producers. Pure. Times are ms. */
import { timeOf } from "./happenings.js";

const togetherMs = 8000; /* assignments this near are of one rebalance */
const toldWithinMs = 150000; /* a source tells once a minute what it has covered */

function inOrder(events) {
  return [...events].sort((a, b) => timeOf(a) - timeOf(b));
}

/* "tickers 0,1" as "tickers 0" and "tickers 1". */
function partitionsOf(detail) {
  const [topic, numbers = ""] = (detail ?? "").split(" ");
  return numbers
    .split(",")
    .filter(Boolean)
    .map((number) => `${topic} ${number}`);
}

/* Whether `event` is the first assignment of another group of that name: its generations begin again, as
 * after a restart of a cluster that ends with its program. */
function isOfAnotherGroup(event, last) {
  return (
    last !== null &&
    event.number !== null &&
    last.number !== null &&
    event.number <= last.number &&
    timeOf(event) - timeOf(last) > togetherMs
  );
}

/* The times in which a member had partitions. Of those it had before the first event that is known
 * only some may be known: then it has some until it is away, or lost them. What it had of a former
 * group ended with that, as the sources did: endings are the times at which these ended. */
function memberBars(events, isBefore, endings, to) {
  const owned = new Set();
  const bars = [];
  let since = null;
  let unsure = false;
  let last = null; /* its newest assignment */
  const close = (time) => {
    if (since !== null && time > since) {
      bars.push({ from: since, to: time });
    }
    since = null;
    unsure = false;
    owned.clear();
  };
  for (const event of events) {
    const time = timeOf(event);
    if (event.what === "assigned") {
      if (isOfAnotherGroup(event, last)) {
        const after = timeOf(last);
        close(endings.findLast((ending) => ending > after && ending <= time) ?? after);
      }
      last = event;
      partitionsOf(event.detail).forEach((partition) => owned.add(partition));
      unsure ||= isBefore(event);
      since ??= time;
    } else if (event.what === "revoked") {
      partitionsOf(event.detail).forEach((partition) => owned.delete(partition));
      if (owned.size === 0 && !unsure) {
        close(time);
      }
    } else if (event.what === "lost" || event.what === "member_away") {
      close(time);
    }
  }
  close(to);
  return bars;
}

const ofMembers = new Set(["assigned", "revoked", "lost", "member_away"]);

function memberLanes({ events, before }, to) {
  const known = new Set(before);
  const bySubject = new Map();
  const endings = inOrder(events.filter(({ what }) => what === "ended")).map(timeOf);
  for (const event of inOrder([...before, ...events]).filter(({ what }) => ofMembers.has(what))) {
    bySubject.set(event.subject, [...(bySubject.get(event.subject) ?? []), event]);
  }
  return [...bySubject]
    .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([name, list]) => ({ name, kind: "member", bars: memberBars(list, (event) => known.has(event), endings, to) }));
}

/* All brokers are one lane: where one is away, its part is `away`. */
function brokerLane({ events, before }, from, to, count) {
  const bars = [];
  const away = new Set();
  let since = from;
  const until = (time) => {
    if (time > since) {
      const words = count === null ? `${away.size} away` : `${Math.max(0, count - away.size)} of ${count}`;
      bars.push({ from: since, to: time, away: away.size > 0, words: away.size > 0 ? words : "" });
    }
    since = Math.max(since, time);
  };
  for (const event of inOrder([...before, ...events])) {
    if (event.what === "broker_away" || event.what === "broker_back") {
      until(timeOf(event));
      away[event.what === "broker_away" ? "add" : "delete"](event.subject);
    }
  }
  until(to);
  return { name: "brokers", kind: "brokers", bars };
}

/* The times in which at least one connection of a source listened; one that did a moment ago still does. */
export function listening(spans, now) {
  const found = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (found.length > 0 && from <= found.at(-1).to) {
      found.at(-1).to = Math.max(found.at(-1).to, to);
    } else {
      found.push({ from, to });
    }
  }
  const last = found.at(-1);
  if (last && now - last.to < toldWithinMs) {
    last.to = Math.max(last.to, now);
  }
  return found;
}

export function spansOf(covered) {
  return covered.map((span) => ({
    ...span,
    from: Date.parse(span.from),
    to: Date.parse(span.to),
  }));
}

/* The lanes of an answer of /api/history, up to `now`: [{ name, kind, bars: [{ from, to, away, words }] }].
 * `brokers`: how many the cluster has; null: unknown. */
export function lanes(answer, now, brokers) {
  const spans = spansOf(answer.covered);
  const times = [...answer.events, ...answer.before].map(timeOf); /* since then it is known who is away */
  const producers = { name: "producers", kind: "producers", bars: listening(spans, now) };
  return [
    ...memberLanes(answer, now),
    ...(brokers === null || times.length === 0 ? [] : [brokerLane(answer, Math.min(...times), now, brokers)]),
    ...(spans.length > 0 ? [producers] : []),
  ];
}
