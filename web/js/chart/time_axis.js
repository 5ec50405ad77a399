/* The times of the drawn points, and where between them a time lies. Positions are in points, as the
 * chart counts them from 0: the point at index n stands for its whole interval, which begins at
 * position n. Pure. */
export class TimeAxis {
  #times = [];
  #seconds = 60;

  /* times: of all points, in order, in seconds; `seconds`: the length of one. */
  set(times, seconds) {
    this.#times = times;
    this.#seconds = seconds;
  }

  get empty() {
    return this.#times.length === 0;
  }

  /* The index of the newest point. */
  get last() {
    return this.#times.length - 1;
  }

  /* The time of the oldest point, or null. */
  get first() {
    return this.#times[0] ?? null;
  }

  /* Index of the newest point that is not after `time`; -1: all are. */
  indexBefore(time) {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle] <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /* The position of a time; before the first and after the last point as if points went on. A gap
   * that is drawn shorter has its times side by side. */
  position(time) {
    const index = this.indexBefore(time);
    if (index < 0) {
      return (time - this.#times[0]) / this.#seconds;
    }
    const into = (time - this.#times[index]) / this.#seconds;
    return index + (index < this.#times.length - 1 ? Math.min(1, into) : into);
  }

  /* The time at a position. */
  time(position) {
    const last = this.#times.length - 1;
    const index = Math.max(0, Math.min(last, Math.floor(position)));
    return this.#times[index] + (position - index) * this.#seconds;
  }

  /* The start of the interval that contains `time`, if it has a point; else null. */
  startOf(time) {
    const index = this.indexBefore(time);
    return index >= 0 && time < this.#times[index] + this.#seconds ? this.#times[index] : null;
  }
}
