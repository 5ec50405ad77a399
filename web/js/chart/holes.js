/* Times without data, hatched behind the candles, with words where they fit. */
const step = 8; /* pixels from one line of the hatching to the next */
const padding = 6;
const lineHeight = 15;

/* The words in as few lines as fit into `width` pixels; null: a word alone is too long. */
function wrapped(context, words, width) {
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (context.measureText(word).width > width) {
      return null;
    }
    if (lines.length > 0 && context.measureText(longer).width <= width) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function hatch(context, left, width, height) {
  context.save();
  context.beginPath();
  context.rect(left, 0, width, height);
  context.clip();
  context.globalAlpha = 0.09;
  context.fillRect(left, 0, width, height);
  context.globalAlpha = 0.4;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height - (left % step); x < left + width; x += step) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

function label(context, hole, width) {
  const lines = wrapped(context, hole.words ?? "", width - 2 * padding);
  context.textAlign = "center";
  context.textBaseline = "top";
  (lines ?? []).forEach((line, index) =>
    context.fillText(line, hole.left + width / 2, padding + index * lineHeight),
  );
}

/* A primitive of lightweight-charts. axis(seconds): pixels from the left of the pane; theme():
 * { hole, font }. */
export class Holes {
  #axis;
  #theme;
  #holes = [];
  #requestUpdate = () => {};

  constructor(axis, theme) {
    this.#axis = axis;
    this.#theme = theme;
  }

  /* [{ from, to, words }], in seconds. */
  set(holes) {
    if (JSON.stringify(this.#holes) !== JSON.stringify(holes)) {
      this.#holes = holes;
      this.#requestUpdate();
    }
  }

  attached({ requestUpdate }) {
    this.#requestUpdate = requestUpdate;
  }

  paneViews() {
    return [{ zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.#draw(target) }) }];
  }

  #draw(target) {
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const { hole: colour, font } = this.#theme();
      Object.assign(context, { fillStyle: colour, strokeStyle: colour, font: `12px ${font}` });
      for (const hole of this.#holes) {
        const left = Math.max(0, this.#axis(hole.from));
        const right = Math.min(mediaSize.width, this.#axis(hole.to));
        if (right - left >= 1) {
          hatch(context, left, right - left, mediaSize.height);
          label(context, { ...hole, left }, right - left);
        }
      }
    });
  }
}
