/* The badge in the head: each state in a browser, from the answers that it is made of. */
import { expect, expectEqual } from "./harness.mjs";

/* An answer of the API, changed on its way to the page. */
function change(view, path, edit) {
  return view.page.route(`**${path}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: edit(await answer.json()) });
  });
}

/* No event stream: its answer does not come while the page is open. */
function holdStream(view) {
  return view.page.route("**/api/events", () => {});
}

function refuseStream(view, seen) {
  return view.page.route("**/api/events", (route) => {
    seen.push(Date.now());
    return route.fulfill({ status: 503, headers: { "Retry-After": "3" }, json: { error: "too many" } });
  });
}

const minute = 60000;
const iso = (ms) => new Date(ms).toISOString();
/* What the status says, how old the newest price is, and the badge. */
const states = [
  { is: "connecting", hold: "/api/status", says: /^Connecting$/ },
  { is: "waiting", status: { waiting_for: "Kafka (no answer within 3 s)" }, says: /^Waiting for Kafka$/ },
  { is: "stored", status: { no_news: "Kafka is away (no answer)" }, says: /^Stored data until \d{4}-\d\d-\d\d/ },
  { is: "none", coins: () => [], says: /^No price yet$/ },
  { is: "stale", ageMs: 3 * minute, says: /^Stale newest price 3.min/ },
  { is: "live", info: { synthetic: false }, ageMs: 0, says: /^Live \d+.s ago$/ },
  { is: "synthetic", ageMs: 0, says: /^Synthetic data \d+.s ago$/ },
  {
    is: "replay",
    status: { replay: { speed: 600, share: 0.43, finished: false } },
    ageMs: 3000 * minute,
    says: /^Replay ×600 at \d{4}-\d\d-\d\d \d\d:\d\d, 43.%$/,
  },
  {
    is: "finished",
    status: { replay: { speed: 600, share: 1, finished: true } },
    says: /^Replay finished at /,
  },
];

async function setUp(view, { status = {}, info = {}, ageMs = null, coins, hold }) {
  await holdStream(view);
  if (hold) {
    await view.page.route(`**${hold}`, () => {});
  } else {
    await change(view, "/api/status", (was) => ({ ...was, ...status }));
  }
  await change(view, "/api/info", (was) => ({ ...was, ...info }));
  const aged = (coin) => (ageMs === null ? coin : { ...coin, time: iso(Date.now() - ageMs) });
  await change(view, "/api/coins", coins ?? ((was) => was.map(aged)));
}

const says = (pattern) =>
  new RegExp(pattern).test(document.getElementById("live").innerText.replaceAll(/\s+/g, " ").trim());
const shown = (state) => document.getElementById("live").dataset.state === state;

export const badgeChecks = [
  ...states.map((state) => ({
    name: `the badge in words: ${state.is}`,
    async run(view) {
      await setUp(view, state);
      await view.show();
      await view.until(shown, `the badge is never ${state.is}`, state.is);
      await view.until(says, `${state.is} is never told as ${state.says}`, state.says.source);
      await view.page.unrouteAll({ behavior: "ignoreErrors" });
    },
  })),
  {
    name: "what is not known is not shown as 0",
    async run(view) {
      const none = ["brokers", "end_total", "lag_total", "ticks_per_second", "rebalances", "partitions", "members"];
      await setUp(view, {
        status: {
          ...Object.fromEntries(none.map((name) => [name, null])),
          no_news: "Kafka is away (no answer)",
          members_unknown: "no answer",
        },
      });
      await view.show();
      await view.until(shown, "the badge does not tell it", "stored");
      expectEqual(await view.page.isVisible("#pulse"), false, "rates that nobody knows");
      expect((await view.text("#no-news")).includes("Kafka is away"), "the cause is not told");
      expectEqual(await view.page.isVisible("#problem"), false, "the cause is told twice");
      await view.page.click("#tab-group");
      const facts = await view.text("#facts");
      expect(!/(^|\s)0(\s|$)/.test(facts), `the group's figures: ${facts}`);
    },
  },
  {
    name: "a finished replay is told, with its end, and asked about no more",
    mode: "replay",
    async run(view) {
      const asked = [];
      view.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await view.showChart();
      await view.until(shown, "not finished", "finished");
      await view.until(() => document.getElementById("about").innerText.includes(" to "), "its end is not told");
      const info = () => asked.filter((path) => path === "/api/info").length;
      const before = info();
      expect(before <= 2, `${before} questions about what runs`);
      await view.page.waitForTimeout(4000); /* there were questions every 3 s */
      expectEqual(info(), before, "questions about what runs");
    },
  },
  {
    name: "without a stream the page asks every 5 s, and tries the stream again after about 30 s",
    allowed: [/503 \(Service Unavailable\)/],
    async run(view) {
      const tried = [];
      const asked = [];
      await view.page.clock.install();
      await refuseStream(view, tried);
      view.page.on("request", (request) => {
        if (request.url().endsWith("/api/status")) {
          asked.push(request.url());
        }
      });
      await view.show();
      await view.until(() => document.getElementById("live-text").innerText.includes("asked every 5 s"), "not told");
      expectEqual(tried.length, 1, "tries at first");
      const before = asked.length;
      await view.page.clock.runFor(14000);
      expectEqual(tried.length, 1, "tries within 14 s");
      expect(asked.length >= before + 2, `asked ${asked.length - before} times in 14 s`);
      await view.page.clock.runFor(32000);
      await view.until(() => true, "");
      expect(tried.length >= 2, "the stream is not tried again within 46 s");
      await view.page.unrouteAll({ behavior: "ignoreErrors" });
      await view.page.clock.runFor(46000);
      await view.page.clock.resume();
      await view.until(shown, "it is not live again", "synthetic");
      await view.until(() => !document.getElementById("live-text").innerText.includes("asked"), "it is still polled");
    },
  },
];
