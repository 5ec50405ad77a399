/* The page's modules that need no browser: node --test. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const stub = { textContent: "", hidden: true };
globalThis.document = { getElementById: () => stub };

const { coveredWords, fold, fromApi, intervalFor, intervalStart, isHoled, spaced, topicsWithoutTicks } =
  await import("../../web/js/candles.js");
const { choicesOf, intervalOf } = await import("../../web/js/chart/origins.js");
const { dayVwap, movingAverage } = await import("../../web/js/chart/averages.js");
const { csvOf, fileName } = await import("../../web/js/chart/export.js");
const { measureOf } = await import("../../web/js/chart/measure.js");
const { figuresOf } = await import("../../web/js/side_range.js");
const { applyPrice, fromApi: coinFromApi, refresh } = await import("../../web/js/coins.js");
const format = await import("../../web/js/format.js");
const { CandleFeed } = await import("../../web/js/feed.js");
const { get } = await import("../../web/js/api.js");
/* As on two visits of which neither remembers the other. */
const visits = await Promise.all([1, 2].map((visit) => import(`../../web/js/colours.js?visit=${visit}`)));
const { firstOrder, matches, nextOrder, ordered } = await import("../../web/js/market_order.js");
const { sparkPath } = await import("../../web/js/sparkline.js");
const { TimeAxis } = await import("../../web/js/chart/time_axis.js");
const { webAddress } = await import("../../web/js/news_item.js");

const { lanesOf, madeAgainWords, partitionName, severalTopics } = await import("../../web/js/timeline.js");

const minute = { name: "1m", seconds: 60 };
const ticker = { of: "ticker", source: null };
const at = (n, close = n, ticks = 4) => ({
  time: n * 60,
  open: close,
  high: close,
  low: close,
  close,
  ticks,
});
const times = (candles) => candles.map((candle) => candle.time / 60);

test("a price is folded into its interval or begins the next", () => {
  const candles = [];
  assert.deepEqual(fold(candles, 60, 59999, 5), { time: 0, open: 5, high: 5, low: 5, close: 5, ticks: 1 });
  fold(candles, 60, 59999.9, 7);
  fold(candles, 60, 59999.9, 6);
  assert.deepEqual(candles, [{ time: 0, open: 5, high: 7, low: 5, close: 6, ticks: 3 }]);
  fold(candles, 60, 60000, 1);
  assert.deepEqual(times(candles), [0, 1]);
  assert.equal(fold(candles, 60, 59999, 100), null, "the past is the store's");
});

test("a coin's candles are chosen from trades, polled prices, an exchange's bars, a file: the best first", () => {
  const coin = {
    offers: [
      { of: "trade", source: "replay" },
      { of: "trade", source: "bitfinex" },
      { of: "ticker" },
      { of: "bar", source: "replay", timeframe: "1d" },
      { of: "bar", source: "bitfinex", timeframe: "1d" },
      { of: "bar", source: "bitfinex", timeframe: "15m" },
      { of: "bar", source: "other", timeframe: "1M" },
    ],
  };
  const choices = choicesOf(coin, (source) => (source === "bitfinex" ? "Bitfinex" : source));
  assert.deepEqual(
    choices.map(({ key, words }) => `${key}: ${words}`),
    [
      "trade:bitfinex: trades, Bitfinex",
      "ticker: polled prices",
      "bar:bitfinex: bars, Bitfinex",
      "trade:replay: a file's trades (replay)",
      "bar:replay: a file's bars (replay)",
    ],
    "no interval is made of months",
  );
  assert.deepEqual(choicesOf(null), []);
});

test("an interval is the chosen one, or the next that the records make", () => {
  const named = (name) => ({ 1: minute, h: { name: "1h", seconds: 3600 }, w: { name: "1w", seconds: 604800 } })[name];
  const cases = [
    [["1d"], "1", "1d"],
    [["5m", "1d"], "1", "5m"],
    [["5m", "1d"], "h", "1h"],
    [["4h"], "w", "1w"],
    [["1w"], "1", "1w"],
    [["1w"], "w", "1w"],
    [["1d"], "w", "1w"],
    [["12h"], "h", "1d"],
  ];
  for (const [timeframes, from, want] of cases) {
    const choice = { of: "bar", source: "x", timeframes };
    assert.equal(intervalOf(choice, named(from)).name, want, `${timeframes} at ${from}`);
  }
  assert.equal(intervalOf({ of: "ticker", timeframes: [] }, minute).name, "1m");
});

