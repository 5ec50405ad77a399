#include <stdint.h>
#include <string.h>

#include "cmocka_all.h"
#include "kafka/client/commit_metadata.h"

#define ID "AAECAwQFBgcICQoLDA0OD_"
#define OTHER "AAECAwQFBgcICQoLDA0OD-"

static void what_is_known_is_found_and_the_rest_is_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *topic;
        int64_t former;
    } cases[] = {
        {"", "", 0},
        {"topic=" ID, ID, 0},
        {"topic=" ID " former=12", ID, 12},
        {"former=12 topic=" ID, ID, 12},
        {"former=9223372036854775807 topic=" ID, ID, INT64_MAX},
        {"later=1  topic=" ID " more former=3 ", ID, 3},
        {"a program's own words", "", 0},
        {"{\"topic\":\"" ID "\"}", "", 0},
        {"topic=", "", 0},
        {"topic=" ID "x", "", 0},
        {"topic=AAECAwQFBgcICQoLDA0OD", "", 0},
        {"topic=AAECAwQFBgcICQoLDA0OD+", "", 0},
        {"topic=AAECAwQFBgcICQoLDA0OD\t", "", 0},
        {"TOPIC=" ID, "", 0},
        {"topic=" ID " former=-3", ID, 0},
        {"topic=" ID " former=3x", ID, 0},
        {"topic=" ID " former=9223372036854775808", ID, 0},
        {"stored=0 topic=" ID " former=3", ID, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct commit_metadata found = commit_metadata_parse(str_from(cases[i].text));
        assert_string_equal(found.topic.text, cases[i].topic);
        assert_int_equal(found.former, cases[i].former);
    }
}

static void an_offset_without_metadata_names_no_topic(void **state)
{
    (void)state;
    struct commit_metadata found = commit_metadata_parse((struct str){.data = NULL});
    assert_false(topic_id_known(&found.topic));
    assert_int_equal(found.former, 0);
}

static void bytes_that_are_no_text_name_no_topic(void **state)
{
    (void)state;
    static const char bytes[] = "topic=AAECAwQFBgcI\0QoLDA0OD_";
    struct commit_metadata found =
        commit_metadata_parse((struct str){.data = bytes, .length = sizeof bytes - 1});
    assert_false(topic_id_known(&found.topic));
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const struct {
        struct commit_metadata metadata;
        const char *want;
    } cases[] = {
        {{{""}, 0, false}, ""},
        {{{""}, 5, false}, ""},
        {{{""}, 5, true}, "stored=0"},
        {{{ID}, 0, false}, "topic=" ID},
        {{{ID}, 0, true}, "topic=" ID " stored=0"},
        {{{ID}, INT64_MAX, false}, "topic=" ID " former=9223372036854775807"},
        {{{ID}, INT64_MAX, true}, "topic=" ID " former=9223372036854775807 stored=0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[COMMIT_METADATA_SIZE];
        commit_metadata_format(&cases[i].metadata, text);
        assert_string_equal(text, cases[i].want);
        struct commit_metadata again = commit_metadata_parse(str_from(text));
        assert_string_equal(again.topic.text, cases[i].metadata.topic.text);
        assert_int_equal(again.nothing_stored, cases[i].metadata.nothing_stored);
    }
}

static void only_two_known_ids_differ(void **state)
{
    (void)state;
    const struct topic_id unknown = {""}, one = {ID}, other = {OTHER};
    assert_true(topic_id_differs(&one, &other));
    assert_false(topic_id_differs(&one, &one));
    assert_false(topic_id_differs(&one, &unknown));
    assert_false(topic_id_differs(&unknown, &other));
}

static void an_offset_holds_for_its_own_topic_only(void **state)
{
    (void)state;
    static const struct {
        struct commit_metadata found;
        int64_t offset;
        struct topic_id now;
        enum commit_place place;
        struct commit_metadata next;
    } cases[] = {
        {{{ID}, 4, false}, 10, {ID}, COMMIT_HOLDS, {{ID}, 4, false}},
        {{{ID}, 4, false},
         10,
         {""},
         COMMIT_HOLDS,
         {{ID}, 4, false}}, /* the id is not known: the old label */
        {{{""}, 0, false}, 10, {""}, COMMIT_HOLDS, {{""}, 0, false}},
        {{{""}, 0, false}, 10, {ID}, COMMIT_UNLABELLED, {{ID}, 0, false}},
        {{{OTHER}, 4, false}, 10, {ID}, COMMIT_FOREIGN, {{ID}, 14, false}},
        {{{OTHER}, 4, false}, 0, {ID}, COMMIT_FOREIGN, {{ID}, 4, false}},
        {{{OTHER}, INT64_MAX, false}, 10, {ID}, COMMIT_FOREIGN, {{ID}, INT64_MAX, false}},
        {{{OTHER}, 4, true}, 10, {ID}, COMMIT_FOREIGN, {{ID}, 14, true}},
        {{{""}, 0, false}, -1, {ID}, COMMIT_UNLABELLED, {{ID}, 0, true}}, /* nothing is committed */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(commit_metadata_place(&cases[i].found, &cases[i].now), cases[i].place);
        struct commit_metadata next =
            commit_metadata_next(&cases[i].found, cases[i].offset, &cases[i].now);
        assert_string_equal(next.topic.text, cases[i].next.topic.text);
        assert_int_equal(next.former, cases[i].next.former);
        assert_int_equal(next.nothing_stored, cases[i].next.nothing_stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_found_and_the_rest_is_skipped),
        cmocka_unit_test(an_offset_without_metadata_names_no_topic),
        cmocka_unit_test(bytes_that_are_no_text_name_no_topic),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(only_two_known_ids_differ),
        cmocka_unit_test(an_offset_holds_for_its_own_topic_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
