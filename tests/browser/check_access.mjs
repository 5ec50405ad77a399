/* For everybody: axe-core on every tab and state, forced colours, less motion, nothing cut on narrow screens. */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, expectEqual } from "./harness.mjs";

const tabs = ["market", "markets", "news", "group", "messages"];
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
let axeSource = null;

/* axe-core's rules, or those that are named. */
async function expectAccessible(view, { modules }, where, rules = null) {
  axeSource ??= fs.readFileSync(
    createRequire(path.join(path.resolve(modules ?? import.meta.dirname), "package.json")).resolve("axe-core/axe.min.js"),
    "utf8",
  );
  await view.page.evaluate(axeSource);
  const findings = await view.page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], ...(runOnly && { runOnly }) });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" ")}`);
  }, rules);
  expectEqual(findings.join("\n"), "", `what axe finds ${where}`);
}

/* In light, and the colours in dark. */
function axeOn(tab, mode = "live") {
  return {
    name: `axe finds nothing on ${tab}${mode === "live" ? "" : `, ${mode}`}`,
    mode,
    allowed: [/503 \(Service Unavailable\)/],
    async run(view, options) {
      await view.show(`#${tab}`);
      await view.until(() => document.getElementById("live").dataset.state !== "connecting", "no state");
      await view.page.evaluate(drawn);
      await expectAccessible(view, options, "in light");
      await view.page.emulateMedia({ colorScheme: "dark" });
      await view.until(() => document.documentElement.dataset.theme === "dark", "not dark");
      await view.page.evaluate(drawn);
      await expectAccessible(view, options, "in dark", ["color-contrast"]);
    },
  };
}

const background = (view, selector) =>
  view.page.$eval(selector, (element) => getComputedStyle(element).backgroundColor);

export const accessChecks = [
  ...tabs.map((tab) => axeOn(tab)),
  axeOn("group", "streams"),
  axeOn("market", "empty"),
  axeOn("messages", "empty"),
  axeOn("market", "failing"),
  {
    name: "axe looks at every tab",
    anywhere: true,
    async run(view) {
      await view.show();
      const there = await view.page.$$eval("[role=tab]", (all) => all.map((tab) => tab.id.replace("tab-", "")));
      expectEqual(there.join(" "), tabs.join(" "), "the tabs");
    },
  },
  {
    name: "forced colours leave what was chosen, and the live dot, visible",
    async run(view) {
      await view.page.emulateMedia({ forcedColors: "active", colorScheme: "light" });
      await view.showChart();
      for (const [chosen, other] of [
        ['#intervals [aria-checked="true"]', '#intervals [aria-checked="false"]'],
        ['.coin-row[aria-current="true"]', '.coin-row[aria-current="false"]'],
        [".live .dot", ".live"],
      ]) {
        expect((await background(view, chosen)) !== (await background(view, other)), `${chosen} looks like any other`);
      }
      const mark = await view.page.$eval("#tab-market", (tab) => getComputedStyle(tab, "::after").backgroundColor);
      expect(mark !== (await background(view, ".bar")), "the chosen tab has no mark");
    },
  },
  {
    name: "with less motion nothing moves by itself",
    mode: "empty",
    async run(view) {
      await view.show();
      await view.until(() => !document.getElementById("waiting").hidden, "nothing is waited for");
      const animation = () => view.page.$eval(".spinner", (spinner) => getComputedStyle(spinner).animationName);
      expectEqual(await animation(), "none", "the spinner");
      await view.page.emulateMedia({ reducedMotion: "no-preference" });
      expectEqual(await animation(), "turn", "the spinner of who likes motion");
    },
  },
  {
    name: "the markets' table is whole on a narrow screen",
    async run(view) {
      for (const width of [320, 360, 390]) {
        await view.page.setViewportSize({ width, height: 740 });
        await view.show("#markets");
        await view.until(() => document.querySelectorAll("#markets .open").length > 0, "no coins");
        const cut = await view.page.evaluate(() => {
          const edge = document.querySelector("#markets").closest(".scroll").getBoundingClientRect();
          return [...document.querySelectorAll("#markets th, #markets td")]
            .filter((cell) => cell.offsetWidth > 0 && !cell.classList.contains("apart"))
            .filter((cell) => cell.getBoundingClientRect().right > edge.right + 0.5 || cell.scrollWidth > cell.clientWidth + 1)
            .map((cell) => cell.innerText.slice(0, 30));
        });
        expectEqual(cut.join(" | "), "", `cells that are cut at ${width} px`);
        for (const column of ["price", "change_24h"]) {
          expect(await view.page.isVisible(`#markets td[data-column="${column}"]`), `${column} is gone at ${width} px`);
        }
        const line = await view.page.isVisible("#markets .market-row .spark");
        expect(line || width < 390, `the line of 24 hours is gone at ${width} px`);
      }
    },
  },
];