test("intervals begin at multiples of their length, weeks on Monday", () => {
  const at = (text) => Date.parse(text) / 1000;
  assert.equal(intervalStart(at("2026-11-30T12:34:56Z"), 14400), at("2026-11-30T12:00:00Z"));
  assert.equal(intervalStart(at("2026-11-29T23:59:59Z"), 604800), at("2026-11-23T00:00:00Z"));
  assert.equal(intervalStart(at("2026-11-30T00:00:00Z"), 604800), at("2026-11-30T00:00:00Z"));
  const weeks = [];
  fold(weeks, 604800, Date.parse("2026-12-02T01:00:00Z"), 5);
  assert.equal(weeks[0].time, at("2026-11-30T00:00:00Z"));
});

test("averages end at a gap and go on when there are enough candles again", () => {
  const points = (candles, count) => movingAverage(candles, 60, count).map(({ time, value }) => [time / 60, value]);
  assert.deepEqual(points([at(1), at(2), at(3), at(5), at(6), at(7)], 2), [
    [2, 1.5],
    [3, 2.5],
    [6, 5.5],
    [7, 6.5],
  ]);
  const holed = { ...at(2), covered: { live: 0.5, refilled: 0, hole: 0.5, unknown: 0 } };
  assert.deepEqual(points([at(1), holed, at(3), at(4)], 2), [[4, 3.5]], "and at a hole");
  assert.deepEqual(points([at(1)], 2), []);
});

test("the day's mean price is weighted by volume, and begins with the day", () => {
  const of = (minutes, price, volume) => ({ ...at(minutes, price), ...(volume === null ? {} : { volume }) });
  const day = 1440;
  const candles = [of(day - 1, 1, 9), of(day, 10, 1), of(day + 1, 20, 3), of(day + 2, 99, 0)];
  assert.deepEqual(
    dayVwap(candles, 60).map(({ time, value }) => [time / 60 - day, value]),
    [
      [0, 10],
      [1, 17.5],
      [2, 17.5],
    ],
    "the day before is not whole",
  );
  const hole = { ...of(day + 1, 20, 3), covered: { live: 0.5, refilled: 0, hole: 0.5, unknown: 0 } };
  assert.equal(dayVwap([of(day, 10, 1), hole, of(day + 2, 20, 1)], 60).length, 1, "it ends at a hole");
  assert.deepEqual(dayVwap([of(day, 10, null), of(day + 1, 10, 5)], 60), [], "a volume is not known");
  assert.deepEqual(dayVwap([of(day, 10, 1)], 86400), [], "days have no mean of a day");
});

test("below the candles is their volume, else of how many ticks they are made, else nothing", () => {
  assert.equal(measureOf([at(1), { ...at(2), volume: 1 }]), "volume");
  assert.equal(measureOf([at(1), { ...at(2), volume: 0 }]), "ticks");
  assert.equal(measureOf([at(1, 1, null)]), null);
  assert.equal(measureOf([]), null);
});

test("the figures of the candles in view", () => {
  const covered = { live: 0.5, refilled: 0.25, hole: 0.25, unknown: 0 };
  const candles = [{ ...at(1, 100), volume: 2, covered }, { ...at(4, 110), volume: 3 }];
  assert.deepEqual(figuresOf(candles, 60), {
    close: 110,
    change: 10,
    relative: 110 / 100 - 1,
    low: 100,
    high: 110,
    volume: 5,
    ticks: 8,
    count: 2,
    empty: 2,
    covered: 0.75,
  });
  const unknown = figuresOf([at(1, 1, null), { ...at(2), volume: 3 }], 60);
  assert.deepEqual([unknown.ticks, unknown.volume, unknown.covered], [null, null, null], "not 0");
  const begun = figuresOf([{ ...at(1), volume: 3 }, { ...at(2), volume: null }], 60);
  assert.equal(begun.volume, 3, "a candle that has just begun");
  assert.equal(figuresOf([], 60), null);
});

