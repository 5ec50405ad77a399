/* Dark and light, narrow screens, keyboard, what every page must have. */
import { expect, expectEqual } from "./harness.mjs";

function background(view) {
  return view.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

function themeIs(view, theme) {
  return view.until(
    (want) => document.documentElement.dataset.theme === want,
    `the page is not ${theme}`,
    theme,
  );
}

async function noSidewaysScroll(view, width) {
  await view.page.setViewportSize({ width, height: 740 });
  for (const tab of await view.page.$$eval("[role=tab]", (tabs) => tabs.map((one) => one.id.replace("tab-", "")))) {
    await view.page.click(`#tab-${tab}`);
    await view.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide <= width, `${tab} is ${wide} px wide on a screen of ${width} px`);
  }
}

export const lookChecks = [
  {
    name: "dark and light follow the system, and the button",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const light = await background(view);
      await view.page.emulateMedia({ colorScheme: "dark" });
      await themeIs(view, "dark");
      const dark = await background(view);
      expect(light !== dark, "the page looks the same in dark");
      await view.page.click("#theme");
      expectEqual(await background(view), light, "the button's choice");
      await view.page.reload();
      await themeIs(view, "light"); /* the choice is kept */
      await view.page.click("#theme");
      await themeIs(view, "dark");
      await view.page.emulateMedia({ colorScheme: "light" });
      await themeIs(view, "light"); /* the system is followed again */
    },
  },
  {
    name: "nothing scrolls sideways from 320 to 2560 px",
    anywhere: true,
    async run(view) {
      await view.showChart();
      for (const width of [320, 360, 768, 1024, 1920, 2560]) {
        await noSidewaysScroll(view, width);
      }
    },
  },
  {
    name: "tabs are moved with arrow keys and kept in the address",
    anywhere: true,
    async run(view) {
      await view.show();
      await view.page.focus("#tab-market");
      await view.page.keyboard.press("ArrowRight");
      expectEqual(await view.page.isVisible("#panel-markets"), true, "the markets panel");
      expectEqual(await view.page.isVisible("#panel-market"), false, "the market panel");
      await view.page.keyboard.press("End");
      expect(view.page.url().endsWith("#messages"), "the address does not keep the tab");
      await view.page.reload();
      expectEqual(
        await view.page.getAttribute("#tab-messages", "aria-selected"),
        "true",
        "the tab after a reload",
      );
    },
  },
  {
    name: "everything is reached by Tab, has a name and shows its focus",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const reached = new Set();
      for (let i = 0; i < 40; i++) {
        await view.page.keyboard.press("Tab");
        const at = await view.page.evaluate(() => {
          const element = document.activeElement;
          return { id: element.id || element.tagName, outline: getComputedStyle(element).outlineStyle };
        });
        if (at.id === "BODY") {
          break; /* past the last */
        }
        reached.add(at.id);
        expect(at.outline !== "none", `${at.id} does not show its focus`);
      }
      for (const id of ["tab-market", "theme", "coin", "chart"]) {
        expect(reached.has(id), `${id} is not reached`);
      }
      const nameless = await view.page.$$eval(
        "button, select, input, [role=tabpanel], svg[role=img]",
        (elements) =>
          elements
            .filter(
              (element) =>
                !(
                  element.getAttribute("aria-label") ||
                  element.getAttribute("aria-labelledby") ||
                  element.labels?.length ||
                  element.innerText?.trim()
                ),
            )
            .map((element) => element.outerHTML.slice(0, 80)),
      );
      expectEqual(nameless.join(), "", "elements without a name");
    },
  },
  {
    name: "nothing is loaded from elsewhere, and TradingView is named",
    anywhere: true,
    async run(view) {
      const elsewhere = [];
      view.page.on("request", (request) => {
        if (!request.url().startsWith(`${view.baseUrl}/`) && !request.url().startsWith("data:")) {
          elsewhere.push(request.url());
        }
      });
      await view.showChart();
      expectEqual(elsewhere.join(), "", "requests to elsewhere");
      expectEqual(
        await view.page.getAttribute('footer a[href*="tradingview"]', "href"),
        "https://www.tradingview.com/",
        "the link",
      );
      expect((await view.text("footer")).includes("UTC"), "the foot does not say UTC");
      const notice = await fetch(`${view.baseUrl}/assets/lightweight-charts.LICENSE.txt`).then((answer) =>
        answer.text(),
      );
      expect(notice.includes("Apache License"), "the licence is not served");
    },
  },
  {
    name: "the synthetic badge is shown exactly when the data is synthetic",
    anywhere: true,
    async run(view) {
      await view.showChart();
      const info = await view.api("info");
      await view.until(
        (want) => document.getElementById("synthetic").hidden === !want,
        "the badge is wrong",
        info.synthetic,
      );
    },
  },
];
