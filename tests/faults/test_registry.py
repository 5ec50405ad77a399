"""Row 32: a registry that is away, slow, or answers with what it should not."""

import json
import struct
import time
import urllib.error
import urllib.request

import pytest

from parts import Failed, wait_for
from rig import COINS
from stand_ins import StandIn
from test_messages import body, schema_id, send
from test_store_answers import finish

UNKNOWN = 404, {}, b'{"error_code":40403,"message":"Schema not found"}'


class FrontRegistry(StandIn):
    """Passes on to the real one, but for what `wrong` says: {schema id: answer, or a function of nothing}."""

    def __init__(self, url):
        super().__init__(self._serve)
        self.real, self.wrong, self.all = url, {}, None

    def _serve(self, method, path, data):
        if self.all is not None:
            return self.all()
        number = path.split("?")[0].rsplit("/", 1)[-1]
        if number.isdigit() and int(number) in self.wrong:
            answer = self.wrong[int(number)]
            return answer() if callable(answer) else answer
        request = urllib.request.Request(self.real + path, data or None, {"Content-Type": "application/vnd.schemaregistry.v1+json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, {}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {}, error.read()


@pytest.fixture
def front(rig):
    registry = FrontRegistry(rig.registry())
    rig.registry_url = registry.url
    yield registry
    registry.end()


def tick_of(schema, seq, coin="tBTCUSD"):
    return coin.encode(), struct.pack(">bi", 0, schema) + body(coin, seq=seq, time_ns=1767000000 * 10**9 + seq)


@pytest.mark.quick
def test_row_32_known_schemas_go_on_without_a_registry(rig, front, passed):
    rig.member("consumer-1")
    rig.member("consumer-2")
    rig.feed(700, 1000)
    rig.group_works()
    wait_for(lambda: all(m.events("assigned") for m in rig.members.values()), 20, "both have partitions")
    before = rig.store.counts()["points"]
    front.all = lambda: None
    wait_for(lambda: rig.store.counts()["points"] > before + 1000, 30, "ticks go on")
    finish(rig, passed, "32", "the registry is gone after the schema was read", "for good")


def slow():
    time.sleep(2)
    return 503, {}, b"slow"


@pytest.mark.parametrize("name, answer", [
    ("500", lambda: (500, {}, b"oops")), ("connection cut", lambda: None), ("2 s for a 503", slow),
    ("HTML", lambda: (200, {"Content-Type": "text/html"}, b"<html>login</html>")),
    ("JSON without a schema", lambda: (200, {}, b'{"schema":17}'))])
def test_row_32_a_registry_that_fails_at_the_start_is_waited_for(rig, front, passed, name, answer):
    rig.feed(300, 2000)
    rig.feed_done(rig.feeds[0])
    front.all = answer
    rig.member("consumer-1")
    wait_for(lambda: len(front.paths) > 5, 30, "some requests")
    time.sleep(3)
    assert rig.store.counts()["writes"] == 0
    if rig.log.dead_letters():
        raise Failed("ticks became dead letters because the registry was away")
    front.all = None
    finish(rig, passed, "32", f"the registry answers {name} from the start", "some seconds")


@pytest.mark.quick
def test_row_32_an_unknown_id_holds_only_its_own_partition(rig, front, passed):
    """Until the registry knows it: then the partition goes on, and nothing is a dead letter."""
    rig.member("consumer-1")
    rig.feed(500, 1000)
    rig.group_works()
    known = schema_id(rig)
    front.wrong[77] = lambda: (503, {}, b"later")
    send(rig, [tick_of(77, 5000 + i) for i in range(20)])
    rig.feed_done(rig.feeds[0])
    wait_for(lambda: rig.store.counts()["points"] > 0 and sum(
        end > rig.prober.newest.get(p, 0) for p, (_, end) in rig.log.ends().items()) == 1, 30, "all partitions but one are read to their ends")
    with urllib.request.urlopen(f"{front.real}/schemas/ids/{known}", timeout=10) as answer:
        schema = answer.read()
    front.wrong[77] = 200, {}, schema
    books = finish(rig, passed, "32", "an id that the registry cannot tell (503), then can", "20 messages")
    assert not books.letters


def test_row_32_an_id_that_does_not_exist_is_a_dead_letter(rig, front, passed):
    rig.member("consumer-1")
    rig.feed(300, 1000)
    rig.group_works()
    front.wrong[88] = UNKNOWN
    send(rig, [tick_of(88, 6000 + i) for i in range(20)])
    books = finish(rig, passed, "32", "an id of which the registry says for 10 s that there is none", "20 messages")
    assert len(books.letters) == 20


# As registries say it: Confluent and Karapace; Apicurio; others.
NO_SUCH_ID = [(404, {}, b'{"error_code":40403,"message":"Schema not found"}'), (404, {}, b'{"error_code":404,"message":"No artifact"}'),
              (404, {}, b'{"error_code":40401,"message":"Not found"}'), (404, {}, b"Not found"), (404, {}, b""),
              (404, {"Content-Type": "text/html"}, b"<html>404</html>"), (422, {}, b'{"error_code":42201,"message":"Invalid id"}')]


@pytest.mark.quick
def test_row_32_a_flood_of_unknown_ids_costs_seconds(rig, front, passed):
    """1,000 ids that no registry gave, among ticks of the same coins."""
    flood = 1000
    rig.feed(750, 1500)
    time.sleep(0.5)
    for n in range(flood):
        front.wrong[3000 + n] = NO_SUCH_ID[n % len(NO_SUCH_ID)]
    for begin in range(0, flood, 50):
        send(rig, [tick_of(3000 + n, 20000 + n, COINS.split(",")[n % 8]) for n in range(begin, begin + 50)])
        time.sleep(0.1)
    rig.feed_done(rig.feeds[0])
    rig.member("consumer-1")
    rig.cleared()
    rig.settle(90)  # one after the other they would take hours: each is given ten seconds
    books = rig.check()
    if len(books.letters) != flood:
        raise Failed(f"{len(books.letters)} dead letters for {flood} messages with unknown ids")
    passed(rig, books, "32", f"{flood:,} ids that the registry does not know, in the words of seven registries", f"{flood:,} messages")


def nested(depth):
    schema = '"double"'
    for level in range(depth):
        schema = '{"type":"record","name":"r%d","fields":[{"name":"f","type":%s}]}' % (level, schema)
    return schema


HOSTILE = {
    "records 10,000 deep": nested(10000),
    "brackets 100,000 deep": "[" * 100000,
    "a fixed of -2 bytes": '{"type":"record","name":"Ticker","fields":[{"name":"symbol","type":{"type":"fixed","name":"f","size":-2}}]}',
    "itself inside itself": '{"type":"record","name":"Ticker","fields":[{"name":"symbol","type":"Ticker"}]}',
    "40,000 fields": '{"type":"record","name":"Ticker","fields":[' + ",".join('{"name":"f%d","type":"long"}' % i for i in range(40000)) + "]}",
    "another record": '{"type":"record","name":"Other","fields":[{"name":"a","type":"long"}]}',
    "no schema": "rekord",
}


def test_row_32_hostile_schemas_are_dead_letters(rig, front, passed):
    rig.member("consumer-1")
    rig.feed(300, 1000)
    rig.group_works()
    for number, schema in enumerate(HOSTILE.values()):
        front.wrong[100 + number] = 200, {}, json.dumps({"schema": schema}).encode()
    front.wrong[199] = 200, {}, b'{"schema":"' + b" " * (50 << 20) + b'"}'
    ids = [*(100 + n for n in range(len(HOSTILE))), 199]
    send(rig, [tick_of(schema, 7000 + i) for i, schema in enumerate(ids)])
    rig.cleared()
    rig.settle(180)
    books = rig.check()
    if len(books.letters) != len(ids):
        raise Failed(f"{len(books.letters)} dead letters for {len(ids)} schemas that are none: {books.letters}")
    passed(rig, books, "32", "schemas: " + ", ".join([*HOSTILE, "50 MiB"]), f"{len(ids)} messages")