test("candles as CSV have all digits, and say what they are", () => {
  const what = { coin: "tBTCUSD", interval: "1m", words: "trades, Bitfinex", seconds: 60, forming: true };
  const candles = [{ ...at(1, 0.1 + 0.2), volume: 1e-8 }, at(3, 5, null)];
  assert.deepEqual(csvOf(candles, what).split("\n"), [
    "# tBTCUSD, candles of 1m from trades, Bitfinex",
    "# 1970-01-01T00:01:00Z to 1970-01-01T00:04:00Z, UTC; an interval without a candle has no row",
    "time,open,high,low,close,ticks,volume,forming",
    `1970-01-01T00:01:00Z,${[0, 0, 0, 0].map(() => "0.30000000000000004").join()},4,1e-8,false`,
    "1970-01-01T00:03:00Z,5,5,5,5,,,true",
    "",
  ]);
  assert.equal(
    fileName({ name: "BTC/USD", interval: "1m" }, { from: 60, to: 240 }),
    "BTC-USD_1m_19700101T0001Z-19700101T0004Z",
  );
});

test("a candle says how much of its time was covered, once that can be known", () => {
  const covered = { live: 0.5, refilled: 0.25, hole: 0.25, unknown: 0 };
  const later = 1000000;
  assert.equal(coveredWords({ time: 60, covered }, 60, later), "75 % covered, refilled, hole");
  assert.equal(isHoled({ time: 60, covered }, 60, later), true);
  assert.equal(coveredWords({ time: 60, covered: null }, 60, later), "");
  const unknown = { live: 0, refilled: 0, hole: 0, unknown: 1 };
  assert.equal(coveredWords({ time: 60, covered: unknown }, 60, later), "0 % covered, unknown");
  assert.equal(isHoled({ time: 60, covered: unknown }, 60, later), true);
  assert.equal(coveredWords({ time: 60, covered: unknown }, 60, 130000), "", "not told yet");
  assert.equal(isHoled({ time: 60, covered: unknown }, 60, 130000), false);
  assert.equal(isHoled({ time: 60, covered }, 60, 130000), true, "a hole is told at once");
});

test("empty intervals are points without a candle", () => {
  const { points, shortened } = spaced([at(1), at(2), at(6)], 60);
  assert.deepEqual(
    points.map((point) => [point.time / 60, Boolean(point.candle)]),
    [
      [1, true],
      [2, true],
      [3, false],
      [4, false],
      [5, false],
      [6, true],
    ],
  );
  assert.equal(shortened, 0);
  assert.deepEqual(spaced([], 60), { points: [], shortened: 0 });
});

test("gaps are drawn shorter only where they are too long, in order still", () => {
  const { points, shortened } = spaced([at(1), at(500000), at(500002), at(900000)], 60);
  assert.equal(shortened, 2);
  assert.ok(points.length < 20005);
  assert.ok(points.every((point, index) => index === 0 || point.time > points[index - 1].time));
  assert.equal(points.filter((point) => point.time / 60 === 500001 && !point.candle).length, 1);
});

test("a time has its place between the drawn points, also before, behind, and in a gap drawn shorter", () => {
  const axis = new TimeAxis();
  axis.set([600, 660, 720, 7200, 7260], 60);
  const places = [
    [600, 0],
    [630, 0.5],
    [780, 3], /* in the gap */
    [3000, 3],
    [7290, 4.5],
    [7320, 5],
    [7920, 15],
    [540, -1],
  ];
  for (const [time, position] of places) {
    assert.equal(axis.position(time), position, String(time));
  }
  assert.deepEqual([0, 0.5, 3, 4.5, 15, -1].map((position) => axis.time(position)), [600, 630, 7200, 7290, 7920, 540]);
  assert.deepEqual([600, 659, 780, 7319, 7320, 0].map((time) => axis.startOf(time)), [600, 600, null, 7260, null, null]);
});

test("an interval fits a range", () => {
  const hour = 3600e3;
  const cases = [
    [0.1, "1m"],
    [6, "1m"],
    [7, "5m"],
    [33, "5m"],
    [34, "15m"],
    [100, "15m"],
    [101, "1h"],
    [401, "4h"],
    [1601, "1d"],
    [9601, "1w"],
    [1e6, "1w"],
  ];
  for (const [hours, want] of cases) {
    assert.equal(intervalFor(0, hours * hour).name, want, `${hours} h`);
  }
});

