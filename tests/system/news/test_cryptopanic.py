"""CryptoPanic: what its answers become, and that the key is nowhere in what the program writes."""

import json
import sqlite3

from conftest import FIXTURES, wait_for
from feed_server import Answer, FeedServer

KEY = "5ecre7" * 6


def items_of(store):
    if not store.exists():
        return []
    with sqlite3.connect(store, timeout=20) as database:
        try:
            return database.execute("SELECT news_id, title, url, coins, votes, score FROM news ORDER BY news_id").fetchall()
        except sqlite3.OperationalError:  # there is no table yet
            return []


def key_file(folder, text=KEY):
    path = folder / "key"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def body(**changes):
    answer = json.loads((FIXTURES / "news" / "cryptopanic_v1.json").read_text().replace("THE-KEY", KEY))
    return json.dumps({**answer, **changes}).encode()


def fresh(answer):
    """The same with dates of now, or all of it would be too old by the time this runs."""
    posts = json.loads(answer)
    for post in posts["results"]:
        if isinstance(post, dict):
            post.pop("published_at", None)
            post.pop("created_at", None)
    return json.dumps(posts).encode()


def test_posts_arrive_and_the_key_is_nowhere(start, run, tmp_path):
    store, files = tmp_path / "out" / "news.db", tmp_path / "out"
    files.mkdir()
    with FeedServer() as server:
        server.answers["/api/posts/"] = Answer(fresh(body()))
        demo = start("demo", "--listen", "127.0.0.1:0", "--data-dir", files, "--store", f"sqlite:{store}", "--source", "cryptopanic",
                     "--streams", "ticker,news", "--cryptopanic-url", f"{server.url}/api/posts/", "--cryptopanic-key-file", key_file(tmp_path),
                     "--poll-interval", "cryptopanic=200ms", "--log-level", "debug")
        demo.wait_event("ready")
        wait_for(lambda: len(items_of(store)) == 2, 30, "both posts")
        asked = server.count("/api/posts/")
        for status, answer in ((401, b'{"status":"api_error","info":"Token ' + KEY.encode() + b' not found"}'), (403, KEY.encode()), (429, b""),
                               (200, b'{"status":"api_error","info":"Token ' + KEY.encode() + b' is bad"}'), (200, b"<html>" + KEY.encode()),
                               (302, b"")):
            before = server.count("/api/posts/")
            server.answers["/api/posts/"] = Answer(answer, status, {"Location": f"{server.url}/elsewhere?auth_token={KEY}", "Retry-After": "0"})
            wait_for(lambda: server.count("/api/posts/") > before, 30, f"a request after {status}")
            before = server.count("/api/posts/")
            server.answers["/api/posts/"] = Answer(fresh(body()))
            wait_for(lambda: server.count("/api/posts/") > before, 30, "a request after that")
        assert server.count("/api/posts/") > asked and server.count("/elsewhere") == 0
        assert demo.stop() == 0, demo.log()
    with server.lock:
        assert all(f"auth_token={KEY}" in path for path, _ in server.asked)
    assert [row[:2] for row in items_of(store)] == [("18389998", "Cardano & more"), ("7", "No coins")]
    assert [row[2:] for row in items_of(store)] == [("https://cryptopanic.com/news/18389998/x", "ADA,BTC", 15, 0.75), ("https://cryptopanic.com/news/7/x", None, 0, None)]
    told = demo.log() + "".join(demo.output)
    assert "news_failed" in told and KEY not in told
    written = [path for path in files.rglob("*") if path.is_file()]
    assert written and not [path for path in written if KEY.encode() in path.read_bytes()]


def test_a_key_or_an_interval_that_does_not_do_is_refused_with_the_remedy(run, tmp_path):
    ask = ("produce", "--check-options", "--source", "cryptopanic")
    code, _, err = run(*ask)
    assert code == 2 and "--cryptopanic-key-file" in err
    good = ("--cryptopanic-key-file", key_file(tmp_path))
    assert run(*ask, *good)[0] == 0
    code, _, err = run(*ask, *good, "--poll-interval", "cryptopanic=1m")
    assert code == 2 and "200" in err and "432s" in err and KEY not in err
    code, _, err = run("produce", "--check-options", "--source", "rss:default", "--poll-interval", "rss=10s")
    assert code == 2 and "5m at least" in err
    code, _, err = run("produce", "--check-options", "--source", "rss:ftp://feed.example/")
    assert code == 2 and "http" in err
    assert run("produce", "--check-options", "--source", "rss:default,rss:https://feed.example/a,https://feed.example/b")[0] == 0
