"""What --trades measures, and its table."""

import os
import platform
from datetime import datetime, timezone
from statistics import median

import bars
import live_page
import table
import trades
from trades import ALONE, OURS, TUNED


def row(title, results):
    return (f"| {title} | {table.spread([result.rate for result in results], table.thousands)}"
            f" | {table.spread([result.cpu_per_million for result in results], table.small)}"
            f" | {max(result.rss_mib for result in results):.0f} MiB |")


def described(options):
    rounds = "One round" if options.rounds == 1 else f"Medians of {options.rounds} interleaved rounds (least–most)"
    return (
        f"{options.messages:,} trades of 10 coins, each of them two frames, from a fake exchange that sends as fast as it is read; three brokers, the\n"
        f"exchange and the client on one machine of {len(os.sched_getaffinity(0))} CPUs, {datetime.now(timezone.utc):%Y-%m-%d}, Python"
        f" {platform.python_version()}. {rounds}, each a whole process\nfrom its start to its end, with everything acknowledged. Both send the"
        " same bytes. The whole way is from the producer's start to the last line in the sink.\n"
    )


def measure(stage, sink, options):
    """The text of the tables."""
    found = trades.costs(stage, sink, options)
    ways = [trades.whole_way(stage, sink, options, number) for number in range(1, options.rounds + 1)]
    ours, theirs = (median(result.cpu_per_million for result in found[name]) for name in (OURS, TUNED))
    judged = [
        bars.at_most("CPU of tuned Python's, from the frame to Kafka's acknowledgement", ours / theirs, 0.1, "{:.3f}"),
        bars.at_least("trades/s from the exchange to the sink, all on this machine", median(ways), 50_000, "{:,.0f}"),
        *live_page.measure(stage, sink),
    ]
    return "\n".join([
        described(options),
        "| who sends live trades to Kafka | trades/s | CPU s per million | max RSS |",
        "|---|--:|--:|--:|",
        row("**candlewick produce --source bitfinex-trades**", found[OURS]),
        row("Python tuned: websockets, orjson, `struct`, confluent-kafka", found[TUNED]),
        row("librdkafka alone, ready-made trades, our settings and headers", found[ALONE]),
        "",
        bars.render(judged),
    ])