test("decimals suit the prices", () => {
  const cases = [
    [[91234.5], 2],
    [[30000], 2],
    [[91234.56789], 2],
    [[3021.123], 2],
    [[2.0713], 4],
    [[2.0713, 2.07131], 5],
    [[0.25], 2],
    [[4e-8], 8],
    [[1.23456789e-7], 12],
    [[], 2],
    [[null, NaN, -1], 2],
  ];
  for (const [prices, want] of cases) {
    assert.equal(format.decimalsFor(prices), want, String(prices));
  }
});

test("numbers and times are written for people", () => {
  assert.equal(format.price(91234.5, 2), "91,234.50");
  assert.equal(format.price(null, 2), "–");
  assert.equal(format.signed(-2.2, 2), "−2.20");
  assert.equal(format.signed(-0.001, 2), "0.00", "no minus before a zero");
  assert.equal(format.signed(0.5, 1), "+0.5");
  assert.equal(format.percent(0.0134), "+1.34\u2009%");
  assert.deepEqual([0.25, 9.3, 25.8, 1737.25, 3284000, null].map(format.amount), ["0.25", "9.3", "25.8", "1,737", "3.284M", "–"]);
  assert.equal(format.rate(0), "0");
  assert.equal(format.rate(4.96), "5.0");
  assert.equal(format.rate(12345.6), "12,346");
  assert.equal(format.bytes(999), "999 B");
  assert.equal(format.bytes(1500), "1.5 kB");
  assert.equal(format.moment(0), "1970-01-01 00:00:00");
  assert.equal(format.recent(0, 72e6 - 1), "00:00:00");
  assert.equal(format.recent(0, 72e6), "1970-01-01 00:00:00");
  assert.equal(format.span(0), "0 s");
  assert.equal(format.span(250e3), "4\u00a0min 10\u00a0s");
  assert.equal(format.span(7200e3), "2\u00a0h");
  assert.equal(format.clock(NaN), "–");
});

test("what is shown as 0 has no direction", () => {
  assert.deepEqual([-0.004, 0.004, 0.005, -0.006, null].map((value) => format.direction(value, 2)), [0, 0, 1, -1, 0]);
  assert.deepEqual([-0.00004, 0.0002, undefined].map(format.directionOfPercent), [0, 1, 0]);
  assert.equal(format.direction(-1e-9), -1);
});

test("a live price moves change, high and low, and survives an older answer", () => {
  const row = {
    coin: "tA",
    name: "A",
    last: 110,
    time: "2026-01-01T00:00:10Z",
    change_24h: 10,
    change_24h_relative: 0.1,
    high_24h: 120,
    low_24h: null,
  };
  const coin = coinFromApi(row);
  applyPrice(coin, 130, Date.parse("2026-01-01T00:00:20Z"));
  assert.deepEqual([coin.last, coin.change, coin.relative, coin.high, coin.low], [130, 30, 0.3, 130, null]);
  assert.equal(refresh(coin, coinFromApi(row)).last, 130);
  assert.equal(refresh(coin, coinFromApi({ ...row, last: 90, time: "2026-01-01T00:00:30Z" })).last, 90);
  const bare = coinFromApi({ coin: "tB" });
  applyPrice(bare, 5, 1);
  assert.deepEqual([bare.name, bare.last, bare.change, bare.relative], ["tB", 5, null, null]);
});

/* What the store holds, by minute; answers as the API does. */
let store;
let questions;
beforeEach(() => {
  store = [];
  questions = [];
  globalThis.fetch = async (url) => {
    const asked = new URL(url, "http://page").searchParams;
    questions.push(Object.fromEntries(asked));
    const from = asked.has("from") ? Date.parse(asked.get("from")) / 1000 : -Infinity;
    const to = asked.has("to") ? Date.parse(asked.get("to")) / 1000 : Infinity;
    const rows = store
      .filter((candle) => candle.time >= from && candle.time < to)
      .slice(-Number(asked.get("limit")));
    return Response.json(rows.map((row) => ({ ...row, time: new Date(row.time * 1000).toISOString() })));
  };
});

async function feedOf(limit) {
  const changes = [];
  const feed = new CandleFeed((what) => changes.push(what));
  await feed.choose("tA", ticker, minute, "A", limit);
  return { feed, changes };
}

