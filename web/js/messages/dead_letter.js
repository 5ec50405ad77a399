/* Why a message became a dead letter, and where that message is. */
import { h } from "../dom.js";
import * as format from "../format.js";

const kinds = {
  no_key: "it has no key",
  tombstone: "it has no value",
  too_large: "it is larger than any record",
  undecodable: "it cannot be decoded",
  ahead: "its time is too far ahead",
  refused: "the store refused it",
};

/* Whether the place of the message is known; anybody can write to the topic. */
function hasPlace({ topic, partition, offset }) {
  return Boolean(topic) && format.known(partition) && format.known(offset);
}

export function placeWords({ topic, partition, offset }) {
  return `${topic}, partition ${partition}, offset ${format.count(offset)}`;
}

/* `link(place)` makes a link to a message. */
export function deadLetterBlock(letter, link) {
  const why = letter.kind && Object.hasOwn(kinds, letter.kind) ? `${letter.kind}: ${kinds[letter.kind]}` : (letter.kind ?? "");
  return h(
    "div",
    { class: "letter" },
    h("p", {}, h("span", { class: "label" }, "Dead letter"), " ", why),
    h("p", { class: "fault" }, letter.reason ?? "no reason is told"),
    h(
      "p",
      {},
      h("span", { class: "label" }, "Original message"),
      " ",
      hasPlace(letter) ? link(letter, placeWords(letter)) : "its place is not told",
    ),
  );
}
