/* Nothing there yet, something broken, the connection cut. */
import { expect, expectEqual, PageServer } from "./harness.mjs";

const stateIs = (state) => document.getElementById("live").dataset.state === state;

export const stateChecks = [
  {
    name: "without data the page says what it waits for",
    mode: "empty",
    async run(view) {
      await view.show();
      await view.until(() => !document.getElementById("waiting").hidden, "nothing is said");
      expect(
        (await view.text("#waiting")).includes("Waiting for the first price from Bitfinex"),
        "not what it waits for",
      );
      await view.until(
        () => document.getElementById("chart-empty").innerText.includes("Waiting for the first price"),
        "the chart does not say it",
      );
      expectEqual(await view.page.isDisabled("#coin"), true, "the picker");
      await view.page.click("#tab-group");
      expect(
        (await view.text("#timeline")).includes("No member owns a partition yet"),
        "the timeline says nothing",
      );
      await view.page.click("#tab-messages");
      await view.until(
        () => document.getElementById("messages").innerText.includes("No message yet"),
        "the messages say nothing",
      );
      expectEqual(await view.page.isVisible("#waiting"), true, "the sentence on every tab");
    },
  },
  {
    name: "two producers of one coin are told on every tab",
    mode: "unknown",
    async run(view) {
      await view.show();
      await view.until(() => !document.getElementById("two-producers").hidden, "nothing is said");
      expect(
        (await view.text("#two-producers")).includes("Two producers at once send tBTCUSD and 2 more coins"),
        "not the coins",
      );
      await view.page.click("#tab-group");
      expectEqual(await view.page.isVisible("#two-producers"), true, "the sentence on every tab");
    },
  },
  {
    name: "an error of the API is shown in words, and the rest works on",
    mode: "failing",
    allowed: [/503 \(Service Unavailable\)/],
    async run(view) {
      await view.show();
      await view.until(() => !document.getElementById("problem").hidden, "nothing is said");
      expect(
        (await view.text("#problem")).includes("the store at http://127.0.0.1:8181 does not answer"),
        "not the API's words",
      );
      await view.until(
        () => document.getElementById("chart-empty").innerText.includes("cannot be shown"),
        "the chart does not say it",
      );
      expect(/\d/.test(await view.text("#last-price")), "the last price is gone too");
      await view.page.click("#tab-group");
      expect(
        (await view.text('#members [data-member="demo-2"]')).includes("the store does not answer"),
        "a member's trouble is not told",
      );
    },
  },
  {
    name: "a cut connection is told and mends itself",
    allowed: [
      /ERR_CONNECTION_REFUSED/,
      /ERR_INCOMPLETE_CHUNKED_ENCODING/,
      /ERR_CONNECTION_RESET/,
      /ERR_EMPTY_RESPONSE/,
    ],
    async run(view, options) {
      const first = await PageServer.start(options.server, "live");
      let second = null;
      try {
        view.baseUrl = first.url;
        await view.showChart();
        await view.until(stateIs, "no live prices at first", "synthetic");
        await first.stop();
        await view.until(stateIs, "the cut is not told", "away");
        expect(/Server away since \d\d:\d\d:\d\d/.test(await view.text("#live")), "not in words");
        const problem = await view.text("#problem");
        expect(problem.includes("has not answered since"), `what the notice says: ${problem}`);
        expect(!problem.includes("could not be loaded"), "one cause is told more than once");
        second = await PageServer.start(options.server, "live", first.address);
        await view.until(stateIs, "not live again", "synthetic");
        const price = await view.text("#last-price");
        await view.until(
          (before) => document.getElementById("last-price").innerText !== before,
          "no tick after the cut",
          price,
        );
        await view.until(() => document.getElementById("problem").hidden, "the problem is not taken back");
      } finally {
        await second?.stop();
      }
    },
  },
];
