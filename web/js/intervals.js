/* The interval buttons: a radio group, moved through with the arrow keys. */
import { intervals } from "./candles.js";
import { h } from "./dom.js";

export function setUpIntervals(box, onPick) {
  const button = (entry, index) =>
    h(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        "aria-label": entry.words,
        "data-interval": entry.name,
        tabindex: index === 0 ? 0 : -1,
        onclick: () => onPick(entry),
        onkeydown: (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (step) {
            event.preventDefault();
            const next = (index + step + intervals.length) % intervals.length;
            onPick(intervals[next]);
            box.children[next].focus();
          }
        },
      },
      entry.label ?? entry.name,
    );
  box.replaceChildren(...intervals.map(button));
}

export function showInterval(box, chosen) {
  for (const button of box.children) {
    const on = button.dataset.interval === chosen.name;
    button.setAttribute("aria-checked", String(on));
    button.tabIndex = on ? 0 : -1;
  }
}
