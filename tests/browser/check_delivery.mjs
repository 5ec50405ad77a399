/* How the page comes: in few requests, compressed where the browser takes gzip. */
import { expect, expectEqual } from "./harness.mjs";

export const deliveryChecks = [
  {
    name: "the page comes in few requests, compressed",
    anywhere: true,
    async run(view) {
      const files = [];
      view.page.on("response", (response) => {
        const { pathname } = new URL(response.url());
        if (pathname === "/" || pathname.startsWith("/assets/") || pathname.startsWith("/api/candles")) {
          files.push({ pathname, encoding: response.headers()["content-encoding"], status: response.status() });
        }
      });
      await view.showChart();
      const scripts = new Set(files.filter(({ pathname }) => pathname.endsWith(".js")).map(({ pathname }) => pathname));
      expectEqual([...scripts].sort().join(" "), "/assets/boot.js /assets/page.js", "the scripts");
      const styles = new Set(files.filter(({ pathname }) => pathname.endsWith(".css")).map(({ pathname }) => pathname));
      expectEqual([...styles].join(" "), "/assets/page.css", "the style sheets");
      for (const wanted of ["/", "/assets/page.js", "/assets/page.css", "/api/candles"]) {
        const got = files.filter(({ pathname, status }) => pathname === wanted && status === 200);
        expect(got.length > 0, `${wanted} was not asked for`);
        expect(got.every(({ encoding }) => encoding === "gzip"), `${wanted} is not compressed`);
      }
    },
  },
  {
    name: "the event stream is not compressed, and starts at once",
    anywhere: true,
    async run(view) {
      await view.show();
      const told = await view.page.evaluate(async () => {
        const stop = new AbortController();
        const answer = await fetch("/api/events", { signal: stop.signal });
        const { value } = await answer.body.getReader().read();
        stop.abort();
        return { encoding: answer.headers.get("Content-Encoding"), text: new TextDecoder().decode(value) };
      });
      expectEqual(told.encoding, null, "its encoding");
      expect(told.text.startsWith("retry:"), `it starts with ${told.text}`);
    },
  },
];
