/*
 * Ticks as line protocol. Input: ticks, one after another: the symbol's length and bytes, the
 * integers, the price, which figures there are, and these.
 *
 * For ticks that pass ticker_check(): one line each, of printable ASCII, and a parser that knows
 * line protocol's grammar alone reads the same bits back, every field once, none besides. A tag's
 * value of any bytes is written so that it reads back, or refused and nothing is written.
 */
#include "store/influx/line_protocol.h"

#include "fuzz/fuzz.h"
#include "record/ticker.h"

enum { TICKS = 8, TEXT_SIZE = 256 };

/* What stands at the front of `rest`, up to one of `ends` that has no backslash before it;
 * unescaped into `text`. The end stays. */
static void take_token(struct str *rest, const char *ends, char text[TEXT_SIZE])
{
    size_t length = 0;
    while (rest->length > 0 && strchr(ends, rest->data[0]) == NULL) {
        bool escape =
            rest->data[0] == '\\' && rest->length > 1 && memchr(", =", rest->data[1], 3) != NULL;
        size_t used = escape ? 2 : 1;
        MUST(length + 1 < TEXT_SIZE);
        text[length++] = rest->data[used - 1];
        rest->data += used;
        rest->length -= used;
    }
    text[length] = '\0';
}

static void take_char(struct str *rest, char c)
{
    MUST(rest->length > 0 && rest->data[0] == c);
    rest->data++;
    rest->length--;
}

static int64_t whole(const char *text, const char *end)
{
    char *stop;
    long long value = strtoll(text, &stop, 10);
    MUST(stop != text && strcmp(stop, end) == 0);
    return value;
}

/* Puts one field into `tick`; which ones have come is in `seen`. */
static void read_field(struct str *rest, struct ticker *tick, unsigned *seen)
{
    char name[TEXT_SIZE], value[TEXT_SIZE];
    char *stop = value;
    unsigned field = 0;
    take_token(rest, "=", name);
    take_char(rest, '=');
    take_token(rest, ", \n", value);
    if (strcmp(name, "seq") == 0) {
        tick->seq = whole(value, "i");
        field = TICKER_FIGURES;
    } else if (strcmp(name, "run_id") == 0) {
        tick->run_id = whole(value, "i");
        field = TICKER_FIGURES + 1;
    } else if (strcmp(name, "last_price") == 0) {
        tick->last_price = strtod(value, &stop);
        MUST(stop != value && *stop == '\0');
        field = TICKER_FIGURES + 2;
    } else {
        while (field < TICKER_FIGURES && strcmp(name, ticker_figure_names[field]) != 0) {
            field++;
        }
        MUST(field < TICKER_FIGURES);
        tick->figures[field] = strtod(value, &stop);
        MUST(stop != value && *stop == '\0');
        tick->has[field] = true;
    }
    MUST((*seen >> field & 1) == 0);
    *seen |= 1u << field;
}

static struct ticker read_line(struct str *rest)
{
    struct ticker tick = {0};
    char text[TEXT_SIZE];
    unsigned seen = 0;
    take_token(rest, ", ", text);
    MUST(strcmp(text, "ticker") == 0);
    take_char(rest, ',');
    take_token(rest, "=", text);
    MUST(strcmp(text, "coin") == 0);
    take_char(rest, '=');
    take_token(rest, ", \n", text);
    MUST(str_copy(str_from(text), tick.symbol, sizeof tick.symbol));
    take_char(rest, ' ');
    read_field(rest, &tick, &seen);
    while (rest->length > 0 && rest->data[0] == ',') {
        take_char(rest, ',');
        read_field(rest, &tick, &seen);
    }
    take_char(rest, ' ');
    take_token(rest, "\n", text);
    tick.event_time_ns = whole(text, "");
    take_char(rest, '\n');
    MUST(seen >> TICKER_FIGURES == 7); /* price, seq and run_id */
    return tick;
}

static void check_same(const struct ticker *left, const struct ticker *right)
{
    MUST(strcmp(left->symbol, right->symbol) == 0);
    MUST(left->event_time_ns == right->event_time_ns);
    MUST(left->seq == right->seq && left->run_id == right->run_id);
    MUST(same_bits(left->last_price, right->last_price));
    for (int i = 0; i < TICKER_FIGURES; i++) {
        MUST(left->has[i] == right->has[i]);
        MUST(!left->has[i] || same_bits(left->figures[i], right->figures[i]));
    }
}

/* Bytes to one of the characters of a symbol; the fuzzer need not find them. */
static void fuzz_symbol(struct fuzz_input *in, struct ticker *tick)
{
    static const char allowed[] =
        "tBCUSDEHXRPabcdefghijklmnopqrsuvwxyzAFGIJKLMNOQTVWYZ0123456789:._^=-";
    size_t length = 1 + fuzz_byte(in) % SYMBOL_MAX;
    for (size_t i = 0; i < length; i++) {
        tick->symbol[i] = allowed[fuzz_byte(in) % (sizeof allowed - 1)];
    }
}

static struct ticker fuzz_tick(struct fuzz_input *in)
{
    struct ticker tick = {0};
    uint16_t which;
    fuzz_symbol(in, &tick);
    fuzz_bytes(in, &tick.event_time_ns, sizeof tick.event_time_ns);
    fuzz_bytes(in, &tick.seq, sizeof tick.seq);
    fuzz_bytes(in, &tick.run_id, sizeof tick.run_id);
    fuzz_bytes(in, &tick.last_price, sizeof tick.last_price);
    fuzz_bytes(in, &which, sizeof which);
    for (int i = 0; i < TICKER_FIGURES; i++) {
        tick.has[i] = (which >> i & 1) != 0;
        if (tick.has[i]) {
            fuzz_bytes(in, &tick.figures[i], sizeof tick.figures[i]);
        }
    }
    return tick;
}

static void check_lines(struct fuzz_input in)
{
    struct ticker ticks[TICKS];
    size_t count = 0;
    struct strbuf lines = strbuf_new(1 << 16);
    struct line_plan plan;
    line_plan_init(&plan, &ticker_kind);
    while (count < TICKS && in.left > 0) {
        struct ticker tick = fuzz_tick(&in);
        if (ticker_check(&tick) == TICKER_OK) {
            MUST(line_protocol_append(&plan, &tick, NULL, &lines));
            ticks[count++] = tick;
        }
    }
    struct str rest = strbuf_str(&lines);
    for (size_t i = 0; i < rest.length; i++) {
        MUST(rest.data[i] == '\n' || (rest.data[i] >= ' ' && rest.data[i] <= '~'));
    }
    for (size_t i = 0; i < count; i++) {
        struct ticker back = read_line(&rest);
        check_same(&ticks[i], &back);
    }
    MUST(rest.length == 0);
    strbuf_free(&lines);
}

static void check_tag(struct str value)
{
    struct strbuf line = strbuf_new(1 << 12);
    char back[TEXT_SIZE];
    value.length = value.length < TEXT_SIZE ? value.length : TEXT_SIZE - 1;
    if (line_protocol_append_tag_value(&line, value)) {
        struct str rest = strbuf_str(&line);
        take_token(&rest, ", =\n", back);
        MUST(rest.length == 0 && str_equal(str_from(back), value));
    } else {
        MUST(line.length == 0);
        MUST(value.length == 0 || memchr(value.data, '\n', value.length) != NULL ||
             memchr(value.data, '\\', value.length) != NULL);
    }
    strbuf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    check_lines(in);
    check_tag(fuzz_piece(&in));
    return 0;
}
