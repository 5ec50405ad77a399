"""A table of stock indices as people have it: ten of them, 100,000 days, two currencies; replayed, stored, and asked for by year."""

import csv
import datetime
import json
import math
import random
import sqlite3
from collections import defaultdict

import pytest

from test_bars import BarBooks, query
from test_store_faults import TestStore

INDICES = ("NYA", "IXIC", "HSI", "000001.SS", "GSPTSE", "399001.SZ", "NSEI", "GDAXI", "SSMI", "N225")
COLUMNS = ("Index", "Date", "Open", "High", "Low", "Close", "Adj Close", "Volume", "CloseUSD")
DAYS = 10_000


def make_table(seed=7):
    """The rows, grouped by index, oldest first; one of a hundred has no price, as on a holiday."""
    chance = random.Random(seed)
    rows = []
    for number, index in enumerate(INDICES):
        price = 100.0 * (number + 1)
        for day in range(DAYS):
            date = datetime.date(1986, 12, 31) + datetime.timedelta(days=day)
            if chance.random() < 0.01:
                rows.append((index, date, None))
                continue
            opened = price
            price = max(1.0, price * (1 + chance.uniform(-0.03, 0.0305)))
            high, low = max(opened, price) * (1 + chance.random() / 100), min(opened, price) * (1 - chance.random() / 100)
            rows.append((index, date, (opened, high, low, price, float(chance.randrange(10**9)))))
    return rows


def write_table(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for index, date, figures in rows:
            cells = ("null",) * 7 if figures is None else (*map(repr, figures[:4]), repr(figures[3]), repr(figures[4]), repr(figures[3] * 0.13))
            writer.writerow((index, date, *cells))


def by_year(rows):
    """Of each index and year: the number of days, the sum of closes and the highest high."""
    years = defaultdict(list)
    for index, date, figures in rows:
        if figures is not None:
            years[index, str(date.year)].append(figures)
    return {key: (len(days), math.fsum(day[3] for day in days), max(day[1] for day in days)) for key, days in years.items()}


SQL = ("SELECT coin, {year} AS year, count(*) AS days, sum(close) AS closes, max(high) AS highest FROM bar WHERE timeframe = '1d' "
       "GROUP BY coin, {year}")


def same(got, want):
    assert got.keys() == want.keys()
    for key, (days, closes, highest) in want.items():
        # Sums of doubles depend on the order of adding in their last bits; counts and single prices do not.
        assert (got[key][0], got[key][2]) == (days, highest), key
        assert got[key][1] == pytest.approx(closes, rel=1e-12), key


def test_a_table_of_stock_indices_is_stored_day_by_day(start, run, brokers, tmp_path):
    rows = make_table()
    write_table(tmp_path / "indexProcessed.csv", rows)
    books = BarBooks(start, run, brokers, tmp_path)
    sent = books.send(tmp_path / "indexProcessed.csv")
    empty = sum(figures is None for _, _, figures in rows)
    assert (sent["produced"], sent["rejected_no_price"]) == (str(len(rows) - empty), str(empty))
    books.write()
    with sqlite3.connect(f"file:{books.file}?mode=ro", uri=True) as store:
        years = store.execute(SQL.format(year="strftime('%Y', open_time_ns / 1000000000, 'unixepoch')"))
        same({(coin, year): figures for coin, year, *figures in years}, by_year(rows))
    code, out, err = books.run("candles", "--of", "bar", "--coin", "000001.SS", "--interval", "1d", "--limit", "3", "--format", "json")
    assert code == 0, err
    last = [row for row in rows if row[0] == "000001.SS" and row[2] is not None][-3:]
    assert [(candle["time"][:10], candle["close"]) for candle in json.loads(out)] == [(str(date), figures[3]) for _, date, figures in last]


def test_the_same_table_in_influxdb(start, run, brokers, tmp_path):
    rows = [row for row in make_table() if row[1].year >= 2013]
    write_table(tmp_path / "indexProcessed.csv", rows)
    server = TestStore()
    try:
        books = BarBooks(start, run, brokers, tmp_path, server.url)
        books.send(tmp_path / "indexProcessed.csv")
        books.write()
        years = query(server.url, SQL.format(year="to_char(to_timestamp_nanos(open_time_ns), '%Y')"))
        same({(row["coin"], row["year"]): (row["days"], row["closes"], row["highest"]) for row in years}, by_year(rows))
    finally:
        server.stop()
