/* The ticker's codec there and back, and on bytes that nobody honest wrote. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cmocka_all.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"

struct codec {
    struct decode_plan *decode;
    struct encode_plan *encode;
};

static int set_up(void **state)
{
    static struct codec codec;
    struct error error;
    struct schema *schema = schema_parse(str_from(ticker_schema_text), &error);
    assert_non_null(schema);
    codec.decode = decode_plan_compile(schema, schema, ticker_columns, &error);
    codec.encode = encode_plan_compile(schema, ticker_columns, &error);
    assert_non_null(codec.decode);
    assert_non_null(codec.encode);
    schema_destroy(schema);
    *state = &codec;
    return 0;
}

static int tear_down(void **state)
{
    struct codec *codec = *state;
    decode_plan_destroy(codec->decode);
    encode_plan_destroy(codec->encode);
    decode_plan_destroy(NULL);
    encode_plan_destroy(NULL);
    return 0;
}

static struct ticker sample_ticker(struct random *random)
{
    struct ticker ticker = {.symbol = "tBTCUSD",
                            .source = "bitfinex",
                            .event_time_ns = INT64_C(1763716800000000001),
                            .seq = (int64_t)random_next(random),
                            .run_id = (int64_t)random_next(random),
                            .last_price = 30000.1};
    for (int i = 0; i < TICKER_FIGURES; i++) {
        ticker.has[i] = random_next(random) % 2 == 0;
        ticker.figures[i] = ticker.has[i] ? random_unit(random) * 1e5 - 1 : 0;
    }
    return ticker;
}

static void encode(const struct codec *codec, const struct ticker *ticker, struct strbuf *body)
{
    strbuf_clear(body);
    assert_true(encode_plan_run(codec->encode, ticker, NULL, body));
}

static bool decode(const struct codec *codec, struct str body, struct ticker *ticker,
                   struct error *error)
{
    /* A copy of exactly its size, so that the address sanitizer sees any byte read beyond. */
    char *exact = malloc(body.length > 0 ? body.length : 1);
    assert_non_null(exact);
    if (body.length > 0) {
        memcpy(exact, body.data, body.length);
    }
    bool good =
        decode_plan_run(codec->decode, (struct str){exact, body.length}, ticker, NULL, error);
    free(exact);
    return good;
}

static void expect_equal(const struct ticker *got, const struct ticker *want)
{
    assert_string_equal(got->symbol, want->symbol);
    assert_string_equal(got->source, want->source);
    assert_int_equal(got->event_time_ns, want->event_time_ns);
    assert_int_equal(got->seq, want->seq);
    assert_int_equal(got->run_id, want->run_id);
    assert_memory_equal(&got->last_price, &want->last_price, sizeof want->last_price);
    assert_memory_equal(got->figures, want->figures, sizeof want->figures);
    assert_memory_equal(got->has, want->has, sizeof want->has);
}

static void ticker_of_any_figures_reads_back_the_same(void **state)
{
    struct codec *codec = *state;
    struct random random = random_seeded(1);
    struct strbuf body = strbuf_new(1024);
    for (int round = 0; round < 2000; round++) {
        struct ticker want = sample_ticker(&random);
        struct ticker got;
        struct error error;
        memset(&got, 0x55, sizeof got);
        encode(codec, &want, &body);
        assert_true(decode(codec, strbuf_str(&body), &got, &error));
        expect_equal(&got, &want);
    }
    strbuf_free(&body);
}

static void every_cut_and_every_longer_message_is_refused(void **state)
{
    struct codec *codec = *state;
    struct random random = random_seeded(2);
    struct strbuf body = strbuf_new(1024);
    for (int round = 0; round < 50; round++) {
        struct ticker ticker = sample_ticker(&random);
        encode(codec, &ticker, &body);
        for (size_t length = 0; length < body.length; length++) {
            struct error error = {0};
            assert_false(decode(codec, (struct str){body.data, length}, &ticker, &error));
            assert_int_equal(error.kind, ERROR_REJECT);
            assert_non_null(strstr(error.text, "field '"));
        }
        struct error error = {0};
        strbuf_append_char(&body, '\0');
        assert_false(decode(codec, strbuf_str(&body), &ticker, &error));
        assert_non_null(strstr(error.text, "1 bytes are left"));
    }
    strbuf_free(&body);
}

/* What a message that was taken must look like, whatever its bytes were. */
static void expect_sane(const struct ticker *ticker)
{
    assert_true(strnlen(ticker->symbol, sizeof ticker->symbol) < sizeof ticker->symbol);
    assert_true(strnlen(ticker->source, sizeof ticker->source) < sizeof ticker->source);
    assert_true(isfinite(ticker->last_price));
    for (int i = 0; i < TICKER_FIGURES; i++) {
        unsigned char has;
        memcpy(&has, &ticker->has[i], 1);
        assert_true(has <= 1);
        assert_true(isfinite(ticker->figures[i]));
    }
}

