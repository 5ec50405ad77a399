#include "market/assets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text/utf8.h"
#include "record/kind.h"
#include "record/names.h"

enum {
    FILE_BYTES_MAX = 1 << 20,
    TICKER_MAX = 15,
    TICKER_SHORT = 4, /* tickers up to this length are looked for in capitals only */
    FIRST_BYTES = 256,
    COLUMN_TICKER = 0,
    COLUMN_NAME,
    COLUMN_WORDS,
    COLUMN_COINS, /* the first of the ASSET_SERVICES columns with coins */
    COLUMNS = COLUMN_COINS + ASSET_SERVICES,
};
#define HEADER "ticker,name,words,bitfinex,binance,coingecko,coinmarketcap"

const struct asset_service_row asset_services[ASSET_SERVICES] = {
    [ASSET_BITFINEX] = {"bitfinex", "USD"},
    [ASSET_BINANCE] = {"binance", "USDT"},
    [ASSET_COINGECKO] = {"coingecko", "USD"},
    [ASSET_COINMARKETCAP] = {"coinmarketcap", "USD"},
};

/* A text that is looked up: a coin, a ticker, or a word in a text. */
struct entry {
    struct str text;
    size_t asset; /* index */
    bool ticker;
};

struct entries {
    struct entry *items; /* owned; sorted */
    size_t count, capacity;
};

struct assets {
    struct asset *items; /* owned; their texts are in `file`, or built in */
    size_t count, capacity;
    char *file; /* the file's bytes, with NULs behind its cells; owned */
    struct entries coins, tickers;
    struct entries words; /* sorted by their first byte in lower case, then the longest first */
    size_t words_from[FIRST_BYTES + 1]; /* by first byte: index in `words` of its first word */
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "no memory for the assets");
}

