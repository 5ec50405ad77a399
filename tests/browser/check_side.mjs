/* Beside and under the chart: news and events, their marks, the lanes, and the holes. */
import { expect, expectEqual } from "./harness.mjs";

async function showEvents(view, where = "?interval=5m") {
  await view.showChart(where);
  await view.until(() => document.querySelectorAll(".happenings li").length > 5, "no events are listed");
}

function listed(view) {
  return view.page.$$eval(".happenings .happening-title", (titles) => titles.map((title) => title.textContent));
}

/* Clicks above the candle of a time until a mark is met: whether one was. */
async function clickMark(view, seconds) {
  const chart = await view.page.locator("#chart").boundingBox();
  const x = await view.page.evaluate((at) => {
    const bar = [...document.querySelectorAll("#lanes rect")].find((rect) => Number(rect.dataset.to) === at * 1000);
    return Number(bar.getAttribute("x")) + Number(bar.getAttribute("width"));
  }, seconds);
  for (let y = chart.y + 4; y < chart.y + chart.height - 30; y += 5) {
    for (const dx of [-3, 3]) {
      await view.page.mouse.click(chart.x + x + dx, y);
      if (await view.page.evaluate(() => document.querySelector(".happenings .lit") !== null)) {
        return true;
      }
    }
  }
  return false;
}

