"""A topic of ticks and one of bars on real brokers, read by four groups at once, one with each strategy: three members each,
one of which is killed while a broker is away, and one that reads the ticks alone, as members of the version before do."""

import io
import json
import os
import signal
import sqlite3
import struct
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BINARY, ROOT, wait_for
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from fastavro import parse_schema, schemaless_writer

TICKS, BARS = "both-ticks", "both-bars"
PARTITIONS = {TICKS: 6, BARS: 4}
PREDICTED = ("range", "roundrobin", "sticky")
STRATEGIES = (*PREDICTED, "consumer")
STEPS = ("+c2", "+c3", "~c2", "+c4")  # behind c1, which begins alone; c4 reads the ticks alone
COINS = ("tBTCUSD", "tETHUSD", "tXRPUSD", "tLTCUSD", "tSOLUSD", "tADAUSD", "tDOTUSD", "tEOSUSD")
STOCKS = ("AAPL", "BRK.B", "EURUSD=X", "MSFT", "NVDA", "^GSPC")
MINUTES = 200
NEW_YEAR_S = 1767225600
LETTER = {"ticker": {"symbol": "tLETUSD", "event_time_ns": NEW_YEAR_S * 10**9, "seq": 1, "run_id": 1, "source": "replay", "last_price": 1.5},
          "bar": {"symbol": "LETTER", "source": "replay", "timeframe": "1m", "open_time_ns": NEW_YEAR_S * 10**9, "revision": 0,
                  "open": 2.0, "high": 3.0, "low": 1.0, "close": 2.5}}
TOPIC_OF = {"ticker": TICKS, "bar": BARS}


