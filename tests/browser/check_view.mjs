/* The view of the chart is the reader's: what moves it, and what does not; and the address, which holds
 * it. */
import { expect, expectEqual } from "./harness.mjs";

/* Waits for the frame in which the page has described what is drawn. */
function drawn(view) {
  return view.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0)))),
  );
}

/* The logical range and the times, in seconds, that are in view. */
export async function inView(view) {
  await drawn(view);
  const chart = await view.chart();
  const [from, to] = chart.range.split(" ").map(Number);
  const [fromTime, toTime] = chart.times.split(" ").map(Number);
  return { from, to, fromTime, toTime, behind: Number(chart.behind), candles: Number(chart.candles) };
}

export function near(got, want, what, by = 0.05) {
  expect(Math.abs(got - want) <= by, `${what}: got ${got}, want ${want}`);
}

export function loaded(view, coin, interval) {
  return view.until(
    (want) => document.getElementById("chart").dataset.loaded === want,
    `${coin} ${interval} was not loaded`,
    `${coin} ${interval}`,
  );
}

/* Resolves after the page has asked for the newest candles again, and drawn them. */
async function resynced(view) {
  const answer = await view.page.waitForResponse((response) => /api\/candles.*from=/.test(response.url()));
  await answer.finished();
  await drawn(view);
}

async function dragBy(view, dx, dy = 0) {
  const box = await view.page.locator("#chart").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 3];
  await view.page.mouse.move(x, y);
  await view.page.mouse.down();
  await view.page.mouse.move(x + dx, y + dy, { steps: 10 });
  await view.page.mouse.up();
  await drawn(view);
}

async function press(view, ...keys) {
  await view.page.focus("#chart");
  for (const key of keys) {
    await view.page.keyboard.press(key);
  }
  await drawn(view);
}

/* The time of the candle whose figures are read: "2026-11-30 20:52". */
async function legendTime(view) {
  return (await view.text("#legend")).trim().slice(0, 16);
}

const query = (view) => new URL(view.page.url()).searchParams;

