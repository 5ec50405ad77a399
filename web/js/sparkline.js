/* A small line of prices; where a price is missing the line has a gap. */
import { svg } from "./dom.js";

const width = 96;
const height = 28;
const margin = 2;

/* The line as path data, the points that have no neighbour, and how high the first price lies, from which one
 * sees up and down without colours. Pure. */
export function sparkPath(values) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const range = Math.max(...known) - low || 1;
  const x = (index) => (margin + (index * (width - 2 * margin)) / Math.max(1, values.length - 1)).toFixed(1);
  const y = (value) => (height - margin - ((value - low) * (height - 2 * margin)) / range).toFixed(1);
  const alone = [];
  let path = "";
  values.forEach((value, index) => {
    const before = (values[index - 1] ?? null) !== null;
    const after = (values[index + 1] ?? null) !== null;
    if (value === null) {
      return;
    }
    if (!before && !after) {
      alone.push([x(index), y(value)]);
    } else {
      path += `${before ? "L" : "M"}${x(index)} ${y(value)}`;
    }
  });
  return { path, alone, start: known.length > 1 ? y(known[0]) : null };
}

/* tone: "up", "down" or "". */
export function sparkline(values, tone) {
  const { path, alone, start } = sparkPath(values);
  const known = values.filter((value) => value !== null).length;
  const way = tone ? `, ${tone}` : "";
  return svg(
    "svg",
    {
      class: `spark ${tone}`,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": known > 0 ? `Prices of the last 24 hours${way}, ${known} of ${values.length} known` : "No prices",
      focusable: "false",
    },
    start ? svg("path", { class: "start", d: `M0 ${start}H${width}` }) : null,
    path ? svg("path", { d: path }) : null,
    ...alone.map(([cx, cy]) => svg("circle", { cx, cy, r: 1.5 })),
  );
}
