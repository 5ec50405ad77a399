"""News of feeds through the log into a store: none lost, none twice, whatever form a feed has; and a restart sends nothing again."""

import json
import sqlite3
from email.utils import format_datetime
from datetime import datetime, timedelta, timezone
from html import escape

import pytest
from conftest import wait_for
from feed_server import Answer, FeedServer

NOW = datetime.now(timezone.utc).replace(microsecond=0)
ITEMS = 1000


def moment(number):
    return NOW - timedelta(minutes=number % 7000)


def title(number):
    return f"Nº {number}: „Bitcoin“ & <b>Ether</b> – 1 < 2"


def plain(number):
    return f"Nº {number}: „Bitcoin“ & Ether – 1 < 2"


def rss(host, count):
    items = "".join(
        f"<item><title>{escape(title(i))}</title><link>https://{host}/news/{i}?utm_source=rss</link>"
        f"<guid isPermaLink=\"false\">{host}-{i}</guid><pubDate>{format_datetime(moment(i))}</pubDate></item>"
        for i in range(count))
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


def rdf(host, count):
    items = "".join(
        f"<item rdf:about=\"https://{host}/rdf/{i}\"><title><![CDATA[{title(i)}]]></title><link>https://{host}/rdf/{i}</link>"
        f"<dc:date>{moment(i).isoformat()}</dc:date></item>" for i in range(count))
    head = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    return f"<?xml version='1.0' encoding='utf-8'?>{head}<channel/>{items}</rdf:RDF>".encode()


def atom(host, count):
    entries = "".join(
        f"<entry><id>tag:{host},{i}</id><title type='html'>{escape(title(i))}</title><link rel='alternate' href='https://{host}/atom/{i}'/>"
        f"<published>{moment(i).isoformat()}</published></entry>" for i in range(count))
    text = f"<?xml version='1.0' encoding='utf-16'?><feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>"
    return text.encode("utf-16")


class News:
    def __init__(self, start, run, brokers, folder):
        self.brokers = brokers("news:3", "news.dlq:1", "tickers:1", "tickers.dlq:1")
        self.start, self.run_once, self.folder = start, run, folder
        self.registry = start("registry", "--listen", "127.0.0.1:0").wait_event("listening")["url"]
        self.file = folder / "news.db"
        self.kafka = ("--brokers", self.brokers, "--registry", self.registry)

    def produce(self, source, *more):
        return self.start("produce", *self.kafka, "--source", source, "--poll-interval", "rss=100ms", *more)

    def consume(self):
        return self.start("consume", *self.kafka, "--streams", "news", "--store", f"sqlite:{self.file}", "--batch-age", "50ms")

    def run(self, command, *more):
        return self.run_once(command, *self.kafka, "--streams", "news", *more)

    def rows(self, query="SELECT * FROM news ORDER BY time"):
        if not self.file.exists():
            return []
        with sqlite3.connect(self.file, timeout=20) as store:
            store.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in store.execute(query).fetchall()]
            except sqlite3.OperationalError:  # there is no table yet
                return []


@pytest.fixture
def news(start, run, brokers, tmp_path):
    return News(start, run, brokers, tmp_path)


def wait_rows(news, count):
    wait_for(lambda: len(news.rows()) >= count, 30, f"{count} news")


def test_a_thousand_items_of_each_form_arrive_once_and_a_restart_sends_none_again(news):
    with FeedServer() as feeds:
        port = feeds.url.rsplit(":", 1)[1]
        feeds.answers["/rss"] = Answer(rss("a.example", ITEMS), headers={"Content-Type": "application/rss+xml"}, zipped=True)
        feeds.answers["/rdf"] = Answer(rdf("b.example", ITEMS), headers={"Content-Type": "application/rdf+xml", "ETag": '"1"'})
        feeds.answers["/atom"] = Answer(atom("c.example", ITEMS))
        source = ",".join(f"http://127.0.0.1:{port}{path}" for path in ("/rss", "/rdf", "/atom"))
        producer, consumer = news.produce(f"rss:{source}"), news.consume()
        wait_rows(news, 3 * ITEMS)
        wait_for(lambda: feeds.count("/atom") > 2 and feeds.count("/rdf") > 2, 20, "later requests")
        assert producer.stop() == 0, producer.log()
        rows = news.rows()
        assert len(rows) == 3 * ITEMS and len({row["news_id"] for row in rows}) == 3 * ITEMS
        for form in ("news", "rdf", "atom"):
            titles = [row["title"] for row in rows if f"/{form}/" in row["url"]]
            assert sorted(titles) == sorted(plain(i) for i in range(ITEMS)), form
        assert all(row["dated"] == 1 and "utm_" not in row["url"] and row["source"] == "127.0.0.1" for row in rows)
        assert {row["published_ns"] // 10**9 for row in rows} == {int(moment(i).timestamp()) for i in range(ITEMS)}
        assert feeds.headers_of("/rdf")[-1]["If-None-Match"] == '"1"'

        before = feeds.count("/rss")
        again = news.produce(f"rss:{source}")
        wait_for(lambda: feeds.count("/rss") > before + 2, 20, "requests after the restart")
        assert again.stop() == 0, again.log()
        summary = again.log()
        assert "known=" in summary or '"known"' in summary or "known" in summary, summary
        code, out, err = news.run("verify", "--store", f"sqlite:{news.file}", "--wait", "5s", "--format", "json")
        assert code == 0, err
        proof = json.loads(out)
        assert proof["balanced"] and proof["news"] == proof["points"] == 3 * ITEMS, out
        assert consumer.stop() == 0, consumer.log()


def one(number, title_text=None):
    return (f"<rss version='2.0'><channel><item><title>{title_text or f'Item {number}'}</title><guid>urn:{number}</guid>"
            f"<pubDate>{format_datetime(moment(number))}</pubDate></item></channel></rss>").encode()


def test_redirects_gone_feeds_and_changed_titles(news):
    with FeedServer() as feeds:
        feeds.answers["/moved"] = Answer(status=301, headers={"Location": "/new"})
        feeds.answers["/new"] = Answer(one(1))
        feeds.answers["/detour"] = Answer(status=302, headers={"Location": f"{feeds.url}/meanwhile"})
        feeds.answers["/meanwhile"] = Answer(one(2))
        feeds.answers["/gone"] = Answer(status=410)
        feeds.answers["/html"] = Answer(b"<html><title>Just a moment</title>", headers={"Content-Type": "text/html"})
        paths = ("/moved", "/detour", "/gone", "/html")
        producer = news.produce("rss:" + ",".join(feeds.url + path for path in paths))
        consumer = news.consume()
        wait_rows(news, 2)
        wait_for(lambda: feeds.count("/new") > 3 and feeds.count("/detour") > 3, 20, "more rounds")
        feeds.answers["/new"] = Answer(one(1, "Item 1, corrected"))
        wait_for(lambda: producer.events("news_changed"), 20, "the changed title")
        assert feeds.count("/moved") == 1 and feeds.count("/gone") == 1
        assert abs(feeds.count("/detour") - feeds.count("/meanwhile")) <= 1
        assert producer.stop() == 0 and consumer.stop() == 0, producer.log()
    reasons = {event["feed"].rsplit("/", 1)[1]: event["reason"] for event in producer.events("feed_failed")}
    assert "410" in reasons["gone"] and "HTML page (Just a moment)" in reasons["html"]
    assert [(row["title"], row["url"]) for row in sorted(news.rows(), key=lambda row: row["title"])] == [("Item 1", None), ("Item 2", None)]
