/* The news tab, most of all against titles and links that mean harm. */
import { expect, expectEqual } from "./harness.mjs";

async function showNews(view) {
  await view.show("#news");
  await view.until(() => document.querySelectorAll("#news .news-item").length === 50, "not 50 items");
}

function titles(view) {
  return view.page.$$eval("#news .news-title", (all) => all.map((title) => title.textContent));
}

export const newsChecks = [
  {
    name: "hostile titles are text: nothing executes, nothing is markup",
    async run(view) {
      await showNews(view);
      const words = await titles(view);
      expect(words[0].startsWith('<img src=x onerror="window.hacked=1"><script>'), `the first is ${words[0]}`);
      expectEqual(words[6], "&lt;i&gt; {{title}} ${title} %s", "entities and templates");
      expectEqual(words[4].length, 300, "the length of a long title");
      const found = await view.page.evaluate(() => ({
        hacked: window.hacked,
        elements: document.querySelectorAll("#news img, #news script, #news b, #news i, #news iframe").length,
        isolated: [...document.querySelectorAll("#news .news-title")].every(
          (title) => getComputedStyle(title.querySelector("bdi")).unicodeBidi === "isolate",
        ),
      }));
      expectEqual(JSON.stringify(found), JSON.stringify({ elements: 0, isolated: true }), "what is found");
    },
  },
  {
    name: "links of news lead to the web only, and tell it nothing of us",
    async run(view) {
      await showNews(view);
      const links = await view.page.$$eval("#news a", (all) =>
        all.map(({ protocol, rel, target }) => `${protocol} ${rel} ${target}`),
      );
      expect(
        links.every((link) => /^https?: noopener noreferrer nofollow _blank$/.test(link)),
        `links are ${[...new Set(links)]}`,
      );
      const without = await view.page.$$eval("#news .news-item", (items) =>
        items.filter((item) => item.querySelector("a") === null).map((item) => item.dataset.id),
      );
      expectEqual(without.join(), "n1,n2,n5", "items without a link");
    },
  },
  {
    name: "a long title and a narrow screen do not scroll sideways",
    async run(view) {
      await showNews(view);
      for (const width of [320, 360, 2560]) {
        await view.page.setViewportSize({ width, height: 740 });
        const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide <= width, `it is ${wide} px wide on a screen of ${width} px`);
      }
    },
  },
  {
    name: "news say time, host, votes, what is made up and what has no date of its own",
    async run(view) {
      await showNews(view);
      const about = await view.page.locator("#news .news-about").allInnerTexts();
      expect(/^\d{4}-\d\d-\d\d \d\d:\d\d/.test(about[0]), `the time is in ${about[0]}`);
      for (const words of ["news.example", "7 votes, score −0.25", "BTC", "ETH"]) {
        expect(about[0].includes(words), `no "${words}" in ${about[0]}`);
      }
      expect(about[3].includes("first seen"), `an item without a date: ${about[3]}`);
      expect(about[5].includes("synthetic"), `an item that is made up: ${about[5]}`);
      expect((await view.text("#news-providers")).includes("Data provided by CryptoPanic"), "no provider");
    },
  },
  {
    name: "news are filtered by a coin and by favourites, and older ones are fetched",
    async run(view) {
      await showNews(view);
      await view.page.click("#news-older");
      await view.until(() => document.querySelectorAll("#news .news-item").length === 100, "no older ones");
      await view.until(
        () => document.querySelector('#news-filter option[value="XRP"]') !== null,
        "the picker has no XRP",
      );
      await view.page.selectOption("#news-filter", "*");
      await view.until(
        () => document.getElementById("news-empty").innerText.includes("No favourites yet"),
        "it does not say that there are none",
      );
      await view.page.click("#tab-markets");
      await view.page.click('tr[data-coin="tXRPUSD"] .star');
      await view.page.click("#tab-news");
      const onlyXrp = () => {
        const items = [...document.querySelectorAll("#news .news-item")];
        return items.length > 0 && items.every((item) => item.innerText.includes("XRP"));
      };
      await view.until(onlyXrp, "not the favourite's news");
      await view.page.reload();
      await view.until(onlyXrp, "not the favourite's news after a reload");
      await view.page.selectOption("#news-filter", "ETH");
      await view.until(() => document.querySelectorAll("#news .news-item").length === 2, "not those of ETH");
    },
  },
  {
    name: "a coin of a news item leads to its chart",
    async run(view) {
      await showNews(view);
      await view.page.locator('#news button.chip:text-is("XRP")').first().click();
      await view.until(
        () => document.getElementById("chart").dataset.loaded?.startsWith("tXRPUSD "),
        "its chart is not shown",
      );
      expectEqual(await view.page.isVisible("#panel-market"), true, "the chart's panel");
    },
  },
];
