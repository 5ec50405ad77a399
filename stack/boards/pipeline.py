"""The board "Pipeline": from the exchange through Kafka into the store, by Prometheus."""

import happened
from parts import BARS, COLOURS, POINTS, board, each, fixed, panel, promql, row, stat, state_timeline, steps, timeseries

RATE = "[$__rate_interval]"
MEMBERS = [f"consumer-{number}" for number in range(1, 7)]


def quantile(of, part, by="le", match=""):
    return f"histogram_quantile({of}, sum by ({by}) (rate(candlewick_{part}_bucket{match}{RATE})))"


def truth_lag(step):
    return quantile(0.99, "truth_lag_seconds", "le, stream", f'{{step="{step}"}}')


def figures():
    return [
        stat(1, "Newest tick stored", "How long ago the store last took ticks from any member. The alert speaks above 60 seconds.", (0, 0, 5, 4),
             each(("time() - max(candlewick_last_write_timestamp_seconds > 0)", "age"), instant=True), "s", "nothing stored yet",
             thresholds=steps("green", (30, "orange"), (60, "red"))),
        stat(2, "Members", "Members of the group that own at least one partition.", (5, 0, 4, 4),
             each(("count(count by (member) (candlewick_partition_owned))", "members"), instant=True), "short", "none",
             thresholds=steps("red", (1, "green"))),
        stat(3, "Messages behind", "Messages in the log that the group has not yet committed, all partitions together.", (9, 0, 5, 4),
             each(("sum(candlewick_partition_lag_messages)", "lag")), "short", "unknown", graph="area",
             thresholds=steps("green", (1000, "orange"), (10000, "red"))),
        stat(4, "Parts in good health",
             "How many of producer, members and pages say that nothing keeps ticks from flowing, of those that are reached.", (14, 0, 5, 4),
             each(("sum(candlewick_healthy)", "healthy"), ("count(candlewick_healthy)", "of"), instant=True), "short", "none",
             color=fixed("green"), text="value_and_name"),
        stat(5, "Dead letters in the range",
             "Messages set aside in the dead-letter topic since the range began: not ticks, or refused by the store.", (19, 0, 5, 4),
             each(("sum(increase(candlewick_dead_letters_total[$__range]))", "dead letters"), instant=True), "short", "0",
             thresholds=steps("green", (1, "red"))),
    ]


def flow():
    return [
        row(20, "Flow", 4),
        timeseries(6, "Ticks per second", "Ticks that Kafka has taken from the producer (in), that members have read (out), and that the store has taken "
                   "(written). The three lie on one another while all is well.", (0, 5, 8, 9),
                   each(*((f"sum (rate(candlewick_{of}_total{RATE}))", name) for of, name in (
                       ("ticks_acknowledged", "in"), ("messages_consumed", "out"), ("ticks_written", "written")))),
                   "suffix:ticks/s", names={"in": "blue", "out": "orange", "written": "green"}),
        timeseries(17, "Lag in seconds", "For how long the oldest message that the group has not committed has been in the log, of all topics; as the page saw "
                   "the log grow. A line that rises by a second each second is a group that stands still; no line, that it is not known.", (8, 5, 8, 9),
                   each(("max(candlewick_group_lag_seconds)", "oldest message")), "s", ("lastNotNull", "max"), {"oldest message": "orange"}),
        timeseries(7, "Lag by partition", "Log end less committed offset of each partition, as its owner sees it. A line that only rises is a partition "
                   "that nobody works on.", (16, 5, 8, 9),
                   each(("max by (partition) (candlewick_partition_lag_messages)", "partition {{partition}}")), "short", ("lastNotNull", "max"),
                   decimals=0),
    ]


