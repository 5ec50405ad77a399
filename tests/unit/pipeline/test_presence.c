#include "pipeline/presence.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"

/* What was told, as text: "-a+b". */
struct told {
    char text[200];
};

static void note(void *context, const char *name, bool back)
{
    struct told *told = context;
    size_t length = strlen(told->text);
    (void)snprintf(told->text + length, sizeof told->text - length, "%c%s", back ? '+' : '-', name);
}

static void who_was_seen_and_is_missing_twice_is_away(void **state)
{
    (void)state;
    static const struct {
        const char *names[3];
        size_t count;
        const char *want; /* told by now */
    } looks[] = {
        {{"a", "b"}, 2, ""},          {{"b"}, 1, ""}, /* once is nothing */
        {{"a", "b"}, 2, ""},          {{"b", "c"}, 2, ""},
        {{"b", "c"}, 2, "-a"},        {{"b", "c"}, 2, "-a"},
        {{"a", "b", "c"}, 3, "-a+a"}, {{NULL}, 0, "-a+a"},
        {{NULL}, 0, "-a+a-a-b-c"},    {{"c"}, 1, "-a+a-a-b-c+c"},
    };
    struct presence presence = {.count = 0};
    struct told told = {.text = ""};
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        presence_seen(&presence, looks[i].names, looks[i].count, note, &told);
        assert_string_equal(told.text, looks[i].want);
    }
}

static void more_names_than_there_is_room_for_are_not_noticed(void **state)
{
    (void)state;
    struct presence presence = {.count = 0};
    struct told told = {.text = ""};
    char names[PRESENCE_MAX + 5][16];
    const char *given[PRESENCE_MAX + 5];
    for (size_t i = 0; i < PRESENCE_MAX + 5; i++) {
        (void)snprintf(names[i], sizeof names[i], "%zu", i);
        given[i] = names[i];
    }
    presence_seen(&presence, given, PRESENCE_MAX + 5, note, &told);
    presence_seen(&presence, given, PRESENCE_MAX, note, &told);
    presence_seen(&presence, given, PRESENCE_MAX, note, &told);
    assert_string_equal(told.text, "");
    assert_int_equal(presence.count, PRESENCE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_seen_and_is_missing_twice_is_away),
        cmocka_unit_test(more_names_than_there_is_room_for_are_not_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
