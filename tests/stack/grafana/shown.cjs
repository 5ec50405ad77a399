/* What a person would read on Grafana's panels, by Grafana's own code: node shown.cjs MODULES <QUESTIONS.json, where MODULES is the folder
 * with @grafana/data. A question is {panel, fields, interval, range}: a panel of a board, the columns that its query brought ({name, type,
 * labels, values}; times in ms), and in ms how long a bucket is, if Grafana's server tells of it, and the range. Answers with the same
 * number of lists: of a stat panel {title, text} for each figure, of others {title, texts, points} for each column, where `points` are the
 * times of what is drawn, null where the line breaks. */
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

/* What @grafana/data asks of a browser while it is loaded. */
globalThis.window = { addEventListener() {}, localStorage: {} };
globalThis.navigator = { language: "en-US", languages: ["en-US"] };
const grafana = createRequire(`${process.argv[2]}/`)("@grafana/data");

/* Which options of a field there are: Grafana's server of pages registers them, not the package. */
const same = (value) => value;
const option = (id, process = same, settings = {}) => ({ id, path: id, name: id, process, settings, shouldApply: () => true, override: same, editor: same });
const custom = (path) => ({ ...option(`custom.${path}`), path, isCustom: true });
const options = new grafana.FieldConfigOptionsRegistry(() => [
  option("displayName", grafana.displayNameOverrideProcessor, { expandTemplateVars: true }),
  ...["unit", "decimals", "min", "max", "noValue", "links", "mappings", "thresholds", "color"].map((id) => option(id)),
  ...["spanNulls", "hidden"].map(custom),
]);
const theme = grafana.createTheme();

/* ${__field.labels.coin} of a display name. */
const replaceVariables = (text, scope) =>
  text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, label) => scope.__dataContext.value.field.labels?.[label] ?? "");

function prepared({ panel, fields, interval }) {
  const frame = grafana.toDataFrame({ fields: fields.map((field) => ({ config: {}, ...field })) });
  if (interval !== undefined) {
    frame.fields[0].config = { interval };
  }
  const found = { data: [frame], fieldConfig: panel.fieldConfig, fieldConfigRegistry: options, replaceVariables, theme, timeZone: "utc" };
  return grafana.applyFieldOverrides(found)[0];
}

function ofStat(panel, frame) {
  const { fieldConfig } = panel;
  const shown = { fieldConfig, reduceOptions: panel.options.reduceOptions, replaceVariables, theme, data: [frame], timeZone: "utc" };
  return grafana.getFieldDisplayValues(shown).map(({ display }) => ({ title: display.title, text: grafana.formattedValueToString(display) }));
}

function drawn(frame, range) {
  const pseudo = { refFieldPseudoMin: range?.[0], refFieldPseudoMax: range?.[1] };
  const full = grafana.applyNullInsertThreshold({ frame, ...pseudo });
  const times = full.fields.find((field) => field.type === "time")?.values;
  return full.fields.map((field) => times && field.values.map((value, i) => (value === null || value === undefined ? null : times[i])));
}

function shown(question) {
  const frame = prepared(question);
  if (question.panel.type === "stat") {
    return ofStat(question.panel, frame);
  }
  const points = drawn(frame, question.range);
  return frame.fields.map((field, i) => ({
    title: grafana.getFieldDisplayName(field, frame, [frame]),
    texts: field.values.map((value) => grafana.formattedValueToString(field.display(value))),
    points: points[i],
  }));
}

const { panels = [], intervals = [] } = JSON.parse(readFileSync(0, "utf8"));
const answer = {
  panels: panels.map(shown),
  /* How long Grafana makes a bucket, in ms: of a range in ms, the points that a panel may have, and its least interval. */
  intervals: intervals.map(([range, points, least]) => grafana.rangeUtil.calculateInterval({ from: 0, to: range }, points, least).intervalMs),
};
process.stdout.write(JSON.stringify(answer));
