/* A search for messages, one partition after the other. The program bounds each question; what it
 * has not looked at is looked at when the search goes on. */
import { get } from "../api.js";
import * as format from "../format.js";

const path = "/api/messages/search";

/* Where a search goes on in a partition: a parameter of the question. Null: it has looked at all. */
function nextOf({ next_before: before, next_from: from }) {
  return format.known(before) ? { before } : format.known(from) ? { from } : null;
}

export class Search {
  #question;
  #places;
  #answered = false;
  messages = [];

  /* `question`: topic, key, contains, time, limit. `places`: [{ partition, begin, end, next }], one for
   * each partition; `next` is where to begin: {}, { before } or { from }. A partition that is null is
   * chosen by the program, by the key. */
  constructor(question, places) {
    this.#question = question;
    this.#places = places.map((place) => ({ ...place, looked: 0 }));
  }

  /* Asks each partition that is not finished once; `onStep()` after each answer. */
  async goOn(signal, onStep) {
    for (const place of this.#places.filter(({ next }) => next !== null)) {
      const question = { ...this.#question, partition: place.partition, ...place.next };
      const answer = await get(path, question, signal);
      place.partition = answer.partition;
      place.begin = answer.begin;
      place.end = answer.end;
      place.looked += answer.looked_at;
      place.next = nextOf(answer);
      this.messages.push(...answer.messages);
      this.#answered = true;
      onStep();
    }
  }

  get hasMore() {
    return this.#places.some(({ next }) => next !== null);
  }

  /* How far it has looked; "" before the first answer. */
  words() {
    const looked = this.#places.reduce((sum, place) => sum + place.looked, 0);
    const all = this.#places.reduce((sum, { begin, end }) => sum + Math.max(0, (end ?? 0) - (begin ?? 0)), 0);
    if (!this.#answered) {
      return "";
    }
    const where =
      this.#places.length === 1
        ? `partition ${this.#places[0].partition}`
        : `${this.#places.length} partitions`;
    const far = this.hasMore
      ? `${format.count(looked)} of ${format.count(all)} messages looked at`
      : `${format.count(looked)} messages looked at, to the end`;
    return `${format.count(this.messages.length)} found in ${where} · ${far}`;
  }
}
