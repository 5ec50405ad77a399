/* The view of the chart is the reader's: what moves it, and what does not. */
import { expect } from "./harness.mjs";

/* The logical range and the times that are in view, once the frame that describes them is drawn. */
export async function inView(view) {
  await view.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 0)))),
  );
  const chart = await view.chart();
  const [from, to] = chart.range.split(" ").map(Number);
  const [fromTime, toTime] = chart.times.split(" ").map(Number);
  return { from, to, fromTime, toTime, behind: Number(chart.behind), candles: Number(chart.candles) };
}

/* Resolves after the page has asked for candles once more, and drawn them. */
async function resynced(view) {
  await view.page.waitForResponse((response) => response.url().includes("/api/candles"));
}

async function dragBy(view, dx, dy = 0) {
  const box = await view.page.locator("#chart").boundingBox();
  const [x, y] = [box.x + box.width / 3, box.y + box.height / 2];
  await view.page.mouse.move(x, y);
  await view.page.mouse.down();
  await view.page.mouse.move(x + dx, y + dy, { steps: 5 });
  await view.page.mouse.up();
}

function near(got, want, what, by = 0.05) {
  expect(Math.abs(got - want) <= by, `${what}: ${got}, want ${want}`);
}

export const viewChecks = [
  {
    name: "live data does not move the range that the reader has zoomed and moved to",
    async run(view) {
      await view.showChart();
      await view.page.focus("#chart");
      await view.page.keyboard.press("+");
      await dragBy(view, 300);
      const before = await inView(view);
      expect(before.behind < -5, `the newest candle is still in view: ${before.behind}`);
      await resynced(view);
      const after = await inView(view);
      near(after.from, before.from, "the left edge");
      near(after.to, before.to, "the right edge");
    },
  },
];
