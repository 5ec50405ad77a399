"""The parts that Grafana's boards are made of: each function gives a piece of a board's JSON."""

INFLUX = {"type": "influxdb", "uid": "influx-sql"}
PROMETHEUS = {"type": "prometheus", "uid": "prom"}
COLOURS = ("blue", "orange", "purple", "green", "yellow", "red")
PROVIDERS = {  # the words and addresses of src/market/providers.c
    "Bitfinex": "https://www.bitfinex.com/", "Binance": "https://www.binance.com/", "CoinGecko": "https://www.coingecko.com/",
    "CoinMarketCap": "https://coinmarketcap.com/", "CryptoPanic": "https://cryptopanic.com/",
}
# grafana-provisioning/start.sh puts the stack's own addresses in their place.
PAGE, KAFKA_UI = "http://127.0.0.1:8080", "http://127.0.0.1:8082"


def place(x, y, w, h):
    return {"x": x, "y": y, "w": w, "h": h}


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}


def steps(first, *others):
    """Thresholds: the colour from below, then pairs of a value and the colour from there on."""
    return {"mode": "absolute", "steps": [{"value": None, "color": first}, *({"value": value, "color": colour} for value, colour in others)]}


def override(name, by="byName", **properties):
    """Of one column or series. `custom_x` stands for Grafana's custom.x."""
    return {"matcher": {"id": by, "options": name},
            "properties": [{"id": key.replace("custom_", "custom."), "value": value} for key, value in properties.items()]}


def coloured(names):
    """An override for each name: of a dictionary its colour, of a list the next one."""
    pairs = names.items() if isinstance(names, dict) else zip(names, COLOURS)
    return [override(name, color=fixed(colour)) for name, colour in pairs]


def provided_by(*names):
    return [{"title": f"Data provided by {name}", "url": PROVIDERS[name], "targetBlank": True} for name in names]


def credit(*names):
    """The same in a text panel."""
    return ", ".join(f"Data provided by [{name}]({PROVIDERS[name]})" for name in names)


def sql(text, of="table", ref="A"):
    return {"refId": ref, "datasource": INFLUX, "rawSql": text, "rawQuery": True, "editorMode": "code", "format": of, "dataset": "iox"}


def promql(expr, legend, instant=False, of="time_series", ref="A"):
    return {"refId": ref, "datasource": PROMETHEUS, "expr": expr, "legendFormat": legend, "editorMode": "code", "format": of,
            "instant": instant, "range": not instant}


def each(*queries, instant=False):
    """Targets of pairs of expression and legend."""
    return [promql(expr, legend, instant, ref=ref) for ref, (expr, legend) in zip("ABCDEFGH", queries)]


def panel(kind, number, title, description, where, targets, options, defaults, overrides=(), **more):
    return {"id": number, "type": kind, "title": title, "description": description, "datasource": targets[0]["datasource"],
            "gridPos": place(*where), "targets": targets, "options": options,
            "fieldConfig": {"defaults": defaults, "overrides": list(overrides)}, **{key: value for key, value in more.items() if value}}


def legend(calcs=(), placement="bottom", sort="desc", mode="multi"):
    return {"legend": {"showLegend": True, "displayMode": "list", "placement": placement, "calcs": list(calcs)},
            "tooltip": {"mode": mode, "sort": sort}}


def stat(number, title, description, where, targets, unit, no_value, color=None, text="auto", graph="none", orientation="auto",
         decimals=0, overrides=(), links=None, **defaults):
    options = {"reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""}, "orientation": orientation, "textMode": text,
               "colorMode": "value", "graphMode": graph, "justifyMode": "auto", "wideLayout": True, "showPercentChange": False,
               "percentChangeColorMode": "standard"}
    return panel("stat", number, title, description, where, targets, options,
                 {"unit": unit, "color": color or {"mode": "thresholds"}, "noValue": no_value, "decimals": decimals, **defaults}, overrides, links=links)


LINE = {"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 8, "gradientMode": "none", "showPoints": "never",
        "pointSize": 5, "spanNulls": False, "axisPlacement": "auto", "axisLabel": "", "scaleDistribution": {"type": "linear"},
        "stacking": {"mode": "none", "group": "A"}, "thresholdsStyle": {"mode": "off"}}
BARS = {"drawStyle": "bars", "lineWidth": 0, "fillOpacity": 80, "stacking": {"mode": "normal", "group": "A"}}
POINTS = {"drawStyle": "points", "showPoints": "always", "pointSize": 8}


def timeseries(number, title, description, where, targets, unit, calcs=("mean", "max"), names=(), overrides=(), draw=None, placement="bottom",
               **defaults):
    """`names` are coloured; `draw` is what differs from a line. A default of None is left out."""
    more = {key: defaults.pop(key, None) for key in ("links", "interval", "maxDataPoints")}
    known = {"unit": unit, "color": {"mode": "palette-classic"}, "custom": {**LINE, **(draw or {})}, "min": 0, **defaults}
    return panel("timeseries", number, title, description, where, targets, legend(calcs, placement),
                 {key: value for key, value in known.items() if value is not None}, [*coloured(names), *overrides], **more)


