/* What stands beside the chart, where it needs no browser: node --test. */
import assert from "node:assert/strict";
import { test } from "node:test";

const stub = { textContent: "", hidden: true };
globalThis.document = { getElementById: () => stub };

const { chartHoles, isOfCandles } = await import("../../web/js/side/chart_holes.js");
const { happenings, holes } = await import("../../web/js/side/happenings.js");
const { lanes } = await import("../../web/js/side/lane_times.js");
const { marksOf: eventMarks } = await import("../../web/js/side/event_marks.js");
const { marksOf } = await import("../../web/js/side/news_marks.js");
const { costWords, offBy, pollingCost } = await import("../../web/js/side/polling_cost.js");
const { moreWords } = await import("../../web/js/side/proof.js");

const hour = 3600000;
const start = Date.parse("2026-01-31T12:00:00Z");
const iso = (ms) => new Date(ms).toISOString();
const event = (subject, what, atMs, more = {}) => ({
  subject,
  what,
  time: iso(start + atMs),
  source: "demo",
  begin: null,
  end: null,
  number: null,
  detail: null,
  ...more,
});
const titles = (events) => happenings(events).map(({ title }) => title);

test("assignments that are near are one rebalance, and those that are not are two", () => {
  const events = [
    event("a", "assigned", 20000, { detail: "tickers 0,1" }),
    event("b", "assigned", 2000, { detail: "tickers 2" }),
    event("a", "revoked", 0, { detail: "tickers 0,1,2" }),
    event("a", "assigned", 1500, { detail: "bars 0" }),
  ];
  const told = happenings(events);
  assert.deepEqual(told.map(({ title }) => title), ["Rebalance", "Rebalance"]);
  assert.equal(told[1].words, "a, b took 2 partitions, 3 partitions given up, 2\u00a0s");
  assert.equal(told[0].words, "a took 2 partitions");
});

test("what goes and comes back is one happening with its length", () => {
  const told = happenings([
    event("broker/2", "broker_away", 0),
    event("broker/3", "broker_away", 1000),
    event("broker/2", "broker_back", 60000),
    event("c-1", "member_back", 70000),
    event("x", "ended", 80000),
    event("x", "started", 90000),
    event("y", "started", 95000),
    event("kill", "drill", 96000, { detail: "begin" }),
    event("kill", "drill", 99000, { detail: "end" }),
    event("c-1", "lost", 99500, { detail: "tickers 1" }),
    event("tX", "odd_word", 99900, { detail: "why" }),
  ]);
  assert.deepEqual(
    told.map(({ title, words }) => `${title}|${words}`),
    [
      "tX: odd word|why",
      "c-1: lost|tickers 1",
      "Drill kill|3\u00a0s",
      "Source y started|",
      "Source x away|10\u00a0s",
      "Member c-1 back|",
      "Broker 3 away|not back yet",
      "Broker 2 away|1\u00a0min",
    ],
  );
  assert.equal(told.find(({ title }) => title === "Broker 3 away").end, Infinity);
  assert.deepEqual(titles([]), []);
});

const hole = (coin, closing) => [
  event(coin, "hole", 5000, { source: "bitfinex-trades", begin: iso(start), detail: "connection lost" }),
  ...(closing
    ? [event(coin, "hole_closed", 9000, { source: "bitfinex-trades", begin: iso(start), end: iso(start + 8000), detail: closing })]
    : []),
];

test("a lost connection is one happening of all its coins; a coin's hole has its end and its cause", () => {
  const told = happenings([...hole("tA", null), ...hole("tB", null), ...hole("tC", "whole")]);
  assert.deepEqual(told.map(({ title }) => title).sort(), ["Hole of 2 coins", "Hole of tC"]);
  const closed = told.find(({ title }) => title === "Hole of tC");
  assert.equal(closed.words, "8\u00a0s, connection lost, refilled, bitfinex-trades");
  assert.deepEqual([closed.tone, closed.time, closed.end], ["info", start, start + 8000]);
  assert.equal(holes(hole("tA", null))[0].to, Infinity);
});

