/* The candles in view as a file: CSV, or a picture. */
import * as format from "../format.js";

const columns = ["open", "high", "low", "close", "ticks", "volume"];
const head = 44; /* pixels above the picture */

function iso(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

/* The candles as CSV, all digits of each figure; what they are stands in lines with a #. what:
 * { coin, interval, words, seconds, forming }. Pure. */
export function csvOf(candles, { coin, interval, words, seconds, forming }) {
  const last = candles.at(-1);
  const rows = candles.map((candle) => [
    iso(candle.time),
    ...columns.map((name) => candle[name] ?? ""),
    forming && candle === last ? "true" : "false",
  ]);
  return [
    `# ${coin}, candles of ${interval} from ${words}`,
    last ? `# ${iso(candles[0].time)} to ${iso(last.time + seconds)}, UTC; an interval without a candle has no row` : "#",
    `time,${columns.join(",")},forming`,
    ...rows.map((row) => row.join(",")),
    "",
  ].join("\n");
}

/* "BTC-USD_1m_20261130T1842Z-20261130T2052Z": times are { from, to } in seconds. Pure. */
export function fileName({ name, interval }, { from, to }) {
  const short = (seconds) => iso(Math.floor(seconds)).slice(0, 16).replaceAll(/[-:]/g, "");
  return `${name.replaceAll(/[^A-Za-z0-9._]+/g, "-")}_${interval}_${short(from)}Z-${short(to)}Z`;
}

function spanOf(candles, seconds) {
  return { from: candles[0].time, to: candles.at(-1).time + seconds };
}

/* Gives the reader a file. */
function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/* what: { coin, name, interval, seconds, words, forming }; there is a candle at least. */
export function saveCsv(candles, what) {
  const text = csvOf(candles, what);
  save(`${fileName(what, spanOf(candles, what.seconds))}.csv`, new Blob([text], { type: "text/csv" }));
}

/* The chart's canvas with a line above it that says what it is. */
export async function savePicture(candles, what, canvas, theme) {
  const span = spanOf(candles, what.seconds);
  const scale = window.devicePixelRatio || 1;
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height + head * scale;
  const context = picture.getContext("2d");
  context.fillStyle = theme.card;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, head * scale);
  context.scale(scale, scale);
  context.textBaseline = "middle";
  const write = (text, x, colour, font) => {
    Object.assign(context, { fillStyle: colour, font: `${font} ${theme.font}` });
    context.fillText(text, x, head / 2);
    return x + context.measureText(text).width;
  };
  const after = write(`${what.name}, ${what.interval}`, 14, theme.text, "600 15px");
  const times = [span.from, span.to].map((seconds) => format.minute(seconds * 1000)).join(" to ");
  write(`from ${what.words} · ${times} UTC`, after + 12, theme.muted, "13px");
  const blob = await new Promise((resolve) => picture.toBlob(resolve, "image/png"));
  save(`${fileName(what, span)}.png`, blob);
}
