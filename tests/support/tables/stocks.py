"""A table of stock indices as people have it: ten of them, 100,000 days, two currencies; and what SQL must find of it, by year."""

import csv
import datetime
import math
import random
from collections import defaultdict

import pytest

INDICES = ("NYA", "IXIC", "HSI", "000001.SS", "GSPTSE", "399001.SZ", "NSEI", "GDAXI", "SSMI", "N225")
TABLE_COLUMNS = ("Index", "Date", "Open", "High", "Low", "Close", "Adj Close", "Volume", "CloseUSD")
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
        writer.writerow(TABLE_COLUMNS)
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