test("holes and times that nobody covered are hatched, with length and cause", () => {
  const covered = (from, to, source = "bitfinex/0") => ({ source, from: iso(start + from), to: iso(start + to), every_ms: 5000 });
  const now = start + 10 * hour;
  const answer = {
    events: [...hole("tA", "too_old"), event("bitfinex", "ended", 2 * hour), event("bitfinex", "started", 3 * hour)],
    before: [],
    covered: [
      covered(0, 2 * hour),
      covered(3 * hour, 5 * hour),
      covered(6 * hour, 10 * hour - 60000),
      covered(0, 9 * hour, "bitfinex-trades/0"),
      covered(0, hour, "coingecko/0"),
    ],
  };
  const ticks = chartHoles(answer, { coin: "tA", of: "ticker", source: null }, now);
  assert.deepEqual(
    ticks.map(({ words }) => words),
    ["no ticks: producer away 1\u00a0h", "no ticks: not covered 1\u00a0h"],
  );
  assert.deepEqual([ticks[0].from, ticks[0].to], [start / 1000 + 7200, start / 1000 + 10800]);
  const trades = chartHoles(answer, { coin: "tA", of: "trade", source: "bitfinex" }, now);
  assert.deepEqual(
    trades.map(({ words }) => words),
    ["no trades: connection lost 8\u00a0s", `no trades: not covered since ${iso(start + 9 * hour).slice(11, 19)}`],
  );
  assert.equal(chartHoles(answer, { coin: "tB", of: "trade", source: "bitfinex" }, now).length, 1, "another coin's hole");
  assert.deepEqual(chartHoles({ events: hole("tA", "whole"), covered: [] }, { coin: "tA", of: "trade", source: "bitfinex" }, now), []);
});

test("events are about candles of their own source and kind", () => {
  const cases = [
    ["bitfinex", { coin: "tA", of: "ticker", source: null }, true],
    ["synthetic", { coin: "tA", of: "ticker", source: null }, true],
    ["coingecko", { coin: "tA", of: "ticker", source: null }, false],
    ["coingecko", { coin: "cg:bitcoin", of: "ticker", source: null }, true],
    ["bitfinex-trades", { coin: "tA", of: "trade", source: "bitfinex" }, true],
    ["bitfinex-bars", { coin: "tA", of: "trade", source: "bitfinex" }, false],
    ["synthetic-trade", { coin: "tA", of: "trade", source: "synthetic" }, true],
    ["bitfinex", { coin: "tA", of: "trade", source: "bitfinex" }, false],
  ];
  for (const [source, chosen, want] of cases) {
    assert.equal(isOfCandles(source, chosen), want, `${source} ${JSON.stringify(chosen)}`);
  }
});

test("a member's lane begins with what was before, and ends with what it lost last", () => {
  const now = start + hour;
  const barsOf = (answer, name) =>
    lanes({ covered: [], before: [], ...answer }, now, null)
      .find((lane) => lane.name === name)
      .bars.map(({ from, to }) => [from - start, to - start]);
  assert.deepEqual(barsOf({ events: [event("a", "assigned", 0, { detail: "t 0" })] }, "a"), [[0, hour]]);
  assert.deepEqual(
    barsOf({ events: [event("a", "assigned", 0, { detail: "t 0,1" }), event("a", "revoked", 9, { detail: "t 0" })] }, "a"),
    [[0, hour]],
    "it has one left",
  );
  assert.deepEqual(
    barsOf({ events: [event("a", "assigned", 0, { detail: "t 0,1" }), event("a", "revoked", 9, { detail: "t 0,1" })] }, "a"),
    [[0, 9]],
  );
  assert.deepEqual(
    barsOf(
      {
        before: [event("a", "assigned", -hour, { detail: "t 0" })],
        events: [event("a", "revoked", 5, { detail: "t 0" }), event("a", "member_away", 70)],
      },
      "a",
    ),
    [[-hour, 70]],
    "of before not all may be known",
  );
  assert.deepEqual(
    barsOf({ events: [event("a", "assigned", 0, { detail: "t 0" }), event("a", "lost", 5), event("a", "assigned", 50, { detail: "t 0" })] }, "a"),
    [
      [0, 5],
      [50, hour],
    ],
  );
});

test("the members of a former group were there until the sources ended", () => {
  const assigned = (atMs, number) => event("a", "assigned", atMs, { detail: "t 0", number });
  const bars = (events) =>
    lanes({ covered: [], before: [], events }, start + hour, null)[0].bars.map(({ from, to }) => [from - start, to - start]);
  assert.deepEqual(bars([assigned(0, 2), event("x", "ended", 60000), assigned(90000, 2)]), [
    [0, 60000],
    [90000, hour],
  ]);
  assert.deepEqual(bars([assigned(0, 2), event("x", "ended", 60000), assigned(90000, 3)]), [[0, hour]], "of the same group");
  assert.deepEqual(bars([assigned(0, 2), assigned(2000, 2)]), [[0, hour]], "another topic in the same rebalance");
  assert.deepEqual(bars([assigned(0, 5), assigned(500, 6), assigned(90000, 1)]), [
    [0, 500],
    [90000, hour],
  ]);
});

