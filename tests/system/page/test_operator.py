"""What an operator asks the page: messages by key, value and time, dead letters, lag, and what each assignor would do; against the log itself."""

import json

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from conftest import get, get_json, wait_for

TOPIC, PARTITIONS = "tickers", 6


@pytest.fixture
def demo(start):
    program = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic-ticker", "--coins", "tBTCUSD,tETHUSD", "--poll-interval", "200ms",
                    "--history", "2m")
    ready = program.wait_event("ready")
    program.url, program.brokers = ready["page"], ready["brokers"]
    wait_for(lambda: (get_json(f"{program.url}/api/status")["end_total"] or 0) > 100, 30, "a hundred ticks")
    return program


def log_of(brokers, topic=TOPIC):
    """All messages that the topic has now: (partition, offset, key, timestamp in ms)."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    ends = {partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)[1] for partition in range(PARTITIONS)}
    consumer.assign([TopicPartition(topic, partition, 0) for partition, end in ends.items() if end > 0])
    found, left = [], sum(ends.values())
    while left > 0:
        message = consumer.poll(10)
        assert message is not None and message.error() is None, "the log ends early"
        if message.offset() < ends[message.partition()]:
            found.append((message.partition(), message.offset(), message.key().decode(), message.timestamp()[1]))
            left -= 1
    consumer.close()
    return found


def search(url, **question):
    """All answers of a search, gone on with to its end."""
    answers, more = [], {}
    while more is not None:
        query = "&".join(f"{name}={value}" for name, value in {**question, **more}.items())
        answers.append(get_json(f"{url}/api/messages/search?{query}"))
        last = answers[-1]
        more = ({"before": last["next_before"]} if last["next_before"] is not None
                else {"from": last["next_from"]} if last["next_from"] is not None else None)
        question.setdefault("partition", last["partition"])
    return answers


def offsets(answers):
    return [message["offset"] for answer in answers for message in answer["messages"]]


def test_messages_are_found_by_key_value_and_time(demo):
    log = log_of(demo.brokers)
    theirs = [(partition, offset) for partition, offset, key, _ in log if key == "tETHUSD"]
    answers = search(demo.url, key="tETHUSD", limit=40)
    assert {answer["partition"] for answer in answers} == {partition for partition, _ in theirs}, "where the key's hash puts it"
    found = offsets(answers)
    newest = max(offset for _, offset in theirs)
    assert [offset for offset in found if offset <= newest] == sorted((offset for _, offset in theirs), reverse=True)
    assert sum(answer["looked_at"] for answer in answers) >= len(found)

    partition = answers[0]["partition"]
    price = answers[-1]["messages"][-1]["value"]["last_price"]
    holding = search(demo.url, partition=partition, contains=price)
    assert answers[-1]["messages"][-1]["offset"] in offsets(holding)
    assert all(str(price) in json.dumps(message) for answer in holding for message in answer["messages"])

    middle = sorted(stamp for at, _, _, stamp in log if at == partition)[len(theirs) // 2]
    later = get_json(f"{demo.url}/api/messages/search?partition={partition}&time={middle}&limit=500")["messages"]
    assert later[0]["offset"] == min(offset for at, offset, _, stamp in log if at == partition and stamp >= middle)
    assert get(f"{demo.url}/api/messages/search?contains=x")[0] == 400


def test_dead_letters_lead_to_the_message_that_was_meant(demo):
    producer = Producer({"bootstrap.servers": demo.brokers})
    producer.produce(TOPIC, key="tBTCUSD", value=b"no frame <b>", partition=3)
    assert producer.flush(20) == 0
    topic = get_json(f"{demo.url}/api/status")["streams"][0]["dead_letter_topic"]

    def letters():
        _, _, body = get(f"{demo.url}/api/partitions?topic={topic}")
        ends = json.loads(body)
        return [message for at in ends if isinstance(ends, list) and at["end"] > 0
                for message in get_json(f"{demo.url}/api/messages?topic={topic}&partition={at['partition']}")]

    letter = wait_for(letters, 30, "a dead letter")[0]["dead_letter"]
    assert (letter["topic"], letter["partition"], letter["kind"]) == (TOPIC, 3, "undecodable") and letter["reason"]
    meant = get_json(f"{demo.url}/api/messages?topic={TOPIC}&partition=3&offset={letter['offset']}&limit=1")[0]
    assert meant["offset"] == letter["offset"] and meant["error"] and meant["key"] == "tBTCUSD" and "dead_letter" not in meant


def test_lag_and_replicas_are_told(demo):
    status = get_json(f"{demo.url}/api/status")
    assert [(at["replicas"], at["in_sync"]) for at in status["partitions"]] == [(3, 3)] * PARTITIONS
    known = wait_for(lambda: next((now for now in [get_json(f"{demo.url}/api/status")] if now["lag_s"] is not None), None), 30, "its age")
    assert all((at["lag_s"] == 0) >= (at["lag"] == 0) for at in known["partitions"]), "what is read has no age"
    assert known["lag_s"] == known["streams"][0]["lag_s"] == max(at["lag_s"] for at in known["partitions"])
    lag = get_json(f"{demo.url}/api/lag")
    (ticks,) = lag["topics"]
    assert ticks["topic"] == TOPIC and len(ticks["lag"]) == len(ticks["lag_s"]) > 0 and any(value is not None for value in ticks["lag"])


def test_a_prediction_is_that_of_lab_predict(demo, run):
    wait_for(lambda: get(f"{demo.url}/api/lab/predict")[0] == 200, 20, "the partitions are known")
    for question, members, steps in (("members=3&change=leave&member=2", "m1,m2,m3", "-m2"), ("members=2&change=join", "m1,m2,m3", "+m3")):
        answer = get_json(f"{demo.url}/api/lab/predict?{question}")
        assert answer["topics"] == [{"topic": TOPIC, "partitions": PARTITIONS}]
        code, out, err = run("lab", "predict", "--topics", f"{TOPIC}:{PARTITIONS}", "--members", members, "--steps", steps, "--format", "json")
        assert code == 0, err
        assert answer["strategies"] == json.loads(out)
    assert get(f"{demo.url}/api/lab/predict?members=99")[0] == 400


def test_the_labs_last_run_is_shown(start, run, tmp_path):
    code, _, err = run("lab", "run", "--scenario", "seed", "--strategy", "range", "--lab-results", "kept/lab.json", timeout=60)
    assert code == 0, err
    demo = start("demo", "--listen", "127.0.0.1:0", "--source", "synthetic-ticker", "--history", "1m", "--lab-results", "kept/lab.json")
    url = demo.wait_event("ready")["page"]
    results = get_json(f"{url}/api/lab/results")
    assert results["good"] and results["in_process"] and results["broken_off"] is None
    (scenario,) = results["scenarios"]
    (strategy,) = scenario["strategies"]
    assert (scenario["scenario"], strategy["strategy"], strategy["runs"]) == ("seed", "range", 1)
    assert strategy["missing"]["median"] == 0 and "unowned_s" not in strategy, "the in-process cluster's times mean nothing"
    (tmp_path / "kept" / "lab.json").write_text("[]")
    assert get(f"{url}/api/lab/results")[0] == 500