export const sideChecks = [
  {
    name: "what happened is listed, the newest first; what belongs together is one happening",
    mode: "streams",
    async run(view) {
      await showEvents(view);
      const titles = await listed(view);
      for (const title of ["Rebalance", "Member demo-2 away", "Broker 2 away", "Drill kill-broker", "Hole of tBTCUSD", "Source synthetic away"]) {
        expect(titles.includes(title), `"${title}" is not in ${titles}`);
      }
      const words = await view.text(".happenings");
      for (const part of ["connection lost", "the exchange has no more of it", "2\u00a0min", "12\u00a0min"]) {
        expect(words.includes(part), `"${part}" is not in ${words}`);
      }
    },
  },
  {
    name: "hostile events are text, in the list and on the chart",
    mode: "streams",
    async run(view) {
      await showEvents(view);
      const titles = await listed(view);
      expectEqual(titles[0], '<img src=x onerror="window.hacked=1">: <b>drill</b>', "the first");
      expectEqual(titles[1], "&lt;i&gt; {{subject}}: odd word", "the second");
      const found = await view.page.evaluate(() => ({
        hacked: window.hacked,
        elements: document.querySelectorAll("#side img, #side script, #side b, #side iframe, #lanes img").length,
        isolated: [...document.querySelectorAll(".happenings bdi")].every((text) => getComputedStyle(text).unicodeBidi === "isolate"),
      }));
      expectEqual(JSON.stringify(found), JSON.stringify({ elements: 0, isolated: true }), "what is found");
    },
  },
  {
    name: "a click on an event shows its time on the chart, a click on its mark shows the event",
    mode: "streams",
    async run(view) {
      await showEvents(view, "?interval=1m");
      const before = (await view.chart()).times;
      const away = view.page.locator('.happenings li:has-text("Source synthetic away") button');
      await away.scrollIntoViewIfNeeded();
      await away.click();
      await view.until((times) => document.getElementById("chart").dataset.times !== times, "the chart stays where it is", before);
      const [from, to] = (await view.chart()).times.split(" ").map(Number);
      const time = await view.page.evaluate(
        () => Number(document.querySelector('#lanes [data-lane="producers"] rect').dataset.to) / 1000,
      );
      expect(from < time && time < to, `${time} is not in ${from} to ${to}`);
      expect(Number((await view.chart()).eventMarks) > 0, "no mark is on the chart");
      expect(await clickMark(view, time), "no click on the chart leads to the event");
      const lit = await view.text(".happenings .lit");
      expect(lit.includes("Source synthetic away"), `the mark leads to ${lit}`);
    },
  },
  {
    name: "lanes under the chart have its time axis: members, brokers, producers",
    mode: "streams",
    async run(view) {
      await showEvents(view, "?interval=5m");
      await view.page.focus("#chart");
      await view.page.keyboard.press("Home");
      await view.until(() => document.querySelectorAll("#lanes [data-lane]").length === 4, "not four lanes");
      const lanes = await view.page.$$eval("#lanes [data-lane]", (all) =>
        all.map((lane) => ({
          name: lane.dataset.lane,
          bars: [...lane.querySelectorAll("rect")].map((bar) => ({
            from: Number(bar.dataset.from),
            to: Number(bar.dataset.to),
            x: Number(bar.getAttribute("x")),
            right: Number(bar.getAttribute("x")) + Number(bar.getAttribute("width")),
          })),
        })),
      );
      expectEqual(lanes.map(({ name }) => name).join(), "demo-1,demo-2,brokers,producers", "the lanes");
      expectEqual(lanes.map(({ bars }) => bars.length).join(), "1,2,3,2", "their bars");
      const [first, second] = lanes[3].bars;
      expectEqual(second.from - first.to, 720000, "the gap of the producers (ms)");
      const [from, to] = (await view.chart()).times.split(" ").map((seconds) => Number(seconds) * 1000);
      const scale = (second.right - first.x) / (Math.min(second.to, to) - Math.max(first.from, from));
      const want = (second.from - first.to) * scale;
      expect(Math.abs(second.x - first.right - want) < 3, `the gap is ${second.x - first.right} px wide, not ${want}`);
      const label = await view.page.getAttribute("#lanes svg", "aria-label");
      expect(label.includes("2 of 3"), `a broker away is not told: ${label}`);
    },
  },
  {
    name: "times that nobody covered are hatched with their length and cause",
    mode: "streams",
    async run(view) {
      await showEvents(view, "?interval=5m&of=ticker");
      await view.until(() => document.getElementById("chart").dataset.holes === "1", "no hole of the ticks");
      expectEqual((await view.chart()).holeWords, "no ticks: producer away 12\u00a0min", "the hole's words");
      await view.page.selectOption("#origin", "trade:bitfinex");
      await view.until(() => document.getElementById("chart").dataset.holes === "2", "not the holes of the trades");
      const words = (await view.chart()).holeWords;
      expect(words.includes("no trades: connection lost 4\u00a0min 30\u00a0s"), `the holes are ${words}`);
    },
  },
  {
    name: "news beside the chart is filtered by coin and favourites, numbered, and leads to its time",
    mode: "streams",
    async run(view) {
      await view.showChart("?interval=5m");
      await view.until(() => !document.getElementById("side-news").hidden, "no news beside the chart");
      await view.page.selectOption("#side-news-filter", "all");
      await view.until(() => document.querySelectorAll(".side-news li").length === 30, "not 30 items");
      const first = await view.page.locator(".side-news li").first();
      expect((await first.innerText()).startsWith('<img src=x onerror="window.hacked=1">'), "a hostile title is not text");
      const numbers = await view.page.$$eval(".side-news .chip", (chips) => chips.map((chip) => chip.textContent));
      expectEqual([numbers[0], numbers.at(-1)].join(), "N30,N1", "the numbers");
      const hacked = await view.page.evaluate(() => [window.hacked, document.querySelectorAll("#side-news img, #side-news script").length]);
      expectEqual(JSON.stringify(hacked), "[null,0]", "what ran, and elements out of titles");
      const before = (await view.chart()).times;
      await view.page.locator(".side-news .chip").nth(20).click();
      await view.until((times) => document.getElementById("chart").dataset.times !== times, "the chart stays where it is", before);
      await view.page.selectOption("#side-news-filter", "favourites");
      await view.until(
        () => document.getElementById("side-news").innerText.includes("No favourites yet"),
        "it does not say that there are none",
      );
      await view.page.reload();
      await view.until(
        () => document.getElementById("side-news-filter")?.value === "favourites",
        "the choice is not kept",
      );
    },
  },
  {
    name: "the rail stands under the chart on a narrow screen, and nothing scrolls sideways",
    mode: "streams",
    async run(view) {
      await showEvents(view);
      for (const [width, beside] of [[1440, true], [390, false]]) {
        await view.page.setViewportSize({ width, height: 844 });
        await view.until(
          (want) => {
            const [chart, side] = ["chart", "side"].map((id) => document.getElementById(id).getBoundingClientRect());
            return side.left > chart.right === want && (want || side.top >= chart.bottom);
          },
          `at ${width} px the rail is in the wrong place`,
          beside,
        );
        const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide <= width, `it is ${wide} px wide on a screen of ${width} px`);
      }
    },
  },
];
