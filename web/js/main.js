/* Joins the parts of the page: asks for what there is, listens to what changes. */
import { get } from "./api.js";
import { byId, h, setText } from "./dom.js";
import * as format from "./format.js";
import { Group } from "./group.js";
import { Live } from "./live.js";
import { Market } from "./market.js";
import { MarketFeed } from "./market_feed.js";
import { Markets } from "./markets.js";
import { Messages } from "./messages.js";
import { News } from "./news.js";
import { problem, untilItWorks } from "./problems.js";
import { setUpTabs } from "./tabs.js";
import { setUpTheme } from "./theme.js";

const coinsEveryMs = 30000;
const coinsMovingMs = 8000; /* while the log grows, its 24 hours move */
const coinsSoonMs = 1500;
const infoAgainMs = 3000;
const liveWords = {
  live: "Live",
  stored: "Stored data",
  connecting: "Connecting",
  down: "Not live, reconnecting",
};

const market = new Market();
const marketFeed = new MarketFeed();
const markets = new Markets(marketFeed, openChart);
const news = new News(marketFeed, openChart);
const group = new Group();
const messages = new Messages();
let showTab = null;
let coinsTimer = null;
let coinsDue = 0; /* when the coins are asked for again; 0: a question is under way */
let endSeen = null;
let statusTimer = null;
let liveState = "connecting";
let noNews = null; /* why nothing new comes, though what is stored is shown */

/* The coin's chart, from another tab. */
function openChart(coin) {
  market.open(coin);
  showTab("market");
}

function showSynthetic() {
  byId("synthetic").hidden = false;
  market.setSynthetic();
}

function replayWords({ replay_from: from, replay_to: to }) {
  if (!from) {
    return null;
  }
  return to
    ? `${format.minute(Date.parse(from))} to ${format.minute(Date.parse(to))}`
    : `from ${format.minute(Date.parse(from))}`;
}

function showAbout(info) {
  const facts = [
    ["Source", info.source],
    [info.topics.length > 1 ? "Topics" : "Topic", info.topics.join(", ")],
    ["Group", info.group],
    ["Strategy", info.strategy],
    ["Members", format.known(info.members) ? String(info.members) : null],
    ["Store", info.store],
    ["Replay", replayWords(info)],
  ];
  byId("about").replaceChildren(
    ...facts
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
  setText(byId("version"), info.version ? `Candlewick ${info.version}.` : "");
}

async function loadInfo() {
  const info = await untilItWorks("info", "What runs here could not be loaded", () => get("/api/info"));
  if (info.synthetic) {
    showSynthetic();
  }
  showAbout(info);
  market.setInfo(info);
  if (info.replay_from && !info.replay_to) {
    setTimeout(loadInfo, infoAgainMs); /* the file is still being read */
  }
}

async function loadCoins() {
  clearTimeout(coinsTimer);
  coinsDue = 0; /* under way */
  market.setCoins(await untilItWorks("coins", "Coins could not be loaded", () => get("/api/coins")));
  coinsDue = Infinity;
  coinsWithin(coinsEveryMs);
}

/* Asks again after `ms` at the latest. */
function coinsWithin(ms) {
  const due = Date.now() + ms;
  if (due < coinsDue) {
    clearTimeout(coinsTimer);
    coinsDue = due;
    coinsTimer = setTimeout(loadCoins, ms);
  }
}

function onStatus(status) {
  const waiting = status.waiting_for ?? null;
  byId("waiting").hidden = waiting === null;
  setText(byId("waiting-text"), waiting ?? "");
  noNews = status.no_news ?? null;
  byId("no-news").hidden = noNews === null;
  setText(byId("no-news-text"), noNews ?? "");
  const twoProducers = status.two_producers ?? null;
  byId("two-producers").hidden = twoProducers === null;
  setText(byId("two-producers-text"), twoProducers ?? "");
  showLive(liveState);
  market.setStatus(status);
  if (status.end_total !== endSeen) {
    coinsWithin(market.isQuiet() ? coinsSoonMs : coinsMovingMs);
  }
  endSeen = status.end_total;
  markets.setStatus(status);
  group.setStatus(status);
  messages.setStatus(status);
  const parts = [
    format.known(status.ticks_per_second) ? `${format.rate(status.ticks_per_second)} ticks/s` : null,
    format.known(status.lag_total) ? `lag ${format.count(status.lag_total)}` : null,
  ].filter(Boolean);
  byId("pulse").hidden = parts.length === 0;
  setText(byId("pulse"), parts.join(" · "));
}

async function loadStatus() {
  clearTimeout(statusTimer);
  try {
    onStatus(await get("/api/status"));
    problem("status", null);
  } catch (error) {
    problem("status", `The status could not be loaded: ${error.message}. Trying again.`);
    statusTimer = setTimeout(loadStatus, 3000);
  }
}

function showLive(state) {
  liveState = state;
  const shown = state === "live" && noNews !== null ? "stored" : state;
  byId("live").dataset.state = shown;
  setText(byId("live-text"), liveWords[shown]);
  group.setLive(state === "live");
}

/* After a cut, or events lost: what was missed is asked for. */
function catchUp() {
  loadStatus();
  coinsWithin(coinsSoonMs);
  market.resync();
}

function onPrice({ source, symbol }) {
  if (source === "synthetic") {
    showSynthetic();
  }
  if (!market.hasCoin(symbol)) {
    coinsWithin(coinsSoonMs);
  }
}

function listen() {
  let opened = 0;
  return new Live({
    state(state) {
      showLive(state);
      if (state === "live" && opened++ > 0) {
        catchUp();
      }
    },
    status: onStatus,
    tick(tick) {
      onPrice(tick);
      market.onTick(tick);
    },
    trade(trade) {
      onPrice(trade);
      market.onTrade(trade);
    },
    lost: catchUp,
    refused: catchUp,
  });
}

setUpTheme(byId("theme"), () => market.applyTheme());
showTab = setUpTabs([...document.querySelectorAll("[role=tab]")], (name) => {
  marketFeed.setWatched(name === "markets" || name === "news");
  markets.setShown(name === "markets");
  news.setShown(name === "news");
  group.setShown(name === "group");
  messages.setShown(name === "messages");
});
listen();
loadStatus();
await loadInfo();
await loadCoins();
