"""Rows of the other four kinds, and ticks of services, as the store has them: with what goes wrong easily."""

from grafana_sql import NS

DAY = 86400
HOSTILE = "<img src=x onerror=alert(1)> \"Bitcoin\" & 'Ether' \u202eup\u202c 5 %"


def service_tick(coin, time_s, price, cap, **more):
    return {"coin": coin, "time": time_s * NS, "last_price": price, "market_cap": cap, "seq": 0, "run_id": 0, **more}


def service_ticks(now_s):
    """Of each coin an older tick, and a newest one whose figures count."""
    return [
        service_tick("cg:bitcoin", now_s - 900, 1.0, 1.0),
        service_tick("cg:bitcoin", now_s - 60, 96512.3, 1.93e12, daily_change_relative=-0.02, volume=4.2e10),
        service_tick("cg:ethereum", now_s - 61, 3380.7, 4.07e11, daily_change_relative=0.01),
        service_tick("cg:dead-coin", now_s - 70, 0.00001234, 0.0),
        service_tick("cmc:tether", now_s - 900, 1.0, 1.2e11),
        service_tick("cmc:tether", now_s - 50, 0.9998, 1.38e11),
    ]


def bar(coin, source, timeframe, open_s, number, close, revision=0, **more):
    """Its time in the store is its UTC day's beginning, its number in the day, and its revision."""
    return {"coin": coin, "source": source, "timeframe": timeframe, "open_time_ns": open_s * NS, "revision": revision,
            "time": open_s // DAY * DAY * NS + number * 2**28 + revision,
            "open": close - 1.0, "high": close + 2.0, "low": close - 3.0, "close": close, **more}


def minute_bars(now_s, coin, source, count, first_close):
    opens = [now_s // 60 * 60 - 60 * ago for ago in range(count, 0, -1)]
    return [bar(coin, source, "1m", open_s, open_s % DAY // 60, first_close + i, volume=0.5 * i) for i, open_s in enumerate(opens)]


def bars(now_s):
    """Minutes of two sources, one of which is corrected, one is missing; days of a stock."""
    of_bitfinex = minute_bars(now_s, "tBTCUSD", "bitfinex", 30, 60000.0)
    corrected = {**of_bitfinex[10], "time": of_bitfinex[10]["time"] + 1, "revision": 1, "close": 60010.5}
    del of_bitfinex[20]
    today_s = now_s // DAY * DAY
    days = [bar("^GSPC", "replay-1a2b3c4", "1d", today_s - DAY * ago, 0, 5000.0 + ago) for ago in range(1, 6)]
    return [corrected, *reversed(of_bitfinex), *minute_bars(now_s, "tBTCUSD", "binance", 30, 70000.0), *days]


def headline(number, source, published_s, title="Headline", coins="BTC", **more):
    return {"news_id": f"{number:032x}", "source": source, "published_ns": published_s * NS, "dated": True, "title": title,
            "url": f"https://{source}/{number}", "coins": coins, "time": published_s * NS + number, **more}


def news(now_s):
    return [headline(1, "www.coindesk.com", now_s - 300), headline(2, "cryptopanic.com", now_s - 100, HOSTILE, votes=7, score=0.5),
            headline(3, "www.coindesk.com", now_s - 200, "Three", None), headline(4, "decrypt.co", now_s - 3 * DAY, "Old")]


def trades(now_s):
    return [{"coin": "tBTCUSD", "source": "bitfinex", "time": (now_s - 10 * ago) * NS + ago, "trade_id": ago, "price": 60000.0 + ago,
             "amount": 0.25} for ago in range(1, 9)]


def event(subject, what, time_s, **more):
    return {"subject": subject, "what": what, "time": time_s * NS, "source": "candlewick", **more}


def span(begin_s, end_s, **more):
    return {"begin_ns": begin_s * NS, "end_ns": end_s * NS, **more}


def coverage(now_s):
    """A source that was away for ten minutes, and told of its time every minute before and after."""
    minutes = [(now_s - 60 * ago, now_s - 60 * ago + 60) for ago in (*range(30, 20, -1), *range(10, 0, -1))]
    return [event("bitfinex/0", "covered", end, **span(begin, end), number=5000, detail="1:0-2") for begin, end in minutes]


def group_events(now_s):
    """Two members begin, one goes and comes again; so does a broker."""
    return [event("consumer-1", "assigned", now_s - 9000, number=1, detail="tickers 0-5"),
            event("consumer-1", "revoked", now_s - 1800, number=2, detail="tickers 0-5"),
            event("consumer-1", "assigned", now_s - 1799, number=3, detail="tickers 0-2"),
            event("consumer-2", "assigned", now_s - 1798, number=3, detail="tickers 3-5"),
            event("consumer-2", "member_away", now_s - 1200), event("consumer-2", "member_back", now_s - 600),
            event("broker/2", "broker_away", now_s - 1500), event("broker/2", "broker_back", now_s - 1400)]


def events(now_s):
    """With a hole that was closed, one that is open, and words that somebody made up for a drill."""
    return [*coverage(now_s), *group_events(now_s), event("bitfinex", "started", now_s - 1801), event("group/coins", "watching", now_s - 5),
            event("tBTCUSD", "hole", now_s - 1190, **span(now_s - 1200, now_s - 700), detail="connection lost"),
            event("tBTCUSD", "hole_closed", now_s - 690, **span(now_s - 1200, now_s - 700), number=12, detail="whole"),
            event("tETHUSD", "hole", now_s - 60, begin_ns=(now_s - 100) * NS, detail="connection lost"),
            event("broker/3", "drill", now_s - 20, detail=HOSTILE)]


def others(now_s):
    """For Store(ticks, **others): each kind's rows, newest first here and oldest first there, as rows come back in no order."""
    return {"trade": trades(now_s), "bar": bars(now_s), "event": events(now_s), "news": news(now_s)}
