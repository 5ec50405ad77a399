/* The news panel: the newest news of all feeds, of the favourites, or of one coin. */
import { get } from "./api.js";
import { byId, h, setText } from "./dom.js";
import { favourites, onFavourites } from "./favourites.js";
import { newsItem } from "./news_item.js";
import { failure } from "./problems.js";
import { showProviders } from "./providers.js";
import { recall, remember } from "./storage.js";

const page = 50;
const everyMs = 15000;
const all = "";
const favouritesOnly = "*";

export class News {
  #markets;
  #onOpen;
  #shown = false;
  #timer = null;
  #underWay = null; /* AbortController of the question */
  #items = [];
  #next = null;
  #pages = 0;
  #drawn = "";

  /* onOpen(coin): its chart is wanted. */
  constructor(markets, onOpen) {
    this.#markets = markets;
    this.#onOpen = onOpen;
    markets.onChange(() => this.#onMarkets());
    onFavourites(() => this.#onFavourites());
    byId("news-filter").addEventListener("change", () => {
      remember("news", byId("news-filter").value || null);
      this.#reload();
    });
    byId("news-older").addEventListener("click", () => this.#load(this.#next));
    this.#listFilters(recall("news") ?? all);
  }

  setShown(shown) {
    this.#shown = shown;
    clearTimeout(this.#timer);
    if (shown) {
      this.#reload();
    } else {
      failure("news", "news", null);
    }
  }

  #filter() {
    return byId("news-filter").value;
  }

  #reload() {
    this.#items = [];
    this.#pages = 0;
    this.#load(null);
  }

  #onFavourites() {
    if (this.#shown && this.#filter() === favouritesOnly) {
      this.#reload();
    }
  }

  #onMarkets() {
    this.#listFilters(this.#filter());
    if (this.#pages > 0) {
      this.#draw(); /* coins may lead to a chart now */
    }
  }

  /* Fills the picker with the coins that there are; the choice stays. */
  #listFilters(chosen) {
    const picker = byId("news-filter");
    const names = this.#markets.rows.filter((row) => !row.made_up).map((row) => row.asset?.ticker ?? row.coin);
    const kept = [all, favouritesOnly].includes(chosen) ? [] : [chosen];
    const coins = [...new Set([...names, ...kept])].sort();
    if (picker.dataset.coins !== coins.join()) {
      picker.dataset.coins = coins.join();
      picker.replaceChildren(
        h("option", { value: all }, "All news"),
        h("option", { value: favouritesOnly }, "★ Favourites"),
        ...coins.map((coin) => h("option", { value: coin }, coin)),
      );
    }
    picker.value = chosen;
  }

  /* What the filter asks for; null: for nothing, since there is no favourite. */
  #wanted() {
    const filter = this.#filter();
    if (filter !== favouritesOnly) {
      return { coins: filter === all ? null : filter };
    }
    return favourites().length > 0 ? { coins: favourites().join() } : null;
  }

  async #load(before) {
    clearTimeout(this.#timer);
    this.#underWay?.abort();
    const wanted = this.#wanted();
    if (wanted === null) {
      this.#take({ news: [], next: null, providers: [] }, before);
      return;
    }
    const underWay = new AbortController();
    this.#underWay = underWay;
    try {
      this.#take(await get("/api/news", { ...wanted, limit: page, before }, underWay.signal), before);
      failure("news", "news", null);
    } catch (error) {
      if (underWay.signal.aborted) {
        return;
      }
      failure("news", "news", error);
    }
    if (this.#shown) {
      this.#timer = setTimeout(() => this.#again(), everyMs);
    }
  }

  /* News that has come meanwhile is shown, unless the reader has turned to older pages. */
  #again() {
    if (document.hidden || this.#pages > 1) {
      this.#timer = setTimeout(() => this.#again(), everyMs);
    } else {
      this.#load(null);
    }
  }

  #take(answer, before) {
    this.#items = before === null ? answer.news : [...this.#items, ...answer.news];
    this.#pages = before === null ? 1 : this.#pages + 1;
    this.#next = answer.next;
    showProviders(byId("news-providers"), answer.providers);
    this.#draw();
  }

  #draw() {
    const coinOf = (ticker) => this.#markets.coinOf(ticker);
    const drawn = JSON.stringify(this.#items.map((news) => [news.source, news.id, news.coins.map(coinOf)]));
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      byId("news").replaceChildren(...this.#items.map((news) => newsItem(news, coinOf, this.#onOpen)));
    }
    byId("news-older").hidden = this.#next === null;
    setText(byId("news-count"), this.#items.length > 0 ? `${this.#items.length}${this.#next === null ? "" : "+"}` : "");
    this.#drawEmpty();
  }

  #drawEmpty() {
    const filter = this.#filter();
    const box = byId("news-empty");
    box.hidden = this.#items.length > 0;
    const [title, more] =
      filter === favouritesOnly && favourites().length === 0
        ? ["No favourites yet", "Mark coins with ☆ in Markets: their news is shown here."]
        : filter === all
          ? [
              "No news is stored yet",
              "Start a source of news: SOURCE=bitfinex,rss:default ./launch.sh, or SOURCE=synthetic without feeds.",
            ]
          : [
              filter === favouritesOnly ? "No stored news names a favourite" : `No stored news names ${filter}`,
              this.#next === null ? "All news shows the others." : "Older news may: Show older looks further back.",
            ];
    if (box.textContent !== title + more) {
      box.replaceChildren(h("strong", {}, title), h("span", {}, more));
    }
  }
}
