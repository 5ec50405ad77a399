"""What a tick costs `consume` when there are more of them, of more coins, in more partitions, in more batches at once."""

from statistics import median

from contenders import Run, consume, raw_read
from measure import into_sink, to_its_end
from stage import Failed, say
from table import small, spread, thousands

BASE = 1_000_000  # messages at most; one case has ten times as many


def cases(messages):
    """Name, messages, coins, partitions, options of consume."""
    yield f"{messages:,} messages, 10 coins, 2 partitions", messages, 10, 2, []
    yield f"{10 * messages:,} messages", 10 * messages, 10, 2, []
    yield "10,000 coins", messages, 10_000, 2, []
    yield "48 partitions", messages, 10, 48, []
    for batches in (1, 2, 4, 8):
        yield f"{batches} batches in flight", messages, 10, 2, ["--batches-in-flight", batches]


def topic_of(stage, sink, messages, coins, partitions):
    topic = f"bench-flat-{messages}-{coins}-{partitions}"
    if topic in stage.topics:
        return topic
    say(f"==> {messages:,} ticks of {coins:,} coins into {partitions} partitions")
    ticks = stage.make_ticks(messages, coins)
    stage.make_topic(topic, partitions, sink.url)
    stage.run("fill", stage.produce_command(topic, ticks), 1800)
    ticks.unlink()
    if stage.messages_in(topic) != messages:
        raise Failed(f"topic {topic} does not hold {messages} messages")
    return topic


def measure(stage, sink, options):
    rows = list(cases(min(options.messages, BASE)))
    topics = [topic_of(stage, sink, messages, coins, partitions) for _, messages, coins, partitions, _ in rows]
    ours, raw = {}, {}
    for _ in range(options.rounds):
        for (name, messages, _, _, more), topic in zip(rows, topics):
            run = Run(stage, topic, stage.new_group("flat"), sink.url, messages)
            result = into_sink(stage, "consume-flat", consume(run, *more), sink, topic, run.group, messages)
            if result.duplicates or result.uncommitted:
                raise Failed(f"{name}: {result.duplicates} lines twice, {result.uncommitted} messages not committed")
            ours.setdefault(name, []).append(result)
            if not more:
                run.group = stage.new_group("flat-raw")
                raw.setdefault(name, []).append(to_its_end(stage, "raw-flat", raw_read("ours")(run), messages))
            say(f"    {name:45} {result.rate:12,.0f} /s  {result.cpu_per_million:6.3f} CPU s per million  {result.rss_mib:5.0f} MiB")
    return render(ours, raw)


def render(ours, raw):
    base = median(run.cpu_per_million for run in next(iter(ours.values())))
    lines = [
        "| consume | ticks/s | CPU s per million | of the first row's | librdkafka alone: CPU s per million | max RSS |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, runs in ours.items():
        cpu = [run.cpu_per_million for run in runs]
        alone = spread([run.cpu_per_million for run in raw[name]], small) if name in raw else ""
        lines.append(
            f"| {name} | {spread([run.rate for run in runs], thousands)} | {spread(cpu, small)} | {median(cpu) / base:.2f} | {alone} "
            f"| {max(run.rss_mib for run in runs):.0f} MiB |"
        )
    return "\n".join(lines) + "\n"
