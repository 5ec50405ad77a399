/* The page in a real headless chromium.
 *
 *   node run.mjs --server PATH      starts page_server in each of its modes: every check
 *   node run.mjs --base-url URL     a page that runs already, demo's say: the checks that hold for any
 *
 * --modules DIR      where npm put playwright-core (the folder of node_modules); else this folder
 * --chromium PATH    the browser; /usr/bin/chromium
 * --screenshots DIR  keeps pictures there
 * --only TEXT        only checks whose name has TEXT
 *
 * Ends with "N passed, N failed"; exit 0 when none failed, 2 on wrong use. */
import fs from "node:fs";
import { parseArgs } from "node:util";
import { Browser, CheckFailed, PageServer } from "./harness.mjs";
import { accessChecks } from "./check_access.mjs";
import { badgeChecks } from "./check_badge.mjs";
import { deliveryChecks } from "./check_delivery.mjs";
import { groupChecks } from "./check_group.mjs";
import { lookChecks } from "./check_look.mjs";
import { marketChecks } from "./check_market.mjs";
import { marketsChecks } from "./check_markets.mjs";
import { messageChecks } from "./check_messages.mjs";
import { newsChecks } from "./check_news.mjs";
import { operatorChecks } from "./check_operator.mjs";
import { searchChecks } from "./check_search.mjs";
import { sideChecks } from "./check_side.mjs";
import { stateChecks } from "./check_states.mjs";
import { truthChecks } from "./check_truth.mjs";
import { toolChecks } from "./check_tools.mjs";
import { viewChecks } from "./check_view.mjs";

const checkLimitMs = 45000;
const wholeLimitMs = 540000;
const checks = [
  ...marketChecks,
  ...viewChecks,
  ...toolChecks,
  ...marketsChecks,
  ...newsChecks,
  ...truthChecks,
  ...sideChecks,
  ...groupChecks,
  ...operatorChecks,
  ...messageChecks,
  ...searchChecks,
  ...badgeChecks,
  ...deliveryChecks,
  ...accessChecks,
  ...lookChecks,
  ...stateChecks,
];

function readOptions() {
  const text = { type: "string" };
  const { values } = parseArgs({
    options: { server: text, "base-url": text, modules: text, chromium: text, screenshots: text, only: text },
  });
  if (!values.server === !values["base-url"]) {
    throw new TypeError("give either --server PATH or --base-url URL");
  }
  const chromium = values.chromium ?? "/usr/bin/chromium";
  if (!fs.existsSync(chromium)) {
    throw new TypeError(`no browser at ${chromium}. Debian: apt install chromium`);
  }
  return { ...values, chromium };
}

function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailed(`not done within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/* One check in a fresh tab; what the console said counts too. */
async function runCheck(check, browser, baseUrl, options) {
  const view = await browser.open(baseUrl);
  try {
    await within(checkLimitMs, check.run(view, options));
    view.expectQuiet(check.allowed ?? []);
  } finally {
    if (options.screenshots) {
      await view.picture(options.screenshots, check.name);
    }
    await view.close();
  }
}

async function runOne(check, browser, baseUrl, options, result) {
  try {
    await runCheck(check, browser, baseUrl, options);
    result.passed += 1;
    console.log(`ok    ${check.name}`);
  } catch (error) {
    result.failed += 1;
    const words = error instanceof CheckFailed ? error.message : (error.stack ?? String(error));
    console.log(`FAIL  ${check.name}\n      ${words.replaceAll("\n", "\n      ")}`);
  }
}

/* Takes checks until none is left. Its browser and its servers, one a mode, are its own: of two pages in one
 * browser one is in the background, where nothing is drawn. */
async function work(waiting, options, result) {
  const servers = new Map();
  const browser = await Browser.start(options);
  try {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const mode = check.mode ?? "live";
      if (options.server && !servers.has(mode)) {
        servers.set(mode, await PageServer.start(options.server, mode));
      }
      await runOne(check, browser, options["base-url"] ?? servers.get(mode).url, options, result);
    }
  } finally {
    await Promise.all([browser.stop(), ...[...servers.values()].map((server) => server.stop())]);
  }
}

/* Two at a time, for a check waits more than it works; but a page that runs already gets one. */
async function runAll(options) {
  const result = { passed: 0, failed: 0 };
  const waiting = checks.filter(
    (check) => (options.server || check.anywhere) && (!options.only || check.name.includes(options.only)),
  );
  const workers = options.server ? 2 : 1;
  await Promise.all(Array.from({ length: workers }, () => work(waiting, options, result)));
  return result;
}

let options;
try {
  options = readOptions();
} catch (error) {
  console.error(`run.mjs: ${error.message}`);
  process.exit(2);
}
setTimeout(() => {
  console.error(`run.mjs: not done within ${wholeLimitMs / 1000} s`);
  process.exit(1);
}, wholeLimitMs).unref();

const result = await runAll(options);
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exit(result.failed === 0 && result.passed > 0 ? 0 : 1);