static unsigned char small(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool add_entry(struct entries *entries, struct str text, size_t asset, bool ticker)
{
    struct entry *items =
        array_room(entries->items, entries->count, &entries->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    entries->items = items;
    items[entries->count++] = (struct entry){.text = text, .asset = asset, .ticker = ticker};
    return true;
}

static int compare_text(struct str left, struct str right)
{
    size_t both = left.length < right.length ? left.length : right.length;
    int order = memcmp(left.data, right.data, both);
    return order != 0 ? order : (left.length > right.length) - (left.length < right.length);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    return compare_text(a->text, b->text);
}

static int compare_words(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int first = small(a->text.data[0]) - small(b->text.data[0]);
    int longer = (a->text.length < b->text.length) - (a->text.length > b->text.length);
    return first != 0 ? first : longer != 0 ? longer : compare_text(a->text, b->text);
}

static void sort(struct entries *entries, int (*compare)(const void *, const void *))
{
    if (entries->count > 0) {
        qsort(entries->items, entries->count, sizeof *entries->items, compare);
    }
}

static const struct asset *look_up(const struct assets *assets, const struct entries *entries,
                                   struct str text)
{
    const struct entry key = {.text = text};
    const struct entry *found = text.length == 0 || entries->count == 0
                                    ? NULL
                                    : bsearch(&key, entries->items, entries->count,
                                              sizeof *entries->items, compare_entries);
    return found != NULL ? &assets->items[found->asset] : NULL;
}

static bool add_words(struct assets *assets, size_t index)
{
    const struct asset *asset = &assets->items[index];
    struct str rest = str_from(asset->words), word;
    while (rest.length > 0 && str_split(&rest, '|', &word)) {
        if (word.length > 0 && !add_entry(&assets->words, word, index, false)) {
            return false;
        }
    }
    return add_entry(&assets->words, str_from(asset->ticker), index, true);
}

static bool add_coins(struct assets *assets, size_t index)
{
    for (size_t i = 0; i < ASSET_SERVICES; i++) {
        const char *coin = assets->items[index].coins[i];
        if (coin != NULL && !add_entry(&assets->coins, str_from(coin), index, false)) {
            return false;
        }
    }
    return true;
}

/* Fails if a coin is in two rows. */
static bool check_coins(const struct assets *assets, const char *path, struct error *error)
{
    const struct entry *coins = assets->coins.items;
    for (size_t i = 1; i < assets->coins.count; i++) {
        if (str_equal(coins[i - 1].text, coins[i].text)) {
            return error_set(error, ERROR_USAGE, "%s: the coin %.*s is one of both %s and %s", path,
                             (int)coins[i].text.length, coins[i].text.data,
                             assets->items[coins[i - 1].asset].ticker,
                             assets->items[coins[i].asset].ticker);
        }
    }
    return true;
}

static void index_words(struct assets *assets)
{
    size_t at = 0;
    for (size_t first = 0; first <= FIRST_BYTES; first++) {
        while (at < assets->words.count && small(assets->words.items[at].text.data[0]) < first) {
            at++;
        }
        assets->words_from[first] = at;
    }
}

static bool build_index(struct assets *assets, const char *path, struct error *error)
{
    for (size_t i = 0; i < assets->count; i++) {
        if (!add_words(assets, i) || !add_coins(assets, i) ||
            !add_entry(&assets->tickers, str_from(assets->items[i].ticker), i, true)) {
            return no_memory(error);
        }
    }
    sort(&assets->coins, compare_entries);
    sort(&assets->tickers, compare_entries);
    sort(&assets->words, compare_words);
    index_words(assets);
    return check_coins(assets, path, error);
}

/* Returns the place of the asset with that ticker; the number of assets: none has it. */
static size_t place_of(const struct assets *assets, const char *ticker)
{
    size_t place = 0;
    while (place < assets->count && strcmp(assets->items[place].ticker, ticker) != 0) {
        place++;
    }
    return place;
}

static bool ticker_valid(struct str ticker)
{
    bool valid = record_name_valid(ticker, "", TICKER_MAX);
    for (size_t i = 0; valid && i < ticker.length; i++) {
        valid = ticker.data[i] < 'a';
    }
    return valid;
}

static bool text_valid(struct str text)
{
    bool valid = utf8_valid(text);
    for (size_t i = 0; valid && i < text.length; i++) {
        valid = utf8_control_length((struct str){text.data + i, text.length - i}) == 0;
    }
    return valid;
}

/* Returns what is wrong with a row of the file; NULL: nothing. */
static const char *fault_of(const struct str cells[static COLUMNS])
{
    if (!ticker_valid(cells[COLUMN_TICKER])) {
        return "its ticker must have 1 to 15 of A-Z0-9";
    }
    if (cells[COLUMN_NAME].length == 0) {
        return "its name is missing";
    }
    if (!text_valid(cells[COLUMN_NAME]) || !text_valid(cells[COLUMN_WORDS])) {
        return "its name or words are no text in UTF-8 without control characters";
    }
    for (size_t i = COLUMN_COINS; i < COLUMNS; i++) {
        if (cells[i].length > 0 && !record_symbol_valid(cells[i])) {
            return "a coin must have 1 to 64 of " RECORD_SYMBOL_CLASS;
        }
    }
    return NULL;
}

/* Adds or replaces an asset; the cells end with NUL. */
static bool put(struct assets *assets, const struct str cells[static COLUMNS])
{
    struct asset asset = {.ticker = cells[COLUMN_TICKER].data,
                          .name = cells[COLUMN_NAME].data,
                          .words = cells[COLUMN_WORDS].data};
    for (size_t i = 0; i < ASSET_SERVICES; i++) {
        const struct str *cell = &cells[COLUMN_COINS + i];
        asset.coins[i] = cell->length > 0 ? cell->data : NULL;
    }
    size_t place = place_of(assets, asset.ticker);
    if (place == assets->count) {
        struct asset *items =
            array_room(assets->items, assets->count, &assets->capacity, sizeof *items);
        if (items == NULL) {
            return false;
        }
        assets->items = items;
        place = assets->count++;
    }
    assets->items[place] = asset;
    return true;
}

/* Splits a line into its cells, and ends each with NUL in place of its comma or line end. Returns
 * false if there are more or fewer than COLUMNS. */
static bool split(char *line, struct str cells[static COLUMNS])
{
    size_t count = 0;
    while (line != NULL && count < COLUMNS) {
        char *comma = strchr(line, ',');
        if (comma != NULL) {
            *comma = '\0';
        }
        cells[count] = str_trim(str_from(line));
        /* Blanks around a cell are cut off. */
        line[cells[count].length + (size_t)(cells[count].data - line)] = '\0';
        count++;
        line = comma != NULL ? comma + 1 : NULL;
    }
    return count == COLUMNS && line == NULL;
}

static bool read_line(struct assets *assets, char *line, const char *path, size_t number,
                      struct error *error)
{
    struct str cells[COLUMNS];
    const char *fault =
        !split(line, cells) ? "it has not the seven cells of \"" HEADER "\"" : fault_of(cells);
    if (fault != NULL) {
        return error_set(error, ERROR_USAGE, "%s, line %zu: %s", path, number, fault);
    }
    return put(assets, cells) || no_memory(error);
}

/* Reads the file's copy line by line. */
static bool read_file(struct assets *assets, const char *path, struct error *error)
{
    bool headed = false;
    size_t number = 0;
    for (char *line = assets->file; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        struct str text = str_trim(str_from(line));
        number++;
        if (text.length > 0 && text.data[0] != '#') {
            if (!headed && !str_equal_text(text, HEADER)) {
                return error_set(error, ERROR_USAGE, "%s, line %zu: the header has to be \"%s\"",
                                 path, number, HEADER);
            }
            if (headed && !read_line(assets, line, path, number, error)) {
                return false;
            }
            headed = true;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return headed || error_set(error, ERROR_USAGE, "%s: it has no header \"%s\"", path, HEADER);
}

static bool copy_file(struct assets *assets, struct str file, const char *path, struct error *error)
{
    if (file.length > FILE_BYTES_MAX || memchr(file.data, '\0', file.length) != NULL) {
        return error_set(error, ERROR_USAGE, "%s: a table of assets is a text of at most 1 MiB",
                         path);
    }
    assets->file = strndup(file.data, file.length);
    return assets->file != NULL || no_memory(error);
}

struct assets *assets_create(struct str file, const char *path, struct error *error)
{
    struct assets *assets = calloc(1, sizeof *assets);
    struct asset *items = calloc(ASSETS_BUILT_IN, sizeof *items);
    if (assets == NULL || items == NULL) {
        free(assets);
        free(items);
        (void)no_memory(error);
        return NULL;
    }
    memcpy(items, assets_built_in, sizeof assets_built_in);
    assets->items = items;
    assets->count = assets->capacity = ASSETS_BUILT_IN;
    bool made = file.data == NULL ||
                (copy_file(assets, file, path, error) && read_file(assets, path, error));
    if (!made || !build_index(assets, path, error)) {
        assets_destroy(assets);
        return NULL;
    }
    return assets;
}

void assets_destroy(struct assets *assets)
{
    if (assets != NULL) {
        free(assets->items);
        free(assets->file);
        free(assets->coins.items);
        free(assets->tickers.items);
        free(assets->words.items);
        free(assets);
    }
}

const struct asset *assets_all(const struct assets *assets, size_t *count)
{
    *count = assets->count;
    return assets->items;
}

const struct asset *assets_of_coin(const struct assets *assets, struct str coin)
{
    return look_up(assets, &assets->coins, coin);
}

const struct asset *assets_of_ticker(const struct assets *assets, struct str ticker)
{
    return look_up(assets, &assets->tickers, ticker);
}

/* Returns whether the character at `at` belongs to a word: a letter or digit of ASCII, or any
 * character beyond it but for the punctuation of Latin-1 (C2 xx) and the General Punctuation block
 * with its dashes and curly quotes (E2 80 xx, E2 81 xx). */
static bool is_word_at(struct str text, size_t at)
{
    unsigned char first = small(text.data[at]);
    if (first < 0x80) {
        return (first >= '0' && first <= '9') || (first >= 'a' && first <= 'z');
    }
    unsigned char second = at + 1 < text.length ? (unsigned char)text.data[at + 1] : 0;
    return first != 0xC2 && !(first == 0xE2 && (second == 0x80 || second == 0x81));
}

/* Returns the same for the character that ends before `at`. */
static bool is_word_before(struct str text, size_t at)
{
    if (at == 0) {
        return false;
    }
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && ((unsigned char)text.data[start] & 0xC0) == 0x80) {
        start--;
    }
    return is_word_at(text, start);
}

static bool has_small_letter(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] >= 'a' && text.data[i] <= 'z') {
            return true;
        }
    }
    return false;
}

