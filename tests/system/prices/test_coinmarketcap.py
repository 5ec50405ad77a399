"""CoinMarketCap's prices: by id, each time once, credits counted, nothing asked when they are used up, and the key nowhere."""

import json
import time

from conftest import FIXTURES, get, get_json, wait_for
from feed_server import Answer, FeedServer
from price_run import PriceRun

KEY = "cmc-canary-90b3f2"
QUOTES = "/v2/cryptocurrency/quotes/latest"
PAST = "/v2/cryptocurrency/quotes/historical"
LISTINGS = "/v1/cryptocurrency/listings/latest"


def failure(code, words="no"):
    return json.dumps({"status": {"error_code": code, "error_message": words, "elapsed": 1, "credit_count": 0}}).encode()


def good(data, credits=1):
    return json.dumps({"status": {"error_code": 0, "error_message": None, "credit_count": credits}, "data": data}).encode()


def coin(number, slug, price, updated):
    return {"id": number, "slug": slug, "quote": {"USD": {"price": price, "market_cap": price * 10, "last_updated": updated}}}


def open_run(start, run, brokers, folder, service, *options):
    work = folder / "work"
    work.mkdir()
    prices = PriceRun(start, run, brokers, work, "--source", "coinmarketcap", "--coinmarketcap-url", service.url, "--poll-interval",
                      "coinmarketcap=100ms", *options)
    prices.options += ("--coinmarketcap-key-file", prices.key_file(KEY))
    return prices


def test_prices_and_their_past_arrive_once_and_the_key_is_nowhere(start, run, brokers, tmp_path):
    now = int(time.time()) // 300 * 300
    times = [time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now - 300 * i)) for i in range(287, 0, -1)]
    quotes = [{"timestamp": at, "quote": {"USD": {"price": 50 + i, "market_cap": 9, "timestamp": at}}} for i, at in enumerate(times)]
    with FeedServer() as service:
        service.answers[PAST] = Answer(good({"id": 1, "symbol": "BTC", "quotes": quotes}, 3))
        service.answers[QUOTES] = Answer(good({"1": coin(1, "bitcoin", 91000.5, "2026-01-06T06:54:00.000Z")}))
        prices = open_run(start, run, brokers, tmp_path, service, "--coins", "cmc:bitcoin,cmc:nothing", "--history", "1d")
        producer = prices.produce()
        prices.wait_rows(288)
        assert producer.wait_event("unknown_coin")["coin"] == "cmc:nothing"
        wait_for(lambda: any(path.startswith(QUOTES + "?id=1&") for path, _ in list(service.asked)), 30, "a request by id")
        assert producer.stop() == 0, producer.log()
        assert KEY not in producer.log() + "".join(producer.output)
        # Every kind of refusal, some of which repeat the key, in the shapes of this service and of what stands before it.
        bare = json.dumps({"statusCode": 401, "error": "Unauthorized", "message": f"{KEY} is invalid"}).encode()
        for status, body in ((401, failure(1001)), (401, failure(1001, KEY)), (401, bare), (200, failure(1008)), (502, KEY.encode())):
            service.answers[QUOTES] = Answer(body, status)
            producer = prices.produce()
            producer.wait_event("service_failed")
            assert producer.stop() == 0, producer.log()
            assert KEY not in producer.log() + "".join(producer.output)
        assert all(headers["X-CMC_PRO_API_KEY"] == KEY and KEY not in path for path, headers in service.asked)
        paths = [path for path, _ in service.asked]
        assert paths[0].startswith(QUOTES + "?slug=bitcoin,nothing&convert=USD") and any(path.startswith(QUOTES + "?id=1&") for path in paths)
        assert sum(path.startswith(PAST) for path in paths) == 1
    assert prices.verify() == 288
    rows = prices.rows()
    assert rows == [("cmc:bitcoin", 1767682440 * 10**9, 91000.5, 910005.0),
                    *(("cmc:bitcoin", (now - 300 * (287 - i)) * 10**9, 50.0 + i, 9.0) for i in range(287))]
    assert prices.consumer.stop() == 0
    assert not prices.files_with(KEY)


def test_used_up_credits_are_told_and_waited_for(start, tmp_path):
    key, store = tmp_path / "key", tmp_path / "store.db"
    key.write_text(KEY)
    key.chmod(0o600)
    with FeedServer() as service:
        service.answers[PAST] = Answer(failure(1006), 403)
        service.answers[LISTINGS] = Answer((FIXTURES / "coinmarketcap" / "listings.json").read_bytes())
        demo = start("demo", "--listen", "127.0.0.1:0", "--source", "coinmarketcap", "--coins", "ALL", "--store", f"sqlite:{store}", "--verify",
                     "--coinmarketcap-url", service.url, "--coinmarketcap-key-file", key, "--poll-interval", "coinmarketcap=100ms", "--history", "1m",
                     "--requests-per-minute", "60000")
        url = demo.wait_event("ready")["page"]
        wait_for(lambda: service.count(LISTINGS) > 2, 30, "some polls")
        assert "Hobbyist" in demo.wait_event("no_history")["reason"]
        service.answers[LISTINGS] = service.answers[PAST] = Answer(failure(1009))
        reason = demo.wait_event("service_failed")["reason"]
        assert "this day are used up (code 1009): no request is sent before" in reason
        asked = len(service.asked)
        time.sleep(1)
        assert len(service.asked) == asked
        (source,) = get_json(f"{url}/api/status")["sources"]
        assert source["figures"]["credits_spent"] >= 3 and "used up" in source["trouble"]
        _, _, metrics = get(f"{url}/metrics")
        assert b"candlewick_source_credits_spent_total" in metrics
        assert demo.stop(60) == 0, demo.log()  # verify balances


def test_what_is_missing_or_too_fast_is_refused_with_the_remedy(run, tmp_path):
    ask = ("produce", "--check-options", "--source", "coinmarketcap")
    code, _, err = run(*ask)
    assert code == 2 and "--coinmarketcap-key-file" in err
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    good_key = ("--coinmarketcap-key-file", key)
    assert run(*ask, *good_key)[0] == 0
    code, _, err = run(*ask, *good_key, "--poll-interval", "coinmarketcap=59s")
    assert code == 2 and "1m at least" in err and "credits" in err and KEY not in err
    many = ",".join(f"cmc:coin-{i}" for i in range(201))
    code, _, err = run(*ask, *good_key, "--coins", many)
    assert code == 2 and "at most 200" in err
