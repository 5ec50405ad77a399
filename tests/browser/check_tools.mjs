/* What the chart can show beside candles: records, intervals, ranges, lines, and files of them. */
import fs from "node:fs";
import { inView, loaded, near } from "./check_view.mjs";
import { expect, expectEqual } from "./harness.mjs";

const number = (text) => Number(text.replaceAll(/[^\d.-]/g, ""));

async function sideFigures(view) {
  const rows = await view.page.locator("#side-range-figures > div").all();
  const pairs = await Promise.all(
    rows.map(async (row) => [await row.locator("dt").innerText(), await row.locator("dd").innerText()]),
  );
  return Object.fromEntries(pairs);
}

async function downloaded(view, button) {
  const [file] = await Promise.all([view.page.waitForEvent("download"), view.page.click(button)]);
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

export const toolChecks = [
  {
    name: "candles of 4 hours, days and weeks are drawn, and weeks begin on Monday",
    async run(view) {
      await view.showChart();
      for (const interval of ["4h", "1d", "1w"]) {
        await view.page.click(`#intervals [data-interval="${interval}"]`);
        await loaded(view, "tBTCUSD", interval);
        const rows = await view.api(`candles?coin=tBTCUSD&interval=${interval}`);
        expectEqual(Number((await view.chart()).candles), rows.length, `candles of ${interval}`);
      }
      const { lastTime, forming } = await view.chart();
      expectEqual(new Date(Number(lastTime) * 1000).getUTCDay(), 1, "the week's first day");
      expectEqual(forming, "true", "the week forms");
    },
  },
  {
    name: "ranges show their time at an interval that suits it, and the side panel tells its figures",
    async run(view) {
      await view.showChart();
      await view.page.click('#ranges [data-range="1H"]');
      await loaded(view, "tBTCUSD", "1m");
      const hour = await inView(view);
      near(hour.toTime - 240 - hour.fromTime, 3600, "an hour", 61);
      expectEqual(await view.page.getAttribute('#ranges [data-range="1H"]', "aria-pressed"), "true", "the button");
      await view.page.click('#ranges [data-range="24H"]');
      await loaded(view, "tBTCUSD", "5m");
      near((await inView(view)).from, 0, "all that there is of the day", 0.6);
      await view.page.click('#ranges [data-range="All"]');
      await loaded(view, "tBTCUSD", "1m");
      near((await inView(view)).from, 0, "the first candle", 0.6);
      await view.page.hover("#chart");
      const rows = await view.api("candles?coin=tBTCUSD&interval=1m");
      const figures = await sideFigures(view);
      near(number(figures.High), Math.max(...rows.map((row) => row.high)), "the highest", 0.01);
      near(number(figures.Low), Math.min(...rows.map((row) => row.low)), "the lowest", 0.01);
      near(number(figures.Candles.split(",")[0]), rows.length, "candles", 1);
      expectEqual(figures.Volume, undefined, "a volume of polled prices");
    },
  },
  {
    name: "a time can be gone to",
    async run(view) {
      await view.showChart();
      const coin = (await view.api("coins"))[0];
      const wanted = Date.parse(coin.first_time) / 1000 + 7200;
      await view.page.click("#goto-menu summary");
      await view.page.fill("#goto-time", new Date(wanted * 1000).toISOString().slice(0, 16));
      await view.page.click("#goto-form button");
      await view.until(
        (time) => {
          const [from, to] = document.getElementById("chart").dataset.times.split(" ").map(Number);
          return Math.abs((from + to) / 2 - time) < 120;
        },
        "it is not in the middle",
        wanted,
      );
      expectEqual(await view.page.isVisible("#goto-form"), false, "the menu is still open");
      await view.page.click("#goto-menu summary");
      await view.page.fill("#goto-time", "2020-01-01T00:00");
      await view.page.press("#goto-time", "Enter");
      await view.until(
        () => document.getElementById("chart-note").textContent.includes("nothing is stored"),
        "it is not told that there is nothing so long ago",
      );
    },
  },
  {
    name: "below the candles is their volume, or the ticks of each where there is none",
    mode: "streams",
    async run(view) {
      await view.showChart("?coin=tBTCUSD");
      expectEqual((await view.chart()).lower, "volume", "below candles of trades");
      expectEqual(await view.page.isVisible("#tool-vwap"), true, "a mean by volume");
      await view.page.selectOption("#origin", "ticker");
      await view.until(() => document.getElementById("chart").dataset.lower === "ticks", "not ticks");
      expectEqual(await view.page.isVisible("#tool-vwap"), false, "a mean by a volume that there is not");
      expect((await view.text("#legend")).includes("of polled prices"), "the legend does not say from what");
      expect((await sideFigures(view)).Volume === undefined, "a ticker's volume is told as the candles'");
    },
  },
  {
    name: "of what a coin's candles can be made, the first that has candles in view is shown",
    mode: "streams",
    async run(view) {
      await view.page.route("**/api/candles?*of=trade*", (route) => route.fulfill({ json: [] }));
      await view.showChart("?coin=tBTCUSD");
      expectEqual((await view.chart()).origin, "ticker", "what is shown");
      expectEqual(await view.page.inputValue("#origin"), "ticker", "the picker");
      await view.page.selectOption("#origin", "trade:bitfinex");
      await view.until(() => !document.getElementById("chart-empty").hidden, "the reader's choice is passed over");
    },
  },
  {
    name: "the quote row has bid, ask, spread and the volume of 24 hours",
    async run(view) {
      await view.showChart();
      await view.page.selectOption("#coin", "tXRPUSD");
      await loaded(view, "tXRPUSD", "1m");
      const [bid, ask] = [number(await view.text("#bid")), number(await view.text("#ask"))];
      near(ask - bid, 0.0002, "ask over bid", 0.00001);
      expect(/^0\.0002 \([01]\.\d+.bp\)$/.test(await view.text("#spread")), `the spread: ${await view.text("#spread")}`);
      expectEqual(await view.text("#volume-24h"), "1,737 XRP", "the volume");
    },
  },
  {
    name: "averages, a logarithmic scale and other coins lie over the candles, and are kept",
    async run(view) {
      await view.showChart();
      await view.page.click("#tool-averages");
      await view.page.click("#tool-log");
      expectEqual((await view.chart()).lines, "MA 20, MA 50", "averages");
      expectEqual((await view.chart()).scale, "log", "the scale");
      const rows = (await view.api("candles?coin=tBTCUSD&interval=1m")).slice(-21, -1);
      await view.page.focus("#chart");
      await view.page.keyboard.press("ArrowLeft");
      await view.page.keyboard.press("ArrowLeft");
      const legend = (await view.text("#legend")).replaceAll(/\s+/g, " ");
      const mean = rows.reduce((sum, row) => sum + row.close, 0) / rows.length;
      near(number(/MA 20 ([\d,.]+)/.exec(legend)?.[1] ?? ""), mean, "the mean of 20 closes", 0.01);
      await view.page.click("#compare-menu summary");
      await view.page.check('#compare-coins input[value="tETHUSD"]');
      await view.until(() => /ETH\/USD/.test(document.getElementById("chart").dataset.lines), "no line of ETH");
      expectEqual((await view.chart()).scale, "percent", "the scale of several coins");
      await view.until(() => /ETH\/USD [+−]?\d/.test(document.getElementById("legend").innerText), "no per cent of ETH");
      await view.page.keyboard.press("Escape");
      expectEqual(await view.page.isVisible("#compare-coins"), false, "the menu is still open");
      await view.page.reload();
      await view.until(() => document.getElementById("chart").dataset.lines === "MA 20, MA 50", "not kept");
    },
  },
  {
    name: "the candles in view are saved as CSV with all digits, and as a picture",
    mode: "streams",
    async run(view) {
      await view.showChart("?coin=tBTCUSD&interval=5m&of=bar&source=bitfinex");
      const csv = await downloaded(view, "#save-csv");
      const lines = csv.bytes.toString().trimEnd().split("\n");
      expect(/^BTC-USD_5m_\d{8}T\d{4}Z-\d{8}T\d{4}Z\.csv$/.test(csv.name), `the file's name: ${csv.name}`);
      expectEqual(lines[0], "# tBTCUSD, candles of 5m from bars, bitfinex".replace("bitfinex", "Bitfinex"), "the head");
      expectEqual(lines[2], "time,open,high,low,close,ticks,volume,forming", "the columns");
      const rows = await view.api("candles?coin=tBTCUSD&of=bar&interval=5m");
      const first = lines[3].split(",");
      const row = rows.find(({ time }) => Date.parse(time) === Date.parse(first[0]));
      expectEqual(first.slice(1, 7).join(), [row.open, row.high, row.low, row.close, row.ticks, row.volume].join(), "a row");
      expectEqual(row.volume, 0.30000000000000004, "the test's data changed");
      const picture = await downloaded(view, "#save-png");
      expect(picture.name === csv.name.replace(".csv", ".png"), `the picture's name: ${picture.name}`);
      expectEqual(picture.bytes.subarray(1, 4).toString(), "PNG", "the picture");
      expect(picture.bytes.length > 10000, "the picture is empty");
    },
  },
];
