/* One item of news. Titles are the words of others: they go in as text, isolated from the page's own
 * direction of writing, and a link leads nowhere but to the web. */
import { h } from "./dom.js";
import * as format from "./format.js";
import { externalLink } from "./providers.js";

/* The address if it is one of the web, else null. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/* The title, as a link where there is one. */
export function titleOf({ title, url }) {
  const text = h("bdi", {}, title);
  const address = url === null ? null : webAddress(url);
  return h("h3", { class: "news-title" }, address ? externalLink(address, {}, text) : text);
}

function votesWords({ votes, score }) {
  const words = [
    votes === null ? null : `${format.count(votes)} ${votes === 1 ? "vote" : "votes"}`,
    score === null ? null : `score ${format.signed(score, 2)}`,
  ];
  return words.filter(Boolean).join(", ");
}

/* coinOf(ticker): the coin whose chart shows it, or null. onOpen(coin): its chart is wanted. */
export function newsItem(news, coinOf, onOpen) {
  const time = Date.parse(news.time);
  const votes = votesWords(news);
  const chips = news.coins.map((ticker) => {
    const coin = coinOf(ticker);
    return coin
      ? h(
          "button",
          { type: "button", class: "chip", "aria-label": `Chart of ${ticker}`, onclick: () => onOpen(coin) },
          ticker,
        )
      : h("span", { class: "chip" }, ticker);
  });
  return h(
    "li",
    { class: "news-item", "data-id": news.id },
    titleOf(news),
    h(
      "p",
      { class: "news-about num" },
      h("time", { datetime: news.time, title: `${format.moment(time)} UTC` }, format.minute(time)),
      news.dated ? null : h("span", { title: "The feed gives no time that can be right" }, "first seen"),
      h("span", { class: "host" }, news.source),
      votes ? h("span", {}, votes) : null,
      news.synthetic ? h("span", { class: "badge badge-warn tag" }, "synthetic") : null,
      ...chips,
    ),
  );
}
