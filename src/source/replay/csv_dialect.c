#include "source/replay/csv_dialect.h"

#include <string.h>
#include <strings.h>

enum {
    REMARKS_MAX = 20, /* most lines of remarks before a header */
    NAMES_MAX = 8,    /* columns of a line that are looked at */
};

static struct str line_at(const struct str *lines, int count, int at)
{
    return at < count ? str_trim(lines[at]) : (struct str){.data = ""};
}

static bool contains(struct str line, const char *part)
{
    size_t length = strlen(part);
    for (size_t i = 0; i + length <= line.length; i++) {
        if (memcmp(line.data + i, part, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Remarks are lines that begin with # or hold the address of a page, as "Timestamps are UTC
 * timezone,https://www.CryptoDataDownload.com". */
static bool is_remark(struct str line)
{
    return line.length == 0 || line.data[0] == '#' || contains(line, "://");
}

/* Returns what separates the fields: of the separators that are used, the one that the line has
 * most often outside quotes. */
static char separator_of(struct str line)
{
    static const char separators[] = {',', ';', '\t', '|'};
    size_t counts[sizeof separators] = {0};
    bool quoted = false;
    for (size_t i = 0; i < line.length; i++) {
        quoted = line.data[i] == '"' ? !quoted : quoted;
        const char *found = memchr(separators, line.data[i], sizeof separators);
        if (found != NULL && !quoted) {
            counts[found - separators]++;
        }
    }
    size_t most = 0;
    for (size_t i = 1; i < sizeof separators; i++) {
        most = counts[i] > counts[most] ? i : most;
    }
    return separators[most];
}

static bool is_number(char separator, struct str field)
{
    double number = 0;
    const struct csv_style styles[] = {{separator, false}, {separator, true}};
    return csv_number_in(&styles[0], field, &number) || csv_number_in(&styles[1], field, &number);
}

/* Returns the number of fields of a line that holds numbers alone; 0 for any other line. */
static int numbers_in(char separator, struct str line)
{
    int count = 0;
    struct str field;
    for (bool more = true; more; count++) {
        if (!csv_next_field(separator, &line, &field, &more) || !is_number(separator, field)) {
            return 0;
        }
    }
    return count;
}

/* Names the columns of a file without a header, whose form is known by the number of its
 * columns. */
static bool name_columns(struct str row, struct csv_dialect *dialect, struct error *error)
{
    static const struct {
        int columns;
        const char *header, *form;
    } forms[] = {
        {12,
         "open_time,open,high,low,close,volume,close_time,quote_volume,trades,taker_buy_volume,"
         "taker_buy_quote_volume,ignore",
         "Binance's klines"},
        {7, "open_time,open,high,low,close,volume,trades", "Kraken's OHLCVT"},
    };
    int columns = numbers_in(dialect->style.separator, row);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (forms[i].columns == columns && dialect->style.separator == ',') {
            dialect->header = str_from(forms[i].header);
            dialect->known_form = forms[i].form;
            return true;
        }
    }
    return error_set(error, ERROR_USAGE,
                     "it has no header: its first line has numbers in %d columns, which is neither "
                     "a file of Binance's klines (12) nor of Kraken's OHLCVT (7): add a first line "
                     "that names the columns, such as open_time,symbol,timeframe,open,high,low,"
                     "close",
                     columns);
}

static bool begins_with_name(char separator, struct str line, const char *name)
{
    struct str field;
    bool more = false;
    return csv_next_field(separator, &line, &field, &more) && field.length == strlen(name) &&
           strncasecmp(field.data, name, field.length) == 0;
}

bool csv_dialect_find(const struct str *lines, int count, struct csv_dialect *dialect,
                      struct error *error)
{
    int at = 0;
    while (at < count && at < REMARKS_MAX && is_remark(line_at(lines, count, at))) {
        at++;
    }
    struct str header = line_at(lines, count, at);
    char separator = separator_of(header);
    *dialect = (struct csv_dialect){.style = {.separator = separator},
                                    .header = header,
                                    .tickers = {.data = ""},
                                    .lines_before = at + 1};
    struct str second = line_at(lines, count, at + 1);
    if (numbers_in(separator, header) > 1) {
        dialect->lines_before = at;
        if (!name_columns(header, dialect, error)) {
            return false;
        }
    } else if (begins_with_name(separator, header, "Price") &&
               begins_with_name(separator, second, "Ticker")) {
        dialect->tickers = second;
        dialect->first_is_date = true;
        dialect->known_form = "yfinance";
        bool third = begins_with_name(separator, line_at(lines, count, at + 2), "Date") ||
                     begins_with_name(separator, line_at(lines, count, at + 2), "Datetime");
        dialect->lines_before = at + 2 + (third ? 1 : 0);
    }
    dialect->first_row = line_at(lines, count, dialect->lines_before);
    return true;
}
