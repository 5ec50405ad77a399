#!/usr/bin/env python3
"""Makes Grafana's boards: python3 stack/boards/make_boards.py writes grafana-provisioning/dashboards/*.json, which a test compares with
what this makes. Near-copies of panels are made by one function each, as provisioning has no panels that boards share."""

import json
from pathlib import Path

from compare import compare
from kafka import kafka
from market import market
from pipeline import pipeline
from public import public
from sources import sources

FOLDER = Path(__file__).parents[2] / "grafana-provisioning" / "dashboards"


def boards():
    """File name -> its text."""
    made = [public(), market(), compare(), sources(), pipeline(), kafka()]
    return {f"{board['uid'].removeprefix('candlewick-')}.json": json.dumps(board, indent=2, ensure_ascii=False) + "\n" for board in made}


if __name__ == "__main__":
    for name, text in boards().items():
        (FOLDER / name).write_text(text)
