/* What the badge in the head says: the first state of the table that fits the facts. Pure. */
import * as format from "../format.js";

const polls = 3; /* a price is stale when so many polls have brought no newer one */
const leastStaleMs = 15000;
const unknownStaleMs = 60000; /* of a source whose interval is not known: it pushes, or runs elsewhere */

/* "Kafka" of "Kafka (no answer within 3 s)", "a consumer" of "a consumer: the group has …" */
export function shortly(text) {
  return text.split(/ \(|: /)[0];
}

function staleAfter({ intervalMs }) {
  return intervalMs === null ? unknownStaleMs : Math.max(polls * intervalMs, leastStaleMs);
}

function age({ now, newestMs }) {
  return Math.max(0, now - newestMs);
}

function ago(facts) {
  return `${format.span(age(facts))} ago`;
}

function replayAt({ newestMs, replay }) {
  const share = format.known(replay.share) ? `${Math.floor(replay.share * 100)}\u2009%` : null;
  const at = newestMs === null ? null : `at ${format.minute(newestMs)}`;
  return [at, share].filter(Boolean).join(", ");
}

/* `words` is read out when it changes; `detail` moves all the time and is not. `flows`: prices come. */
const states = [
  {
    state: "away",
    fits: ({ awaySince }) => awaySince !== null,
    words: ({ awaySince }) => `Server away since ${format.clock(awaySince)}`,
  },
  { state: "connecting", fits: ({ known }) => !known, words: () => "Connecting" },
  {
    state: "waiting",
    fits: ({ waitingFor }) => waitingFor !== null,
    words: ({ waitingFor }) => `Waiting for ${shortly(waitingFor)}`,
  },
  {
    state: "stored",
    fits: ({ noNews }) => noNews !== null,
    words: () => "Stored data",
    detail: ({ newestMs }) => (newestMs === null ? "" : `until ${format.minute(newestMs)}`),
  },
  {
    state: "finished",
    fits: ({ replay }) => replay?.finished === true,
    words: () => "Replay finished",
    detail: ({ newestMs }) => (newestMs === null ? "" : `at ${format.minute(newestMs)}`),
  },
  {
    state: "replay",
    fits: ({ replay }) => replay !== null,
    words: ({ replay }) => (format.known(replay.speed) ? `Replay ×${replay.speed}` : "Replay"),
    detail: replayAt,
    flows: true,
  },
  { state: "none", fits: ({ newestMs }) => newestMs === null, words: () => "No price yet" },
  {
    state: "stale",
    fits: (facts) => age(facts) > staleAfter(facts),
    words: () => "Stale",
    detail: (facts) => `newest price ${ago(facts)}`,
  },
  {
    state: "synthetic",
    fits: ({ madeUp }) => madeUp !== null,
    words: ({ madeUp }) => madeUp,
    detail: ago,
    flows: true,
  },
  { state: "live", fits: () => true, words: () => "Live", detail: ago, flows: true },
];

/* facts: {
 *   awaySince: ms | null,   since when the program has not answered
 *   known,                  its status is known
 *   waitingFor, noNews: text | null,
 *   now: ms,                by the program's clock
 *   newestMs: ms | null,    the time of the newest price of all coins
 *   intervalMs: ms | null,  between two polls
 *   replay: { speed, share, finished } | null,
 *   madeUp: text | null,    how the prices are made up
 *   polled }                there is no event stream: this page asks by itself */
export function badgeOf(facts) {
  const { state, words, detail, flows = false } = states.find(({ fits }) => fits(facts));
  const polled = flows && facts.polled;
  return {
    state,
    words: words(facts) + (polled ? ", asked every 5 s" : ""),
    detail: detail?.(facts) ?? "",
    flows,
  };
}

/* The shortest interval of the sources of prices; null if none is polled. */
export function intervalOf(sources) {
  const known = sources.filter(({ kind }) => kind === "ticker").map((source) => source.interval_ms);
  const intervals = known.filter(format.known);
  return intervals.length > 0 ? Math.min(...intervals) : null;
}