class Pipeline:
    """The two topics, who sends to them, and how the program is run on them."""

    def __init__(self, cluster, folder):
        self.folder, self.processes = folder, []
        self.brokers = ",".join(f"127.0.0.1:{cluster.ports[f'KAFKA_{n}_PORT']}" for n in (1, 2, 3))
        self.registry = f"http://127.0.0.1:{cluster.ports['REGISTRY_PORT']}"
        self.environment = {"PATH": os.environ["PATH"], "KAFKA_BROKERS": self.brokers, "SCHEMA_REGISTRY_URL": self.registry,
                            "TOPIC": f"{TICKS},bar={BARS}", "STREAMS": "ticker,bar"}

    def run(self, *arguments, codes=(0,), timeout=120):
        done = subprocess.run([BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)
        assert done.returncode in codes, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, name, *arguments):
        log = self.folder / f"{name}.log"
        with open(log, "wb") as err:
            process = subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment,
                                       stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        process.log = log
        self.processes.append(process)
        return process

    def make_topics(self):
        admin = AdminClient({"bootstrap.servers": self.brokers})
        topics = [NewTopic(name, count, 3, config={"min.insync.replicas": "2"}) for name, count in PARTITIONS.items()]
        for made in admin.create_topics(topics).values():
            made.result(30)
        self.run("prepare", "--store", f"sqlite:{self.folder}/prepared.db")

    def send_bars(self, first_minute):
        path = self.folder / f"bars-{first_minute}.csv"
        lines = ["open_time,symbol,timeframe,open,high,low,close,volume,trades"]
        for minute in range(first_minute, first_minute + MINUTES):
            lines += [f"{NEW_YEAR_S + 60 * minute},{stock},1m,{100 + minute},{102 + minute},{99 + minute},{101 + minute},{minute}.5,"
                      f"{'' if minute % 3 else minute}" for stock in STOCKS]
        path.write_text("\n".join([*lines, ""]))
        self.run("produce", "--source", f"replay:{path}", "--speed", "max", "--coins", "ALL")

    def register(self, subject, schema):
        request = urllib.request.Request(f"{self.registry}/subjects/{subject}/versions", json.dumps({"schema": json.dumps(schema)}).encode(),
                                         {"Content-Type": "application/vnd.schemaregistry.v1+json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())["id"]

    def send_letters(self):
        """To each topic one message that is none, and one whose schema is not registered yet; what register() must give then."""
        last = self.register("both-last", {"type": "record", "name": "Last", "fields": []})
        producer = Producer({"bootstrap.servers": self.brokers})
        schemas = {}
        for number, (kind, record) in enumerate(LETTER.items(), last + 1):
            schema = json.loads((ROOT / "schemas" / f"{kind}.avsc").read_text())
            schema["fields"].append({"name": "note", "type": ["null", "string"], "default": None})
            body = io.BytesIO(struct.pack(">bi", 0, number))
            body.seek(0, io.SEEK_END)
            schemaless_writer(body, parse_schema(json.loads(json.dumps(schema))), record)
            producer.produce(TOPIC_OF[kind], body.getvalue(), record["symbol"].encode(), partition=1)
            producer.produce(TOPIC_OF[kind], b"no frame", record["symbol"].encode(), partition=2)
            schemas[kind] = (number, schema)
        assert producer.flush(60) == 0
        return schemas

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait(10)


class Group:
    """The members of one group, with a store of its own."""

    def __init__(self, pipeline, strategy):
        self.pipeline, self.strategy, self.name = pipeline, strategy, f"both-{strategy}"
        self.file = pipeline.folder / f"{strategy}.db"
        self.store = ("--store", f"sqlite:{self.file}")
        self.members = {}

    def join(self, name, *more):
        # It outlasts the coordinator, which may be on the broker that is killed: members that lose all would begin anew, and
        # sticky's placement hangs on what came before. With `consumer` the broker says how long.
        session = [] if self.strategy == "consumer" else ["-X", "session.timeout.ms=30000"]
        self.members[name] = self.pipeline.start(
            f"{self.name}-{name}", "consume", "--group", self.name, "--client-id", name, "--strategy", self.strategy, *self.store,
            "--batch-age", "100ms", *session, *more)

    def kill(self, name):
        process = self.members.pop(name)
        process.kill()
        process.wait(10)

    def status(self):
        return json.loads(self.pipeline.run("status", "--group", self.name, "--format", "json", codes=(0, 1)) or "{}")

    def owned(self):
        """{member: partitions of both topics}, as the brokers say it; None while that is unknown or on its way."""
        owned = {}
        for stream in self.status().get("streams", []):
            for member in stream["members"] or []:
                owned.setdefault(member["client_id"], []).extend(f"{stream['topic']}-{p}" for p in member["partitions"])
        whole = sorted(f"{topic}-{p}" for topic, count in PARTITIONS.items() for p in range(count))
        settled = owned.keys() == self.members.keys() and all(owned.values()) and sorted(sum(owned.values(), [])) == whole
        return {name: set(partitions) for name, partitions in owned.items()} if settled else None

    def settled(self):
        """The brokers are asked for each topic by itself, and the group may move in between: two equal answers are one of its states."""
        return wait_for(lambda: (owned := self.owned()) and owned == self.owned() and owned, 90,
                        f"{sorted(self.members)} share the partitions of {self.name}")

    def replicas_are_in_sync(self):
        partitions = [partition for stream in self.status().get("streams", []) for partition in stream["partitions"]]
        return partitions and all(partition["in_sync"] == 3 for partition in partitions)

    def points(self, table):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=20) as store:
            return store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def verify(self):
        ticks, bars = json.loads(self.pipeline.run("verify", "--group", self.name, *self.store, "--format", "json", "--wait", "60s"))["streams"]
        assert (ticks["stream"], bars["stream"]) == ("ticker", "bar") and ticks["balanced"] and bars["balanced"]
        return ticks, bars


def predictions(pipeline, strategy):
    """{step: {member: partitions}}, for each order in which brokers may list the two topics: sticky begins with the first."""
    for order in ((TICKS, BARS), (BARS, TICKS)):
        told = json.loads(pipeline.run(
            "lab", "predict", "--strategy", strategy, "--topics", ",".join(f"{topic}:{PARTITIONS[topic]}" for topic in order),
            "--members", "c1,c2,c3,c4", "--steps", ",".join(STEPS), "--subscriptions", f"c4={TICKS}", "--format", "json"))
        yield [{name: set(partitions) for name, partitions in step["placement"].items()} for step in told[0]["steps"]]


@pytest.fixture(scope="module")
def pipeline(cluster, tmp_path_factory):
    pipeline = Pipeline(cluster, tmp_path_factory.mktemp("both"))
    pipeline.make_topics()
    yield pipeline
    pipeline.end()


@pytest.fixture(scope="module")
def placements(cluster, pipeline):
    """{strategy: who owned what behind each step}; all that is asked for is stored and committed when it ends."""
    groups = {strategy: Group(pipeline, strategy) for strategy in STRATEGIES}
    found = {strategy: [] for strategy in STRATEGIES}

    def step(change):
        for group in groups.values():
            change(group)
        with ThreadPoolExecutor() as pool:
            for strategy, owned in zip(groups, pool.map(Group.settled, groups.values())):
                found[strategy].append(owned)

    for name in ("c1", "c2", "c3"):
        step(lambda group: group.join(name))
    ticks = pipeline.start("ticks", "produce", "--source", "synthetic-ticker", "--coins", ",".join(COINS), "--start", "2026-01-01",
                           "--step", "50ms", "--speed", "1")
    pipeline.send_bars(0)
    cluster.end("kafka-3", signal.SIGKILL)
    before = {group: group.points("ticker") for group in groups.values()}
    wait_for(lambda: all(group.points("ticker") > before[group] + 100 for group in groups.values()), 60, "ticks without kafka-3")
    step(lambda group: group.kill("c2"))
    step(lambda group: group.join("c4", "--streams", "ticker"))
    cluster.launch("cluster", want=None)  # which gives a broker a minute to read its logs: not enough on a busy machine
    wait_for(lambda: all(group.replicas_are_in_sync() for group in groups.values()), 120, "kafka-3 is back")
    pipeline.send_bars(MINUTES)
    pipeline.schemas = pipeline.send_letters()
    ticks.terminate()
    assert ticks.wait(60) == 0
    pipeline.ticks = int(ticks.log.read_text().rpartition(" produced=")[2].split()[0])
    for group in groups.values():
        wait_for(lambda: group.status().get("lag_total") == 0, 90, f"{group.name} has read all")
    pipeline.groups = groups
    return found


@pytest.mark.parametrize("strategy", PREDICTED)
def test_each_step_places_both_topics_as_predicted(pipeline, placements, strategy):
    wanted = list(predictions(pipeline, strategy))
    assert placements[strategy] in wanted, "\n".join(map(str, (*wanted, placements[strategy])))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_member_that_reads_the_ticks_alone_gets_no_bars(placements, strategy):
    assert all(place.startswith(TICKS) for place in placements[strategy][-1]["c4"])
    assert {len(owned) for owned in placements[strategy][2].values()} == {3, 4}, "of three members that read both"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_books_of_both_kinds_balance_over_the_kills(pipeline, placements, strategy):
    ticks, bars = pipeline.groups[strategy].verify()
    assert ticks["ticks"] == ticks["points"] == pipeline.ticks > 1000
    assert bars["bars"] == bars["points"] == 2 * MINUTES * len(STOCKS)
    assert ticks["unreadable"] == bars["unreadable"] == 2


def test_dead_letters_lie_in_their_own_streams_and_are_written_into_their_own_tables(pipeline, placements):
    """Each group has written its own; a letter that can be read by now is written into the table of its kind."""
    for kind, topic in TOPIC_OF.items():
        told = json.loads(pipeline.run("dlq", "--streams", kind, "--format", "json"))
        assert (told["topic"], told["messages"], told["places"]) == (f"{topic}.dlq", 2 * len(STRATEGIES), 2)
        assert {letter["topic"] for letter in told["letters"]} == {topic}
        assert {letter["kind"] for letter in told["letters"]} == {"undecodable"}
    for number, schema in pipeline.schemas.values():
        assert pipeline.register(f"both-{schema['name']}", schema) == number
    for group in pipeline.groups.values():
        before = group.points("ticker"), group.points("bar")
        told = json.loads(pipeline.run("dlq", "retry", *group.store, "--format", "json"))
        assert [stream["written"] for stream in told["streams"]] == [1, 1], told
        assert (group.points("ticker"), group.points("bar")) == (before[0] + 1, before[1] + 1)
        ticks, bars = group.verify()
        assert ticks["unreadable"] == bars["unreadable"] == 1


def test_members_end_well(pipeline, placements):
    for group in pipeline.groups.values():
        for process in group.members.values():
            process.terminate()
        for name, process in group.members.items():
            assert process.wait(60) == 0, process.log.read_text()[-2000:]
