/* The group tab for an operator: lag over time, replicas, predictions, the lab's figures. */
import { expect, expectEqual } from "./harness.mjs";

async function showGroup(view) {
  await view.show("#group");
  await view.until(
    () => document.querySelectorAll("#partitions tr[data-partition]").length > 0,
    "no partition is listed",
  );
}

export const operatorChecks = [
  {
    name: "the lag of the last half-hour is a line with its gap, and topics are text",
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.querySelectorAll("#lag-lines tbody tr").length === 2,
        "not a row for each topic",
      );
      const row = view.page.locator('#lag-lines tr[data-topic="tickers"]');
      const words = (await row.innerText()).replaceAll(/\s+/g, " ");
      expect(/39 highest 39 40 s highest 40 s/.test(words), `the row says ${words}`);
      const path = await row.locator("path").first().getAttribute("d");
      expectEqual(path.match(/M/g).length, 2, "pieces of a line with one gap");
      const label = await row.locator("svg").first().getAttribute("aria-label");
      expectEqual(label, "Unread messages: now 39, highest 39", "what the line is called");
      const other = await view.page.locator("#lag-lines tbody tr").nth(1).innerText();
      expect(other.includes("<i>bars</i>") && other.includes("–"), `a topic without figures says ${other}`);
      expectEqual(await view.text('[data-fact="age"] dd.num'), "1\u00a0min 6\u00a0s", "the oldest unread");
    },
  },
  {
    name: "an under-replicated partition is marked, in its row, its topic and the figures",
    mode: "streams",
    async run(view) {
      await showGroup(view);
      const row = view.page.locator('#partitions tr[data-topic="tickers"][data-partition="4"]');
      expect((await row.innerText()).includes("⚠ 2 of 3"), "the row does not say it");
      expectEqual(await view.page.locator("#partitions .alarm").count(), 1, "marked partitions");
      expectEqual(await view.text('[data-fact="under"] dd.num'), "1", "the figure");
      const unknown = view.page.locator('#partitions tr[data-topic="bars"][data-partition="0"]');
      expect((await unknown.innerText()).includes("–"), "unknown replicas are not told as unknown");
      await view.page.click('[data-fold="tickers"]');
      expectEqual(await row.isVisible(), false, "a row of a folded topic");
      const head = await view.page.locator("#partitions .topic").first().innerText();
      expect(
        head.includes("6 partitions · lag 9") && head.includes("1 under-replicated"),
        `a folded topic says ${head}`,
      );
      await view.page.reload();
      await view.until(
        () => document.querySelector('[data-fold="tickers"]')?.getAttribute("aria-expanded") === "false",
        "the topic is unfolded after a reload",
      );
    },
  },
  {
    name: "sections fold, and stay folded",
    async run(view) {
      await showGroup(view);
      await view.page.click("#section-owners > summary");
      expectEqual(await view.page.isVisible("#timeline"), false, "a folded timeline");
      await view.page.reload();
      await view.until(
        () => document.querySelectorAll("#partitions tr[data-partition]").length > 0,
        "no partition after a reload",
      );
      expectEqual(await view.page.isVisible("#timeline"), false, "the timeline after a reload");
      await view.page.click("#section-owners > summary");
      await view.page.waitForSelector("#timeline .seg");
    },
  },
  {
    name: "a prediction shows what each strategy moves, and the assignment of the chosen one",
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.querySelectorAll("#prediction tr[data-strategy]").length === 4,
        "no prediction",
      );
      expectEqual(await view.page.inputValue("#predict-members"), "2", "members of the real group");
      expectEqual(await view.page.inputValue("#predict-strategy"), "range", "its strategy");
      const row = (await view.text('#prediction tr[data-strategy="range"]')).replaceAll(/\s+/g, " ");
      expectEqual(row, "range 1 1 1 1 1 2", "range: each has, rounds, moved, needless, needed, revoked");
      const joined = view.page.locator('#assignment tr[data-member="m2"]');
      expect((await joined.innerText()).includes("not in the group"), "m2 is there before it joins");
      expectEqual(await joined.locator(".moved").innerText(), "p1", "what moved");
      await view.page.selectOption("#predict-strategy", "sticky");
      await view.until(
        () => document.querySelector('#assignment tr[data-member="m2"]').textContent.includes("it is idle"),
        "sticky's assignment is not shown",
      );
      await view.page.selectOption("#predict-change", "none");
      await view.until(
        () => document.querySelectorAll("#assignment thead th").length === 2,
        "without a change there is an after",
      );
    },
  },
  {
    name: "a prediction that cannot be made says why, and one out of range is not asked for",
    allowed: [/503/],
    async run(view) {
      await showGroup(view);
      await view.page.fill("#predict-members", "10");
      await view.page.keyboard.press("Tab");
      await view.until(
        () => document.getElementById("predict-note").textContent.includes("are not known yet"),
        "it does not say why",
      );
      expectEqual(await view.page.locator("#prediction tr").count(), 0, "rows of a prediction");
      const asked = [];
      view.page.on("request", (request) => asked.push(request.url()));
      await view.page.fill("#predict-members", "40");
      await view.page.keyboard.press("Tab");
      expectEqual(
        await view.page.$eval("#predict-members", (field) => field.checkValidity()),
        false,
        "40 members are allowed",
      );
      expect(!asked.some((url) => url.includes("members=40")), "it was asked all the same");
    },
  },
  {
    name: "the lab's last run is shown with its spread, and without one it says how to run it",
    mode: "streams",
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.querySelectorAll("#lab-results tr[data-strategy]").length === 2,
        "no figures",
      );
      const row = (await view.text('#lab-results tr[data-strategy="range"]')).replaceAll(/\s+/g, " ");
      expectEqual(row, "join range 4 (3 to 5) 0.1", "range's figures");
      const note = await view.text("#lab-note");
      expect(
        note.includes("2026-01-31 12:00 UTC") && note.includes("<b>3 brokers</b>"),
        `the note says ${note}`,
      );
    },
  },
  {
    name: "without a run of the lab the page says how to make one",
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.getElementById("lab-note").textContent.includes("candlewick lab run"),
        "it does not say how",
      );
    },
  },
  {
    name: "no table of the group and messages tabs is cut at 360 px",
    mode: "streams",
    async run(view) {
      await view.page.setViewportSize({ width: 360, height: 740 });
      await showGroup(view);
      await view.page.waitForSelector("#lab-results tr[data-strategy]");
      await view.page.waitForSelector("#prediction tr[data-strategy]");
      for (const tab of ["group", "messages"]) {
        await view.page.click(`#tab-${tab}`);
        const cut = await view.page.$$eval(".scroll", (boxes) =>
          boxes
            .filter((box) => box.scrollWidth > box.clientWidth + 1)
            .map((box) => box.firstElementChild?.id ?? "?"),
        );
        expectEqual(cut.join(), "", `tables of ${tab} that are cut`);
      }
    },
  },
];
