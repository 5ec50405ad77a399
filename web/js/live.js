/* The stream of server-sent events. The browser reconnects by itself after a cut; after an answer
 * that is no stream it gives up, and we try again here, slower each time. */
const slowestMs = 15000;

/* handlers: state("live" | "connecting" | "down"), tick(object), status(object), lost(count). */
export function connect(handlers) {
  let waitMs = 1000;
  let everLive = false;

  const parsed = (handle) => (event) => {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    handle(data);
  };

  const open = () => {
    const stream = new EventSource("/api/events");
    stream.addEventListener("open", () => {
      waitMs = 1000;
      everLive = true;
      handlers.state("live");
    });
    stream.addEventListener("error", () => {
      handlers.state(everLive ? "down" : "connecting");
      if (stream.readyState === EventSource.CLOSED) {
        handlers.state("down");
        setTimeout(open, waitMs);
        waitMs = Math.min(waitMs * 2, slowestMs);
      }
    });
    stream.addEventListener("tick", parsed(handlers.tick));
    stream.addEventListener("status", parsed(handlers.status));
    stream.addEventListener("lost", parsed((data) => handlers.lost(data.lost)));
  };
  open();
}
