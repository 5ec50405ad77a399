"""Live trades: what one costs from its frame to Kafka's acknowledgement, beside a client in Python; and how many a second go all the way
from the exchange to the store."""

import json
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from measure import NS, Timed, await_lines, to_its_end
from stage import Failed, Part, address_in, say, wait_for

HERE = Path(__file__).resolve().parent
COINS = "tBTCUSD,tETHUSD,tXRPUSD,tLTCUSD,tSOLUSD,tADAUSD,tDOTUSD,tEOSUSD,tNEOUSD,tTRXUSD"
PARTITIONS = 6
BOOK_MINUTES = 1000
OURS, TUNED, ALONE = "candlewick", "python", "librdkafka"


class Exchange(Part):
    """A fake exchange of ten coins."""

    def __init__(self, stage, *more):
        super().__init__(stage, "exchange", [stage.program, "fake-exchange", "--coins", COINS, "--listen", "127.0.0.1:0", *more])
        self.url = wait_for(lambda: address_in(self, "http://127.0.0.1:"), 60, "the exchange")
        self.ws_url = self.url.replace("http", "ws")

    def progress(self):
        with urllib.request.urlopen(self.url + "/candlewick/progress", timeout=30) as answer:
            return json.load(answer)


def at_full_speed(stage, trades):
    """All trades of the book happen at once, when all coins are subscribed."""
    a_minute = max(1, trades // (10 * BOOK_MINUTES))
    return Exchange(stage, "--start", "2026-01-01T00:00:00Z", "--speed", 1_000_000, "--history", "1ms", "--length", f"{BOOK_MINUTES}m",
                    "--trades-per-minute", a_minute, "--start-channels", 10)


def kafka(stage, topic):
    return ["--brokers", stage.brokers, "--registry", stage.registry, "--topic", f"trade={topic},event={topic}-events"]


def make_topics(stage, topic, store):
    stage.topics |= {topic, f"{topic}-events"}
    options = ["--streams", "trade,event", "--store", store, "--topic-partitions", PARTITIONS, "--topic-replication", 3, "--topic-min-isr", 2]
    stage.run("prepare", stage.candlewick("prepare", *kafka(stage, topic), *options), 120)


def produce(stage, topic, exchange):
    urls = ["--exchange-url", exchange.url, "--exchange-ws-url", exchange.ws_url]
    return stage.candlewick("produce", *kafka(stage, topic), "--source", "bitfinex-trades", "--coins", COINS, *urls)


def python(stage, topic, exchange):
    with urllib.request.urlopen(f"{stage.registry}/subjects/{topic}-value/versions/latest", timeout=30) as answer:
        schema_id = json.load(answer)["id"]
    return [sys.executable, HERE / "tuned_trades.py", stage.brokers, topic, schema_id, exchange.ws_url + "/ws/2", COINS]


@dataclass
class Cost:
    trades: int
    seconds: float
    cpu_s: float
    rss_mib: float

    @property
    def rate(self):
        return self.trades / self.seconds

    @property
    def cpu_per_million(self):
        return self.cpu_s * 1e6 / self.trades


def cost_of(stage, name, topic, command, trades):
    """One client, from its start to its end, with the whole book acknowledged."""
    exchange = at_full_speed(stage, trades)
    wanted = exchange.progress()["trades"]
    part = Timed(stage, name, command(stage, topic, exchange))
    await_lines(part, lambda: stage.messages_in(topic), wanted, 900, every=0.2)
    part.end_well()
    exchange.end()
    stage.parts.remove(exchange)
    start_ns, end_ns, cpu_s, rss_mib = part.costs()
    return Cost(wanted, (end_ns - start_ns) / NS, cpu_s, rss_mib)


def cost_alone(stage, name, topic, trades):
    """librdkafka with ready-made trades, our settings and headers: what remains if reading and encoding cost nothing."""
    result = to_its_end(stage, name, [stage.tools / "raw_write", stage.brokers, topic, trades, "trades"], trades)
    return Cost(result.lines, result.seconds, result.cpu_s, result.rss_mib)


def values_in(stage, topic):
    """The records of a topic, without the number of their schema."""
    reader = Consumer({"bootstrap.servers": stage.brokers, "group.id": "bench-look", "log_level": 0, "enable.auto.commit": False})
    reader.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
    left, values = stage.messages_in(topic), set()
    while left > 0:
        messages = reader.consume(10000, 20)
        if not messages:
            raise Failed(f"topic {topic}: {left} messages cannot be read")
        values.update((message.key(), message.value()[5:]) for message in messages)
        left -= len(messages)
    reader.close()
    return values


def say_cost(number, name, result):
    say(f"    round {number}  {name:12} {result.rate:10,.0f} /s  {result.cpu_per_million:6.2f} CPU s per million  {result.rss_mib:5.0f} MiB")


def costs(stage, sink, options):
    found = {OURS: [], TUNED: [], ALONE: []}
    for number in range(1, options.rounds + 1):
        values = {}
        for name, command in ((OURS, produce), (TUNED, python)):
            topic = f"bench-{name}-{number}"
            make_topics(stage, topic, sink.url)
            result = cost_of(stage, f"{name}-{number}", topic, command, options.messages)
            found[name].append(result)
            say_cost(number, name, result)
            if number == 1:
                values[name] = values_in(stage, topic)
                if len(values[name]) != result.trades:
                    raise Failed(f"{name}: {len(values[name])} different trades in Kafka, {result.trades} in the exchange's book")
            stage.drop_topics(topic, f"{topic}-events")
        topic = f"bench-{ALONE}-{number}"
        make_topics(stage, topic, sink.url)
        result = cost_alone(stage, f"{ALONE}-{number}", topic, options.messages)
        found[ALONE].append(result)
        say_cost(number, ALONE, result)
        stage.drop_topics(topic, f"{topic}-events")
        if number == 1 and values[OURS] != values[TUNED]:
            raise Failed("the two clients sent different bytes")
    return found


def whole_way(stage, sink, options, number):
    """Exchange, WebSocket, Kafka, line protocol, sink: trades a second from the producer's start to the last line."""
    topic = f"bench-way-{number}"
    make_topics(stage, topic, sink.url)
    exchange = at_full_speed(stage, options.messages)
    wanted = exchange.progress()["trades"]
    sink.reset()
    group = ["--group", stage.new_group("way"), "--store", sink.url, "--streams", "trade"]
    consumer = Timed(stage, "consume-way", stage.candlewick("consume", *kafka(stage, topic), *group))
    producer = Timed(stage, "produce-way", produce(stage, topic, exchange))
    await_lines(consumer, lambda: sink.counts()["lines"], wanted, 900)
    producer.end_well()
    consumer.end_well()
    exchange.end()
    stage.parts.remove(exchange)
    seconds = (sink.counts()["last_ns"] - producer.costs()[0]) / NS
    consumer.costs()
    stage.drop_topics(topic, f"{topic}-events")
    say(f"    round {number}  whole way    {wanted / seconds:10,.0f} /s")
    return wanted / seconds
