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
import { failure, untilItWorks } from "./problems.js";
import { setUpRail } from "./rail.js";
import { awaySince, onContact } from "./state/contact.js";
import { Head } from "./state/head.js";
import { Side } from "./side/side.js";
import { setUpTabs } from "./tabs.js";
import { setUpTheme } from "./theme.js";

const coinsEveryMs = 30000;
const coinsMovingMs = 8000; /* while the log grows, its 24 hours move */
const coinsSoonMs = 1500;
const statusAgainMs = 3000;
const marketsEveryMs = { market: 30000, markets: 5000, news: 5000 }; /* by tab: how often the markets are asked for */

const head = new Head();
const market = new Market();
const side = new Side(market);
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
let finishedSeen = false; /* the replay was finished at the last status */
let openSeen = false; /* the event stream has been open */

/* The coin's chart, from another tab. */
function openChart(coin) {
  market.open(coin);
  showTab("market");
}

/* Sources of records that are made up, and what the badge says of them. */
const madeUpSources = {
  synthetic: ["Synthetic data", "Made by a seeded random walk, not by an exchange"],
  "replay-loop": ["Made-up times", "A file again and again: the times of all rounds but the first are made up"],
};

function showMadeUp(source) {
  head.setMadeUp(...madeUpSources[source]);
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

/* Links to the stack's other screens; null if there are none. */
function seeAlso(links) {
  const found = links.map(({ name, url }) => h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name));
  return found.length > 0 ? found.flatMap((link, i) => (i > 0 ? [", ", link] : [link])) : null;
}

function showAbout(info) {
  const facts = [
    ["Source", info.source?.replaceAll(",", ", ")],
    [info.topics.length > 1 ? "Topics" : "Topic", info.topics.join(", ")],
    ["Group", info.group],
    ["Strategy", info.strategy],
    ["Members", format.known(info.members) ? String(info.members) : null],
    ["Store", info.store],
    ["Replay", replayWords(info)],
    ["See also", seeAlso(info.links ?? [])],
  ];
  byId("about").replaceChildren(
    ...facts
      .filter(([, value]) => value)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...[value].flat()))),
  );
  setText(byId("version"), info.version ? `Candlewick ${info.version}.` : "");
}

async function loadInfo() {
  const info = await untilItWorks("info", "what runs here", () => get("/api/info"));
  if (info.synthetic) {
    showMadeUp(info.source?.startsWith("replay:") ? "replay-loop" : "synthetic");
  }
  showAbout(info);
  market.setInfo(info);
  side.setInfo(info);
}

async function loadCoins() {
  clearTimeout(coinsTimer);
  coinsDue = 0; /* under way */
  const coins = await untilItWorks("coins", "coins", () => get("/api/coins"));
  coins.forEach((coin) => head.saw(Date.parse(coin.time)));
  side.setCoins(coins);
  market.setCoins(coins);
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
  head.setStatus(status);
  market.setStatus(status);
  side.setStatus(status);
  if (status.end_total !== endSeen) {
    coinsWithin(market.isQuiet() ? coinsSoonMs : coinsMovingMs);
  }
  endSeen = status.end_total;
  const finished = status.replay?.finished === true;
  if (finished && !finishedSeen) {
    loadInfo(); /* until when the file goes is known now */
  }
  finishedSeen = finished;
  markets.setStatus(status);
  group.setStatus(status);
  messages.setStatus(status);
}

async function loadStatus() {
  clearTimeout(statusTimer);
  try {
    onStatus(await get("/api/status"));
    failure("status", "the status", null);
  } catch (error) {
    failure("status", "the status", error);
    statusTimer = setTimeout(loadStatus, statusAgainMs);
  }
}

/* After a cut, or events lost: what was missed is asked for. */
function catchUp() {
  loadStatus();
  coinsWithin(coinsSoonMs);
  market.resync();
}

function onPrice({ source, symbol, time }) {
  head.saw(Date.parse(time));
  if (Object.hasOwn(madeUpSources, source)) {
    showMadeUp(source);
  }
  if (!market.hasCoin(symbol)) {
    coinsWithin(coinsSoonMs);
  }
}

/* state: of the event stream. After a cut the status is asked for, to tell whether the program is there. */
function onStream(state) {
  head.setPolled(state === "refused");
  group.setLive(state === "open");
  if (state === "cut") {
    loadStatus();
  } else if (state === "open" && openSeen) {
    catchUp();
  }
  openSeen = openSeen || state === "open";
}

const live = new Live({
  state: onStream,
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
  poll: catchUp,
});
onContact(() => {
  if (awaySince() === null) {
    live.retryNow();
    catchUp();
  }
});

setUpRail(marketFeed);
setUpTheme(byId("theme"), () => {
  market.applyTheme();
  side.applyTheme();
});
showTab = setUpTabs([...document.querySelectorAll("[role=tab]")], (name) => {
  marketFeed.watch(marketsEveryMs[name] ?? null);
  side.setShown(name === "market");
  markets.setShown(name === "markets");
  news.setShown(name === "news");
  group.setShown(name === "group");
  messages.setShown(name === "messages");
});
loadStatus();
await loadInfo();
await loadCoins();