static void flipped_bits_and_noise_are_refused_or_give_a_sane_record(void **state)
{
    struct codec *codec = *state;
    struct random random = random_seeded(3);
    struct strbuf body = strbuf_new(1024);
    int taken = 0;
    int refused = 0;
    for (int round = 0; round < 40000; round++) {
        struct ticker ticker = sample_ticker(&random);
        encode(codec, &ticker, &body);
        for (uint64_t flips = random_next(&random) % 4; flips < 4; flips++) {
            size_t at = (size_t)(random_next(&random) % body.length);
            body.data[at] = (char)(round % 2 == 0 ? body.data[at] ^ 1 << random_next(&random) % 8
                                                  : (char)random_next(&random));
        }
        struct error error = {0};
        if (decode(codec, strbuf_str(&body), &ticker, &error)) {
            expect_sane(&ticker);
            taken++;
        } else {
            assert_int_equal(error.kind, ERROR_REJECT);
            refused++;
        }
    }
    assert_true(taken > 0);
    assert_true(refused > 0);
    strbuf_free(&body);
}

#define BYTES(literal) literal, sizeof literal - 1
#define RECORD(type)                                                                               \
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":" type "}]}"

struct value {
    char text[8];
    int64_t integer;
    double real;
    bool truth;
    bool present;
};
#define BIND(kind, member, present)                                                                \
    {                                                                                              \
        {.name = "x",                                                                              \
         .type = (kind),                                                                           \
         .offset = offsetof(struct value, member),                                                 \
         .size = sizeof(((struct value *)0)->member),                                              \
         .present_offset = (present)},                                                             \
        {                                                                                          \
            .name = NULL                                                                           \
        }                                                                                          \
    }
static const struct column as_text[] = BIND(COLUMN_TEXT, text, COLUMN_REQUIRED);
static const struct column as_integer[] = BIND(COLUMN_INT64, integer, COLUMN_REQUIRED);
static const struct column as_real[] = BIND(COLUMN_DOUBLE, real, COLUMN_REQUIRED);
static const struct column as_option[] = BIND(COLUMN_DOUBLE, real, offsetof(struct value, present));
static const struct column as_truth[] = BIND(COLUMN_BOOL, truth, COLUMN_REQUIRED);
static const struct column as_count[] =
    BIND(COLUMN_INT64, integer, offsetof(struct value, present));
static const struct column as_nothing[] = {{.name = NULL}};

static const struct {
    const char *schema;
    const struct column *columns;
    const char *body;
    size_t length;
    const char *want; /* NULL: taken */
} bodies[] = {
    {RECORD("\"long\""), as_integer, BYTES(""), "ends inside a number"},
    {RECORD("\"long\""), as_integer, BYTES("\x80"), "ends inside a number"},
    {RECORD("\"long\""), as_integer, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), NULL},
    {RECORD("\"long\""), as_integer, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
     "longer than 64 bits"},
    {RECORD("\"long\""), as_integer, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x81\x00"),
     "longer than 64 bits"},
    {RECORD("\"int\""), as_integer, BYTES("\xFE\xFF\xFF\xFF\x0F"), NULL},
    {RECORD("\"int\""), as_integer, BYTES("\x80\x80\x80\x80\x10"), "int is out of range"},
    {RECORD("\"int\""), as_nothing, BYTES("\x81\x80\x80\x80\x10"), "int is out of range"},
    {RECORD("\"boolean\""), as_truth, BYTES("\x00"), NULL},
    {RECORD("\"boolean\""), as_truth, BYTES("\x01"), NULL},
    {RECORD("\"boolean\""), as_truth, BYTES("\x02"), "neither 0 nor 1"},
    {RECORD("\"boolean\""), as_truth, BYTES(""), "ends before a boolean"},
    {RECORD("[\"null\",\"long\"]"), as_count, BYTES("\x00"), NULL},
    {RECORD("[\"null\",\"long\"]"), as_count, BYTES("\x02\x01"), NULL},
    {RECORD("[\"null\",\"long\"]"), as_count, BYTES("\x02"), "ends inside a number"},
    {RECORD("[\"null\",\"long\"]"), as_count, BYTES("\x04\x01"), "no such branch"},
    {RECORD("\"boolean\""), as_nothing, BYTES("\x01"), NULL},
    {RECORD("\"boolean\""), as_nothing, BYTES("\x02"), "neither 0 nor 1"},
    {RECORD("\"boolean\""), as_nothing, BYTES(""), "ends before a boolean"},
    {RECORD("\"float\""), as_nothing, BYTES("123"), "ends inside a value"},
    {RECORD("\"double\""), as_nothing, BYTES("1234567"), "ends inside a value"},
    {RECORD("\"double\""), as_nothing, BYTES("\0\0\0\0\0\0\xF8\x7F"), NULL},
    {RECORD("\"double\""), as_real, BYTES("\0\0\0\0\0\0\xF8\x7F"), "not finite"},
    {RECORD("\"double\""), as_real, BYTES("\0\0\0\0\0\0\xF0\xFF"), "not finite"},
    {RECORD("\"double\""), as_real, BYTES("\1\0\0\0\0\0\0\0"), NULL},
    {RECORD("\"float\""), as_real, BYTES("\0\0\x80\x7F"), "not finite"},
    {RECORD("\"string\""), as_text,
     BYTES("\x0E"
           "1234567"),
     NULL},
    {RECORD("\"string\""), as_text,
     BYTES("\x10"
           "12345678"),
     "too long"},
    {RECORD("\"string\""), as_text, BYTES("\x02"), "larger than what is left"},
    {RECORD("\"string\""), as_text, BYTES("\x01"), "length is negative"},
    {RECORD("\"string\""), as_text,
     BYTES("\x04"
           "a\0"),
     "NUL byte"},
    {RECORD("\"string\""), as_text, BYTES("\x04\xC3("), "not UTF-8"},
    {RECORD("\"bytes\""), as_text, BYTES("\x04\xC3("), NULL},
    /* lengths of 2^20, 2^31, the largest and the smallest */
    {RECORD("\"string\""), as_text, BYTES("\x80\x80\x80\x01xx"), "larger than what is left"},
    {RECORD("\"bytes\""), as_text, BYTES("\x80\x80\x80\x80\x10xx"), "larger than"},
    {RECORD("\"bytes\""), as_nothing, BYTES("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01x"),
     "larger than what is left"},
    {RECORD("\"bytes\""), as_nothing, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01x"),
     "length is negative"},
    {RECORD("[\"null\",\"double\"]"), as_option, BYTES(""), "ends inside a number"},
    {RECORD("[\"null\",\"double\"]"), as_option, BYTES("\x00"), NULL},
    {RECORD("[\"null\",\"double\"]"), as_option, BYTES("\x01"), "no such branch"},
    {RECORD("[\"null\",\"double\"]"), as_option, BYTES("\x04"), "no such branch"},
    {RECORD("[\"null\",\"double\"]"), as_nothing, BYTES("\x80\x80\x80\x80\x80\x40"),
     "no such branch"},
    {RECORD("[\"null\",\"double\"]"), as_option,
     BYTES("\x02"
           "1234567"),
     "inside a value"},
    {RECORD("\"null\""), as_nothing, BYTES(""), NULL},
    {RECORD("\"null\""), as_nothing, BYTES("\x00"), "1 bytes are left"},
};

