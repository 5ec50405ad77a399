/* What the notices under the head say, so that one cause is told once, with its remedy. Pure. */
import * as format from "../format.js";

const remedies = [
  [
    /^Kafka\b/,
    "It goes on by itself once a broker answers. On this machine, ./launch.sh starts all of it; else see --brokers.",
  ],
];

/* Two texts that name one server are of one cause. */
function causeOf(text) {
  return /https?:\/\/[^/\s)]+/.exec(text)?.[0] ?? text;
}

function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function withRemedy(text) {
  const remedy = remedies.find(([pattern]) => pattern.test(text))?.[1];
  return remedy ? `${sentence(text)} ${remedy}` : text;
}

/* "Coins and candles could not be loaded: REASON. Trying again." for each reason. */
function failedText(failures) {
  const byCause = new Map();
  for (const { what, why } of failures) {
    const cause = causeOf(why);
    const one = byCause.get(cause) ?? { why, whats: new Set() };
    byCause.set(cause, one);
    if (what !== null) {
      one.whats.add(what);
    }
  }
  return [...byCause.values()]
    .map(({ why, whats }) => {
      const names = listed([...whats]);
      return names === ""
        ? sentence(why)
        : `${names[0].toUpperCase()}${names.slice(1)} could not be loaded: ${sentence(why)} Trying again.`;
    })
    .join(" ");
}

/* failures: [{what: "coins", why: reason}], or {what: null, why: text} for a text of its own. Gives a
 * text or null for each of the notices. */
export function noticesOf({ awaySince, waitingFor, noNews, failures }) {
  if (awaySince !== null) {
    const since = `${format.clock(awaySince)} UTC`;
    return {
      waiting: null,
      noNews: null,
      problem:
        `Candlewick has not answered since ${since}: what is shown is from before. ` +
        "Is it still running? This page goes on by itself once it answers.",
    };
  }
  const causes = new Set(failures.map(({ why }) => causeOf(why)));
  const told = (text) => text === null || causes.has(causeOf(text));
  return {
    waiting: told(waitingFor) ? null : withRemedy(waitingFor),
    noNews: told(noNews) ? null : noNews,
    problem: failures.length > 0 ? failedText(failures) : null,
  };
}
