/* When the page paints first and draws its chart, in fresh tabs of Chromium; and which share of a core the last tab
 * takes while nobody touches it. Prints {"tabs":[{"paint_ms":n,"chart_ms":n}],"busy":n}.
 *
 *   node page.mjs --modules DIR --url URL [--tabs N] [--idle-s S] [--chromium PATH]     DIR has playwright-core */
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    modules: { type: "string" },
    url: { type: "string" },
    tabs: { type: "string", default: "5" },
    "idle-s": { type: "string", default: "0" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
const settleMs = 5000;
const { chromium } = createRequire(path.join(path.resolve(values.modules), "package.json"))("playwright-core");

/* Runs in the page before its own scripts. */
function watchChart() {
  const look = () => {
    if (Number(document.getElementById("chart")?.dataset.candles) > 0) {
      requestAnimationFrame(() => setTimeout(() => (globalThis.chartMs = performance.now())));
      return;
    }
    setTimeout(look, 5);
  };
  look();
}

async function openTab(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchChart);
  await page.goto(values.url);
  await page.waitForFunction(() => globalThis.chartMs > 0, undefined, { timeout: 60000 });
  const times = await page.evaluate(() => ({
    paint_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    chart_ms: globalThis.chartMs,
  }));
  return { context, page, times };
}

/* Seconds of CPU that all renderers have used. */
async function rendererSeconds(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function busyShare(browser, seconds) {
  const session = await browser.newBrowserCDPSession();
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const before = await rendererSeconds(session);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return ((await rendererSeconds(session)) - before) / seconds;
}

const browser = await chromium.launch({ executablePath: values.chromium, chromiumSandbox: false });
const tabs = [];
let busy = null;
const wanted = Number(values.tabs);
for (let i = 0; i < wanted; i++) {
  const { context, times } = await openTab(browser);
  tabs.push(times);
  if (i === wanted - 1 && Number(values["idle-s"]) > 0) {
    busy = await busyShare(browser, Number(values["idle-s"]));
  }
  await context.close();
}
await browser.close();
console.log(JSON.stringify({ tabs, busy }));
