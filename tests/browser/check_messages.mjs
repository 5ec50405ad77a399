/* The messages tab. */
import { expect, expectEqual } from "./harness.mjs";

const rows = "#messages tbody tr.row";

async function showMessages(view) {
  await view.show("#messages");
  await view.until(
    (selector) => document.querySelectorAll(selector).length > 0,
    "no message is listed",
    rows,
  );
}

function firstOffset(view) {
  return view.page.locator(`${rows} td[data-label="Offset"]`).first().innerText();
}

export const messageChecks = [
  {
    name: "messages are listed with partition, offset, key, schema and value",
    anywhere: true,
    async run(view) {
      await showMessages(view);
      const cells = await view.page.locator(rows).first().locator("td").allInnerTexts();
      expectEqual(cells.length, 8, "columns");
      expect(
        /^\d+$/.test(cells[1]) && /^\d+$/.test(cells[2]),
        `partition and offset are ${cells[1]}, ${cells[2]}`,
      );
      expect(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(cells[3]), `the time is ${cells[3]}`);
      expect(cells[6].length > 0, "no value");
    },
  },
  {
    name: "a message opens to its whole record, and following pauses",
    anywhere: true,
    async run(view) {
      await showMessages(view);
      const key = await view.page.locator(rows).first().getAttribute("data-key");
      const button = view.page.locator(`tr[data-key="${key}"] .expand`);
      await button.focus();
      await view.page.keyboard.press("Enter");
      const record = await view.text(`[id="message-${key}"]`);
      expect(record.includes("event_time_ns") || record.includes("decoded"), `the record is ${record}`);
      expectEqual(await button.getAttribute("aria-expanded"), "true", "aria-expanded");
      expectEqual(await view.page.isChecked("#message-follow"), false, "following");
    },
  },
  {
    name: "a message that cannot be decoded says why, as text",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "4");
      await view.page.uncheck("#message-follow");
      await view.until(() => document.querySelectorAll("#messages tr.row.bad").length > 0, "no bad row");
      const words = await view.page.locator("#messages tr.row.bad .preview").first().innerText();
      expect(words.includes("schema 9 is not in the registry <b>at all</b>"), `it says ${words}`);
      expect(
        (await view.text("#message-note")).includes("could not be decoded"),
        "the note does not count it",
      );
    },
  },
  {
    name: "new messages appear while following",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "0");
      await view.page.check("#message-follow");
      const before = await firstOffset(view);
      await view.until(
        (offset) => Number(document.querySelector('#messages td[data-label="Offset"]').innerText) > offset,
        "the newest offset stood still",
        Number(before),
      );
    },
  },
  {
    name: "partition and offset are picked, and pages turned",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "2");
      await view.page.selectOption("#message-seek", "offset");
      await view.page.fill("#message-offset", "100");
      await view.page.keyboard.press("Enter"); /* the oldest first from here on: what was asked for is on top */
      const top = (offset) =>
        view.until(
          (want) => document.querySelector('#messages td[data-label="Offset"]')?.innerText === want,
          `the first row is not ${offset}`,
          offset,
        );
      await top("100");
      await view.page.click("#message-newer");
      await top("150");
      await view.page.click("#message-older");
      await top("100");
      await view.page.selectOption("#message-seek", "oldest");
      await top("0");
      expectEqual(await view.page.isDisabled("#message-older"), true, "older, at the beginning");
    },
  },
  {
    name: "messages of another topic are shown by the columns of their kind",
    mode: "streams",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "4");
      await view.page.selectOption("#message-topic", "bars");
      await view.until(
        () => document.querySelectorAll("#messages tbody tr.row").length === 3,
        "not the three bars",
      );
      const words = await view.page.locator("#messages .preview").first().innerText();
      expect(/timeframe 1d.*open 10.*close 22.*time 1970-01-03/s.test(words), `it says ${words}`);
      expect((await view.text("#message-note")).startsWith("2 partitions"), "another partition is chosen");
      await view.page.selectOption("#message-topic", "tickers");
      await view.until(() => document.querySelectorAll("#messages tbody tr.row").length === 50, "no ticks");
    },
  },
  {
    name: "an empty partition says that it is empty",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "1");
      await view.until(
        () => document.getElementById("messages").innerText.includes("No message yet"),
        "it does not say so",
      );
    },
  },
];
