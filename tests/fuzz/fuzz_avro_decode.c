/*
 * The Avro decoder against avro-c. Input: a byte that chooses a pair of schemas (pairs.c), then a
 * message's body.
 *
 * Agreement means:
 *  - what we accept, avro-c has read to its last byte by the writer's schema, and every member has
 *    the bits of the writer's value, promoted as the specification says, or of the default;
 *  - what is canonical (avro-c writes the same bytes again) we accept, unless it breaks a limit of
 *    ours: a text too long for its member, with a NUL, or a string that is not UTF-8; a number that
 *    is not finite; a null where the reader has none;
 *  - what breaks such a limit we refuse.
 * Of what is not canonical we may refuse more: avro-c takes varints whose last byte overflows, and
 * any byte for a boolean. Resolution is done here a second time, by the schemas alone.
 * And what we accepted is encoded and decoded to the same record; canonical of our own schema, to
 * the same bytes.
 */
#include <math.h>

#include "fuzz/fuzz.h"
#include "fuzz/oracle.h"
#include "fuzz/pairs.h"
#include "record/ticker.h"

struct compiled {
    avro_schema_t reader;
    avro_value_iface_t *class; /* of the writer */
    struct decode_plan *plan;
    struct encode_plan *encode; /* NULL: the reader has types that are not encoded */
};

static struct schema *parse(const char *text)
{
    struct error error = {0};
    struct schema *schema = schema_parse(str_from(text), &error);
    MUST(schema != NULL);
    return schema;
}

/* As JSON; free() it. */
static char *schema_json(const char *text)
{
    char *json = strdup(text != NULL ? text : ticker_schema_text);
    MUST(json != NULL);
    for (char *c = json; text != NULL && *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return json;
}

static void compile(const struct pair *pair, struct compiled *compiled)
{
    struct error error = {0};
    char *writer_text = schema_json(pair->writer);
    char *reader_text = schema_json(pair->reader);
    struct schema *writer = parse(writer_text);
    struct schema *reader = parse(reader_text);
    avro_schema_t theirs;
    MUST(avro_schema_from_json_length(reader_text, strlen(reader_text), &compiled->reader) == 0);
    MUST(avro_schema_from_json_length(writer_text, strlen(writer_text), &theirs) == 0);
    compiled->class = avro_generic_class_from_schema(theirs);
    compiled->plan = decode_plan_compile(writer, reader, pair->columns, &error);
    MUST(compiled->class != NULL && compiled->plan != NULL);
    if (pair->reader == NULL) {
        compiled->encode = encode_plan_compile(reader, pair->columns, &error);
        MUST(compiled->encode != NULL);
    }
    avro_schema_decref(theirs);
    schema_destroy(writer);
    schema_destroy(reader);
    free(writer_text);
    free(reader_text);
}

static const struct compiled *compiled_pair(size_t i)
{
    static struct compiled all[16];
    if (all[0].plan == NULL) {
        oracle_prepare();
        MUST(pair_count <= sizeof all / sizeof all[0]);
        for (size_t k = 0; k < pair_count; k++) {
            compile(&pairs[k], &all[k]);
        }
    }
    return &all[i];
}

/* Decodes a code point and looks whether that is how it is encoded. */
static bool is_utf8(const unsigned char *at, const unsigned char *end)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    while (at < end) {
        size_t more = *at < 0x80 ? 0 : *at >> 5 == 6 ? 1 : *at >> 4 == 14 ? 2 : 3;
        if ((*at >= 0x80 && *at < 0xC0) || *at > 0xF7 || (size_t)(end - at) <= more) {
            return false;
        }
        uint32_t point = more == 0 ? *at : *at & (0x3Fu >> more);
        for (size_t i = 1; i <= more; i++) {
            if (at[i] >> 6 != 2) {
                return false;
            }
            point = point << 6 | (at[i] & 0x3F);
        }
        if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
            return false;
        }
        at += more + 1;
    }
    return true;
}

/* A field of the reader's schema, for one value. */
struct target {
    avro_type_t type; /* of a union: of its branch that is not null */
    bool nullable;
};

static struct target target_of(avro_schema_t reader, const char *name)
{
    avro_schema_t field = avro_schema_record_field_get(reader, name);
    if (avro_typeof(field) != AVRO_UNION) {
        return (struct target){.type = avro_typeof(field), .nullable = false};
    }
    avro_type_t first = avro_typeof(avro_schema_union_branch(field, 0));
    avro_type_t second = avro_typeof(avro_schema_union_branch(field, 1));
    return (struct target){.type = first == AVRO_NULL ? second : first, .nullable = true};
}

static bool want_text(avro_value_t *from, const struct target *target, const struct column *column,
                      char *member)
{
    const char *text = NULL;
    const void *bytes = NULL;
    size_t length = 0;
    if (avro_value_get_type(from) == AVRO_STRING) {
        MUST(avro_value_get_string(from, &text, &length) == 0);
        bytes = text;
        length--; /* avro-c counts the NUL */
    } else {
        MUST(avro_value_get_bytes(from, &bytes, &length) == 0);
    }
    const unsigned char *start = bytes;
    if (length >= column->size || (length > 0 && memchr(start, '\0', length) != NULL) ||
        (target->type == AVRO_STRING && !is_utf8(start, start + length))) {
        return false;
    }
    memcpy(member, start, length);
    member[length] = '\0';
    return true;
}

