/* The markets tab. */
import { expect, expectEqual } from "./harness.mjs";

const opens = "#markets .open";

async function showMarkets(view, count = 6) {
  await view.show("#markets");
  await view.until(
    (want) => document.querySelectorAll("#markets .open").length === want,
    `not ${count} coins`,
    count,
  );
}

function coins(view) {
  return view.page.$$eval(opens, (buttons) => buttons.map((button) => button.dataset.coin));
}

async function expectCoins(view, want, what) {
  expectEqual((await coins(view)).join(" "), want, what);
}

export const marketsChecks = [
  {
    name: "markets show each coin's figures with their sources, and what is not known as not known",
    async run(view) {
      await showMarkets(view);
      const row = (coin) => view.text(`tr[data-coin="${coin}"]`);
      const btc = await row("tBTCUSD");
      for (const words of ["BTC/USD", "Bitcoin", "synthetic", "1.93T\u00a0USD", "CoinGecko", "1K\u00a0BTC", "▼"]) {
        expect(btc.includes(words), `the row of BTC has no "${words}": ${btc}`);
      }
      const week = (coin) => view.text(`tr[data-coin="${coin}"] [data-column="change_7d"]`);
      expectEqual(await week("SOLUSDT"), "–", "a change that is not known");
      const day = await view.text('tr[data-coin="SOLUSDT"] [data-column="change_24h"]');
      expect(/^0\.00/.test(day), `a change of nothing is ${day}`);
      const gaps = await view.page.getAttribute('tr[data-coin="tBTCUSD"] .spark path:not(.start)', "d");
      const tones = await view.page.$$eval("#markets .market-row", (rows) =>
        rows.map((row) => [row.querySelector('[data-column="change_24h"]'), row.querySelector(".spark")]
          .map((part) => ["up", "down"].find((tone) => part.classList.contains(tone)) ?? "none")),
      );
      expect(tones.some(([change]) => change === "down"), "no coin is down");
      for (const [change, line] of tones) {
        expectEqual(line, change, "the colour of a line beside its change");
      }
      expectEqual(gaps.split("M").length - 1, 2, "pieces of a line with one gap");
      expectEqual(await view.page.isVisible("#made-up"), true, "the head of made-up coins");
      const words = await view.text("#market-providers");
      expect(words.includes("Data provided by CoinGecko"), `the providers are ${words}`);
      expectEqual(
        await view.page.getAttribute('#market-providers a[data-service="coingecko"]', "rel"),
        "noopener noreferrer nofollow",
        "rel",
      );
    },
  },
  {
    name: "markets are sorted by each column, what is not known last, and the order is kept",
    async run(view) {
      await showMarkets(view);
      const sort = (column) => view.page.click(`#markets thead button[data-column="${column}"]`);
      await expectCoins(view, "tBTCUSD cg:bitcoin tETHUSD SOLUSDT tXRPUSD tDRILL0", "by market cap");
      await sort("coin");
      await expectCoins(view, "tBTCUSD cg:bitcoin tETHUSD SOLUSDT tXRPUSD tDRILL0", "by name");
      await sort("change_1h");
      await expectCoins(view, "tXRPUSD tETHUSD cg:bitcoin tBTCUSD SOLUSDT tDRILL0", "by the hour");
      await sort("change_1h");
      await expectCoins(view, "SOLUSDT tBTCUSD cg:bitcoin tETHUSD tXRPUSD tDRILL0", "by the hour, upwards");
      expectEqual(
        await view.page.getAttribute('#markets th[data-column="change_1h"]', "aria-sort"),
        "ascending",
        "aria-sort",
      );
      await sort("volume_24h");
      await expectCoins(view, "cg:bitcoin SOLUSDT tBTCUSD tETHUSD tXRPUSD tDRILL0", "by volume in money");
      await view.page.reload();
      await view.until(() => document.querySelectorAll("#markets .open").length === 6, "no coins again");
      await expectCoins(view, "cg:bitcoin SOLUSDT tBTCUSD tETHUSD tXRPUSD tDRILL0", "after a reload");
    },
  },
  {
    name: "favourites come first and are kept over a reload",
    async run(view) {
      await showMarkets(view);
      await view.page.click('tr[data-coin="tXRPUSD"] .star');
      await view.page.click('tr[data-coin="cg:bitcoin"] .star'); /* the asset, of any service */
      const want = "tBTCUSD cg:bitcoin tXRPUSD tETHUSD SOLUSDT tDRILL0";
      await expectCoins(view, want, "with favourites");
      await view.page.reload();
      await view.until(() => document.querySelectorAll("#markets .open").length === 6, "no coins again");
      await expectCoins(view, want, "after a reload");
      expectEqual(
        await view.page.getAttribute('tr[data-coin="tBTCUSD"] .star', "aria-pressed"),
        "true",
        "the star of the same asset",
      );
      await view.page.click('tr[data-coin="tBTCUSD"] .star');
      await expectCoins(view, "tXRPUSD tBTCUSD cg:bitcoin tETHUSD SOLUSDT tDRILL0", "without bitcoin");
      await view.page.click("#tab-market");
      const rail = () => view.page.$$eval("#coins .coin-row", (rows) => rows.map((row) => row.dataset.coin).join(" "));
      await view.until(() => document.querySelector("#coins .coin-row").dataset.coin === "tXRPUSD", "not first beside the chart");
      expectEqual(await rail(), "tXRPUSD tBTCUSD tETHUSD", "beside the chart");
      expect((await view.text('.coin-row[data-coin="tXRPUSD"]')).includes("★"), "the favourite is not marked");
      expectEqual(await view.page.isVisible('.coin-row[data-coin="tXRPUSD"] .spark'), true, "its line of 24 hours");
      expect((await view.text('.coin-row[data-coin="tXRPUSD"] .move')).includes("%"), "its change of 24 hours");
    },
  },
  {
    name: "markets are filtered with / and walked with the keyboard into a chart",
    async run(view) {
      await showMarkets(view);
      await view.page.keyboard.press("/");
      await view.page.keyboard.type("bitcoin");
      await expectCoins(view, "tBTCUSD cg:bitcoin", "filtered");
      expectEqual(await view.text("#markets-count"), "2 of 6", "the count");
      await view.page.keyboard.type(" nothing");
      await view.until(() => !document.getElementById("markets-empty").hidden, "nothing is said");
      await view.page.keyboard.press("Escape");
      await view.page.keyboard.press("ArrowDown");
      await view.page.keyboard.press("j");
      await view.page.keyboard.press("ArrowDown");
      expectEqual(
        await view.page.evaluate(() => document.activeElement.dataset.coin),
        "tETHUSD",
        "the coin with the focus",
      );
      await view.page.keyboard.press("Enter");
      await view.until(
        () => document.getElementById("chart").dataset.loaded?.startsWith("tETHUSD "),
        "its chart is not shown",
      );
      expectEqual(await view.page.isVisible("#panel-market"), true, "the chart's panel");
    },
  },
  {
    name: "the chart names who its candles are from",
    mode: "streams",
    async run(view) {
      await view.showChart("?coin=tBTCUSD");
      await view.until(
        () => document.getElementById("chart-provider").innerText === "Data provided by Bitfinex",
        "it does not",
      );
    },
  },
  {
    name: "markets and news without data say what to do",
    mode: "empty",
    async run(view) {
      await view.show("#markets");
      await view.until(
        () => document.getElementById("markets-empty").innerText.includes("Waiting for the first price"),
        "markets do not",
      );
      await view.page.click("#tab-news");
      await view.until(
        () => document.getElementById("news-empty").innerText.includes("rss:default"),
        "news do not",
      );
    },
  },
  {
    name: "markets and news that cannot be loaded say so",
    mode: "failing",
    allowed: [/503 \(Service Unavailable\)/],
    async run(view) {
      for (const [tab, words] of [
        ["markets", "the markets\\b.* could not be loaded: the store"],
        ["news", "news\\b.* could not be loaded: the store"],
      ]) {
        await view.show(`#${tab}`);
        await view.until(
          (want) => new RegExp(want, "i").test(document.getElementById("problem").innerText),
          `${tab} do not`,
          words,
        );
      }
    },
  },
];
