/*
 * What one tick costs on its way, step by step: micro [MS]
 *
 * Each step goes again and again over the same made ticks for MS (300) milliseconds of this
 * thread's time. One line each: nanoseconds a tick (the median of the passes), bytes and
 * allocations a tick from the heap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text/number.h"
#include "csv_header.h"
#include "heap_count.h"
#include "record/ticker.h"
#include "registry/codec/codec.h"
#include "registry/codec/frame.h"
#include "source/replay/replay_csv.h"
#include "store/influx/line_protocol.h"
#include "tick_maker.h"

enum { TICKS = 10000, PASSES_MAX = 100000 };

/* The same ticks in each of their forms. */
struct forms {
    struct csv_layout layout;
    struct strbuf text; /* all rows */
    struct str rows[TICKS];
    struct csv_fields fields[TICKS];
    struct ticker ticks[TICKS];
    struct strbuf messages; /* framed, one behind the other */
    size_t message_ends[TICKS];
    struct strbuf line;
    struct encode_plan *encode;
    struct decode_plan *decode;
    struct line_plan line_plan;
    double prices[TICKS], sizes[TICKS], volumes[TICKS];
};

/* What the steps make goes in here, so that none of it can be left out. */
static volatile uint64_t used;

static bool step_split(struct forms *forms)
{
    bool good = true;
    for (size_t i = 0; i < TICKS; i++) {
        good = good && csv_split(&forms->layout, forms->rows[i], &forms->fields[i]);
    }
    return good;
}

static bool step_read(struct forms *forms)
{
    bool good = true;
    for (size_t i = 0; i < TICKS; i++) {
        struct ticker tick = {0};
        struct csv_reading reading = {.source = NULL};
        good = csv_read(&forms->layout, &forms->fields[i], &reading, &tick) == ROW_FAULTS && good;
        used += (uint64_t)tick.event_time_ns;
    }
    return good;
}

static bool step_encode(struct forms *forms)
{
    strbuf_clear(&forms->messages);
    bool good = true;
    for (size_t i = 0; i < TICKS; i++) {
        frame_append_header(&forms->messages, 1);
        good = encode_plan_run(forms->encode, &forms->ticks[i], NULL, &forms->messages) && good;
        forms->message_ends[i] = forms->messages.length;
    }
    return good;
}

static bool decode_one(const struct forms *forms, size_t i, struct ticker *tick)
{
    size_t start = i == 0 ? 0 : forms->message_ends[i - 1];
    struct str message = {.data = forms->messages.data + start,
                          .length = forms->message_ends[i] - start};
    struct str body;
    int32_t id = 0;
    return frame_open(message, &id, &body) &&
           decode_plan_run(forms->decode, body, tick, NULL, NULL) &&
           ticker_check(tick) == TICKER_OK;
}

static bool step_decode(struct forms *forms)
{
    bool good = true;
    struct ticker tick;
    for (size_t i = 0; i < TICKS; i++) {
        good = decode_one(forms, i, &tick) && good;
        used += (uint64_t)tick.seq;
    }
    return good;
}

static bool step_line(struct forms *forms)
{
    strbuf_clear(&forms->line);
    bool good = true;
    for (size_t i = 0; i < TICKS; i++) {
        good =
            line_protocol_append(&forms->line_plan, &forms->ticks[i], NULL, &forms->line) && good;
    }
    return good;
}

static bool step_decode_and_line(struct forms *forms)
{
    strbuf_clear(&forms->line);
    bool good = true;
    struct ticker tick;
    for (size_t i = 0; i < TICKS; i++) {
        good = decode_one(forms, i, &tick) &&
               line_protocol_append(&forms->line_plan, &tick, NULL, &forms->line) && good;
    }
    return good;
}

static bool format_all(const double *values)
{
    char text[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < TICKS; i++) {
        used += number_format(values[i], text);
    }
    return true;
}

static bool step_price(struct forms *forms)
{
    return format_all(forms->prices);
}

static bool step_size(struct forms *forms)
{
    return format_all(forms->sizes);
}

static bool step_volume(struct forms *forms)
{
    return format_all(forms->volumes);
}

static const struct {
    const char *what;
    bool (*run)(struct forms *forms);
} steps[] = {
    /* In this order: some use what the ones before have made. */
    {"CSV row to fields", step_split},
    {"CSV fields to tick", step_read},
    {"tick to framed Avro", step_encode},
    {"framed Avro to checked tick", step_decode},
    {"tick to line protocol", step_line},
    {"framed Avro to line protocol", step_decode_and_line},
    {"one price to text (5 to 7 digits)", step_price},
    {"one volume to text (8 decimals)", step_volume},
    {"one size to text (8 decimals; a quarter 16 or 17 digits)", step_size},
};