def group():
    owners = " or ".join(f'candlewick_partition_owned{{member="{name}"}} * {number}' for number, name in enumerate(MEMBERS, 1))
    length = "candlewick_rebalance_duration_seconds"
    return [
        row(21, "Group", 14),
        state_timeline(8, "Which member owns which partition", "One line a partition, one colour a member; a gap is a time without owner, as in a rebalance.",
                       (0, 15, 16, 9), promql(f"max by (partition) ({owners})", "partition {{partition}}"),
                       dict(enumerate(zip(MEMBERS, COLOURS), 1)), row_height=0.85),
        timeseries(9, "Rebalances", "Assignments that each member received.", (16, 15, 8, 4),
                   each((f"sum by (member) (increase(candlewick_rebalances_total{RATE}))", "{{member}}")), "short", (), MEMBERS, draw=BARS,
                   placement="right", decimals=0),
        timeseries(10, "Length of rebalances", "Mean time from a revocation (or the join) to the assignment that ended it: how long a member's partitions "
                   "stood still.", (16, 19, 8, 5),
                   each((f"sum by (member) (rate({length}_sum{RATE})) / sum by (member) (rate({length}_count{RATE}))", "{{member}}")),
                   "s", (), MEMBERS, draw=POINTS),
    ]


def work():
    return [
        row(22, "Work", 24),
        timeseries(11, "Batch latency", "Time of a batch from open to done, and of one write to the store within it.", (0, 25, 12, 8),
                   each((quantile(0.5, "batch_duration_seconds"), "batch, median"), (quantile(0.99, "batch_duration_seconds"), "batch, 99th percentile"),
                        (quantile(0.99, "store_write_duration_seconds"), "store write, 99th percentile")), "s",
                   names={"batch, median": "green", "batch, 99th percentile": "orange", "store write, 99th percentile": "blue"}),
        timeseries(12, "Retries", "Writes to the store that had to be tried again. Nothing is lost by a retry: the same points are written once more.",
                   (12, 25, 6, 8), each((f"sum by (member) (increase(candlewick_write_retries_total{RATE}))", "{{member}}")), "short", (), MEMBERS,
                   draw=BARS, decimals=0),
        timeseries(13, "Dead letters by reason", "Messages set aside, by why.", (18, 25, 6, 8),
                   each((f"sum by (reason) (increase(candlewick_dead_letters_total{RATE}))", "{{reason}}")), "short", (), draw=BARS, decimals=0),
    ]


def heatmap():
    options = {
        "calculate": False, "cellGap": 1, "showValue": "never", "filterValues": {"le": 1e-09}, "rowsFrame": {"layout": "auto"},
        "color": {"mode": "scheme", "scheme": "Oranges", "scale": "exponential", "exponent": 0.5, "steps": 64, "fill": "dark-orange", "reverse": False},
        "yAxis": {"unit": "s", "axisPlacement": "left", "reverse": False}, "legend": {"show": True},
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True}, "exemplars": {"color": "rgba(255,0,255,0.7)"}}
    shown = {"hideFrom": {"legend": False, "tooltip": False, "viz": False}, "scaleDistribution": {"type": "linear"}}
    return panel("heatmap", 14, "From exchange to store", "Time from the moment a tick was produced until the store had taken it; the darker a cell, the "
                 "more ticks took that long.", (0, 33, 12, 9),
                 [promql(f"sum by (le) (increase(candlewick_exchange_to_store_seconds_bucket{RATE}))", "{{le}}", of="heatmap")], options,
                 {"unit": "suffix:ticks", "decimals": 0, "custom": shown}, maxDataPoints=120)


def truth():
    return [
        heatmap(),
        timeseries(15, "The lag of truth", "99 of 100 stored records took at most so long, by stream: from the exchange's own time to the frame that brought "
                   "them (trades), to Kafka, and from there to the store and to the page. Without refilled trades.", (12, 33, 8, 9),
                   each((truth_lag("exchange_to_frame"), "{{stream}}, exchange to frame"), (truth_lag("frame_to_kafka"), "{{stream}}, frame to Kafka"),
                        (truth_lag("kafka_to_store"), "{{stream}}, Kafka to store"), (truth_lag("kafka_to_page"), "{{stream}}, Kafka to page")), "s"),
        timeseries(16, "Clocks that disagree", "Steps that took less than no time, by stream and step: the clock of one machine is wrong, and lags of that "
                   "step are not to be trusted.", (20, 33, 4, 9),
                   each((f"sum by (stream, step) (increase(candlewick_truth_lag_negative_total{RATE}))", "{{stream}}, {{step}}")), "short"),
    ]


def pipeline():
    return board("candlewick-pipeline", "Pipeline", "From the exchange through Kafka into the store: flow, group, latency.", "now-30m",
                 [*figures(), *flow(), *group(), *work(), *truth()], annotations=happened.annotations(), page_query="#group")
