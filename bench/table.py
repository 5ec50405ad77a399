"""Medians, spreads, and the table that people read."""

import re
from statistics import median

from contenders import CONTENDERS, PRODUCE, RAW_WRITE, TUNED



def of(results, figure):
    return median(getattr(result, figure) for result in results)


def spread(values, form):
    low, high, middle = min(values), max(values), median(values)
    return form(middle) if len(values) == 1 else f"{form(middle)} ({form(low)}–{form(high)})"


def thousands(value):
    """Three digits: ratios are what counts."""
    digits = max(0, len(f"{value:.0f}") - 3)
    return f"{round(value, -digits):,.0f}"


def small(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def row(title, results, base):
    ratio = f"{of(results, 'rate') / base:.3g}" if base else ""
    figures = [
        spread([result.rate for result in results], thousands),
        ratio,
        spread([result.cpu_per_million for result in results], small),
        f"{max(result.rss_mib for result in results):.0f} MiB",
    ]
    return f"| {title} | {' | '.join(figures)} |"


def render(results, skipped):
    """`results`: by contender's name, one for each round."""
    lines = []
    for kinds, base_name, of_whom in ((("reader", "consumer"), TUNED, "tuned Python"), (("writer",), RAW_WRITE, "librdkafka")):
        here = [contender for contender in CONTENDERS if contender.kind in kinds and contender.name in results]
        if not here:
            continue
        base = of(results[base_name], "rate") if base_name in results else 0
        who = "who reads" if base_name == TUNED else "who writes"
        lines += [f"| {who} | ticks/s | of {of_whom} | CPU s per million | max RSS |", "|---|--:|--:|--:|--:|"]
        lines += [row(contender.title, results[contender.name], base) for contender in here]
        lines.append("")
    lines += [f"Not measured: {name}, because {why}." for name, why in skipped.items()]
    return "\n".join(lines).rstrip() + "\n"


def write_docs(path, name, text):
    """Between the markers of this name in the file; at its end when it has none."""
    start, end = f"<!-- {name}: written by bench/run.sh --write-docs -->\n", f"<!-- {name}: end -->\n"
    whole = path.read_text() if path.exists() else "# Performance\n"
    marked = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    block = f"{start}{text}{end}"
    path.write_text(marked.sub(lambda _: block, whole) if marked.search(whole) else f"{whole.rstrip()}\n\n{block}")


def complaints(results):
    """What is wrong with the measurement itself: a contender that did not do the whole job."""
    said = []
    for name, runs in results.items():
        for number, result in enumerate(runs, 1):
            where = f"{name}, round {number}"
            if result.lines < result.wanted:
                said.append(f"{where}: {result.wanted - result.lines} of {result.wanted} are missing")
            if result.duplicates > 0:
                said.append(f"{where}: {result.duplicates} lines were delivered twice")
            if result.uncommitted != 0:
                said.append(f"{where}: {result.uncommitted} messages were not committed at the end")
    return said


def produce_share(results):
    return of(results[PRODUCE], "rate") / of(results[RAW_WRITE], "rate")