static bool prepare(struct forms *forms)
{
    struct tick_maker maker;
    struct schema *schema = schema_parse(str_from(ticker_schema_text), NULL);
    if (schema == NULL || !tick_maker_init(&maker, 10, 1000, 1)) {
        schema_destroy(schema);
        return false;
    }
    forms->encode = encode_plan_compile(schema, ticker_columns, NULL);
    line_plan_init(&forms->line_plan, &ticker_kind);
    forms->decode = decode_plan_compile(schema, schema, ticker_columns, NULL);
    schema_destroy(schema);
    forms->text = strbuf_new((size_t)512 * TICKS);
    forms->messages = strbuf_new((size_t)512 * TICKS);
    forms->line = strbuf_new((size_t)512 * TICKS);
    for (size_t i = 0; i < TICKS; i++) {
        tick_maker_row(&maker, &forms->text);
    }
    tick_maker_free(&maker);
    struct str header = {.data = tick_maker_header, .length = strlen(tick_maker_header) - 1};
    struct str text = strbuf_str(&forms->text);
    bool good = csv_header_read(header, NULL, &forms->layout, NULL);
    for (size_t i = 0; i < TICKS && good; i++) {
        struct ticker *tick = &forms->ticks[i];
        struct csv_fields fields;
        struct csv_reading reading = {.source = NULL};
        good = str_split(&text, '\n', &forms->rows[i]) &&
               csv_split(&forms->layout, forms->rows[i], &fields) &&
               csv_read(&forms->layout, &fields, &reading, tick) == ROW_FAULTS;
        tick->seq = (int64_t)i + 1;
        tick->run_id = INT64_C(0x123456789abcdef);
        forms->prices[i] = tick->last_price;
        forms->sizes[i] = tick->figures[TICKER_BID_SIZE];
        forms->volumes[i] = tick->figures[TICKER_VOLUME];
    }
    return good && forms->encode != NULL && forms->decode != NULL;
}

static void release(struct forms *forms)
{
    encode_plan_destroy(forms->encode);
    decode_plan_destroy(forms->decode);
    strbuf_free(&forms->text);
    strbuf_free(&forms->messages);
    strbuf_free(&forms->line);
    free(forms);
}

/* Of this thread: others on the machine do not count. */
static int64_t thread_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int by_size(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static bool measure(const char *what, bool (*run)(struct forms *), struct forms *forms,
                    int64_t budget_ns)
{
    static int64_t passes[PASSES_MAX];
    size_t count = 0;
    bool good = run(forms); /* buffers grow, caches warm up */
    struct heap_count before = heap_count_now();
    int64_t end_ns = thread_ns() + budget_ns;
    for (int64_t start_ns = thread_ns(); start_ns < end_ns && count < PASSES_MAX && good;) {
        good = run(forms);
        int64_t now_ns = thread_ns();
        passes[count++] = now_ns - start_ns;
        start_ns = now_ns;
    }
    if (!good || count == 0) {
        (void)fprintf(stderr, "micro: %s: failed\n", what);
        return false;
    }
    struct heap_count after = heap_count_now();
    double ticks = (double)count * TICKS;
    qsort(passes, count, sizeof *passes, by_size);
    (void)printf("%-57s %8.1f %8.1f %8.3f\n", what, (double)passes[count / 2] / TICKS,
                 (double)(after.bytes - before.bytes) / ticks,
                 (double)(after.allocations - before.allocations) / ticks);
    return true;
}

int main(int argc, char **argv)
{
    int64_t ms = 300;
    if (argc > 2 || (argc == 2 && (!str_to_int64(str_from(argv[1]), &ms) || ms < 1))) {
        (void)fputs("usage: micro [MS]\n", stderr);
        return 2;
    }
    struct forms *forms = calloc(1, sizeof *forms);
    if (forms == NULL || !prepare(forms)) {
        (void)fputs("micro: the ticks could not be made\n", stderr);
        return 1;
    }
    (void)printf("%-57s %8s %8s %8s\n", "a tick", "ns", "bytes", "allocs");
    bool good = true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        good = measure(steps[i].what, steps[i].run, forms, ms * NS_PER_MS) && good;
    }
    release(forms);
    return good ? 0 : 1;
}
