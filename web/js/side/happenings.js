/* What happened, as people tell it: stored events that belong together are one happening, such as the
 * going and the coming back of a broker. Pure. Times are ms. */
import * as format from "../format.js";

const togetherMs = 8000; /* assignments this near are one rebalance */

/* A happening is { id, time, end, tone, icon, title, words, mark, coins }: `end` null is an instant, and
 * Infinity has not ended. tone: "down", "up" or "info". mark: its name on the chart. coins: those it is
 * about; null: not of coins. */
function happening(id, time, more) {
  return { id, time, end: null, tone: "info", icon: "●", title: "", words: "", mark: "", coins: null, ...more };
}

export function timeOf(event) {
  return Date.parse(event.time);
}

function idOf(event) {
  return `${event.what} ${event.subject} ${event.time}`;
}

/* "broker/2" is "Broker 2", "consumer-1" is "Member consumer-1". */
function nameOf(event) {
  return event.what.startsWith("broker_")
    ? `Broker ${event.subject.replace(/^broker\//, "")}`
    : `Member ${event.subject}`;
}

/* How many partitions a detail such as "tickers 0,1,2" names. */
function partitionsIn(detail) {
  return (detail ?? "").split(" ").slice(1).join("").split(",").filter(Boolean).length;
}

function sum(numbers) {
  return numbers.reduce((all, one) => all + one, 0);
}

function partitionWords(count) {
  return `${count} ${count === 1 ? "partition" : "partitions"}`;
}

function rebalanceOf(changes) {
  const of = (what) => changes.filter((event) => event.what === what);
  const counted = (what) => sum(of(what).map((event) => partitionsIn(event.detail)));
  const takers = [...new Set(of("assigned").map((event) => event.subject))];
  const time = timeOf(changes[0]);
  const lasted = timeOf(changes.at(-1)) - time;
  const words = [
    takers.length > 0 ? `${takers.join(", ")} took ${partitionWords(counted("assigned"))}` : null,
    counted("revoked") > 0 ? `${partitionWords(counted("revoked"))} given up` : null,
    lasted >= 1000 ? format.span(lasted) : null,
  ];
  return happening(`rebalance ${changes[0].time}`, time, {
    icon: "⟳",
    title: "Rebalance",
    words: words.filter(Boolean).join(", "),
  });
}

function rebalances(events) {
  const groups = [];
  for (const event of events.filter(({ what }) => what === "assigned" || what === "revoked")) {
    if (groups.length > 0 && timeOf(event) - timeOf(groups.at(-1).at(-1)) <= togetherMs) {
      groups.at(-1).push(event);
    } else {
      groups.push([event]);
    }
  }
  return groups.map(rebalanceOf);
}

/* Pairs of what goes and what comes back, by subject; what has no partner stays alone. Gives
 * [gone or null, back or null]. */
function pairs(events, isGone, isBack) {
  const open = new Map();
  const found = [];
  for (const event of events) {
    if (isGone(event)) {
      const pair = [event, null];
      open.set(event.subject, pair);
      found.push(pair);
    } else if (isBack(event)) {
      const pair = open.get(event.subject);
      open.delete(event.subject);
      if (pair) {
        pair[1] = event;
      } else {
        found.push([null, event]);
      }
    }
  }
  return found;
}

/* "Broker 2" is "broker 2", "Member consumer-1" is "consumer-1". */
function markOf(name) {
  return name.replace(/^(Member|Source) /, "").replace(/^B/, "b");
}

function awayOf([gone, back], name) {
  if (!gone) {
    return happening(idOf(back), timeOf(back), { tone: "up", icon: "✔", title: `${name} back`, mark: markOf(name) });
  }
  const end = back ? timeOf(back) : Infinity;
  return happening(idOf(gone), timeOf(gone), {
    end,
    tone: "down",
    icon: "✖",
    title: `${name} away`,
    mark: markOf(name),
    words: back ? format.span(end - timeOf(gone)) : "not back yet",
  });
}

function absences(events) {
  return ["broker", "member"].flatMap((kind) =>
    pairs(
      events,
      ({ what }) => what === `${kind}_away`,
      ({ what }) => what === `${kind}_back`,
    ).map((pair) => awayOf(pair, nameOf(pair[0] ?? pair[1]))),
  );
}

