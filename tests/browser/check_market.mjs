/* Candles, the picker, intervals, live prices. */
import { expect, expectEqual } from "./harness.mjs";

/* Pixels of the drawing whose colour is near one of the two candle colours. */
function candlePixels(page) {
  return page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    const rgb = (name) =>
      style
        .getPropertyValue(name)
        .trim()
        .match(/[0-9a-f]{2}/gi)
        .map((hex) => parseInt(hex, 16));
    const wanted = [rgb("--candle-up"), rgb("--candle-down")];
    const canvases = [...document.querySelectorAll("#chart canvas")].sort(
      (a, b) => b.width * b.height - a.width * a.height,
    );
    const { width, height } = canvases[0];
    let found = 0;
    for (const canvas of canvases.filter((other) => other.width === width && other.height === height)) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      for (let i = 0; i < data.length; i += 4) {
        found += wanted.some((colour) => colour.every((part, n) => Math.abs(part - data[i + n]) < 12))
          ? 1
          : 0;
      }
    }
    return found;
  });
}

function loaded(view, coin, interval) {
  return view.until(
    (want) => document.getElementById("chart").dataset.loaded === want,
    `${coin} ${interval} was not loaded`,
    `${coin} ${interval}`,
  );
}

/* From now on the API has so many more candles of five minutes behind `newest`, one of its own. */
async function addCandles(view, newest, amount) {
  const added = Array.from({ length: amount }, (_, n) => ({
    ...newest,
    time: new Date(Date.parse(newest.time) + (n + 1) * 300000).toISOString(),
  }));
  await view.page.unrouteAll();
  await view.page.route("**/api/candles?*", async (route) => {
    const response = await route.fetch();
    const earlier = new URL(route.request().url()).searchParams.has("to");
    await route.fulfill({ response, json: [...(await response.json()), ...(earlier ? [] : added)] });
  });
  await view.until(
    (want) => Number(document.getElementById("chart").dataset.lastTime) * 1000 === want,
    `${amount} more candles are not drawn`,
    Date.parse(added.at(-1).time),
  );
}

/* Bars from the newest candle to the right edge of the view; below 0: it is beyond. */
async function behind(view) {
  await view.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))));
  return Number((await view.chart()).behind);
}

