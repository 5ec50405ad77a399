/* Values that nobody wants: how deep they may nest, and how little a hostile one costs. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/strbuf.h"
#include "cmocka_all.h"
#include "registry/codec/codec.h"

enum { DEEP = 60000, MOST_MS = 5000 };

static const struct column nothing[] = {{.name = NULL}};

static struct decode_plan *plan_for(const char *fields)
{
    struct error error = {0};
    struct strbuf text = strbuf_new(SCHEMA_TEXT_LIMIT);
    strbuf_append_text(&text, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
    for (; *fields != '\0'; fields++) {
        strbuf_append_char(&text, *fields == '\'' ? '"' : *fields);
    }
    strbuf_append_text(&text, "]}");
    struct schema *writer = schema_parse(strbuf_str(&text), &error);
    struct schema *reader =
        schema_parse(str_from("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"), &error);
    struct decode_plan *plan =
        writer != NULL ? decode_plan_compile(writer, reader, nothing, &error) : NULL;
    if (plan == NULL) {
        fail_msg("%s", error.text);
    }
    schema_destroy(writer);
    schema_destroy(reader);
    strbuf_free(&text);
    return plan;
}

/* `want` NULL: all of it is skipped. */
static void expect(const struct decode_plan *plan, const struct strbuf *body, const char *want)
{
    char unused = 0;
    struct error error = {0};
    int64_t start_ns = clock_monotonic_ns();
    bool good = decode_plan_run(plan, strbuf_str(body), &unused, NULL, &error);
    assert_true(clock_monotonic_ns() - start_ns < MOST_MS * NS_PER_MS);
    if (good != (want == NULL) || (want != NULL && strstr(error.text, want) == NULL)) {
        fail_msg("\"%s\", wanted \"%s\"", error.text, want != NULL ? want : "");
    }
}

#define NODE(fields) "{'name':'x','type':{'type':'record','name':'Node','fields':[" fields "]}}"
#define NEXT "{'name':'next','type':['null','Node']}"
#define VALUE "{'name':'value','type':'int'}"

static void lists_of_any_length_are_skipped_whichever_end_is_first(void **state)
{
    (void)state;
    static const char *const orders[] = {NODE(VALUE "," NEXT), NODE(NEXT "," VALUE)};
    for (size_t order = 0; order < 2; order++) {
        struct decode_plan *plan = plan_for(orders[order]);
        struct strbuf body = strbuf_new(4 * DEEP);
        for (int i = 0; i < DEEP; i++) {
            strbuf_append(&body, order == 0 ? "\x06\x02" : "\x02", order == 0 ? 2 : 1);
        }
        strbuf_append(&body, order == 0 ? "\x06\x00" : "\x00", order == 0 ? 2 : 1);
        for (int i = 0; order == 1 && i <= DEEP; i++) {
            strbuf_append_char(&body, '\x06');
        }
        assert_false(body.failed);
        expect(plan, &body, NULL);
        body.length -= 1;
        expect(plan, &body, "the message ends inside a");
        strbuf_free(&body);
        decode_plan_destroy(plan);
    }
}

static void a_tree_that_never_ends_is_refused_when_the_message_does(void **state)
{
    (void)state;
    struct decode_plan *plan = plan_for(NODE("{'name':'l','type':['null','Node']},"
                                             "{'name':'r','type':['null','Node']}"));
    struct strbuf body = strbuf_new(2 * DEEP);
    for (int i = 0; i < DEEP; i++) {
        strbuf_append_char(&body, '\x02');
    }
    expect(plan, &body, "the message ends inside a value");
    strbuf_free(&body);
    decode_plan_destroy(plan);
}

/* R0 is `first`; each of the others has two fields of the one before. */
static struct decode_plan *doubling(const char *first, int records, const char *last)
{
    struct strbuf fields = strbuf_new(SCHEMA_TEXT_LIMIT);
    strbuf_append_format(
        &fields, "{'name':'f0','type':['null',{'type':'record','name':'R0','fields':[%s]}]}",
        first);
    for (int i = 1; i <= records; i++) {
        strbuf_append_format(&fields,
                             ",{'name':'f%d','type':['null',{'type':'record','name':'R%d','fields':"
                             "[{'name':'a','type':'R%d'},{'name':'b','type':'R%d'}]}]}",
                             i, i, i - 1, i - 1);
    }
    strbuf_append_format(&fields, ",{'name':'x','type':%s}", last);
    assert_false(fields.failed);
    struct decode_plan *plan = plan_for(strbuf_text(&fields));
    strbuf_free(&fields);
    return plan;
}

static void types_that_double_a_thousand_times_cost_no_more_than_the_message(void **state)
{
    (void)state;
    enum { RECORDS = 1000 };
    static const struct {
        const char *first, *last, *tail;
        size_t tail_length;
        const char *want;
    } cases[] = {
        /* 2^1000 nulls, once, and 2^62 times: no byte */
        {"{'name':'n','type':'null'}", "'R1000'", "", 0, NULL},
        {"{'name':'n','type':'null'}", "{'type':'array','items':'R1000'}",
         "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00", 11, NULL},
        {"{'name':'n','type':'int'}", "'R1000'", "\x02\x02\x02", 3, "the message ends inside a"},
        {"{'name':'n','type':'int'}", "'R2'", "\x02\x02\x02\x02", 4, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct decode_plan *plan = doubling(cases[i].first, RECORDS, cases[i].last);
        struct strbuf body = strbuf_new(2 * RECORDS);
        for (int k = 0; k <= RECORDS; k++) {
            strbuf_append_char(&body, '\0');
        }
        strbuf_append(&body, cases[i].tail, cases[i].tail_length);
        expect(plan, &body, cases[i].want);
        strbuf_free(&body);
        decode_plan_destroy(plan);
    }
}

static void wrapped_items_cost_one_step_each(void **state)
{
    (void)state;
    enum { WRAPPERS = 2000, ITEMS = 500000 };
    struct strbuf fields = strbuf_new(SCHEMA_TEXT_LIMIT);
    strbuf_append_text(&fields, "{'name':'w0','type':['null',{'type':'record','name':'W0',"
                                "'fields':[{'name':'v','type':'int'}]}]}");
    for (int i = 1; i < WRAPPERS; i++) {
        strbuf_append_format(&fields,
                             ",{'name':'w%d','type':['null',{'type':'record','name':'W%d','fields':"
                             "[{'name':'v','type':'W%d'}]}]}",
                             i, i, i - 1);
    }
    strbuf_append_text(&fields, ",{'name':'x','type':{'type':'array','items':'W1999'}}");
    assert_false(fields.failed);
    struct decode_plan *plan = plan_for(strbuf_text(&fields));
    struct strbuf body = strbuf_new(2 * ITEMS);
    for (int i = 0; i < WRAPPERS; i++) {
        strbuf_append_char(&body, '\0');
    }
    strbuf_append(&body, "\xC0\x84\x3D", 3); /* 500,000 */
    for (int i = 0; i <= ITEMS; i++) {
        strbuf_append_char(&body, i < ITEMS ? '\x02' : '\0');
    }
    assert_false(body.failed);
    expect(plan, &body, NULL);
    strbuf_free(&body);
    strbuf_free(&fields);
    decode_plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_any_length_are_skipped_whichever_end_is_first),
        cmocka_unit_test(a_tree_that_never_ends_is_refused_when_the_message_does),
        cmocka_unit_test(types_that_double_a_thousand_times_cost_no_more_than_the_message),
        cmocka_unit_test(wrapped_items_cost_one_step_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
