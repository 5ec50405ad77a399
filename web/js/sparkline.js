/* A small line of prices; where a price is missing the line has a gap. */
import { svg } from "./dom.js";

const width = 96;
const height = 28;
const margin = 2;

/* The line as path data, and the points that have no neighbour. Pure. */
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
  return { path, alone };
}

export function sparkline(values, tone) {
  const { path, alone } = sparkPath(values);
  const known = values.filter((value) => value !== null).length;
  return svg(
    "svg",
    {
      class: `spark ${tone}`,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": known > 0 ? `Prices of the last 24 hours, ${known} of ${values.length} known` : "No prices",
      focusable: "false",
    },
    path ? svg("path", { d: path }) : null,
    ...alone.map(([cx, cy]) => svg("circle", { cx, cy, r: 1.5 })),
  );
}