static void bad_bytes_of_each_type_are_refused_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct schema *schema = schema_parse(str_from(bodies[i].schema), NULL);
        assert_non_null(schema);
        struct codec codec = {.decode =
                                  decode_plan_compile(schema, schema, bodies[i].columns, NULL)};
        assert_non_null(codec.decode);
        struct value value;
        struct error error = {0};
        struct str body = {bodies[i].body, bodies[i].length};
        bool taken = decode_plan_run(codec.decode, body, &value, NULL, &error);
        if (taken != (bodies[i].want == NULL) ||
            (!taken && strstr(error.text, bodies[i].want) == NULL)) {
            fail_msg("case %zu: \"%s\", wanted \"%s\"", i, taken ? "taken" : error.text,
                     bodies[i].want != NULL ? bodies[i].want : "taken");
        }
        decode_plan_destroy(codec.decode);
        schema_destroy(schema);
    }
}

static void encode_refuses_what_decode_would_refuse(void **state)
{
    struct codec *codec = *state;
    struct random random = random_seeded(5);
    struct ticker ticker = sample_ticker(&random);
    struct strbuf body = strbuf_new(1024);

    ticker.last_price = NAN;
    assert_false(encode_plan_run(codec->encode, &ticker, NULL, &body));
    ticker.last_price = 1;
    memset(ticker.symbol, 'x', sizeof ticker.symbol);
    assert_false(encode_plan_run(codec->encode, &ticker, NULL, &body));
    strbuf_free(&body);

    ticker = sample_ticker(&random);
    body = strbuf_new(20);
    assert_false(encode_plan_run(codec->encode, &ticker, NULL, &body));
    strbuf_free(&body);
}

static void encode_plan_needs_a_binding_of_the_same_width_for_each_field(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        const struct column *columns;
        const char *want;
    } cases[] = {
        {RECORD("\"long\""), as_nothing, "field 'x' is not in the C record"},
        {RECORD("\"int\""), as_integer, "too narrow"},
        {RECORD("\"float\""), as_real, "too narrow"},
        {RECORD("\"double\""), as_option, "not nullable"},
        {RECORD("\"double\""), as_text, "does not fit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct schema *schema = schema_parse(str_from(cases[i].schema), NULL);
        assert_non_null(schema);
        assert_null(encode_plan_compile(schema, cases[i].columns, &error));
        assert_int_equal(error.kind, ERROR_REJECT);
        assert_non_null(strstr(error.text, cases[i].want));
        schema_destroy(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticker_of_any_figures_reads_back_the_same),
        cmocka_unit_test(every_cut_and_every_longer_message_is_refused),
        cmocka_unit_test(flipped_bits_and_noise_are_refused_or_give_a_sane_record),
        cmocka_unit_test(bad_bytes_of_each_type_are_refused_with_the_reason),
        cmocka_unit_test(encode_refuses_what_decode_would_refuse),
        cmocka_unit_test(encode_plan_needs_a_binding_of_the_same_width_for_each_field),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
