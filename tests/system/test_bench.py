"""What bench/run.sh does, once, with few ticks and on the in-process cluster: that it measures, not how fast anything is."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest

from conftest import BINARY

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import bars  # noqa: E402
import bench  # noqa: E402
import flat  # noqa: E402
import sources  # noqa: E402
import table  # noqa: E402
import trades  # noqa: E402
from contenders import OURS, chosen  # noqa: E402
from stage import Sink, Stage  # noqa: E402

TICKS = 2000
# Those that need nothing but librdkafka.
NAMES = ["raw-read", "raw-read-tuned", "raw-read-defaults", OURS, "python-tuned", "raw-write", "produce"]


@pytest.fixture
def stage(brokers, tmp_path, monkeypatch):
    """stage("bench:2", …): with these topics, for the in-process cluster makes and deletes none when it is asked."""
    stages = []
    monkeypatch.setattr(Stage, "drop_topics", lambda *_: None)

    def create(*topics):
        topics += tuple(f"{topic.split(':')[0]}.dlq:1" for topic in topics)
        stage = Stage(tmp_path, BINARY.parents[1] / "bench", BINARY, brokers(*topics))
        stages.append(stage)
        stage.start_registry()
        return stage

    yield create
    for stage in stages:
        stage.end()


def test_every_contender_does_the_whole_job(stage):
    stage = stage("bench-proof:2", "bench:2", "bench-raw-write-1:2", "bench-produce-1:2")
    sink = Sink(stage)
    assert bench.sink_limit(stage, sink) > 0
    contenders, skipped = chosen(NAMES)
    assert not skipped
    bench.prove_all(stage, sink, contenders)
    ticks = stage.make_ticks(TICKS)
    bench.fill(stage, sink, "bench", ticks, TICKS)
    results = bench.measure_all(stage, sink, Namespace(rounds=1, messages=TICKS), contenders, "bench", ticks)
    assert sorted(results) == sorted(NAMES)
    assert table.complaints(results) == []
    assert len(bars.from_rounds(results)) == 4


def test_live_ticks_are_all_stored_over_an_outage(stage, monkeypatch):
    """A member asks every few seconds, and after the outage, whether what it had written is still there."""
    for name, seconds in (("LIVE_S", 7), ("STARTING_S", 1), ("AWAY_S", 2)):
        monkeypatch.setattr(bars, name, seconds)
    stage = stage("bench-live:6")
    assert len(bars.live(stage)) == 2
    assert "is not there" not in (stage.folder / "consume-live.log").read_text()


def test_bars_of_the_stores_are_measured(stage, monkeypatch):
    for name, value in (("DAY_ROWS", 2000), ("MONTH_ROWS", 3 * 1100), ("POLL_MS", 300_000)):
        monkeypatch.setattr(bars, name, value)
    stage = stage("bench:2", "bench-day:2", "bench-month:2")
    sink = Sink(stage)
    bench.fill(stage, sink, "bench", stage.make_ticks(TICKS), TICKS)
    measured = [*bars.verify(stage, "bench", TICKS, 1), *bars.candles(stage, sink), *bars.page(stage, sink)]
    assert len(measured) == 5


def test_flat_table_has_a_row_for_each_case(stage, monkeypatch):
    cases = [("few", 1000, 10, 2, []), ("more coins", 1000, 100, 2, []), ("one batch", 1000, 10, 2, ["--batches-in-flight", 1])]
    monkeypatch.setattr(flat, "cases", lambda _: cases)
    stage = stage("bench-flat-1000-10-2:2", "bench-flat-1000-100-2:2")
    told = flat.measure(stage, Sink(stage), Namespace(rounds=1, messages=1000))
    assert [line.split("|")[1].strip() for line in told.splitlines()[2:]] == ["few", "more coins", "one batch"]


def test_live_trades_go_to_kafka_and_all_the_way(stage):
    """Without the client in Python, whose packages are not here."""
    stage = stage("bench-candlewick-1:6", "bench-candlewick-1-events:1", "bench-alone:6", "bench-way-1:6", "bench-way-1-events:1")
    sink = Sink(stage)
    trades.make_topics(stage, "bench-candlewick-1", sink.url)
    cost = trades.cost_of(stage, "candlewick-1", "bench-candlewick-1", trades.produce, 20000)
    assert cost.trades == len(trades.values_in(stage, "bench-candlewick-1")) > 15000 and cost.cpu_s > 0
    assert trades.cost_alone(stage, "alone", "bench-alone", 20000).trades == stage.messages_in("bench-alone") == 20000
    assert trades.whole_way(stage, sink, Namespace(messages=20000), 1) > 0


def test_bars_of_a_file_and_news_of_a_feed_are_measured(stage):
    stage = stage("bench-bars:6", "bench-bars-events:1", "bench-news:6", "bench-news-events:1")
    sink = Sink(stage)
    held, _ = sources.replayed_bars(stage, sink, 2000)
    assert held.met, held
    assert len(sources.news(stage, sink, 500)) == 1