test("the brokers' lane is red while one is away, and the producers' lane has a gap where none listened", () => {
  const answer = {
    events: [event("broker/1", "broker_away", 1000), event("broker/1", "broker_back", 3000)],
    before: [event("x", "started", -500)],
    covered: [
      { source: "x/0", from: iso(start), to: iso(start + 1000) },
      { source: "y/0", from: iso(start + 500), to: iso(start + 2000) },
      { source: "x/0", from: iso(start + 4000), to: iso(start + 5000) },
    ],
  };
  const [brokers, producers] = lanes(answer, start + 6000, 3);
  assert.deepEqual(
    brokers.bars.map(({ from, to, away, words }) => [from - start, to - start, away, words]),
    [
      [-500, 1000, false, ""],
      [1000, 3000, true, "2 of 3"],
      [3000, 6000, false, ""],
    ],
  );
  assert.deepEqual(
    producers.bars.map(({ from, to }) => [from - start, to - start]),
    [
      [0, 2000],
      [4000, 6000],
    ],
    "the newest minutes are not told yet",
  );
  assert.deepEqual(lanes({ events: [], before: [], covered: [] }, start, 3), []);
});

test("what polling costs is counted on the candles that both have", () => {
  const candle = (time, open, high, low, close) => ({ time, open, high, low, close });
  const ours = [candle(0, 10, 12, 9, 11), candle(60, 10, 10, 10, 10), candle(120, 1, 1, 1, 1)];
  const theirs = [candle(0, 10, 12.006, 9, 11), candle(60, 10, 10, 9.99, 10.5), candle(180, 1, 1, 1, 1)];
  const cost = pollingCost(ours, theirs);
  assert.deepEqual([cost.candles, cost.closeEqual, cost.highMissed, cost.lowMissed], [2, 1, 1, 1]);
  assert.ok(Math.abs(cost.medianBp - (10.01 + 4.9975) / 2) < 0.01, `${cost.medianBp}`);
  assert.equal(
    costWords(cost, "trades"),
    "Of 2 candles the close is equal in 50\u2009%, the high missed in 50\u2009% and the low in 50\u2009% (by 7.5\u00a0bp in the " +
      "middle, 10.0 at most). A price between two polls is not seen: that is what polling costs.",
  );
  const outside = pollingCost([{ ...theirs[0], high: theirs[0].high * 2 }], theirs);
  assert.equal(outside.outside, 1);
  assert.match(costWords(outside, "trades"), /In 1 a polled price lies outside trades: the two are not of one market/);
  assert.match(costWords(pollingCost([], theirs), "trades"), /No finished candle/);
  assert.equal(offBy(1, 0), null);
  assert.equal(pollingCost(theirs, theirs).medianBp, null);
});

test("news of one candle have one mark: the newest of them, and how many more there are", () => {
  const news = [hour + 1000, 1800000, 60000, 0].map((atMs, index) => ({ source: "feed", id: String(index), time: iso(start + atMs) }));
  assert.deepEqual(
    marksOf(news, 3600).map(({ id, text }) => `${id}: ${text}`),
    ["feed 0: N4", "feed 1: N3 +2"],
  );
  assert.equal(marksOf(news, 60).length, 4);
  assert.deepEqual(marksOf([], 60), []);
});

test("happenings of one week have one mark: weeks begin on Monday", () => {
  const at = (text) => ({ id: text, time: Date.parse(text), tone: "info", icon: "●", mark: "" });
  const days = ["2026-02-01T12:00:00Z", "2026-02-02T12:00:00Z", "2026-02-06T12:00:00Z"].map(at);
  assert.deepEqual(eventMarks(days, 604800).map(({ id, text }) => `${id.slice(0, 10)} ${text}`), ["2026-02-01 ●", "2026-02-02 ● +1"]);
});

test("series that a proof does not name are said to be without a fault only if they are", () => {
  assert.equal(moreWords({ more_series: 0, more_faulty: 0 }), "");
  assert.equal(moreWords({ more_series: 3, more_faulty: 0 }), "and 3 more, without a fault");
  assert.equal(moreWords({ more_series: 300, more_faulty: 16 }), "and 300 more, 16 of them with faults");
});