/* A source that ended and started again was away meanwhile. */
function restarts(events) {
  const found = pairs(
    events,
    ({ what }) => what === "ended",
    ({ what }) => what === "started",
  );
  return found.map((pair) => {
    const [ended, started] = pair;
    const name = `Source ${(ended ?? started).subject}`;
    return started && !ended
      ? happening(idOf(started), timeOf(started), { tone: "up", icon: "▶", title: `${name} started`, mark: markOf(name) })
      : { ...awayOf(pair, name), icon: "■" };
  });
}

function drills(events) {
  const some = events.filter(({ what }) => what === "drill");
  const begins = ({ detail }) => detail !== "end";
  return pairs(some, begins, (event) => !begins(event)).map(([begun, ended]) => {
    const first = begun ?? ended;
    const end = begun && ended ? timeOf(ended) : null;
    const detail = first.detail === "begin" || first.detail === "end" ? null : first.detail;
    const words = [detail, end === null ? null : format.span(end - timeOf(first))];
    return happening(idOf(first), timeOf(first), {
      end,
      tone: "down",
      icon: "⚡",
      title: `Drill ${first.subject}`,
      mark: first.subject,
      words: words.filter(Boolean).join(", "),
    });
  });
}

const closings = {
  whole: "refilled",
  exchange_has_no_more: "the exchange has no more of it",
  too_old: "too old to be refilled",
  given_up: "not refilled",
};

/* The holes of single coins, [{ coin, source, from, to, cause, closed }]: `to` Infinity has not ended,
 * and `closed` is the detail of its hole_closed, or null. */
export function holes(events) {
  const closed = new Map(
    events
      .filter(({ what }) => what === "hole_closed")
      .map((event) => [`${event.subject} ${event.source} ${event.begin}`, event]),
  );
  return events
    .filter(({ what, begin }) => what === "hole" && begin !== null)
    .map((event) => {
      const closing = closed.get(`${event.subject} ${event.source} ${event.begin}`);
      const end = closing?.end ?? event.end;
      return {
        coin: event.subject,
        source: event.source,
        from: Date.parse(event.begin),
        to: end === null ? Infinity : Date.parse(end),
        cause: event.detail ?? "",
        closed: closing?.detail ?? null,
      };
    });
}

/* A lost connection is a hole of each of its coins: one happening. */
function holesTogether(events) {
  const groups = new Map();
  for (const hole of holes(events)) {
    const key = [hole.source, hole.from, hole.to, hole.cause, hole.closed].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), hole]);
  }
  return [...groups].map(([key, group]) => {
    const [{ coin, from, to, cause, closed, source }] = group;
    const lasted = to === Infinity ? "its end is not known yet" : format.span(to - from);
    return happening(`hole ${key}`, from, {
      end: to,
      tone: closed === "whole" ? "info" : "down",
      icon: "▨",
      title: group.length === 1 ? `Hole of ${coin}` : `Hole of ${group.length} coins`,
      words: [lasted, cause, closings[closed] ?? closed, source].filter(Boolean).join(", "),
      coins: group.map((hole) => hole.coin),
    });
  });
}

const toldAbove = new Set(
  "assigned revoked broker_away broker_back member_away member_back ended started drill hole hole_closed".split(" "),
);
const ofCoins = new Set(["trade_changed", "bar_changed"]);

/* Whatever else was stored, by the words that it was stored with. */
function others(events) {
  return events
    .filter(({ what }) => !toldAbove.has(what))
    .map((event) =>
      happening(idOf(event), timeOf(event), {
        tone: event.what === "lost" ? "down" : "info",
        icon: event.what === "lost" ? "✖" : "●",
        title: `${event.subject}: ${event.what.replaceAll("_", " ")}`,
        words: event.detail ?? "",
        coins: ofCoins.has(event.what) ? [event.subject] : null,
      }),
    );
}

/* The happenings of the events of /api/history, the newest first. */
export function happenings(events) {
  const inOrder = [...events].sort((a, b) => timeOf(a) - timeOf(b));
  return [rebalances, absences, restarts, drills, holesTogether, others]
    .flatMap((tell) => tell(inOrder))
    .sort((a, b) => b.time - a.time);
}
