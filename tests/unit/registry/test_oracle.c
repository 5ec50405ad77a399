/* Our codec against avro-c: random schemas and random records, each side reading the other's bytes.
 */
#include "random_schema.h"

enum { ROUNDS = 400, MESSAGE_LIMIT = 4096 };

/* The value of field `i`, past its union. */
static avro_value_t their_value(const struct subject *subject, avro_value_t *record, size_t i)
{
    avro_value_t value;
    assert_int_equal(avro_value_get_by_index(record, i, &value, NULL), 0);
    if (subject->fields[i].nullable) {
        avro_value_t branch;
        assert_int_equal(avro_value_get_current_branch(&value, &branch), 0);
        return branch;
    }
    return value;
}

static void set_theirs(const struct subject *subject, avro_value_t *record, size_t i,
                       struct slot *slot)
{
    const struct field *field = &subject->fields[i];
    avro_value_t value;
    assert_int_equal(avro_value_get_by_index(record, i, &value, NULL), 0);
    if (field->nullable) {
        avro_value_t branch;
        int index = (int)(slot->present ? 1 - field->null_branch : field->null_branch);
        assert_int_equal(avro_value_set_branch(&value, index, &branch), 0);
        value = branch;
    }
    int failed = 0;
    size_t length = strlen(slot->text);
    if (!slot->present || field->type == AVRO_NULL_TYPE) {
        failed = avro_value_set_null(&value);
    } else if (field->type == AVRO_BOOLEAN_TYPE) {
        failed = avro_value_set_boolean(&value, slot->truth);
    } else if (field->type == AVRO_INT_TYPE) {
        failed = avro_value_set_int(&value, (int32_t)slot->integer);
    } else if (field->type == AVRO_LONG_TYPE) {
        failed = avro_value_set_long(&value, slot->integer);
    } else if (field->type == AVRO_FLOAT_TYPE) {
        failed = avro_value_set_float(&value, (float)slot->real);
    } else if (field->type == AVRO_DOUBLE_TYPE) {
        failed = avro_value_set_double(&value, slot->real);
    } else if (field->type == AVRO_BYTES_TYPE) {
        failed = avro_value_set_bytes(&value, slot->text, length);
    } else {
        failed = avro_value_set_string_len(&value, slot->text, length + 1);
    }
    assert_int_equal(failed, 0);
}

/* Frees `record`. */
static size_t write_theirs(avro_value_t *record, char *message)
{
    avro_writer_t writer = avro_writer_memory(message, MESSAGE_LIMIT);
    assert_int_equal(avro_value_write(writer, record), 0);
    size_t length = (size_t)avro_writer_tell(writer);
    avro_writer_free(writer);
    avro_value_decref(record);
    return length;
}

static size_t write_slots(const struct subject *subject, struct slot *slots, char *message)
{
    avro_value_t record;
    assert_int_equal(avro_generic_value_new(subject->class, &record), 0);
    for (size_t i = 0; i < subject->count; i++) {
        set_theirs(subject, &record, i, &slots[i]);
    }
    return write_theirs(&record, message);
}

static void expect_text(const struct slot *slot, const void *text, size_t length)
{
    assert_int_equal(length, strlen(slot->text));
    assert_memory_equal(text, slot->text, length);
}

static void expect_theirs(const struct subject *subject, avro_value_t *record, size_t i,
                          const struct slot *slot)
{
    avro_value_t value = their_value(subject, record, i);
    if (!slot->present) {
        assert_int_equal(avro_value_get_type(&value), AVRO_NULL);
        return;
    }
    const void *bytes;
    const char *text;
    size_t length;
    int64_t integer;
    double real;
    int truth;
    switch (subject->fields[i].type) {
    case AVRO_LONG_TYPE:
        assert_int_equal(avro_value_get_long(&value, &integer), 0);
        assert_int_equal(integer, slot->integer);
        break;
    case AVRO_DOUBLE_TYPE:
        assert_int_equal(avro_value_get_double(&value, &real), 0);
        assert_memory_equal(&real, &slot->real, sizeof real);
        break;
    case AVRO_BOOLEAN_TYPE:
        assert_int_equal(avro_value_get_boolean(&value, &truth), 0);
        assert_int_equal(truth, slot->truth);
        break;
    case AVRO_BYTES_TYPE:
        assert_int_equal(avro_value_get_bytes(&value, &bytes, &length), 0);
        expect_text(slot, bytes, length);
        break;
    default:
        assert_int_equal(avro_value_get_string(&value, &text, &length), 0);
        expect_text(slot, text, length - 1); /* avro-c counts the NUL */
        break;
    }
}

/* All of `body`; free the value. */
static avro_value_t read_theirs(const struct subject *subject, struct str body)
{
    avro_value_t record;
    assert_int_equal(avro_generic_value_new(subject->class, &record), 0);
    avro_reader_t reader = avro_reader_memory(body.data, (int64_t)body.length);
    assert_int_equal(avro_value_read(reader, &record), 0);
    char rest;
    assert_int_not_equal(avro_read(reader, &rest, 1), 0);
    avro_reader_free(reader);
    return record;
}