/* The value of an int or long. */
static bool get_whole(avro_value_t *from, int64_t *whole)
{
    int32_t narrow;
    if (avro_value_get_type(from) == AVRO_INT32) {
        MUST(avro_value_get_int(from, &narrow) == 0);
        *whole = narrow;
        return true;
    }
    return avro_value_get_type(from) == AVRO_INT64 && avro_value_get_long(from, whole) == 0;
}

static bool want_real(avro_value_t *from, const struct target *target, double *real)
{
    int64_t whole;
    float narrow;
    if (get_whole(from, &whole)) {
        *real = target->type == AVRO_FLOAT ? (double)(float)whole : (double)whole;
    } else if (avro_value_get_type(from) == AVRO_FLOAT) {
        MUST(avro_value_get_float(from, &narrow) == 0);
        *real = (double)narrow;
    } else {
        MUST(avro_value_get_double(from, real) == 0);
    }
    return isfinite(*real);
}

/* The member as it must be. False: a limit is broken, and the message must be refused. */
static bool want_member(avro_value_t *value, const struct target *target,
                        const struct column *column, char *record)
{
    avro_value_t from = *value;
    if (avro_value_get_type(value) == AVRO_UNION) {
        MUST(avro_value_get_current_branch(value, &from) == 0);
    }
    char *member = record + column->offset;
    bool present = avro_value_get_type(&from) != AVRO_NULL;
    bool may_be_null = target->nullable && column->present_offset != COLUMN_REQUIRED;
    if (column->present_offset != COLUMN_REQUIRED) {
        memcpy(record + column->present_offset, &present, sizeof present);
    }
    if (!present) {
        memset(member, 0, column->type == COLUMN_TEXT ? 1 : column->size);
        return may_be_null;
    }
    int64_t whole = 0;
    double real = 0;
    int truth = 0;
    switch (column->type) {
    case COLUMN_TEXT:
        return want_text(&from, target, column, member);
    case COLUMN_INT64:
        MUST(get_whole(&from, &whole));
        memcpy(member, &whole, sizeof whole);
        return true;
    case COLUMN_DOUBLE:
        if (!want_real(&from, target, &real)) {
            return false;
        }
        memcpy(member, &real, sizeof real);
        return true;
    case COLUMN_BOOL:
        MUST(avro_value_get_boolean(&from, &truth) == 0);
        *(bool *)member = truth != 0;
        return true;
    case COLUMN_LONG_TEXT: /* none of the pairs has one: fuzz_long_text.c */
        break;
    }
    return false;
}

static bool want_record(const struct pair *pair, const struct compiled *compiled,
                        avro_value_t *value, char *record)
{
    bool within_limits = true;
    memcpy(record, pair->defaults, pair->record_size);
    for (const struct column *column = pair->columns; column->name != NULL; column++) {
        struct target target = target_of(compiled->reader, column->name);
        avro_value_t field;
        if (avro_value_get_by_name(value, column->name, &field, NULL) == 0) {
            within_limits &= want_member(&field, &target, column, record);
        }
    }
    return within_limits;
}

/* Member by member: what stands behind a text's NUL does not matter. */
static bool same_record(const struct pair *pair, const char *left, const char *right)
{
    for (const struct column *column = pair->columns; column->name != NULL; column++) {
        const char *a = left + column->offset;
        const char *b = right + column->offset;
        size_t size = column->type == COLUMN_TEXT ? strnlen(a, column->size - 1) + 1 : column->size;
        size_t present = column->present_offset;
        if (memcmp(a, b, size) != 0 ||
            (present != COLUMN_REQUIRED && left[present] != right[present])) {
            return false;
        }
    }
    return true;
}

static void check_encoding(const struct pair *pair, const struct compiled *compiled,
                           const char *record, struct str body, bool canonical)
{
    static struct decode_plan *own;
    own = own != NULL ? own : compiled_pair(0)->plan;
    struct strbuf again = strbuf_new(4096);
    struct error error = {0};
    max_align_t back[PAIR_RECORD_SIZE / sizeof(max_align_t)] = {0};
    MUST(encode_plan_run(compiled->encode, record, NULL, &again));
    MUST(decode_plan_run(own, strbuf_str(&again), back, NULL, &error));
    MUST(same_record(pair, record, (const char *)back));
    MUST(pair != &pairs[0] || !canonical || str_equal(body, strbuf_str(&again)));
    strbuf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t chosen = fuzz_byte(&in) % pair_count;
    const struct pair *pair = &pairs[chosen];
    const struct compiled *compiled = compiled_pair(chosen);
    struct str body = fuzz_rest(&in);
    max_align_t got[PAIR_RECORD_SIZE / sizeof(max_align_t)] = {0};
    max_align_t want[PAIR_RECORD_SIZE / sizeof(max_align_t)] = {0};
    struct error error = {0};
    MUST(pair->record_size <= sizeof got);

    oracle_begin();
    avro_value_t value;
    MUST(avro_generic_value_new(compiled->class, &value) == 0);
    enum oracle_verdict theirs = oracle_read(body, &value);
    bool within_limits =
        theirs != ORACLE_REFUSED && want_record(pair, compiled, &value, (char *)want);
    oracle_end();

    bool accepted = decode_plan_run(compiled->plan, body, got, NULL, &error);
    MUST(accepted || (error.kind == ERROR_REJECT && error.text[0] != '\0'));
    MUST(!accepted || within_limits);
    MUST(accepted || theirs != ORACLE_CANONICAL || !within_limits);
    if (accepted) {
        MUST(same_record(pair, (const char *)want, (const char *)got));
        if (compiled->encode != NULL) {
            check_encoding(pair, compiled, (const char *)got, body, theirs == ORACLE_CANONICAL);
        }
    }
    return 0;
}
