"""The rounds: every contender in turn, again and again, on brokers that run. Started by run.sh."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from confluent_kafka import KafkaException

import bars
import flat
import live
import page
import prove
import sources
import table
from contenders import OURS, Run, chosen
from measure import into_sink, into_store, to_its_end
from stage import Failed, Sink, Stage, say

PARTITIONS = 2


def read_options():
    parser = argparse.ArgumentParser(prog="bench/run.sh")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--flat", action="store_true")
    parser.add_argument("--trades", action="store_true")
    parser.add_argument("--sources", action="store_true")
    parser.add_argument("--page", action="store_true")
    for name in ("brokers", "folder", "tools", "program", "docs"):  # run.sh's own
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    options = parser.parse_args()
    chosen(options.only)
    if options.rounds < 1 or options.messages < 1000:
        parser.error("--rounds is at least 1, --messages at least 1000")
    if options.check + options.flat + options.trades + options.sources + options.page > 1:
        parser.error("--check judges the rounds; --flat, --trades, --sources and --page measure none: run them one after the other")
    missing = [name for name in bars.NEEDED if options.only and name not in options.only]
    if options.check and missing:
        parser.error(f"--check compares with {', '.join(missing)} too: add to --only, or leave that out")
    others = options.flat or options.trades or options.sources or options.page
    if options.write_docs and not others and (options.only or not options.check):
        parser.error("--write-docs writes all contenders and their bars: give --check too, and no --only; or --flat, --trades, --sources or --page")
    return options


def fill(stage, sink, topic, path, messages, partitions=PARTITIONS):
    stage.make_topic(topic, partitions, sink.url)
    stage.run("fill", stage.produce_command(topic, path), 900)
    held = stage.messages_in(topic)
    if held != messages:
        raise Failed(f"topic {topic} holds {held} messages after {messages} were produced")


def prove_all(stage, sink, contenders):
    """Before the clock counts: a contender that leaves work out is no measure."""
    ticks = stage.make_ticks(prove.TICKS)
    fill(stage, sink, "bench-proof", ticks, prove.TICKS)
    for contender in contenders:
        if contender.kind == "consumer":
            digest = prove.prove(stage, contender, "bench-proof", ticks)
            say(f"==> {contender.name}: {prove.TICKS} lines, each the tick of the log")
            if contender.name == OURS and prove.prove(stage, contender, "bench-proof", ticks) != digest:
                raise Failed(f"{contender.name}: read again, the same messages gave other bytes")


def measure_one(stage, sink, contender, topic, ticks, messages, round_number):
    name = f"{contender.name}-{round_number}"
    wanted = messages if contender.share == 1 else max(1, int(messages * contender.share))
    run = Run(stage, topic, stage.new_group(contender.name), os.environ.get("STORE") or sink.url, messages, ticks)
    if contender.kind == "reader":
        return to_its_end(stage, name, contender.command(run), messages)
    if contender.kind == "writer":
        run.topic = f"{topic}-{name}"
        stage.make_topic(run.topic, PARTITIONS, sink.url)
        result = to_its_end(stage, name, contender.command(run), messages)
        result.lines = stage.messages_in(run.topic)
        stage.drop_topics(run.topic)
        return result
    if run.store == sink.url:
        return into_sink(stage, name, contender.command(run), sink, topic, run.group, wanted, whole=contender.share == 1)
    return into_store(stage, name, contender.command(run), topic, run.group, wanted)


def measure_all(stage, sink, options, contenders, topic, ticks):
    results = {}
    for number in range(1, options.rounds + 1):
        for contender in contenders:
            if number > contender.most_rounds:
                continue
            result = measure_one(stage, sink, contender, topic, ticks, options.messages, number)
            results.setdefault(contender.name, []).append(result)
            say(
                f"    round {number}  {contender.name:18} {result.rate:12,.0f} /s  {result.cpu_per_million:6.2f} CPU s per million"
                f"  {result.rss_mib:5.0f} MiB  {result.lines} lines, the first after {result.first_s:.2f} s"
            )
    return results


def sink_limit(stage, sink):
    """Lines a second that the sink takes, from a client that has nothing else to do."""
    told = json.loads(stage.run("blast", [stage.tools / "blast", sink.port, 2, 2, 5000], 60))
    say(f"==> the sink alone takes {told['lines_per_second']:,} lines/s, {told['megabytes_per_second']:,} MB/s")
    return told["lines_per_second"]


def described(options, limit):
    cpus = len(os.sched_getaffinity(0))
    rounds = "One round" if options.rounds == 1 else f"Medians of {options.rounds} interleaved rounds (least–most)"
    return (
        f"{options.messages:,} ticks of 10 coins, {PARTITIONS} partitions, replication 3; three brokers, the sink and the contender on one\n"
        f"machine of {cpus} CPUs, {datetime.now(timezone.utc):%Y-%m-%d}, Python {platform.python_version()}. {rounds}, each a whole process\n"
        f"from its start to its last line in {os.environ.get('STORE') or 'the sink'}, or to its end. Those that are slow by far are\n"
        "stopped early: Python as tutorials write it after a tenth of the ticks, Telegraf after a quarter. The raw writer's clock\n"
        f"begins when its payloads are made. The sink alone takes {limit:,} lines/s.\n"
    )


def busy_share(seconds):
    """Of all CPUs' time, over so long."""

    def times():
        with open("/proc/stat", encoding="ascii") as file:
            fields = [int(word) for word in file.readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]  # idle, and idle waiting for a disk

    total, idle = times()
    time.sleep(seconds)
    total_after, idle_after = times()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def look_around(stage, options):
    """Room for topics, three times replicated, and their files; nobody else's topics; a machine that does nothing else."""
    there = sorted(topic for topic in stage.admin.list_topics(timeout=10).topics if topic.startswith("bench"))
    if there:
        raise Failed(f"the brokers have {', '.join(there)} already, and all bench* is dropped at the end: drop them, or name other KAFKA_BROKERS")
    bytes_needed = 10_000 * flat.BASE if options.flat else 2_000 * options.messages
    free = shutil.disk_usage(stage.folder).free
    if free < bytes_needed:
        raise Failed(f"{stage.folder} has {free >> 20} MiB free, and {bytes_needed >> 20} MiB are needed: name another folder in TMPDIR")
    busy = busy_share(2)
    if busy > 0.3:
        say(f"warning: others use {busy:.0%} of the machine: the figures will be too low, and the ratios may not hold")