static void expect_slot(const struct field *field, const struct slot *got, const struct slot *want)
{
    if (field->nullable) {
        assert_int_equal(got->present, want->present);
    }
    switch (field->type) {
    case AVRO_INT_TYPE:
    case AVRO_LONG_TYPE:
        assert_int_equal(got->integer, want->integer);
        break;
    case AVRO_FLOAT_TYPE:
    case AVRO_DOUBLE_TYPE:
        assert_memory_equal(&got->real, &want->real, sizeof got->real);
        break;
    case AVRO_BYTES_TYPE:
    case AVRO_STRING_TYPE:
        assert_string_equal(got->text, want->text);
        break;
    case AVRO_BOOLEAN_TYPE:
        assert_int_equal(got->truth, want->truth);
        break;
    default:
        break;
    }
}

static void body_from_avro_c_is_decoded_to_the_same_values(void **state)
{
    (void)state;
    struct random random = random_seeded(20261121);
    for (int round = 0; round < ROUNDS; round++) {
        struct subject subject;
        make_subject(&subject, &random, all_types, ALL_TYPES);
        struct error error = {0};
        struct decode_plan *plan =
            decode_plan_compile(subject.ours, subject.ours, subject.columns, &error);
        assert_non_null(plan);
        for (int record = 0; record < 8; record++) {
            struct slot want[FIELDS];
            struct slot got[FIELDS];
            char message[MESSAGE_LIMIT];
            make_slots(&subject, &random, want);
            memset(got, 0x55, sizeof got);
            struct str body = {message, write_slots(&subject, want, message)};
            if (!decode_plan_run(plan, body, got, NULL, &error)) {
                fail_msg("%s: %s", schema_text(subject.ours), error.text);
            }
            for (size_t i = 0; i < subject.count; i++) {
                expect_slot(&subject.fields[i], &got[i], &want[i]);
            }
        }
        decode_plan_destroy(plan);
        free_both(&subject);
    }
}

static void damaged_body_that_we_take_is_the_same_to_avro_c(void **state)
{
    (void)state;
    struct random random = random_seeded(7);
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct subject subject;
        make_subject(&subject, &random, all_types, ALL_TYPES);
        struct decode_plan *plan =
            decode_plan_compile(subject.ours, subject.ours, subject.columns, NULL);
        assert_non_null(plan);
        for (int damage = 0; damage < 100; damage++) {
            struct slot slots[FIELDS];
            struct slot got[2][FIELDS];
            char message[MESSAGE_LIMIT];
            char again[MESSAGE_LIMIT];
            memset(got, 0x55, sizeof got);
            make_slots(&subject, &random, slots);
            struct str body = {message, write_slots(&subject, slots, message)};
            message[below(&random, body.length + 1)] = (char)random_next(&random);
            if (!decode_plan_run(plan, body, got[0], NULL, NULL)) {
                continue;
            }
            taken++;
            avro_value_t record = read_theirs(&subject, body);
            struct str rewritten = {again, write_theirs(&record, again)};
            assert_true(decode_plan_run(plan, rewritten, got[1], NULL, NULL));
            assert_memory_equal(got[0], got[1], sizeof got[0]);
        }
        decode_plan_destroy(plan);
        free_both(&subject);
    }
    assert_true(taken > 1000);
}

static void body_of_ours_is_read_by_avro_c_and_is_the_same_bytes(void **state)
{
    (void)state;
    static const enum avro_type types[] = {AVRO_LONG_TYPE, AVRO_DOUBLE_TYPE, AVRO_BYTES_TYPE,
                                           AVRO_STRING_TYPE, AVRO_BOOLEAN_TYPE};
    struct random random = random_seeded(4);
    for (int round = 0; round < ROUNDS; round++) {
        struct subject subject;
        make_subject(&subject, &random, types, sizeof types / sizeof types[0]);
        struct encode_plan *plan = encode_plan_compile(subject.ours, subject.columns, NULL);
        assert_non_null(plan);
        for (int record = 0; record < 8; record++) {
            struct slot slots[FIELDS];
            char message[MESSAGE_LIMIT];
            make_slots(&subject, &random, slots);
            struct strbuf body = strbuf_new(MESSAGE_LIMIT);
            assert_true(encode_plan_run(plan, slots, NULL, &body));
            avro_value_t read = read_theirs(&subject, strbuf_str(&body));
            for (size_t i = 0; i < subject.count; i++) {
                expect_theirs(&subject, &read, i, &slots[i]);
            }
            avro_value_decref(&read);
            assert_int_equal(write_slots(&subject, slots, message), body.length);
            assert_memory_equal(message, strbuf_text(&body), body.length);
            strbuf_free(&body);
        }
        encode_plan_destroy(plan);
        free_both(&subject);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_from_avro_c_is_decoded_to_the_same_values),
        cmocka_unit_test(damaged_body_that_we_take_is_the_same_to_avro_c),
        cmocka_unit_test(body_of_ours_is_read_by_avro_c_and_is_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