/* Returns whether the entry's text stands at `at`, as a whole word. `shouts`: the text has no small
 * letter. */
static bool stands_at(const struct entry *entry, struct str text, size_t at, bool shouts)
{
    size_t length = entry->text.length;
    const char *word = text.data + at;
    if (length > text.length - at || strncasecmp(word, entry->text.data, length) != 0 ||
        (at + length < text.length && is_word_at(text, at + length))) {
        return false;
    }
    bool marked = at > 0 && word[-1] == '$';
    return !entry->ticker || length > TICKER_SHORT || marked ||
           (!shouts && memcmp(word, entry->text.data, length) == 0);
}

/* Returns the longest word that stands at `at`; NULL: none. */
static const struct entry *word_at(const struct assets *assets, struct str text, size_t at,
                                   bool shouts)
{
    unsigned char first = small(text.data[at]);
    for (size_t i = assets->words_from[first]; i < assets->words_from[first + 1]; i++) {
        if (stands_at(&assets->words.items[i], text, at, shouts)) {
            return &assets->words.items[i];
        }
    }
    return NULL;
}

static size_t add_found(const struct asset *asset, const struct asset *found[], size_t count,
                        size_t most)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i] == asset) {
            return count;
        }
    }
    if (count < most) {
        found[count++] = asset;
    }
    return count;
}

size_t assets_named_in(const struct assets *assets, struct str text, const struct asset *found[],
                       size_t most)
{
    bool shouts = !has_small_letter(text);
    size_t count = 0;
    for (size_t at = 0; at < text.length;) {
        const struct entry *word =
            is_word_before(text, at) ? NULL : word_at(assets, text, at, shouts);
        if (word != NULL) {
            count = add_found(&assets->items[word->asset], found, count, most);
        }
        at += word != NULL ? word->text.length : 1;
    }
    return count;
}
