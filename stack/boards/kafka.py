"""The board "Kafka": the brokers, by what they and kafka_exporter tell Prometheus."""

import happened
from parts import BARS, board, each, fixed, override, promql, row, stat, state_timeline, steps, timeseries

BROKERS = [f"broker {number}" for number in (1, 2, 3)]
MANAGER = "kafka_server_replicamanager"
DASHED = {"fill": "dash", "dash": [6, 6]}


def named(*before):
    """name -> colour of each broker's series, whatever stands before its name."""
    return {word + broker: colour for word in before for broker, colour in zip(BROKERS, ("blue", "orange", "purple"))}


def alive():
    enough = steps("red", (2, "orange"), (3, "green"))
    return [
        stat(1, "Brokers alive", "Brokers that say of themselves that they serve clients. Three make the cluster; with two, every promise still holds; with "
             "one, nothing can be written.", (0, 0, 4, 4), each(("count(kafka_server_brokerstate == 3) or vector(0)", "brokers"), instant=True), "short",
             "none", thresholds=enough),
        stat(2, "Brokers that clients see", "Brokers in the cluster's metadata, as kafka_exporter is told when it asks.", (4, 0, 4, 4),
             each(("max(kafka_brokers)", "brokers"), instant=True), "short", "no kafka_exporter", thresholds=enough),
        stat(3, "Active controller", "The broker whose controller leads the metadata quorum.", (8, 0, 4, 4),
             each(("kafka_controller_kafkacontroller_activecontrollercount == 1", "broker {{broker}}"), instant=True), "short", "none",
             color=fixed("text"), text="name"),
    ]


def partitions(number, title, description, x, expr, worst):
    return stat(number, title, description, (x, 0, 4, 4), each((expr, "partitions"), instant=True), "short", "unknown",
                thresholds=steps("green", (1, worst)))


def replication():
    changes = f"sum by (broker) (increase({MANAGER}_isr%ss_total[$__rate_interval]))"
    return [
        row(20, "Replication", 4),
        state_timeline(7, "Brokers", "When each broker answered and when it did not.", (0, 5, 12, 6),
                       promql('min by (broker) (up{job="kafka"})', "broker {{broker}}"), {0: ("down", "red"), 1: ("alive", "green")}),
        timeseries(8, "Leaders", "Partitions that each broker leads. Even when all is well; a broker that comes back leads none until leadership is spread "
                   "again.", (12, 5, 12, 6), each((f"sum by (broker) ({MANAGER}_leadercount)", "broker {{broker}}")), "short", ("lastNotNull",),
                   named(""), decimals=0),
        timeseries(9, "Under-replicated partitions by leader", "Partitions led by each broker that lack a replica in sync: for as long as a broker is away, "
                   "and while it catches up.", (0, 11, 12, 7), each((f"sum by (broker) ({MANAGER}_underreplicatedpartitions)", "broker {{broker}}")),
                   "short", ("max",), named(""), draw={"fillOpacity": 20}, decimals=0),
        timeseries(10, "Changes of the in-sync replicas", "Replicas in sync against those that there should be, as kafka_exporter reads them. The bars are "
                   "what leaders counted: a replica that fell behind (out) or caught up (back). A dead broker's replicas are taken out by the controller, "
                   "which no leader counts.", (12, 11, 12, 7),
                   each(("sum(kafka_topic_partition_in_sync_replica)", "in sync"), ("sum(kafka_topic_partition_replicas)", "all replicas"),
                        (changes % "expand", "back, broker {{broker}}"), ("-" + changes % "shrink", "out, broker {{broker}}")), "short", (),
                   named("back, ", "out, "),
                   [override("in sync", color=fixed("green"), custom_fillOpacity=0),
                    override("all replicas", color=fixed("text"), custom_fillOpacity=0, custom_lineWidth=1, custom_lineStyle=DASHED),
                    override("/^(back|out), /", "byRegexp", **{f"custom_{name}": value for name, value in BARS.items()}, custom_axisPlacement="right")],
                   decimals=0, min=None),
    ]


def traffic():
    bytes_of = "sum by (broker) (rate(kafka_server_brokertopicmetrics_bytes%s_total[$__rate_interval]))"
    times = "max by (broker) (kafka_network_requestmetrics_totaltimems{request=\"%s\",quantile=\"%s\"})"
    return [
        row(21, "Traffic", 18),
        timeseries(11, "Bytes", "From producers (above the line) and to consumers (below), without what the brokers copy among themselves.", (0, 19, 12, 8),
                   each((bytes_of % "in", "in, broker {{broker}}"), ("-" + bytes_of % "out", "out, broker {{broker}}")), "Bps", ("lastNotNull",),
                   named("in, ", "out, "), draw={"axisCenteredZero": False}, min=None),
        timeseries(12, "Round trips of our clients", "99th percentile of the time between a request and its answer, from librdkafka's statistics: each of our "
                   "clients to each broker. A consumer's fetch waits for data, which counts here.", (12, 19, 12, 8),
                   each(("max by (client, broker) (candlewick_broker_round_trip_seconds{quantile=\"0.99\"})", "{{client}} to broker {{broker}}")), "s"),
        timeseries(13, "Produce requests", "99th percentile from a produce request's arrival to its answer, all replicas in sync included. A broker forgets "
                   "slowly while little comes.", (0, 27, 8, 8), each((times % ("Produce", "0.99"), "broker {{broker}}")), "ms", names=named("")),
        timeseries(14, "Fetch requests of consumers", "Median and 99th percentile from arrival to answer. A fetch waits for data up to its client's limit, so "
                   "an idle topic is slow here and well.", (8, 27, 8, 8),
                   each((times % ("FetchConsumer", "0.99"), "99th percentile, broker {{broker}}"),
                        (times % ("FetchConsumer", "0.5"), "median, broker {{broker}}")), "ms", (), named("99th percentile, ", "median, "),
                   [override("/^median/", "byRegexp", custom_lineStyle=DASHED)], draw={"fillOpacity": 0}),
        timeseries(15, "Lag as the brokers see it", "Log end less committed offset by partition, from kafka_exporter: it goes on when no member lives to tell "
                   "its own. A partition from which nothing was ever committed is not shown.", (16, 27, 8, 8),
                   each(("sum by (topic, partition) (kafka_consumergroup_lag >= 0)", "{{topic}} {{partition}}")), "short", ("lastNotNull",), decimals=0),
    ]


def kafka():
    lacking = [
        partitions(4, "Under-replicated partitions", "Partitions with a replica that is not in sync: they are safe against one failure less than they should "
                   "be.", 12, f"sum({MANAGER}_underreplicatedpartitions)", "orange"),
        partitions(5, "Too few in sync", "Partitions with less than two replicas in sync: a write to them is refused.", 16,
                   f"sum({MANAGER}_underminisrpartitioncount)", "red"),
        partitions(6, "Without leader", "Partitions that nobody leads: they can be neither read nor written.", 20,
                   "max(kafka_controller_kafkacontroller_offlinepartitionscount)", "red"),
    ]
    return board("candlewick-kafka", "Kafka", "The three brokers: alive, in sync, who leads, and how fast they answer.", "now-30m",
                 [*alive(), *lacking, *replication(), *traffic()], annotations=happened.annotations(), page_query="#group")
