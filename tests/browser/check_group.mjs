/* Who owns what, lag, rebalances. */
import { expect, expectEqual } from "./harness.mjs";

async function showGroup(view) {
  await view.show("#group");
  await view.until(
    () => document.querySelectorAll("#partitions tbody tr[data-partition]").length > 0,
    "no partition is listed",
  );
}

/* [member, colour] of each segment. In one step: the page draws the timeline anew each second, and a segment that
 * is not in the document any more has no colour. */
function segmentColours(view) {
  return view.page.evaluate(() =>
    [...document.querySelectorAll("#timeline .seg")].map((segment) => [
      segment.dataset.member,
      getComputedStyle(segment).fill,
    ]),
  );
}

function partitionsOf(status) {
  return status.streams.flatMap((stream) => stream.partitions);
}

export const groupChecks = [
  {
    name: "the timeline has a lane a partition and a colour a member",
    anywhere: true,
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.querySelectorAll("#timeline .seg").length > 0,
        "nothing is drawn in the timeline",
      );
      const status = await view.api("status");
      expectEqual(await view.page.locator("#timeline .lane").count(), partitionsOf(status).length, "lanes");
      const colours = await segmentColours(view);
      const byMember = new Map(colours);
      expect(
        colours.every(([member, fill]) => byMember.get(member) === fill),
        "a member has two colours",
      );
      expectEqual(new Set(byMember.values()).size, byMember.size, "colours of so many members");
      await view.page.reload();
      await view.until(
        () => document.querySelectorAll("#timeline .seg").length > 0,
        "nothing after a reload",
      );
      for (const [member, fill] of await segmentColours(view)) {
        expectEqual(fill, byMember.get(member) ?? fill, `colour of ${member} after a reload`);
      }
    },
  },
  {
    name: "rebalances are marked, and the history is a table too",
    async run(view) {
      await showGroup(view);
      await view.until(
        () => document.querySelectorAll("#timeline [data-rebalance]").length === 3,
        "not three marks",
      );
      await view.page.locator(".history summary").click();
      await view.until(
        () => document.querySelectorAll("#history tbody tr").length === 18,
        "not 18 rows of history",
      );
      await view.page.selectOption("#timeline-span", "60000");
      await view.until(
        () => document.querySelectorAll("#timeline [data-rebalance]").length < 2,
        "a span of a minute shows as many marks as the whole",
      );
      const lanes = await view.page.$$eval(
        "#timeline .seg",
        (segments) => new Set(segments.map((segment) => segment.dataset.partition)).size,
      );
      expectEqual(lanes, 6, "partitions with an owner in the last minute");
    },
  },
  {
    name: "pointing at a segment tells member, partition and times",
    async run(view) {
      await showGroup(view);
      await view.page.locator('#timeline .seg[data-partition="4"]').first().hover();
      const tip = await view.text(".tip");
      expect(
        /demo-\d/.test(tip) && tip.includes("partition 4") && tip.includes("UTC"),
        `the tip says ${tip}`,
      );
    },
  },
  {
    name: "figures, partitions and members are those of the status",
    anywhere: true,
    async run(view) {
      await showGroup(view);
      const status = await view.api("status");
      expectEqual(
        await view.page.locator("#partitions tr[data-partition]").count(),
        partitionsOf(status).length,
        "partitions",
      );
      const owner = status.partitions.find((entry) => entry.owner);
      if (owner) {
        expect(
          (await view.text(`#partitions tr[data-partition="${owner.partition}"]`)).includes(owner.owner),
          "an owner is not shown",
        );
      }
      if (status.members.length > 0) {
        expectEqual(await view.page.locator("#members .member").count(), status.members.length, "members");
      }
      expect(/\d/.test(await view.text('[data-fact="lag"] dd.num')), "no lag");
      expect(/\d/.test(await view.text('[data-fact="rebalances"] dd.num')), "no count of rebalances");
      const troubled = status.members.filter((member) => member.trouble).length;
      expectEqual(await view.page.locator("#members .trouble").count(), troubled, "members in trouble");
      expect((await view.text("#topic-name")).includes(status.topic), "the topic is not named");
    },
  },
  {
    name: "every stream's partitions are shown, and a topic that was made again is marked",
    mode: "streams",
    async run(view) {
      await showGroup(view);
      expectEqual(
        await view.page.locator("#partitions tr[data-partition]").count(),
        8,
        "partitions of both topics",
      );
      const row = await view.text('#partitions tr[data-topic="bars"][data-partition="1"]');
      expect(/bars\s+1/.test(row) && row.includes("demo-2"), `the row says ${row}`);
      const chips = await view.text('#members [data-member="demo-1"] .chips');
      expect(
        chips.includes("tickers p0, p1, p2") && chips.includes("bars p0"),
        `demo-1 has ${chips}`,
      );
      expectEqual(await view.page.locator("#timeline .lane").count(), 8, "lanes");
      const mark = await view.page.locator('#timeline [data-made-again="bars"] title').textContent();
      expect(/^topic bars made again at \d\d:\d\d:\d\d UTC$/.test(mark), `the mark says ${mark}`);
      await view.page.locator(".history summary").click();
      await view.until(
        (told) => document.querySelector("#history").textContent.includes(told),
        "the history does not tell it",
        mark,
      );
      expect((await view.text("#topic-name")).includes("topics tickers, bars"), "not both topics are named");
    },
  },
  {
    name: "how long a record takes is a table of what was measured",
    mode: "streams",
    async run(view) {
      await showGroup(view);
      await view.until(() => !document.getElementById("truth-card").hidden, "no table");
      const row = (await view.text('#truth tr[data-stream="ticker"]')).replaceAll(/\s+/g, " ");
      expectEqual(row, "ticker 5 ms, 25 ms 3 below 0: clocks disagree", "the row");
      expectEqual(await view.page.locator("#truth tbody tr").count(), 1, "streams that were measured");
    },
  },
  {
    name: "members that the cluster does not tell are called unknown, with the reason",
    mode: "unknown",
    async run(view) {
      await showGroup(view);
      expect(
        (await view.text("#members")).includes(
          "Members unknown: the in-process cluster does not describe groups",
        ),
        "no reason",
      );
      expect((await view.text("#partitions")).includes("unknown"), "owners are not called unknown");
      expectEqual(await view.page.isVisible("#synthetic"), false, "the synthetic badge");
    },
  },
];
