"""The boards' SQL on rows of all five kinds: news, bars, market caps, counts; and what the public board leaves out."""

import json
import os
import re
import subprocess
import time

import pytest
import yaml
from compose_file import services
from dashboards import PROVISIONING, PUBLIC, SOURCES, every_target, load_dashboards
from grafana_sql import NS, Store, expand, rfc3339
from known_rows import DAY, HOSTILE, events, news, others, service_ticks, trades

BARS, NEWS, CAPS, STORED, OVER_TIME = 1, 2, 3, 4, 5
PUBLIC_CAPS, PUBLIC_NEWS = 9, 10


def sql_of(uid, panel_id, folder=PROVISIONING / "dashboards"):
    return next(t["rawSql"] for u, p, t in every_target("influxdb", folder) if u == uid and p["id"] == panel_id)


@pytest.fixture(name="now_s")
def not_just_before_midnight():
    """Now, with time left in its UTC day and behind the day's first hour's rows."""
    while int(time.time()) % DAY > DAY - 20:
        time.sleep(0.5)
    return int(time.time())


def shown(now_s, panel_id, from_ago=7200, step_s=60, **variables):
    chosen = {"kind": "all", "source": "all", "coin": "tBTCUSD", "timeframe": "1m", **variables}
    store = Store(service_ticks(now_s), **others(now_s))
    return store.rows(expand(sql_of(SOURCES, panel_id), now_s - from_ago, now_s, step_s, chosen))


