import { byId } from "../dom.js";

const apart = 40; /* pixels from one text to the next; a mark nearer to one has none */

/* The marks of one list on the chart: only those in view, and drawn anew only when these change. A mark
 * leads to its item in the list, and the item to its mark. */
export class Marks {
  #chart;
  #owner;
  #marks = [];
  #drawn = "";

  /* onPick(id): the mark of that item was clicked. */
  constructor(chart, owner, onPick) {
    this.#chart = chart;
    this.#owner = owner;
    chart.onView(() => this.#draw());
    chart.onMarker((id) => {
      if (String(id).startsWith(`${owner}:`)) {
        onPick(String(id).slice(owner.length + 1));
      }
    });
  }

  /* [{ id, time, position, shape, color, text }], times in seconds. */
  set(marks) {
    this.#marks = marks;
    this.#draw();
  }

  /* The newest of marks that are close together keeps its text. */
  #withRoom(marks) {
    let next = Infinity;
    return [...marks]
      .sort((a, b) => b.time - a.time)
      .map((mark) => {
        const x = this.#chart.timeToX(mark.time) ?? 0;
        const fits = next - x >= apart;
        next = fits ? x : next;
        return fits ? mark : { ...mark, text: "" };
      });
  }

  #draw() {
    const times = this.#chart.visibleTimes();
    const inView = times ? this.#marks.filter(({ time }) => time >= times.from && time <= times.to) : [];
    const shown = this.#withRoom(inView);
    const drawn = JSON.stringify(shown);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      byId("chart").dataset[`${this.#owner}Marks`] = String(shown.length); /* for tests */
      this.#chart.setMarkers(
        this.#owner,
        shown.map((mark) => ({ ...mark, id: `${this.#owner}:${mark.id}` })),
      );
    }
  }
}

/* Shows the item of a list to which a mark leads, and marks it for a while. */
export function light(list, id) {
  const item = [...list.children].find((child) => child.dataset.id === id);
  for (const other of list.querySelectorAll(".lit")) {
    other.classList.remove("lit");
  }
  if (item) {
    item.classList.add("lit");
    item.scrollIntoView({ block: "nearest" });
    item.querySelector("button")?.focus({ preventScroll: true });
  }
}
