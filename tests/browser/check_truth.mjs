/* Beside the chart: what was polled against what is true, and the proof. */
import { expect, expectEqual } from "./harness.mjs";

function rowsOf(view, selector) {
  return view.page.$$eval(`${selector} tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
}

async function showTruth(view) {
  await view.showChart("?interval=5m");
  await view.until(() => Number(document.getElementById("side-truth").dataset.candles) > 50, "no candle is compared");
}

export const truthChecks = [
  {
    name: "polled candles stand beside those of trades and the exchange's own, and polling's cost is a number",
    mode: "streams",
    async run(view) {
      await showTruth(view);
      const rows = await rowsOf(view, "#side-truth");
      expectEqual(rows.map(([name]) => name).join(), "open,high,low,close", "the prices");
      expect(rows.every((row) => row.length === 5 && /^[\d,.]+$/.test(row[1])), `the rows are ${JSON.stringify(rows)}`);
      const [, high] = rows;
      expectEqual(high[4], "0", "how far the high is off: all are of the same ticks");
      const cost = await view.text(".truth-cost");
      expect(/^Of [\d,]+ candles the close is equal in \d+.%, the high missed in 0.% and the low in 0.%\./.test(cost), cost);
      expect(cost.includes("that is what polling costs"), cost);
      const trades = await view.text("#side-truth .muted >> nth=1");
      expect(trades.includes("68 of 70 candles of 5m are the exchange's own"), trades);
      expect(trades.includes("the others: 2 in a hole"), trades);
    },
  },
  {
    name: "the candle under the pointer is the one that is compared",
    mode: "streams",
    async run(view) {
      await showTruth(view);
      const newest = await view.text("#side-truth-title + span");
      await view.page.focus("#chart");
      for (let step = 0; step < 8; step++) {
        await view.page.keyboard.press("ArrowLeft");
      }
      await view.until(
        (before) => document.querySelector("#side-truth-title + span").textContent !== before,
        "another candle is not compared",
        newest,
      );
      const legend = await view.text("#legend");
      const when = await view.text("#side-truth-title + span");
      expect(legend.includes(when.split(",")[0]), `the legend is of ${legend}, the comparison of ${when}`);
      const rows = await rowsOf(view, "#side-truth");
      const shown = rows.map((row) => row[2]); /* those of trades, as the chart */
      expect(shown.every((price) => legend.includes(price)), `${shown} are not in ${legend}`);
    },
  },
  {
    name: "where nothing can be compared, nothing is said",
    async run(view) {
      await view.showChart();
      await view.until(() => !document.getElementById("side-proof").hidden, "no proof");
      expectEqual(await view.page.isHidden("#side-truth"), true, "the comparison");
    },
  },
  {
    name: "the proof runs at the press of a button, once a minute, and shows what it found by coin",
    mode: "streams",
    allowed: [/429 \(Too Many Requests\)/],
    async run(view) {
      await view.showChart("?interval=5m");
      await view.until(() => document.querySelector(".proof-state")?.textContent.includes("not proved yet"), "it was proved");
      await view.page.click("#side-proof button");
      await view.until(
        () => document.querySelector(".proof-state").textContent === "being proved",
        "it does not say that it runs",
      );
      await view.until(
        () => document.querySelector(".proof-state").textContent === "books do not balance",
        "no verdict",
      );
      const words = await view.text("#side-proof");
      for (const part of ["4,012 records in the log, 4,010 points", "2 missing · 0 unexpected · 0 differing", "1 of 2 topics", "again in"]) {
        expect(words.includes(part), `"${part}" is not in ${words}`);
      }
      expect(/checked \d\d:\d\d:\d\d, \d+.s ago, in 1.234.s/.test(words), words);
      expectEqual(await view.page.isDisabled("#side-proof button"), true, "the button");
      const status = await view.page.evaluate(() => fetch("/api/verify", { method: "POST" }).then((answer) => answer.status));
      expectEqual(status, 429, "a second proof");
      await view.page.click("#side-proof summary");
      const rows = await rowsOf(view, "#side-proof");
      expectEqual(JSON.stringify(rows[0]), JSON.stringify(["tBTCUSD", "4,000", "4,000", "0", "0", "0"]), "the first coin");
      expect((await view.text("#side-proof")).includes("and 3 more"), "not that there are more");
    },
  },
  {
    name: "where the program offers no proof there is no button, and nothing asks for one",
    mode: "replay",
    async run(view) {
      const asked = [];
      view.page.on("request", (request) => asked.push(request.url()));
      await view.showChart();
      await view.until(() => document.getElementById("about").textContent.includes("Source"), "what runs here is not told");
      expect(asked.some((url) => url.includes("/api/history")), "nothing is asked for");
      expectEqual(await view.page.isHidden("#side-proof"), true, "the proof");
      expect(!asked.some((url) => url.includes("/api/verify")), "a proof is asked for");
    },
  },
  {
    name: "hostile words in a proof are text",
    mode: "streams",
    async run(view) {
      await view.showChart("?interval=5m");
      await view.until(() => document.querySelector("#side-proof .proof-state")?.textContent !== "", "nothing is said of a proof");
      if ((await view.text("#side-proof .proof-state")).includes("not proved yet")) {
        await view.page.click("#side-proof button");
      }
      await view.until(() => document.querySelector("#side-proof details") !== null, "no proof is made");
      await view.page.click("#side-proof summary");
      const found = await view.page.evaluate(() => ({
        hacked: window.hacked,
        elements: document.querySelectorAll("#side-proof img, #side-proof script, #side-proof b, #side-proof i").length,
        words: document.getElementById("side-proof").innerText,
      }));
      expectEqual(found.hacked, undefined, "a script has run");
      expectEqual(found.elements, 0, "elements out of words");
      for (const part of ["<b>x</b>", "<img src=x onerror=window.hacked=1>", "<script>", "<i> bitfinex"]) {
        expect(found.words.includes(part), `"${part}" is not in ${found.words}`);
      }
    },
  },
];