test("the API's rows become candles", () => {
  assert.deepEqual(
    fromApi([{ time: "1970-01-01T00:01:00Z", coin: "tA", open: 1, high: 2, low: 0.5, close: 1.5, ticks: 9 }]),
    [{ time: 60, open: 1, high: 2, low: 0.5, close: 1.5, ticks: 9 }],
  );
});

test("what was folded gives way to the store, missed candles come in", async () => {
  store = [at(1), at(2)];
  const { feed, changes } = await feedOf(100);
  feed.fold(2 * 60e3, 50);
  feed.fold(7 * 60e3, 70); /* events of minutes 3 to 6 were lost */
  assert.deepEqual(times(feed.candles), [1, 2, 7]);
  store = [at(1), at(2, 2, 9), at(3), at(4), at(5), at(6)];
  await feed.resync();
  assert.deepEqual(times(feed.candles), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(feed.candles[1].high, 2, "the store's word");
  assert.equal(feed.candles[6].close, 70, "newer than the store: still a preview");
  assert.deepEqual(changes, ["loading", "loaded", "resynced"]);
});

test("an answer cut at its limit leaves no hole", async () => {
  store = [at(1), at(2)];
  const { feed } = await feedOf(3);
  store = [at(1), at(2), at(3), at(4), at(5), at(6)];
  await feed.resync();
  assert.deepEqual(times(feed.candles), [4, 5, 6]);
  await feed.loadEarlier();
  assert.deepEqual(times(feed.candles), [1, 2, 3, 4, 5, 6]);
  await feed.loadEarlier();
  await feed.loadEarlier();
  assert.equal(questions.filter((asked) => asked.to).length, 2, "nothing earlier is asked for once");
});

test("a price folded just now is not taken back by a store that is behind", async () => {
  store = [at(1), at(2, 2, 4)];
  const { feed } = await feedOf(100);
  feed.fold(2 * 60e3 + 5, 50);
  await feed.resync();
  assert.equal(feed.candles[1].close, 50);
  store[1] = at(2, 50, 5);
  await feed.resync();
  assert.deepEqual(feed.candles[1], at(2, 50, 5));
});

test("an empty store gives no duplicates", async () => {
  store = [at(1), at(2)];
  const { feed } = await feedOf(100);
  store = [];
  await feed.resync();
  assert.deepEqual(times(feed.candles), [1, 2]);
});

test("an answer to an older choice is dropped", async () => {
  store = [at(1)];
  const feed = new CandleFeed(() => {});
  const first = feed.choose("tA", ticker, minute, "A");
  const second = feed.choose("tB", ticker, minute, "B");
  await Promise.all([first, second]);
  assert.equal(feed.coin, "tB");
  assert.deepEqual(times(feed.candles), [1]);
});

test("the API's errors are sentences", async () => {
  const failing = (answer) => {
    globalThis.fetch = async () => {
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    };
  };
  failing(Response.json({ error: "coin is missing" }, { status: 400 }));
  await assert.rejects(get("/api/x"), { message: "coin is missing", status: 400 });
  failing(new Response("<html>", { status: 502 }));
  await assert.rejects(get("/api/x"), { message: "the program answered with HTTP 502", status: 502 });
  failing(new Response("{", { status: 200 }));
  await assert.rejects(get("/api/x"), { message: "the program's answer is not JSON" });
  failing(new TypeError("Failed to fetch"));
  await assert.rejects(get("/api/x"), { message: "the program does not answer", status: 0 });
});

test("the timeline has a lane for each partition of each topic, in the order of the streams", () => {
  const streams = [
    { topic: "tickers", partitions: [{ partition: 0 }, { partition: 1 }] },
    { topic: "bars", partitions: null },
  ];
  const timeline = [
    { topic: "bars", partition: 0, member: "a", from: 1, to: null },
    { topic: "tickers", partition: 1, member: "a", from: 1, to: 2 },
    { topic: "tickers", partition: 1, member: "b", from: 2, to: null },
  ];
  const lanes = lanesOf({ streams, timeline });
  assert.ok(severalTopics(lanes));
  assert.deepEqual(
    lanes.map((lane) => partitionName(lane, true)),
    ["tickers p0", "tickers p1", "bars p0"],
  );
  const own = lanesOf({ streams, timeline: timeline.slice(1) });
  assert.ok(!severalTopics(own));
  assert.deepEqual(
    own.map((lane) => partitionName(lane, false)),
    ["p0", "p1"],
  );
});

test("a topic that was made again is told with its time", () => {
  assert.equal(madeAgainWords({ topic: "bars", time: 3661e3 }), "topic bars made again at 01:01:01 UTC");
});

test("a log without ticks has its candles elsewhere", () => {
  const of = (ticks, bars) => [
    { kind: "ticker", topic: "tickers", end: ticks },
    { kind: "bar", topic: "bars", end: bars },
  ];
  assert.deepEqual(topicsWithoutTicks(of(0, 5)), ["bars"]);
  assert.deepEqual(topicsWithoutTicks(of(null, 5)), ["bars"]);
  assert.deepEqual(topicsWithoutTicks(of(1, 5)), []);
  assert.deepEqual(topicsWithoutTicks(of(0, 0)), []);
});

test("a member's colour hangs on the group's history, not on who is drawn first", () => {
  const history = ["demo-4", "demo-17", "demo-20", "demo-1"];
  const drawn = (visit, order) => Object.fromEntries(order.map((name) => [name, visit.memberClass(name, history)]));
  const first = drawn(visits[0], history);
  assert.deepEqual(drawn(visits[1], [...history].reverse()), first);
  assert.equal(new Set(Object.values(first)).size, history.length, "names of one hash have colours of their own");
});

test("markets are ordered: favourites, others by the column, made-up ones, what is not known last", () => {
  const row = (coin, cap, more = {}) => ({ coin, name: coin, market_cap: cap, change_1h: null, ...more });
  const rows = [row("b", 1), row("d", null, { made_up: true }), row("a", null), row("c", 3), row("f", 2)];
  const names = (order) => ordered(rows, order, ({ coin }) => coin === "f").map(({ coin }) => coin).join("");
  const first = firstOrder(rows);
  assert.equal(names(first), "fcbad");
  assert.equal(names(nextOrder(first, "market_cap")), "fbcad");
  assert.equal(names({ column: "change_1h", descending: false }), "fcbad"); /* all unknown: by market cap */
  assert.deepEqual(nextOrder(first, "coin"), { column: "coin", descending: false });
  assert.deepEqual(nextOrder(first, "price"), { column: "price", descending: true });
});

test("without a choice markets are in the order of what somebody has", () => {
  const row = (market_cap, volume_24h) => ({ name: "x", market_cap, volume_24h, volume_unit: "USD", quote: "USD" });
  assert.deepEqual(firstOrder([row(null, 5), row(1, null)]), { column: "market_cap", descending: true });
  assert.deepEqual(firstOrder([row(null, null), row(null, 5)]), { column: "volume_24h", descending: true });
  assert.deepEqual(firstOrder([row(null, null)]), { column: "coin", descending: false });
});

test("a filter finds all of its words in a market's names", () => {
  const row = { coin: "tBTCUSD", name: "BTC/USD", asset: { ticker: "BTC", name: "Bitcoin" }, source: "bitfinex" };
  assert.ok(matches(row, "") && matches(row, "BITCOIN usd") && matches(row, "bitfin"));
  assert.ok(!matches(row, "bitcoin eth") && !matches({ ...row, asset: null }, "bitcoin"));
});

test("a sparkline has a gap where prices are missing, and a point where one is alone", () => {
  const { path, alone, start } = sparkPath([1, 2, null, 3, null, 4, 5]);
  assert.equal(path.match(/M/g).length, 2);
  assert.equal(path.match(/L/g).length, 2);
  assert.equal(alone.length, 1);
  assert.equal(start, path.slice(1).split(/[ML]/)[0].split(" ")[1], "the first price's height");
  assert.deepEqual(sparkPath([null, null]), { path: "", alone: [], start: null });
  assert.equal(sparkPath([null, 3]).start, null, "one price is neither up nor down");
  assert.ok(!sparkPath([5, 5, 5]).path.includes("NaN"));
});

test("only addresses of the web are links", () => {
  assert.equal(webAddress("https://a.example/b?c=d"), "https://a.example/b?c=d");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "//a.example", "ftp://a", "", "a b"]) {
    assert.equal(webAddress(bad), null);
  }
});
