"""Who is measured, and how each is started."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent

TELEGRAF = """[agent]
  interval = "1s"
  flush_interval = "100ms"
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  omit_hostname = true
[[inputs.kafka_consumer]]
  brokers = [{brokers}]
  topics = ["{topic}"]
  consumer_group = "{group}"
  kafka_version = "2.6.0"
  offset = "oldest"
  max_undelivered_messages = 50000
  max_processing_time = "1s"
  data_format = "avro"
  avro_schema_registry = "{registry}"
  avro_measurement = "ticker"
  avro_tags = ["symbol"]
  avro_timestamp = "event_time_ns"
  avro_timestamp_format = "unix_ns"
[[outputs.influxdb_v2]]
  urls = ["{store}"]
  token = "none"
  organization = "none"
  bucket = "market"
  content_encoding = "identity"
"""


@dataclass
class Run:
    """What a command is made of."""

    stage: object
    topic: str
    group: str
    store: str
    messages: int
    ticks: Path = None  # for a writer


@dataclass
class Contender:
    name: str
    title: str
    kind: str  # "consumer": into the sink, until SIGTERM; "reader" and "writer": end by themselves
    command: Callable[[Run], list]
    share: float = 1.0  # of the messages: the slow ones get fewer
    most_rounds: int = 100
    missing: Callable[[], str] = lambda: ""  # why it cannot be measured here


def no_telegraf():
    return "" if shutil.which("telegraf") else "telegraf is not on the PATH"


def no_kcat():
    if not shutil.which("kcat"):
        return "kcat is not on the PATH"
    told = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=False).stdout
    return "" if "avro" in told.lower() else "this kcat was built without Avro"


def raw_read(mode):
    return lambda run: [run.stage.tools / "raw_read", run.stage.brokers, run.topic, run.group, run.messages, mode]


def consume(run, *options):
    stage = run.stage
    return stage.candlewick("consume", *stage.kafka(run.topic), "--group", run.group, "--store", run.store, *options)


def python(script, *more):
    def command(run):
        extra = [run.stage.registry] if "registry" in more else []
        return [sys.executable, HERE / script, run.stage.brokers, run.topic, run.group, run.store, *extra]

    return command


def telegraf(run):
    path = run.stage.folder / "telegraf.conf"
    brokers = ", ".join(f'"{broker}"' for broker in run.stage.brokers.split(","))
    path.write_text(TELEGRAF.format(brokers=brokers, topic=run.topic, group=run.group, registry=run.stage.registry, store=run.store))
    return ["telegraf", "--config", path, "--quiet"]


def kcat(run):
    tuned = ["-X", "fetch.message.max.bytes=8388608", "-X", "queued.min.messages=200000"]
    where = ["-b", run.stage.brokers, "-C", "-t", run.topic, "-o", "beginning", "-c", run.messages]
    return ["sh", "-c", 'exec kcat "$@" >/dev/null', "kcat", *where, *tuned, "-s", "value=avro", "-r", run.stage.registry, "-q"]


TUNED, OURS = "python-tuned", "consume"
RAW_READ, RAW_WRITE, PRODUCE = "raw-read", "raw-write", "produce"

CONTENDERS = [
    Contender(RAW_READ, "librdkafka alone, our settings (no decoding, no writing)", "reader", raw_read("ours")),
    Contender("raw-read-tuned", "librdkafka alone, larger queues", "reader", raw_read("tuned")),
    Contender("raw-read-defaults", "librdkafka alone, its defaults", "reader", raw_read("defaults")),
    Contender(OURS, "**candlewick consume**", "consumer", consume),
    Contender(TUNED, "Python tuned: confluent-kafka, `struct`, bare POST", "consumer", python("tuned_python.py")),
    Contender(
        "python-tutorial",
        "Python as tutorials write it: AvroDeserializer, Point objects",
        "consumer",
        python("tutorial_python.py", "registry"),
        share=0.1,
        most_rounds=3,
    ),
    Contender("telegraf", "Telegraf kafka_consumer (Avro) to influxdb_v2", "consumer", telegraf, share=0.25, missing=no_telegraf),
    Contender("kcat", "kcat with Avro, > /dev/null", "reader", kcat, missing=no_kcat),
    Contender(
        RAW_WRITE,
        "librdkafka alone, ready-made payloads, our settings",
        "writer",
        lambda run: [run.stage.tools / "raw_write", run.stage.brokers, run.topic, run.messages],
    ),
    Contender(
        PRODUCE,
        "**candlewick produce --source replay:FILE --speed max**",
        "writer",
        lambda run: run.stage.produce_command(run.topic, run.ticks),
    ),
]


def chosen(names):
    """The contenders of these names (all when empty) that can be measured here, and why the others cannot."""
    unknown = set(names) - {contender.name for contender in CONTENDERS}
    if unknown:
        allowed = ", ".join(contender.name for contender in CONTENDERS)
        raise SystemExit(f"error: --only {','.join(sorted(unknown))}: allowed are {allowed}")
    wanted = [contender for contender in CONTENDERS if not names or contender.name in names]
    reasons = {contender.name: contender.missing() for contender in wanted}
    return [contender for contender in wanted if not reasons[contender.name]], {name: why for name, why in reasons.items() if why}
