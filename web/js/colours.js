/* A colour a member, the same in every drawing, on every visit: the name's hash chooses, the next
 * free one is taken when two names meet, and the choice is remembered. */
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

/* The class name of a member's colour: "m3". `present` are all names that are shown together. */
export function memberClass(name, present) {
  if (!chosen.has(name)) {
    const taken = new Set(present.filter((other) => chosen.has(other)).map((other) => chosen.get(other)));
    let index = hash(name) % colours;
    for (let step = 0; step < colours && taken.has(index); step++) {
      index = (index + 1) % colours;
    }
    chosen.set(name, index);
    remember("members", JSON.stringify([...chosen].slice(-remembered)));
  }
  return `m${chosen.get(name)}`;
}