export const marketChecks = [
  {
    name: "candles are drawn, as many as the API gives",
    anywhere: true,
    async run(view) {
      await view.showChart();
      await view.page.waitForTimeout(300);
      const drawn = await view.chart();
      const most = (await view.api("info")).replay_from ? 5000 : 1000;
      const rows = await view.api(`candles?coin=${drawn.coin}&interval=${drawn.interval}&limit=${most}`);
      expect(
        Math.abs(Number(drawn.candles) - rows.length) <= 1,
        `${drawn.candles} candles drawn, ${rows.length} given`,
      );
      const pixels = await candlePixels(view.page);
      expect(pixels > 20, `only ${pixels} pixels have a candle's colour`);
      expect(
        (await view.page.getAttribute("#chart", "aria-label")).includes(`${drawn.candles} candles`),
        "the chart does not say what it shows",
      );
    },
  },
  {
    name: "the picker changes the coin by mouse",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const coins = await view.api("coins");
      const other = coins.at(-1);
      await view.page.locator(`#coins button[data-coin="${other.coin}"]`).click();
      await loaded(view, other.coin, (await view.chart()).interval);
      expectEqual(await view.page.inputValue("#coin"), other.coin, "the picker");
      await view.page.selectOption("#coin", coins[0].coin);
      await loaded(view, coins[0].coin, (await view.chart()).interval);
      expectEqual(
        await view.page.getAttribute(`#coins button[data-coin="${coins[0].coin}"]`, "aria-current"),
        "true",
        "the list's mark",
      );
      expect((await view.page.title()).includes(coins[0].name), "the title does not name the coin");
      expect(
        view.page.url().includes(encodeURIComponent(coins[0].coin)),
        "the address does not keep the coin",
      );
    },
  },
  {
    name: "the picker changes the coin by keyboard",
    async run(view) {
      await view.showChart();
      await view.page.focus("#coin");
      await view.page.keyboard.press("ArrowDown");
      await loaded(view, "tETHUSD", "1m");
      await view.page.focus('#coins button[data-coin="tXRPUSD"]');
      await view.page.keyboard.press("Enter");
      await loaded(view, "tXRPUSD", "1m");
      const first = (await view.api("candles?coin=tXRPUSD&interval=1m"))[0];
      expectEqual((await view.chart()).coin, "tXRPUSD", "the chart's coin");
      expect(first.open < 10, "the test's data changed");
    },
  },
  {
    name: "the interval changes by mouse and by arrow keys",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const { coin } = await view.chart();
      await view.page.locator('#intervals [data-interval="5m"]').click();
      await loaded(view, coin, "5m");
      await view.page.keyboard.press("ArrowRight");
      await loaded(view, coin, "15m");
      await view.page.keyboard.press("ArrowRight");
      await loaded(view, coin, "1h");
      const hours = await view.api(`candles?coin=${coin}&interval=1h&limit=1000`);
      expect(
        Math.abs(Number((await view.chart()).candles) - hours.length) <= 1,
        "not as many hours as the API gives",
      );
      expectEqual(await view.page.locator('#intervals [aria-checked="true"]').count(), 1, "chosen intervals");
      expectEqual(await view.page.evaluate(() => document.activeElement.dataset.interval), "1h", "the focus");
    },
  },
  {
    name: "the address chooses coin and interval",
    async run(view) {
      await view.showChart("?coin=tETHUSD&interval=15m");
      const drawn = await view.chart();
      expectEqual(`${drawn.coin} ${drawn.interval}`, "tETHUSD 15m", "what is shown");
    },
  },
  {
    name: "candles are made from what the picker says, at first from trades, and holes are marked",
    mode: "streams",
    async run(view) {
      await view.showChart();
      expectEqual((await view.chart()).of, "trade", "at first from");
      expectEqual(await view.page.inputValue("#origin"), "trade:bitfinex", "the picker");
      const rows = await view.api("candles?coin=tBTCUSD&of=trade&interval=1m&limit=1000");
      const old = (row) => Date.parse(row.time) + 180000 < Date.now();
      const holed = rows.filter((row) => row.covered.hole > 0 || (row.covered.unknown > 0 && old(row)));
      expect(holed.length > 5, "the test's data changed");
      expectEqual((await view.chart()).holed, String(holed.length), "candles with a hole");
      await view.page.focus("#chart");
      for (let i = 0; i < 9; i += 1) {
        await view.page.keyboard.press("ArrowLeft");
      }
      const legend = await view.text("#legend");
      expect(/Vol 0\.3 /.test(`${legend} `.replaceAll(/\s+/g, " ")), `the volume: ${legend}`);
      await view.page.selectOption("#origin", "bar:bitfinex");
      await loaded(view, "tBTCUSD", "5m"); /* there are none of a minute */
      expect(view.page.url().includes("of=bar"), "the address does not keep it");
      await view.page.selectOption("#origin", "ticker");
      await loaded(view, "tBTCUSD", "5m");
      expectEqual((await view.chart()).of, "ticker", "what is shown");
      await view.showChart("?coin=tETHUSD&of=bar");
      expectEqual((await view.chart()).of, "bar", "by the address");
      await view.page.selectOption("#coin", "tXRPUSD");
      await view.until(() => document.getElementById("chart").dataset.of === "ticker", "not what this coin has");
      expectEqual(await view.page.isVisible("#origin"), false, "a picker of one");
    },
  },
  {
    name: "a live tick moves the last price, and the candle is marked as forming",
    async run(view) {
      await view.showChart();
      const price = await view.text("#last-price");
      const close = (await view.chart()).lastClose;
      await view.until(
        (before) => document.getElementById("last-price").innerText !== before,
        "the last price stood still",
        price,
      );
      await view.until(
        (before) => document.getElementById("chart").dataset.lastClose !== before,
        "the newest candle stood still",
        close,
      );
      expectEqual((await view.chart()).forming, "true", "forming");
      expect(
        (await view.text("#legend")).includes("forming"),
        "the legend does not say that the candle is forming",
      );
    },
  },
  {
    name: "the tile shows the change, high and low of 24 hours",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const coin = (await view.api("coins")).find(
        (entry) => entry.coin === new URL(view.page.url()).searchParams.get("coin"),
      );
      expect(/\d/.test(await view.text("#last-price")), "no last price");
      expectEqual(/\d/.test(await view.text("#high")), coin.high_24h !== null, "a high is shown");
      expectEqual(/\d/.test(await view.text("#low")), coin.low_24h !== null, "a low is shown");
      expectEqual(
        /%/.test(await view.text("#change")),
        coin.change_24h_relative !== null,
        "a change is shown",
      );
    },
  },
  {
    name: "the view follows new candles while the newest is in it, and stays where it was moved to",
    mode: "streams",
    async run(view) {
      await view.showChart("?coin=tBTCUSD&of=bar");
      await view.page.focus("#chart");
      for (const key of ["+", "+", "+", "+", "+", "End"]) {
        await view.page.keyboard.press(key); /* fewer candles in view than there are */
      }
      await view.until(() => Number(document.getElementById("chart").dataset.behind) > 0, "the newest is not in view");
      const before = await behind(view);
      const newest = (await view.api("candles?coin=tBTCUSD&of=bar&interval=5m&limit=1"))[0];
      await addCandles(view, newest, 3);
      const followed = await behind(view);
      expect(Math.abs(followed - before) < 1, `the newest was ${before} bars from the edge, and is ${followed}`);
      const box = await view.page.locator("#chart").boundingBox();
      await view.page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
      await view.page.mouse.down();
      await view.page.mouse.move(box.x + box.width / 3 + 300, box.y + box.height / 2, { steps: 15 });
      await view.page.mouse.up();
      await view.until(() => Number(document.getElementById("chart").dataset.behind) < -2, "it is not moved away");
      const moved = await behind(view);
      await addCandles(view, newest, 8);
      await view.until(
        (want) => Math.abs(Number(document.getElementById("chart").dataset.behind) - want) < 1,
        `moved to ${moved}, and five more candles do not leave it where it was`,
        moved - 5,
      );
    },
  },
  {
    name: "the chart is read and moved by keys",
    anywhere: true,
    async run(view) {
      await view.showChart();
      await view.page.focus("#chart");
      const newest = await view.text("#legend");
      await view.page.keyboard.press("ArrowLeft");
      await view.page.keyboard.press("ArrowLeft");
      if (Number((await view.chart()).candles) > 1) {
        expect((await view.text("#legend")) !== newest, "the legend does not follow the keys");
      }
      for (const key of ["+", "-", "Home", "End", "Escape"]) {
        await view.page.keyboard.press(key);
      }
    },
  },
  {
    name: "a replay opens on its range, empty intervals stay empty, nothing is forming",
    mode: "replay",
    async run(view) {
      await view.showChart();
      const drawn = await view.chart();
      const rows = await view.api(`candles?coin=${drawn.coin}&interval=${drawn.interval}`);
      expectEqual(Number(drawn.candles), rows.length, "candles");
      expectEqual(drawn.blanks, "12", "empty minutes");
      expectEqual(drawn.forming, "false", "forming");
      expectEqual(drawn.lastClose, String(rows.at(-1).close), "the last close");
      expect((await view.text("#last-time")).startsWith("2026-01-31"), "the last tick's date is not shown");
      expect(
        (await view.text("#about")).includes("2026-01-31 06:00 to 2026-01-31 12:00"),
        "the range is not named",
      );
      const links = await view.page.locator("#about a").evaluateAll((found) => found.map((link) => [link.textContent, link.href, link.rel]));
      expectEqual(
        JSON.stringify(links),
        JSON.stringify([
          ["Grafana", "http://127.0.0.1:3000/", "noopener noreferrer"],
          ["Kafka-UI", "http://127.0.0.1:8082/", "noopener noreferrer"],
        ]),
        "the links to other screens",
      );
      expectEqual(await view.page.isVisible("#synthetic"), false, "the synthetic badge");
    },
  },
];
