/* The stream of server-sent events. The browser reconnects by itself after a cut; after an answer
 * that is no stream it gives up, and we try again here, slower each time. A page that nobody sees
 * gives its connection back after a while, since browsers allow only six to one server. */
const firstWaitMs = 1000;
const slowestMs = 15000;
const hiddenMs = 60000;

export class Live {
  #handlers;
  #stream = null;
  #retry = null;
  #hide = null;
  #waitMs = firstWaitMs;
  #everLive = false;

  /* handlers: state("live" | "connecting" | "down"), tick(object), trade(object), status(object), lost(count),
   * refused(): no stream can be had now, so that news must be asked for; again before each try. */
  constructor(handlers) {
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    this.#open();
  }

  #open() {
    this.#close();
    const stream = new EventSource("/api/events");
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#waitMs = firstWaitMs;
      this.#everLive = true;
      this.#handlers.state("live");
    });
    stream.addEventListener("error", () => this.#onError());
    this.#listen("tick", this.#handlers.tick);
    this.#listen("trade", this.#handlers.trade);
    this.#listen("status", this.#handlers.status);
    this.#listen("lost", (data) => this.#handlers.lost(data.lost));
  }

  #close() {
    clearTimeout(this.#retry);
    this.#stream?.close();
    this.#stream = null;
  }

  #listen(name, handle) {
    this.#stream.addEventListener(name, (event) => {
      let data;
      try {
        data = JSON.parse(event.data);
      } catch {
        return;
      }
      handle(data);
    });
  }

  #onError() {
    this.#handlers.state(this.#everLive ? "down" : "connecting");
    if (this.#stream?.readyState === EventSource.CLOSED) {
      this.#handlers.state("down");
      this.#handlers.refused();
      this.#retry = setTimeout(() => this.#open(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, slowestMs);
    }
  }

  #onVisibility() {
    clearTimeout(this.#hide);
    if (document.hidden) {
      this.#hide = setTimeout(() => {
        this.#close();
        this.#handlers.state("connecting");
      }, hiddenMs);
    } else if (this.#stream === null) {
      this.#open();
    }
  }
}