def candlestick(number, title, description, where, target, overrides=(), volume=False, **more):
    fields = {name: name for name in ("open", "high", "low", "close", *(["volume"] if volume else []))}
    options = {"mode": "candles+volume" if volume else "candles", "candleStyle": "candles", "colorStrategy": "open-close",
               "colors": {"up": "green", "down": "red", "flat": "gray"}, "fields": fields, "includeAllFields": True, **legend(sort="none")}
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "pointSize": 5, "spanNulls": False,
              "axisPlacement": "auto", "axisLabel": "", "scaleDistribution": {"type": "linear"}}
    return panel("candlestick", number, title, description, where, [target], options,
                 {**PRICE, "color": {"mode": "palette-classic"}, "custom": custom}, overrides, **more)


# A panel's noValue is what it says without rows; and what a cell without a number says, unless this stands among its overrides.
NO_NUMBER = override("number", "byType", noValue="–")
# All digits of a price, thousands apart: the units of currencies would make 97K of 96,512.3.
PRICE = {"unit": "locale", "decimals": 8}
WHOLE = {"unit": "locale", "decimals": 0}
PER_CENT = {"unit": "percentunit", "decimals": 2}
RED_TO_GREEN = steps("red", (0, "green"))
STILL_OPEN = override("still open", displayName="candle still open: its close may change", color=fixed("yellow"), custom_drawStyle="points",
                      custom_showPoints="always", custom_pointSize=9)


def change_column(name="24 h change"):
    return override(name, **PER_CENT, thresholds=RED_TO_GREEN, custom_cellOptions={"type": "color-text"})


def table(number, title, description, where, target, no_value=None, overrides=(), links=None, color=None):
    defaults = {**PRICE, "color": color or fixed("text"), "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}}
    return panel("table", number, title, description, where, [target], {"showHeader": True, "cellHeight": "sm"},
                 {**defaults, **({"noValue": no_value} if no_value else {})}, [NO_NUMBER, *overrides], links=links)


def state_timeline(number, title, description, where, target, states, row_height=0.8, overrides=(), **more):
    """`states`: number -> (word, colour)."""
    known = {str(value): {"text": word, "color": colour, "index": i} for i, (value, (word, colour)) in enumerate(states.items())}
    options = {"showValue": "auto", "rowHeight": row_height, "mergeValues": True, "alignValue": "left", "perPage": 20,
               **legend(sort="none", mode="single")}
    defaults = {"unit": "short", "decimals": 0, "color": fixed("gray"), "custom": {"lineWidth": 0, "fillOpacity": 75, "spanNulls": False},
                "mappings": [{"type": "value", "options": known}]}
    given = {key: more.pop(key) for key in ("displayName", "noValue") if key in more}
    return panel("state-timeline", number, title, description, where, [target], options, {**defaults, **given}, [NO_NUMBER, *overrides], **more)


def row(number, title, y):
    return {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": place(0, y, 24, 1), "panels": []}


def text(number, title, description, where, content):
    return {"id": number, "type": "text", "title": title, "description": description, "gridPos": place(*where),
            "options": {"mode": "markdown", "content": content}}


def query_variable(name, label, description, query, current, **more):
    """Asked again whenever the range changes."""
    return {"name": name, "type": "query", "label": label, "description": description, "datasource": INFLUX, "query": {"refId": name, "query": query},
            "refresh": 2, "sort": 1, "multi": False, "includeAll": False, "current": {"text": current, "value": current}, **more}


def choice_variable(name, label, description, choices, current):
    """`choices`: text -> value."""
    options = [{"text": word, "value": value, "selected": word == current} for word, value in choices.items()]
    return {"name": name, "type": "custom", "label": label, "description": description,
            "query": ", ".join(f"{word} : {value}" for word, value in choices.items()), "multi": False, "includeAll": False,
            "current": next(option for option in options if option["selected"]), "options": options}


def link(title, url, tooltip):
    return {"title": title, "type": "link", "url": url, "tags": [], "asDropdown": False, "includeVars": False, "keepTime": False, "targetBlank": True,
            "icon": "external link", "tooltip": tooltip}


OTHER_BOARDS = {"title": "Candlewick", "type": "dashboards", "tags": ["candlewick"], "asDropdown": False, "includeVars": False, "keepTime": True,
                "targetBlank": False, "icon": "external link", "tooltip": ""}


def board(uid, title, description, opens_on, panels, variables=(), annotations=(), public=False, page_query=""):
    links = [OTHER_BOARDS, link("Page", f"{PAGE}/{page_query}", "The same on Candlewick's own page"),
             link("Kafka-UI", KAFKA_UI, "Topics, messages and groups in Kafka-UI")]
    return {"uid": uid, "title": f"Candlewick · {title}", "description": description, "tags": ["candlewick-public" if public else "candlewick"],
            "schemaVersion": 42, "version": 1, "editable": False, "timezone": "utc", "graphTooltip": 1, "time": {"from": opens_on, "to": "now"},
            "timepicker": {"refresh_intervals": ["5s", "10s", "30s", "1m", "5m"]}, "refresh": "10s",
            "annotations": {"list": list(annotations)}, "templating": {"list": list(variables)}, "links": [] if public else links, "panels": panels}
