/* The stream of server-sent events. The browser reconnects by itself after a cut. After an answer that
 * is no stream, such as a 503 for too many pages, it gives up and shows neither the status nor
 * Retry-After: then the news is asked for every few seconds, and the stream is tried again after half a
 * minute or so, not by all pages at the same time. A page that nobody sees gives its connection back
 * after a while, since browsers allow only six to one server. */
const pollMs = 5000;
const retryMs = 30000; /* up to half of it less or more */
const hiddenMs = 60000;

export class Live {
  #handlers;
  #stream = null;
  #retry = null;
  #poll = null;
  #hide = null;

  /* handlers: state("open" | "cut" | "refused"), tick(object), trade(object), status(object), lost(count),
   * poll(): there is no stream, so news must be asked for. */
  constructor(handlers) {
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#onVisibility());
    this.#open();
  }

  /* The program is back: does not wait any longer to try the stream. */
  retryNow() {
    if (this.#stream?.readyState === EventSource.CLOSED) {
      this.#open();
    }
  }

  #open() {
    clearTimeout(this.#retry);
    this.#stream?.close();
    const stream = new EventSource("/api/events");
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#endPolling();
      this.#handlers.state("open");
    });
    stream.addEventListener("error", () => this.#onError());
    this.#listen("tick", this.#handlers.tick);
    this.#listen("trade", this.#handlers.trade);
    this.#listen("status", this.#handlers.status);
    this.#listen("lost", (data) => this.#handlers.lost(data.lost));
  }

  #close() {
    clearTimeout(this.#retry);
    this.#endPolling();
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
    if (this.#stream?.readyState !== EventSource.CLOSED) {
      this.#handlers.state("cut");
      return;
    }
    this.#handlers.state("refused");
    this.#beginPolling();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), retryMs * (0.5 + Math.random()));
  }

  #beginPolling() {
    if (this.#poll === null) {
      this.#poll = setInterval(() => this.#handlers.poll(), pollMs);
      this.#handlers.poll();
    }
  }

  #endPolling() {
    clearInterval(this.#poll);
    this.#poll = null;
  }

  #onVisibility() {
    clearTimeout(this.#hide);
    if (document.hidden) {
      this.#hide = setTimeout(() => this.#close(), hiddenMs);
    } else if (this.#stream === null) {
      this.#open();
    }
  }
}
