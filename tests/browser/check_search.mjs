/* The messages tab: by key, by value, by time, a link to one message, dead letters. */
import { expect, expectEqual } from "./harness.mjs";

const rows = "#messages tbody tr.row";

async function showMessages(view, where = "#messages") {
  await view.show(where);
  await view.until(
    (selector) => document.querySelectorAll(selector).length > 0,
    "no message is listed",
    rows,
  );
}

function noteHas(view, words) {
  return view.until(
    (want) => document.getElementById("message-note").textContent.includes(want),
    `the note does not say "${words}"`,
    words,
  );
}

/* The key of the row that is open, "partition:offset"; once there is just that one. */
async function openRow(view, key) {
  await view.until(
    (want) => {
      const open = [...document.querySelectorAll("#messages tr.row.opened")];
      return open.length === 1 && open[0].dataset.key === want;
    },
    `${key} is not the message that is open`,
    key,
  );
}

export const searchChecks = [
  {
    name: "by key: the partition of the key alone is looked at, and the search goes on",
    async run(view) {
      await showMessages(view);
      const asked = [];
      view.page.on("request", (request) => asked.push(new URL(request.url())));
      await view.page.fill("#message-key", "tETHUSD");
      await view.page.keyboard.press("Enter");
      await noteHas(view, "100 found in partition 2");
      const searches = () => asked.filter(({ pathname }) => pathname === "/api/messages/search");
      expectEqual(searches().length, 1, "questions");
      expectEqual(searches()[0].searchParams.get("partition"), null, "the partition that was named");
      expectEqual(await view.page.isChecked("#message-follow"), false, "following while searching");
      await view.page.click("#message-go-on");
      await noteHas(view, "200 found in partition 2");
      const offsets = await view.page.$$eval(`${rows} td[data-label="Offset"]`, (cells) =>
        cells.map((cell) => Number(cell.innerText)),
      );
      expect(
        offsets.every((offset, index) => index === 0 || offset < offsets[index - 1]),
        "not the newest first",
      );
      await view.page.click("#message-clear");
      await noteHas(view, "6 partitions · 50 shown");
      expectEqual(await view.page.inputValue("#message-key"), "", "the key after Clear");
    },
  },
  {
    name: "by value: it says how far it has looked, until the end",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "1");
      await view.page.fill("#message-contains", "nothing has this");
      await view.page.keyboard.press("Enter");
      await noteHas(view, "0 found in partition 1 · 0 messages looked at, to the end");
      expect((await view.text("#messages")).includes("No such message in what was looked at"), "no words");
      await view.page.selectOption("#message-partition", "all");
      await noteHas(view, "0 found in 6 partitions");
      await view.until(() => !document.getElementById("message-go-on").hidden, "no way to go on");
      expect(/\d of [\d,]+ messages looked at/.test(await view.text("#message-note")), "it is not told how far");
    },
  },
  {
    name: "by time: the first message of that time or later is on top",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-partition", "0");
      const time = await view.page.locator(`${rows} td[data-label="Time"]`).nth(20).innerText();
      await view.page.selectOption("#message-seek", "time");
      await view.page.fill("#message-time", "yesterday");
      expectEqual(
        await view.page.$eval("#message-time", (field) => field.checkValidity()),
        false,
        "a time that is none is taken",
      );
      await view.page.fill("#message-time", time.slice(0, 19));
      await view.page.locator("#message-form").getByText("Show", { exact: true }).click();
      await noteHas(view, "oldest first");
      for (let i = 0; i < 30 && (await view.page.locator(rows).count()) === 0; i++) {
        await view.page.click("#message-go-on");
        await view.page.waitForTimeout(50);
      }
      const first = await view.page.locator(`${rows} td[data-label="Time"]`).first().innerText();
      expect(first >= time.slice(0, 19), `${first} is on top, ${time} was asked for`);
    },
  },
  {
    name: "a link opens its message, another one can be chosen, and Back returns to the first",
    async run(view) {
      await showMessages(view, "?topic=tickers&partition=2&offset=33#messages");
      await openRow(view, "2:33");
      const inView = await view.page.$eval("#messages tr.opened", (row) => {
        const box = row.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight;
      });
      expect(inView, "the message is not scrolled to");
      expectEqual(await view.page.isChecked("#message-follow"), false, "following beside a link");
      await view.page.locator('tr[data-key="2:33"] .expand').click();
      await view.page.locator('tr[data-key="2:40"] .expand').click();
      await view.until(() => location.search.includes("offset=40"), "the address does not name the message");
      await view.page.locator('tr[data-key="2:41"] .expand').click();
      await view.until(() => location.search.includes("offset=41"), "the address does not name the second");
      await view.page.goBack();
      await openRow(view, "2:40");
    },
  },
  {
    name: "a link to a message that is not there says so",
    async run(view) {
      await view.show("?topic=tickers&partition=1&offset=5#messages");
      await noteHas(view, "Offset 5 is not in the log");
      await view.show("?topic=%3Cb%3Enone%3C/b%3E&partition=1&offset=5#messages");
      await view.until(
        () => document.getElementById("messages").innerText.includes("Topic <b>none</b> is not shown here"),
        "an unknown topic is not told",
      );
      await view.show("?topic=tickers&partition=77&offset=5#messages");
      await view.until(
        () => document.getElementById("messages").innerText.includes("has no partition 77"),
        "an unknown partition is not told",
      );
    },
  },
  {
    name: "a message is copied as JSON",
    async run(view) {
      await showMessages(view, "?topic=tickers&partition=2&offset=33#messages");
      await openRow(view, "2:33");
      await view.page.evaluate(() => {
        globalThis.copied = [];
        navigator.clipboard.writeText = async (text) => globalThis.copied.push(text);
      });
      const detail = view.page.locator('[id="message-2:33"]');
      await detail.getByText("Copy as JSON").click();
      await view.until(() => globalThis.copied.length === 1, "nothing was copied");
      const message = JSON.parse(await view.page.evaluate(() => globalThis.copied[0]));
      expectEqual(message.topic, "tickers", "its topic");
      expectEqual(message.offset, 33, "its offset");
      expectEqual(message.value.symbol, message.key, "its value");
      await detail.getByText("Copy link").click();
      const link = await view.page.evaluate(() => globalThis.copied[1]);
      expect(link.endsWith("/?topic=tickers&partition=2&offset=33#messages"), `the link is ${link}`);
    },
  },
  {
    name: "dead letters have their reason as text, and a link to the message that was meant",
    async run(view) {
      await showMessages(view);
      await view.page.selectOption("#message-topic", "tickers.dlq");
      await view.until(() => document.querySelectorAll("#messages tr.row").length === 2, "not two letters");
      const words = await view.page.locator('tr[data-key="0:0"] .preview').innerText();
      expect(words.includes("schema 9 is not in the registry <b>at all</b>"), `it says ${words}`);
      await view.page.locator('tr[data-key="0:1"] .expand').click();
      const forged = await view.text('[id="message-0:1"]');
      expect(forged.includes("no reason is told") && forged.includes("place is not told"), `it says ${forged}`);
      await view.page.locator('tr[data-key="0:0"] .expand').click();
      await view.page.locator('[id="message-0:0"]').getByText("tickers, partition 2, offset 120").click();
      await openRow(view, "2:120");
      expectEqual(await view.page.inputValue("#message-topic"), "tickers", "the topic of the link");
      await view.page.goBack();
      await view.until(
        () => document.getElementById("message-topic").value === "tickers.dlq",
        "Back does not lead to the dead letter",
      );
      await openRow(view, "0:0");
    },
  },
];
