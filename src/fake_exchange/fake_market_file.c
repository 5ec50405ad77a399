/* A book of trades from a CSV. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "fake_exchange/fake_market.h"
#include "record/names.h"
#include "source/replay/line_reader.h"

enum trade_column { TRADE_ID, TRADE_TIME, TRADE_SYMBOL, TRADE_AMOUNT, TRADE_PRICE, TRADE_COLUMNS };
enum { CELLS_MAX = 32 };

static const char *const column_names[TRADE_COLUMNS] = {"id", "time", "symbol", "amount", "price"};

/* Which cell of a line is which column; -1: none. */
struct layout {
    int cell[TRADE_COLUMNS];
    bool in_ms; /* the time is a number of ms, however small; otherwise as people write it */
};

static bool is_named(struct str cell, const char *name)
{
    return cell.length == strlen(name) && strncasecmp(cell.data, name, cell.length) == 0;
}

/* Returns whether the header has all columns. */
static bool read_header(struct str line, struct layout *layout)
{
    *layout = (struct layout){.in_ms = false};
    memset(layout->cell, -1, sizeof layout->cell);
    struct str cell;
    for (int i = 0; str_split(&line, ',', &cell); i++) {
        cell = str_trim(cell);
        for (int column = 0; column < TRADE_COLUMNS; column++) {
            bool ms = column == TRADE_TIME && is_named(cell, "time_ms");
            bool same = ms || is_named(cell, column_names[column]);
            layout->cell[column] = same ? i : layout->cell[column];
            layout->in_ms = same && column == TRADE_TIME ? ms : layout->in_ms;
        }
    }
    bool whole = true;
    for (int column = 0; column < TRADE_COLUMNS; column++) {
        whole = whole && layout->cell[column] >= 0 && layout->cell[column] < CELLS_MAX;
    }
    return whole;
}

bool fake_market_is_file(const char *path)
{
    struct layout layout;
    struct str line;
    struct line_reader *reader = line_reader_open(path, NULL);
    bool is = reader != NULL && line_reader_next(reader, &line, NULL) == LINE_READ &&
              read_header(line, &layout);
    line_reader_close(reader);
    return is;
}

/* Reads a time in whole ms. */
static bool read_time(const struct layout *layout, struct str cell, int64_t *time_ms)
{
    int64_t time_ns = 0;
    if (layout->in_ms) {
        return str_to_int64(cell, time_ms) &&
               !__builtin_mul_overflow(*time_ms, NS_PER_MS, &time_ns);
    }
    if (!clock_parse_time(cell, &time_ns) || time_ns % NS_PER_MS != 0) {
        return false;
    }
    *time_ms = time_ns / NS_PER_MS;
    return true;
}

/* Returns what is wrong with the line; NULL: it is a trade. */
static const char *read_trade(struct fake_market *market, const struct layout *layout,
                              struct str line, struct fake_trade *trade)
{
    struct str cells[CELLS_MAX];
    for (size_t i = 0; i < CELLS_MAX; i++) {
        cells[i] = str_split(&line, ',', &cells[i]) ? str_trim(cells[i]) : str_from("");
    }
    if (!str_to_int64(cells[layout->cell[TRADE_ID]], &trade->id) || trade->id < 0) {
        return "has no id, which is a whole number of 0 or more";
    }
    if (!read_time(layout, cells[layout->cell[TRADE_TIME]], &trade->time_ms)) {
        return "has no time in whole milliseconds";
    }
    if (!fake_decimal_parse(cells[layout->cell[TRADE_PRICE]], &trade->price_e8) ||
        trade->price_e8 <= 0) {
        return "has no price above 0 of at most 8 decimals";
    }
    if (!fake_decimal_parse(cells[layout->cell[TRADE_AMOUNT]], &trade->amount_e8) ||
        trade->amount_e8 == 0) {
        return "has no amount of at most 8 decimals, which is not 0";
    }
    struct str symbol = cells[layout->cell[TRADE_SYMBOL]];
    const struct coin *coin =
        record_symbol_valid(symbol) ? coin_table_add(&market->coins, symbol) : NULL;
    if (coin == NULL) {
        return "has no symbol of a coin";
    }
    trade->coin = (size_t)(coin - market->coins.coins);
    return NULL;
}

static bool read_lines(struct fake_market *market, struct line_reader *reader, const char *path,
                       struct error *error)
{
    struct str line;
    struct layout layout;
    enum line_result result = line_reader_next(reader, &line, error);
    if (result == LINE_READ && !read_header(line, &layout)) {
        return error_set(error, ERROR_USAGE,
                         "%s is no file of trades: its first line has to name the columns id, "
                         "time, symbol, amount and price",
                         path);
    }
    while ((result = line_reader_next(reader, &line, error)) == LINE_READ) {
        struct fake_trade trade = {0};
        const char *wrong = read_trade(market, &layout, line, &trade);
        if (wrong != NULL) {
            return error_set(error, ERROR_USAGE, "%s: line %lld %s", path,
                             (long long)line_reader_number(reader), wrong);
        }
        if (!fake_market_add(market, &trade)) {
            return error_set(error, ERROR_FATAL, "no memory for the trades of %s", path);
        }
    }
    return result == LINE_END ||
           (result == LINE_TOO_LONG && error_set(error, ERROR_USAGE, "%s: line %lld is too long",
                                                 path, (long long)line_reader_number(reader)));
}

/* The id of a trade, and where it is. */
struct id_line {
    int64_t id, line;
};

static int compare_ids(const void *left, const void *right)
{
    const struct id_line *a = left, *b = right;
    int order = (a->id > b->id) - (a->id < b->id);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Fails if two trades have the same id. The trades are in the order of the lines still, each line
 * but the first is one. */
static bool check_ids(const struct fake_market *market, const char *path, struct error *error)
{
    struct id_line *ids = calloc(market->count + 1, sizeof *ids);
    if (ids == NULL) {
        return error_set(error, ERROR_FATAL, "no memory for the trades of %s", path);
    }
    for (size_t i = 0; i < market->count; i++) {
        ids[i] = (struct id_line){.id = market->trades[i].id, .line = (int64_t)i + 2};
    }
    qsort(ids, market->count, sizeof *ids, compare_ids);
    bool unique = true;
    for (size_t i = 1; i < market->count && unique; i++) {
        unique =
            ids[i].id != ids[i - 1].id ||
            error_set(error, ERROR_USAGE, "%s: line %lld has the id %lld, as line %lld", path,
                      (long long)ids[i].line, (long long)ids[i].id, (long long)ids[i - 1].line);
    }
    free(ids);
    return unique;
}

bool fake_market_load(struct fake_market *market, const char *path, struct error *error)
{
    *market = (struct fake_market){0};
    struct line_reader *reader = line_reader_open(path, error);
    if (reader == NULL) {
        return false;
    }
    bool done = read_lines(market, reader, path, error) && check_ids(market, path, error) &&
                fake_market_finish(market, error);
    line_reader_close(reader);
    return done;
}