def test_bars_are_those_of_one_source_each_once_by_its_latest_correction(now_s):
    rows = shown(now_s, BARS, source="bitfinex")
    times = [row["time"] for row in rows]
    assert len(rows) == 29 and times == sorted(set(times)) and all(at % (60 * NS) == 0 for at in times)
    assert [row["close"] for row in rows] == [60010.5 if i == 10 else 60000.0 + i for i in range(30) if i != 20]
    assert all(row["low"] <= row["open"] <= row["high"] for row in rows)
    of_binance = shown(now_s, BARS, source="binance")
    assert [row["close"] for row in of_binance] == [70000.0 + i for i in range(30)]
    assert shown(now_s, BARS) == of_binance  # of several, the first by name
    assert [row["close"] for row in shown(now_s, BARS, from_ago=3 * DAY, coin="^GSPC", timeframe="1d")] == [5002.0, 5001.0]
    for row in shown(now_s, BARS, source="binance", step_s=300):
        minutes = [one for one in of_binance if one["time"] // (300 * NS) == row["time"] // (300 * NS)]
        assert row == {"time": minutes[0]["time"], "open": minutes[0]["open"], "high": max(one["high"] for one in minutes),
                       "low": min(one["low"] for one in minutes), "close": minutes[-1]["close"], "volume": sum(one["volume"] for one in minutes)}


def test_news_are_shown_newest_first_with_their_text_as_it_is(now_s):
    rows = shown(now_s, NEWS)
    assert [row["Title"] for row in rows] == [HOSTILE, "Three", "Headline"]
    assert rows[0] == {"Published": (now_s - 100) * NS, "Title": HOSTILE, "Coins": "BTC", "Score": 0.5,
                       "Data provided by": "cryptopanic.com", "Link": "https://cryptopanic.com/2"}
    assert [row["Title"] for row in shown(now_s, NEWS, source="www.coindesk.com")] == ["Three", "Headline"]
    assert len(shown(now_s, NEWS, from_ago=4 * DAY)) == 4


def test_a_headline_leads_to_its_article_in_another_tab():
    for uid, number in ((PUBLIC, PUBLIC_NEWS), (SOURCES, NEWS)):
        panel = next(p for p in load_dashboards()[uid]["panels"] if p["id"] == number)
        fields = {o["matcher"]["options"]: {item["id"]: item["value"] for item in o["properties"]} for o in panel["fieldConfig"]["overrides"]}
        (link,) = fields["Title"]["links"]
        assert (link["url"], link["targetBlank"]) == ("${__data.fields.Link}", True) and fields["Link"]["custom.hidden"]


def test_market_caps_are_the_newest_of_each_coin_by_size_and_name_their_service(now_s):
    rows = shown(now_s, CAPS)
    assert [(row["Coin"], row["Price"], row["Market cap"], row["Data provided by"]) for row in rows] == [
        ("cg:bitcoin", 96512.3, 1.93e12, "CoinGecko"), ("cg:ethereum", 3380.7, 4.07e11, "CoinGecko"),
        ("cmc:tether", 0.9998, 1.38e11, "CoinMarketCap")]
    assert (rows[0]["24 h change"], rows[0]["24 h volume"], rows[0]["As of"]) == (-0.02, 4.2e10, (now_s - 60) * NS)
    assert [row["Coin"] for row in shown(now_s, CAPS, source="coinmarketcap")] == ["cmc:tether"]


def test_what_is_stored_is_counted_by_kind_and_source(now_s):
    counts = {(row["Kind"], row["Source"]): (row["Records"], row["Of so many"]) for row in shown(now_s, STORED, from_ago=7 * DAY)}
    assert counts == {("ticker", "coingecko"): (4, 3), ("ticker", "coinmarketcap"): (2, 1), ("trade", "bitfinex"): (8, 1),
                      ("bar", "bitfinex"): (30, 1), ("bar", "binance"): (30, 1), ("bar", "replay-1a2b3c4"): (5, 1),
                      ("event", "candlewick"): (len(events(now_s)), len({e["subject"] for e in events(now_s)})), ("news", "www.coindesk.com"): (2, 2), ("news", "cryptopanic.com"): (1, 1),
                      ("news", "decrypt.co"): (1, 1)}
    assert [row["Kind"] for row in shown(now_s, STORED, kind="trade")] == ["trade"]
    assert {row["Source"] for row in shown(now_s, STORED, source="bitfinex")} == {"bitfinex"}
    lines = shown(now_s, OVER_TIME, from_ago=7 * DAY)
    assert sum(row["records"] or 0 for row in lines) == sum(records for records, _ in counts.values())
    assert {row["series"] for row in lines} == {f"{kind} of {source}" for kind, source in counts}


def test_the_variables_offer_what_is_stored(now_s):
    listed = {v["name"]: v for v in load_dashboards()[SOURCES]["templating"]["list"]}
    store = Store(service_ticks(now_s), **others(now_s))

    def offered(name, from_ago=7 * DAY, **chosen):
        return [row[name] for row in store.rows(expand(listed[name]["query"]["query"], now_s - from_ago, now_s, variables=chosen))]

    live = ["binance", "bitfinex", "candlewick", "coingecko", "coinmarketcap", "cryptopanic.com"]
    assert offered("source") == [*live, "decrypt.co", "replay-1a2b3c4", "www.coindesk.com"]
    # Days of a stock that no range touches are no file that the store must open.
    assert "replay-1a2b3c4" not in offered("source", from_ago=0) and "date_trunc('day', $__timeFrom())" in listed["coin"]["query"]["query"]
    assert offered("coin", source="all") == ["^GSPC", "tBTCUSD"] and offered("coin", source="binance") == ["tBTCUSD"]
    assert offered("timeframe", source="all", coin="^GSPC") == ["1d"]
    assert listed["source"]["allValue"] == "'all'"  # Grafana puts it into the SQL as it stands


def public_rows(now_s, folder, ticks, rows):
    """{panel: rows} of the public board, as of now_s."""
    store = Store(ticks, **rows)
    return {panel["id"]: store.rows(expand(target["rawSql"].replace("now()", f"timestamp '{rfc3339(now_s)}'"), now_s - 7200, now_s))
            for uid, panel, target in every_target("influxdb", folder) if uid == PUBLIC}


def start(folder, public_sources, **addresses):
    """Grafana's start with the boards in a folder: the boards it would show."""
    done = subprocess.run(["sh", PROVISIONING / "start.sh", "echo", "Grafana"], capture_output=True, text=True, timeout=30,
                          env={"PATH": os.environ["PATH"], "BOARDS_FROM": str(PROVISIONING / "dashboards"), "BOARDS_TO": str(folder),
                               **addresses, **({} if public_sources is None else {"PUBLIC_SOURCES": public_sources})})
    return done


@pytest.mark.parametrize("public_sources", [None, "", "bitfinex,coingecko"])
def test_news_and_coinmarketcaps_data_change_nothing_on_the_public_board(now_s, tmp_path, public_sources):
    """Nor do they on the files as they stand, if somebody gives them to a Grafana without the script."""
    assert start(tmp_path, public_sources).stdout == "Grafana\n"
    with_them = service_ticks(now_s) + [{**tick, "time": (now_s - 1) * NS} for tick in service_ticks(now_s)[-1:]]
    without = [tick for tick in with_them if not tick["coin"].startswith("cmc:")]
    rows = {kind: found for kind, found in others(now_s).items() if kind != "news"}
    for folder in (tmp_path, PROVISIONING / "dashboards"):
        assert public_rows(now_s, folder, with_them, others(now_s)) == public_rows(now_s, folder, without, rows)
        assert [row["Coin"] for row in public_rows(now_s, folder, with_them, others(now_s))[PUBLIC_CAPS]] == ["cg:bitcoin", "cg:ethereum"]


@pytest.mark.parametrize("public_sources, coins, titles", [
    ("coinmarketcap", ["cg:bitcoin", "cg:ethereum", "cmc:tether"], []),
    ("news", ["cg:bitcoin", "cg:ethereum"], [HOSTILE, "Three", "Headline"]),
    ("www.coindesk.com, coinmarketcap", ["cg:bitcoin", "cg:ethereum", "cmc:tether"], ["Three", "Headline"]),
])
def test_the_public_board_shows_what_public_sources_names(now_s, tmp_path, public_sources, coins, titles):
    assert start(tmp_path, public_sources).stdout == "Grafana\n"
    found = public_rows(now_s, tmp_path, service_ticks(now_s), others(now_s))
    assert ([row["Coin"] for row in found[PUBLIC_CAPS]], [row["Title"] for row in found[PUBLIC_NEWS]]) == (coins, titles)


@pytest.mark.parametrize("public_sources", ["news' OR 1=1 --", "a/b", "a&b", "a\\b", "news;", "a\nb", '"'])
def test_a_name_that_is_no_source_is_refused_before_grafana_starts(tmp_path, public_sources):
    done = start(tmp_path, public_sources)
    assert (done.returncode, done.stdout) == (1, "") and "names of sources" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_links_lead_to_the_page_and_kafka_ui_of_this_stack(tmp_path):
    def links(board):
        return {link["title"]: link["url"] for link in load_dashboards(tmp_path)[board]["links"] if link["type"] == "link"}

    start(tmp_path, "")
    assert links("candlewick-market") == {"Page": "http://127.0.0.1:8080/?coin=${coin:percentencode}", "Kafka-UI": "http://127.0.0.1:8082"}
    assert start(tmp_path, "", PAGE_ROOT_URL="https://prices.example/c/", KAFKA_UI_ROOT_URL="http://10.0.0.1:9").returncode == 0
    assert links("candlewick-market") == {"Page": "https://prices.example/c/?coin=${coin:percentencode}", "Kafka-UI": "http://10.0.0.1:9"}
    assert links("candlewick-pipeline")["Page"] == "https://prices.example/c/#group" and links(PUBLIC) == {}
    environment = services()["grafana"]["environment"]
    assert environment["PAGE_ROOT_URL"] == "${PAGE_ROOT_URL:-http://127.0.0.1:${PAGE_PORT:-8080}}"
    assert environment["KAFKA_UI_ROOT_URL"] == "${KAFKA_UI_ROOT_URL:-http://127.0.0.1:${KAFKA_UI_PORT:-8082}}"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a|b", "http://a b", 'http://a"b', "http://a&b", "http://a\\b", "http://a\nb", "10.0.0.1:9"])
def test_a_link_that_is_no_address_is_refused_before_grafana_starts(tmp_path, address):
    done = start(tmp_path, "", PAGE_ROOT_URL=address)
    assert (done.returncode, done.stdout) == (1, "") and "PAGE_ROOT_URL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_grafana_starts_with_the_script_and_reads_the_boards_that_it_makes():
    grafana, script = services()["grafana"], (PROVISIONING / "start.sh").read_text()
    assert grafana["entrypoint"] == ["sh", "/etc/grafana/provisioning/start.sh", "/run.sh"]
    assert "./grafana-provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]
    assert grafana["environment"]["PUBLIC_SOURCES"] == "${PUBLIC_SOURCES:-}"
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards/candlewick.yml").read_text())["providers"]
    assert f"to=${{BOARDS_TO:-{provider['options']['path']}}}" in script and "grafana-data:/var/lib/grafana" in grafana["volumes"]


def test_boards_that_are_gone_are_forgotten_and_others_are_whole(tmp_path):
    (tmp_path / "old.json").write_text("{}")
    start(tmp_path, "news")
    names = {path.name for path in (PROVISIONING / "dashboards").glob("*.json")}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names - {"market-public.json"}:
        assert (tmp_path / name).read_bytes() == (PROVISIONING / "dashboards" / name).read_bytes()
    json.loads((tmp_path / "market-public.json").read_text())
    assert "not public" not in re.sub(r"'not public'", "", (PROVISIONING / "dashboards/market-public.json").read_text())


def test_a_store_of_news_alone_still_answers(now_s):
    assert Store([], news=news(now_s)).rows(expand(sql_of(SOURCES, CAPS), now_s - 60, now_s, variables={"source": "all"})) == []
    assert len(Store([], trade=trades(now_s)).rows(expand(sql_of(SOURCES, OVER_TIME), now_s - 600, now_s,
                                                         variables={"source": "all", "kind": "all"}))) >= 1