def rounds(stage, sink, options, limit):
    """The text of the tables, and whether all hard bars are met."""
    contenders, skipped = chosen(options.only)
    for name, why in skipped.items():
        say(f"==> {name} is skipped: {why}")
    prove_all(stage, sink, contenders)
    say(f"==> {options.messages:,} made ticks, by candlewick produce into a topic of {PARTITIONS} partitions")
    topic, ticks = "bench", stage.make_ticks(options.messages)
    fill(stage, sink, topic, ticks, options.messages)
    results = measure_all(stage, sink, options, contenders, topic, ticks)
    text = f"{described(options, limit)}\n{table.render(results, skipped)}"
    if wrong := table.complaints(results):
        print(text)
        raise Failed("\n".join(["this is no comparison:", *wrong]))
    more = {"bars by replay": lambda: sources.replayed_bars(stage, sink), "news": lambda: sources.news(stage, sink)}
    judged = bars.judge(stage, sink, options, results, topic, more) if options.check else []
    if judged:
        text += f"\n{bars.render(judged)}"
    missed = [bar for bar in judged if bar.hard and not bar.met]
    for bar in missed:
        say(f"WRONG: a hard bar is missed: {bar.what}: {bar.seen}, wanted {bar.wanted}")
    return text, not missed


def measure_page(stage, options):
    """It needs neither brokers nor the sink."""
    text = bars.render(page.measure(stage))
    print(text)
    if options.write_docs:
        table.write_docs(Path(options.docs), "page", text)
    return True


def work(stage, options):
    if options.page:
        return measure_page(stage, options)
    look_around(stage, options)
    stage.start_registry()
    sink = Sink(stage)
    limit = sink_limit(stage, sink)
    if options.flat:
        text, good = flat.measure(stage, sink, options), True
    elif options.trades:
        text, good = live.measure(stage, sink, options), True
    elif options.sources:
        text, good = bars.render(sources.measure(stage, sink)), True
    else:
        text, good = rounds(stage, sink, options, limit)
    print(text)
    if options.write_docs:
        name = next((name for name in ("flat", "trades", "sources") if getattr(options, name)), "rounds")
        table.write_docs(Path(options.docs), name, text)
    return good


def main():
    options = read_options()
    if options.brokers is None:
        return  # only the options were to be checked, before anything starts
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what ends the parts
    stage = Stage(Path(options.folder), Path(options.tools), Path(options.program), options.brokers)
    try:
        done = work(stage, options)
    except Failed as failure:
        say(f"error: {failure}")
        done = False
    except (KafkaException, OSError) as failure:
        say(f"error: {failure}; brokers: {options.brokers}")
        done = False
    except KeyboardInterrupt:
        done = False
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stage.end()
    sys.exit(0 if done else 1)


if __name__ == "__main__":
    main()
