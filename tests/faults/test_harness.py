"""The harness itself: a run without faults passes, and each broken promise is seen."""

import pytest

import invariants
from invariants import Books
from columns import FIGURES
from parts import Failed
from prober import of_topic, topic_of

PRICES = ["40dd4c0000000000", "40dd4d0000000000", "40dd4e0000000000", "40dd4f0000000000"]
TICKS = [f"tBTCUSD {1767225600_000000000 + i} {price} {' '.join('-' * len(FIGURES))} {i + 1} 7" for i, price in enumerate(PRICES)]


def books(ledger=TICKS, log=None, stored=None, letters=None, samples=(), conflicts=0):
    if log is None:
        log = [(0, offset, tick) for offset, tick in enumerate(TICKS)]
    if stored is None:
        stored = {tick: (1000 + i, 1) for i, tick in enumerate(TICKS)}
    return Books([list(ledger)], log, stored, letters or {}, list(samples), {"conflicts": conflicts})


def without(stored, index):
    return {tick: value for tick, value in stored.items() if tick != TICKS[index]}


STORED = books().stored
MOVED = TICKS[1].replace(" 1767225600000000001 ", " 1767225600000000009 ")
OTHER_PRICE = TICKS[1].replace("40dd4d", "40dd4c")
LOG = books().log


@pytest.mark.quick
@pytest.mark.parametrize("check, broken, says", [
    (invariants.i1_nothing_is_lost, books(log=LOG[:3]), "not in its log"),
    (invariants.i1_nothing_is_lost, books(stored=without(STORED, 2)), "neither stored nor dead letters"),
    (invariants.i2_nothing_is_twice, books(ledger=[*TICKS, TICKS[0]]), "names a tick twice"),
    (invariants.i2_nothing_is_twice, books(stored={**STORED, MOVED: (1, 1)}), "no message of the log"),
    (invariants.i2_nothing_is_twice, books(log=[*LOG, (0, 4, MOVED)], stored={**STORED, MOVED: (1, 1)}), "under two times"),
    (invariants.i2_nothing_is_twice, books(log=[*LOG, (0, 4, OTHER_PRICE)], stored={**STORED, OTHER_PRICE: (1, 1)}), "identities"),
    (invariants.i3_values_are_the_same_bits, books(stored={**without(STORED, 1), OTHER_PRICE: (1, 1)}), "prices of tBTCUSD"),
    (invariants.i3_values_are_the_same_bits, books(conflicts=1), "other fields"),
    (invariants.i5_commits_are_behind_the_store, books(samples=[(1002, {0: 4})]), "was not stored (0.0 ms later"),
    (invariants.i5_commits_are_behind_the_store, books(stored=without(STORED, 0), samples=[(9999, {0: 1})]), "never was"),
])
def test_a_broken_promise_is_seen(check, broken, says):
    with pytest.raises(Failed, match=says.replace("(", r"\(")):
        check(broken)


@pytest.mark.quick
@pytest.mark.parametrize("metadata, breaks", [
    (f"topic={'A' * 22} former=2", True), ("stored=0", True), (None, True), (f"topic={'B' * 22} former=2", False),
])
def test_an_offset_speaks_of_the_topic_that_it_names(metadata, breaks):
    samples = of_topic([(1002, {0: 4, 1: 1})], [{0: topic_of(metadata), 1: None}], "A" * 22)
    assert samples[0][1].get(1) == 1
    if breaks:
        with pytest.raises(Failed, match="was not stored"):
            invariants.i5_commits_are_behind_the_store(books(samples=samples))
    else:
        invariants.i5_commits_are_behind_the_store(books(samples=samples))


@pytest.mark.quick
def test_kept_promises_are_seen_too():
    kept = books(stored=without(STORED, 2), letters={(0, 2): ["bad"]}, samples=[(1001, {0: 2}), (1003, {0: 4})])
    invariants.i1_nothing_is_lost(kept)
    invariants.i2_nothing_is_twice(kept)
    invariants.i3_values_are_the_same_bits(kept)
    invariants.i5_commits_are_behind_the_store(kept)


@pytest.mark.quick
def test_candles_that_differ_by_one_bit_are_seen():
    shown = invariants.fold(TICKS, 60 * 10**9)
    invariants.i4_candles_are_the_logs(books(), shown, 60 * 10**9)
    (key, candle), = shown.items()
    with pytest.raises(Failed, match="1 of 1 candles"):
        invariants.i4_candles_are_the_logs(books(), {key: (candle[0] * (1 + 2**-52), *candle[1:])}, 60 * 10**9)


@pytest.mark.quick
@pytest.mark.parametrize("torn", ["", "tSOLUSD 1", TICKS[3]])
def test_a_line_of_the_ledger_that_was_not_ended_tells_nothing(tmp_path, torn):
    path = tmp_path / "ledger"
    path.write_text("\n".join([*TICKS[:3], torn]))
    assert invariants.ledger_of(path) == TICKS[:3]


@pytest.mark.quick
def test_a_bad_end_is_seen():
    good = {"peak_mib": 50, "files": 9, "threads": 9}
    invariants.i6_ends_well([("consumer-1", 0, good), ("consumer-2", 0, None)], 50, 9, 9)
    for code, figures in ((-6, None), (1, good), (0, {**good, "peak_mib": 51}), (0, {**good, "files": 10}), (0, {**good, "threads": 10})):
        with pytest.raises(Failed, match="I6: consumer-1"):
            invariants.i6_ends_well([("consumer-1", code, figures)], 50, 9, 9)


@pytest.mark.quick
def test_books_that_do_not_balance_are_seen():
    feed = {"ticks": 4, "produced": 4, "dropped": 0, "acknowledged": 4, "given_up": 0, "ledger_complete": True}
    member = {"consumed": "4", "written": "4", "dead_lettered": "0"}
    invariants.i7_books_balance(books(), [feed], [member])
    for feeds, members in (([{**feed, "acknowledged": 3}], []), ([{**feed, "ticks": 3}], []), ([], [{**member, "written": "5"}])):
        with pytest.raises(Failed, match="I7"):
            invariants.i7_books_balance(books(), feeds, members)
    with pytest.raises(Failed, match="I8.*the log"):
        invariants.i8_secret_is_nowhere("canary", {"the log": "a canary sings"})
    with pytest.raises(Failed, match="I9"):
        invariants.i9_no_sanitizer_speaks({"a log": "==1==ERROR: AddressSanitizer: heap-use-after-free"})


@pytest.mark.quick
def test_a_run_without_faults_keeps_all_promises(rig, passed):
    rig.member("consumer-1")
    rig.member("consumer-2")
    rig.feed(1500, 4000)
    rig.group_works()
    rig.settle()
    kept = rig.check()
    assert len(kept.ledger) == 8 * 1500
    assert len(kept.samples) > 3
    passed(rig, kept, "0", "none", "nothing")