export const viewChecks = [
  {
    name: "live data moves neither a range that the reader chose, nor the cursor of the keys",
    async run(view) {
      await view.showChart();
      await press(view, "+");
      await dragBy(view, 300);
      const before = await inView(view);
      expect(before.behind < -5, `the newest candle is still in view: ${before.behind}`);
      await resynced(view);
      const after = await inView(view);
      near(after.from, before.from, "the left edge");
      near(after.to, before.to, "the right edge");
      await press(view, "End", "ArrowLeft", "ArrowLeft", "ArrowLeft");
      const read = await legendTime(view);
      await resynced(view);
      expectEqual(await legendTime(view), read, "what the cursor is at");
      await press(view, "ArrowLeft");
      expectEqual(Date.parse(`${read}Z`) - Date.parse(`${await legendTime(view)}Z`), 60000, "one step");
    },
  },
  {
    name: "the right margin and what the pointer is at stay while live data comes",
    async run(view) {
      await view.showChart();
      const before = await inView(view);
      near(before.behind, 4, "the margin at first");
      const box = await view.page.locator("#chart").boundingBox();
      await view.page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
      await drawn(view);
      const read = await legendTime(view);
      await resynced(view);
      const after = await inView(view);
      near(after.behind, 4, "the margin");
      near(after.to - after.from, before.to - before.from, "how much is in view");
      const minutes = (Date.parse(`${await legendTime(view)}Z`) - Date.parse(`${read}Z`)) / 60000;
      near(minutes, after.from - before.from, "the candle under the pointer", 0.6);
    },
  },
  {
    name: "the range in view stays over another interval and another coin",
    async run(view) {
      await view.showChart();
      await press(view, "-");
      await dragBy(view, 600);
      const before = await inView(view);
      expect(before.behind < -5, "the newest candle is still in view");
      const same = async (interval, what) => {
        const { fromTime, toTime } = await inView(view);
        near(fromTime, before.fromTime, `${what}: the left edge`, interval);
        near(toTime, before.toTime, `${what}: the right edge`, interval);
      };
      await view.page.click('#intervals [data-interval="5m"]');
      await loaded(view, "tBTCUSD", "5m");
      await same(300, "5m");
      await view.page.selectOption("#coin", "tETHUSD");
      await loaded(view, "tETHUSD", "5m");
      await same(300, "another coin");
      await view.page.click('#intervals [data-interval="1m"]');
      await loaded(view, "tETHUSD", "1m");
      await same(300, "1m again");
      await press(view, "End");
      await view.page.click('#intervals [data-interval="15m"]');
      await loaded(view, "tETHUSD", "15m");
      near((await inView(view)).behind, 4, "a view that ends at the newest goes on doing so");
    },
  },
  {
    name: "earlier candles that are loaded do not move what is in view",
    async run(view) {
      let answer;
      const wanted = new Promise((resolve) => (answer = resolve));
      await view.page.route("**/api/candles?*", async (route) => {
        const asked = new URL(route.request().url()).searchParams;
        const response = await route.fetch();
        const rows = await response.json();
        if (asked.has("to")) {
          await wanted;
        }
        await route.fulfill({ response, json: asked.has("from") ? rows : rows.slice(-150) });
      });
      const oldest = Date.parse((await view.api("candles?coin=tBTCUSD&interval=1m")).at(-150).time);
      const [from, to] = [oldest, oldest + 3600000].map((ms) => new Date(ms).toISOString());
      await view.showChart(`?coin=tBTCUSD&from=${from}&to=${to}`);
      const before = await inView(view);
      near(before.from, 0, "the oldest candle");
      answer();
      await view.until(() => Number(document.getElementById("chart").dataset.candles) > 250, "none came");
      const after = await inView(view);
      near(after.fromTime, before.fromTime, "the time at the left edge", 1);
      near(after.toTime, before.toTime, "the time at the right edge", 1);
      expect(after.from > before.from + 100, "nothing was put before");
    },
  },
  {
    name: "nobody gets lost past either end",
    async run(view) {
      await view.showChart();
      for (let i = 0; i < 8; i += 1) {
        await dragBy(view, -400);
      }
      await drawn(view);
      const right = await inView(view);
      const bars = right.to - right.from + 1;
      expect(right.behind > 10 && right.behind <= bars / 2 + 0.1, `${right.behind} of ${bars} bars are empty`);
      for (let i = 0; i < 12; i += 1) {
        await dragBy(view, 450);
      }
      const left = await inView(view);
      near(left.from, 0, "the left edge", 0.6);
    },
  },
  {
    name: "a finger that moves up scrolls the page, also over the chart",
    async run(view) {
      await view.page.setViewportSize({ width: 390, height: 740 });
      await view.showChart();
      const before = await inView(view);
      const box = await view.page.locator("#chart").boundingBox();
      await view.page.evaluate((y) => scrollTo(0, y), box.y - 200);
      const at = await view.page.evaluate(() => scrollY);
      const session = await view.page.context().newCDPSession(view.page);
      await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
      const touch = (type, y) =>
        session.send("Input.dispatchTouchEvent", { type, touchPoints: y === null ? [] : [{ x: 150, y }] });
      await touch("touchStart", 450);
      for (let y = 430; y > 250; y -= 20) {
        await touch("touchMove", y);
      }
      await touch("touchEnd", null);
      await view.until((was) => scrollY > was + 50, "the page stands still", at);
      near((await inView(view)).behind, before.behind, "the chart", 1);
    },
  },
  {
    name: "the address holds coin, interval, records and range, and a reload shows them",
    mode: "streams",
    async run(view) {
      await view.showChart("?coin=tETHUSD&interval=5m&of=bar&source=bitfinex");
      await press(view, "+", "+");
      await dragBy(view, 350);
      const before = await inView(view);
      await view.until(
        (range) => {
          const [from, to] = ["from", "to"].map((name) => Date.parse(new URLSearchParams(location.search).get(name)));
          return Math.abs(from / 1000 - range.fromTime) < 2 && Math.abs(to / 1000 - range.toTime) < 2;
        },
        "the range is not in the address",
        before,
      );
      expectEqual(`${query(view).get("coin")} ${query(view).get("interval")}`, "tETHUSD 5m", "coin and interval");
      expectEqual(`${query(view).get("of")} ${query(view).get("source")}`, "bar bitfinex", "the records");
      await view.page.reload();
      await loaded(view, "tETHUSD", "5m");
      const after = await inView(view);
      near(after.fromTime, before.fromTime, "the left edge", 5);
      near(after.toTime, before.toTime, "the right edge", 5);
      expectEqual((await view.chart()).origin, "bar:bitfinex", "the records after the reload");
    },
  },
  {
    name: "Back undoes each choice: coin, interval, tab",
    async run(view) {
      await view.showChart();
      await loaded(view, "tBTCUSD", "1m");
      await view.page.click('#intervals [data-interval="15m"]');
      await loaded(view, "tBTCUSD", "15m");
      await view.page.selectOption("#coin", "tXRPUSD");
      await loaded(view, "tXRPUSD", "15m");
      await view.page.click("#tab-group");
      await view.page.goBack();
      expectEqual(await view.page.isVisible("#panel-market"), true, "the chart's tab");
      await view.page.goBack();
      await loaded(view, "tBTCUSD", "15m");
      await view.page.goBack();
      await loaded(view, "tBTCUSD", "1m");
      await view.page.goForward();
      await loaded(view, "tBTCUSD", "15m");
      expectEqual(await view.page.getAttribute('#intervals [data-interval="15m"]', "aria-checked"), "true", "the button");
    },
  },
  {
    name: "an address with an unknown coin, interval or record is told",
    async run(view) {
      await view.showChart("?coin=tNONUSD&interval=2m&of=trade");
      await view.until(() => !document.getElementById("address-problem").hidden, "nothing is said");
      const words = await view.text("#address-problem");
      for (const part of ["no coin tNONUSD here; BTC/USD is shown", "no interval 2m", "no candles from trade"]) {
        expect(words.includes(part), `"${part}" is not said: ${words}`);
      }
      await loaded(view, "tBTCUSD", "1m");
      await view.page.selectOption("#coin", "tETHUSD");
      expectEqual(await view.page.isVisible("#address-problem"), false, "still said after a choice");
    },
  },
  {
    name: "an interval without a tick says so under the pointer",
    mode: "replay",
    async run(view) {
      await view.showChart();
      const { fromTime, toTime } = await inView(view);
      const pane = await view.page.locator("#chart tr").first().locator("td").nth(1).boundingBox();
      const empty = Date.parse("2026-01-31T08:14:00Z") / 1000; /* in the middle of twelve empty minutes */
      const x = pane.x + ((empty + 30 - fromTime) / (toTime - fromTime)) * pane.width;
      await view.page.mouse.move(x, pane.y + pane.height / 2);
      await view.until(() => document.getElementById("legend").innerText.includes("no tick"), "it does not");
      near(Date.parse(`${await legendTime(view)}Z`) / 1000, empty, "the time", 300);
    },
  },
  {
    name: "a finished replay repaints nothing",
    mode: "replay",
    async run(view) {
      await view.showChart();
      await drawn(view);
      const changes = await view.page.evaluate(async () => {
        const seen = { drawings: 0, nodes: 0 };
        const { prototype } = CanvasRenderingContext2D;
        for (const name of ["fillRect", "stroke", "fill", "fillText", "clearRect"]) {
          const was = prototype[name];
          prototype[name] = function draw(...parameters) {
            seen.drawings += 1;
            return was.apply(this, parameters);
          };
        }
        const observer = new MutationObserver((found) => (seen.nodes += found.length));
        const options = { subtree: true, childList: true, characterData: true };
        observer.observe(document.querySelector(".chart-card"), options);
        /* Each round is as long as three of the page's own; at first the page may still be loading. */
        for (let round = 0; round < 4; round += 1) {
          Object.assign(seen, { drawings: 0, nodes: 0 });
          await new Promise((resolve) => setTimeout(resolve, 3200));
          if (seen.drawings + seen.nodes === 0) {
            break;
          }
        }
        observer.disconnect();
        return seen;
      });
      expectEqual(JSON.stringify(changes), '{"drawings":0,"nodes":0}', "what was drawn again");
    },
  },
];
