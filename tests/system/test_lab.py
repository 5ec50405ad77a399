"""The assignment lab: what it predicts."""

import json

import pytest

UNEVEN = ["--topics", "a:1,b:2,c:3", "--members", "C0,C1,C2", "--subscriptions", "C0=a;C1=a,b;C2=a,b,c"]


def predict(run, *arguments):
    code, out, err = run("lab", "predict", "--format", "json", *arguments)
    assert code == 0 and err == ""
    return {answer["strategy"]: answer["steps"] for answer in json.loads(out)}


def figures(steps, *names):
    return [tuple(step[name] for name in names) for step in steps]


def test_the_smallest_set_up_that_tells_the_strategies_apart(run):
    steps = predict(run, "--topics", "a:2,b:2,c:2", "--members", "C0,C1,C2", "--steps", "+C2,-C1")
    assert {name: figures(steps[name], "least", "most", "moved", "needless", "revoked") for name in steps} == {
        "range": [(3, 3, 0, 0, 0), (0, 3, 0, 0, 6), (3, 3, 3, 0, 6)],
        "roundrobin": [(3, 3, 0, 0, 0), (2, 2, 4, 4, 6), (3, 3, 4, 2, 6)],
        "sticky": [(3, 3, 0, 0, 0), (2, 2, 2, 2, 2), (3, 3, 2, 0, 2)],
        "eager-sticky": [(3, 3, 0, 0, 0), (2, 2, 2, 2, 6), (3, 3, 2, 0, 6)],
    }


def test_members_that_read_different_topics(run):
    steps = predict(run, *UNEVEN, "--steps", "-C0")
    assert steps["range"][0]["placement"] == {"C0": ["a-0"], "C1": ["b-0"], "C2": ["b-1", "c-0", "c-1", "c-2"]}
    assert steps["sticky"][0]["placement"] == {"C0": ["a-0"], "C1": ["b-0", "b-1"], "C2": ["c-0", "c-1", "c-2"]}
    assert figures(steps["sticky"], "moved", "needless", "needed") == [(0, 0, None), (1, 0, None)]


def test_one_topic_of_two_partitions_shows_nothing(run):
    steps = predict(run, "--topics", "t:2", "--members", "C0,C1", "--steps", "none", "--strategy", "range,roundrobin,sticky")
    assert len({json.dumps(strategy[0]["placement"]) for strategy in steps.values()}) == 1


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--topics", "a:2"], ["--members"]),
        (["--topics", "a", "--members", "C0"], ["a:2,b:3"]),
        (["--topics", "a:2", "--members", "C0", "--steps", "C0"], ["+MEMBER"]),
        (["--topics", "a:2", "--members", "C0", "--strategy", "consumer"], ["consumer", "no model"]),
    ],
)
def test_wrong_use_of_predict(run, arguments, words):
    code, out, err = run("lab", "predict", *arguments)
    assert code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err
