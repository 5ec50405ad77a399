/* In which order the rows of the markets are shown, and which of them. Pure. */

/* Of which figure a column is; the first click sorts names upwards and figures downwards. Volumes are in
 * different units, so they are compared in the quote currency. */
export const columns = {
  coin: (row) => row.name.toLowerCase(),
  price: (row) => row.price,
  change_1h: (row) => row.change_1h,
  change_24h: (row) => row.change_24h,
  change_7d: (row) => row.change_7d,
  volume_24h: (row) =>
    row.volume_24h === null || row.volume_unit === row.quote ? row.volume_24h : row.volume_24h * row.price,
  market_cap: (row) => row.market_cap,
};

/* Without a choice: by market cap; where nobody has one, by volume; else by name. */
export function firstOrder(rows) {
  const column = ["market_cap", "volume_24h"].find((name) => rows.some((row) => columns[name](row) !== null));
  return column ? { column, descending: true } : { column: "coin", descending: false };
}

export function nextOrder(order, column) {
  return order.column === column
    ? { column, descending: !order.descending }
    : { column, descending: column !== "coin" };
}

function compare(a, b, { column, descending }) {
  const one = columns[column](a);
  const other = columns[column](b);
  if (one === null || other === null) {
    return (one === null) - (other === null); /* what is not known comes last, either way */
  }
  const order = one < other ? -1 : one > other ? 1 : 0;
  return descending ? -order : order;
}

/* Favourites come first, made-up coins last. */
export function ordered(rows, order, isFavourite) {
  const rank = (row) => (row.made_up ? 2 : isFavourite(row) ? 0 : 1);
  const first = firstOrder(rows);
  return [...rows].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      compare(a, b, order) ||
      compare(a, b, first) ||
      compare(a, b, { column: "coin", descending: false }),
  );
}

export function matches(row, words) {
  const text = [row.coin, row.name, row.asset?.ticker, row.asset?.name, row.source].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
