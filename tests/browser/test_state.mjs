/* What the badge and the notices say, by tables of facts: node --test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { badgeOf, intervalOf, shortly } from "../../web/js/state/badge.js";
import { noticesOf } from "../../web/js/state/notices.js";

const now = Date.UTC(2026, 10, 29, 18, 0, 0);
const second = 1000;
const facts = {
  awaySince: null,
  known: true,
  waitingFor: null,
  noNews: null,
  now,
  newestMs: now - 2 * second,
  intervalMs: 5 * second,
  replay: null,
  madeUp: null,
  polled: false,
};
const running = { speed: 600, share: 0.4399, finished: false };
const finished = { speed: 600, share: 1, finished: true };

/* What differs from the facts above, and what is said. */
const cases = [
  [{}, "live", "Live", "2\u00a0s ago"],
  [{ newestMs: now + 3 * second }, "live", "Live", "0 s ago"], // a clock that is behind
  [{ newestMs: now - 15 * second }, "live", "Live", "15\u00a0s ago"],
  [{ newestMs: now - 16 * second }, "stale", "Stale", "newest price 16\u00a0s ago"],
  [{ newestMs: now - 16 * second, intervalMs: 10 * second }, "live", "Live", "16\u00a0s ago"],
  [{ newestMs: now - 61 * second, intervalMs: null }, "stale", "Stale", "newest price 1\u00a0min 1\u00a0s ago"],
  [{ newestMs: now - 59 * second, intervalMs: null }, "live", "Live", "59\u00a0s ago"],
  [{ newestMs: null }, "none", "No price yet", ""],
  [{ known: false, newestMs: null }, "connecting", "Connecting", ""],
  [{ waitingFor: "the first price from Bitfinex" }, "waiting", "Waiting for the first price from Bitfinex", ""],
  [{ waitingFor: "Kafka (no answer within 3 s)" }, "waiting", "Waiting for Kafka", ""],
  [{ noNews: "Kafka is away (no answer)" }, "stored", "Stored data", "until 2026-11-29 17:59"],
  [{ noNews: "nothing is in the topic", newestMs: null }, "stored", "Stored data", ""],
  [{ replay: running, newestMs: Date.UTC(2026, 10, 28, 5, 30) }, "replay", "Replay ×600", "at 2026-11-28 05:30, 43\u2009%"],
  [{ replay: { ...running, speed: null, share: null }, newestMs: null }, "replay", "Replay", ""],
  [{ replay: finished, newestMs: Date.UTC(2026, 10, 29, 17, 59, 55) }, "finished", "Replay finished", "at 2026-11-29 17:59"],
  [{ madeUp: "Synthetic data" }, "synthetic", "Synthetic data", "2\u00a0s ago"],
  [{ madeUp: "Synthetic data", newestMs: now - 60 * second }, "stale", "Stale", "newest price 1\u00a0min ago"],
  [{ polled: true }, "live", "Live, asked every 5 s", "2\u00a0s ago"],
  [{ polled: true, replay: finished }, "finished", "Replay finished", "at 2026-11-29 17:59"],
  [{ awaySince: now - 90 * second, waitingFor: "Kafka", known: false }, "away", "Server away since 17:58:30", ""],
];

test("the badge says the first state that fits", () => {
  for (const [differs, state, words, detail] of cases) {
    const got = badgeOf({ ...facts, ...differs });
    assert.deepEqual([got.state, got.words, got.detail], [state, words, detail], JSON.stringify(differs));
  }
});

test("prices are said to flow only where they do", () => {
  const flowing = cases.map(([differs]) => badgeOf({ ...facts, ...differs })).filter(({ flows }) => flows);
  assert.deepEqual([...new Set(flowing.map(({ state }) => state))].sort(), ["live", "replay", "synthetic"]);
});

test("the interval is that of the sources of prices which are polled", () => {
  assert.equal(intervalOf([]), null);
  assert.equal(intervalOf([{ kind: "trade", interval_ms: null }]), null);
  const sources = [
    { kind: "ticker", interval_ms: 120000 },
    { kind: "ticker", interval_ms: 5000 },
    { kind: "news", interval_ms: 1000 },
    { kind: "ticker" },
  ];
  assert.equal(intervalOf(sources), 5000);
});

test("the badge names what is waited for without its reason", () => {
  assert.equal(shortly("a consumer: the group has no members"), "a consumer");
  assert.equal(shortly("demo-1 (POST http://x:1/y)"), "demo-1");
});

const quiet = { awaySince: null, waitingFor: null, noNews: null, failures: [] };

test("one cause is told once", () => {
  const store = "the store at http://127.0.0.1:8181 does not answer";
  const member = "demo-1 (POST http://127.0.0.1:8181/api/v3/write_lp: connection refused)";
  assert.deepEqual(noticesOf(quiet), { waiting: null, noNews: null, problem: null });
  const one = noticesOf({
    ...quiet,
    waitingFor: member,
    failures: [
      { what: "coins", why: store },
      { what: "candles of BTC/USD", why: "GET http://127.0.0.1:8181/api/v3/query_sql: connection refused" },
    ],
  });
  assert.equal(one.waiting, null, "the failure tells it");
  assert.equal(one.problem, `Coins and candles of BTC/USD could not be loaded: ${store}. Trying again.`);
  const two = noticesOf({
    ...quiet,
    waitingFor: "the first price from Bitfinex",
    failures: [
      { what: "coins", why: store },
      { what: "news", why: "the page takes no news." },
      { what: null, why: "Words of its own" },
    ],
  });
  assert.equal(two.waiting, "the first price from Bitfinex");
  assert.equal(
    two.problem,
    `Coins could not be loaded: ${store}. Trying again. News could not be loaded: the page takes no news. ` +
      "Trying again. Words of its own.",
  );
});

test("Kafka away comes with the remedy, and a program that is away is the only news", () => {
  const kafka = noticesOf({ ...quiet, waitingFor: "Kafka (no answer)" });
  assert.match(kafka.waiting, /^Kafka \(no answer\)\. It goes on by itself .*\.\/launch\.sh/);
  const away = noticesOf({
    awaySince: Date.UTC(2026, 10, 29, 19, 34, 14),
    waitingFor: "Kafka (no answer)",
    noNews: "nothing is in the topic",
    failures: [{ what: "coins", why: "the program does not answer" }],
  });
  assert.deepEqual([away.waiting, away.noNews], [null, null]);
  assert.match(away.problem, /has not answered since 19:34:14 UTC/);
});
