/* A colour a member, the same in every drawing, on every visit: the name's hash chooses, the next
 * free one is taken when two names meet, and the choice is remembered. Which of two that meet has
 * the first choice hangs on the order of the names shown together, not on what is drawn first. */
import { recall, remember } from "./storage.js";

const colours = 10;
const remembered = 64;
const chosen = new Map(load());

function load() {
  try {
    const pairs = JSON.parse(recall("members") ?? "[]");
    return Array.isArray(pairs)
      ? pairs.filter(([name, index]) => typeof name === "string" && index >= 0 && index < colours)
      : [];
  } catch {
    return [];
  }
}

function hash(text) {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 16777619) >>> 0;
  }
  return value;
}

function choose(name, present) {
  const taken = new Set(present.filter((other) => chosen.has(other)).map((other) => chosen.get(other)));
  let index = hash(name) % colours;
  for (let step = 0; step < colours && taken.has(index); step++) {
    index = (index + 1) % colours;
  }
  chosen.set(name, index);
}

/* The class name of a member's colour: "m3". `present` are all names that are shown together, in
 * the order of the group's history. */
export function memberClass(name, present) {
  if (!chosen.has(name)) {
    for (const other of new Set([...present, name])) {
      if (!chosen.has(other)) {
        choose(other, present);
      }
    }
    remember("members", JSON.stringify([...chosen].slice(-remembered)));
  }
  return `m${chosen.get(name)}`;
}
