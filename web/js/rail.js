/* Completes the list of coins beside the chart: favourites come first, and each coin has the line of its last
 * 24 hours. */
import { byId, h, setText } from "./dom.js";
import { favouriteName, isFavourite, onFavourites } from "./favourites.js";
import { sparkTone } from "./market_row.js";
import { sparkline } from "./sparkline.js";

let rows = new Map(); /* of the markets, by coin */

function drawLine(button, row) {
  const line = button.querySelector(".line") ?? h("span", { class: "line", "aria-hidden": "true" });
  const drawn = `${sparkTone(row)} ${row.sparkline}`;
  if (line.dataset.drawn !== drawn) {
    line.dataset.drawn = drawn;
    line.replaceChildren(sparkline(row.sparkline, sparkTone(row)));
  }
  if (line.parentElement !== button) {
    button.append(line);
  }
}

function drawStar(button, favourite) {
  const name = button.querySelector(".name");
  const star = name.querySelector(".star-mark") ?? h("span", { class: "star-mark", title: "A favourite" });
  setText(star, favourite ? "★ " : "");
  if (star.parentElement !== name) {
    name.prepend(star);
  }
}

/* To be called after the list was made anew, too. */
export function arrangeRail() {
  const items = [...byId("coins").children].filter((item) => item.firstElementChild?.dataset.coin);
  const rank = new Map();
  items.forEach((item, index) => {
    const button = item.firstElementChild;
    item.dataset.place ??= index;
    const row = rows.get(button.dataset.coin);
    const favourite = row !== undefined && isFavourite(favouriteName(row));
    drawStar(button, favourite);
    if (row !== undefined) {
      drawLine(button, row);
    }
    rank.set(item, (favourite ? 0 : items.length) + Number(item.dataset.place));
  });
  const wanted = [...items].sort((a, b) => rank.get(a) - rank.get(b));
  if (wanted.some((item, index) => item !== items[index])) {
    const focused = document.activeElement;
    byId("coins").append(...wanted);
    if (byId("coins").contains(focused)) {
      focused.focus();
    }
  }
}

export function setUpRail(feed) {
  feed.onChange(() => {
    rows = new Map(feed.rows.map((row) => [row.coin, row]));
    arrangeRail();
  });
  onFavourites(arrangeRail);
}
