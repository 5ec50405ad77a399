#include "base/hash.h"
#include "cmocka_all.h"

static void known_texts_have_the_published_hashes(void **state)
{
    (void)state;
    /* Of the test vectors in RFC 9923. */
    static const struct {
        const char *text;
        size_t length;
        uint64_t hash;
    } cases[] = {
        {"", 0, UINT64_C(0xcbf29ce484222325)},
        {"a", 1, UINT64_C(0xaf63dc4c8601ec8c)},
        {"foobar", 6, UINT64_C(0x85944171f73967e8)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(hash_bytes(HASH_START, cases[i].text, cases[i].length) == cases[i].hash);
    }
}

static void parts_give_the_hash_of_the_whole(void **state)
{
    (void)state;
    uint64_t half = hash_bytes(HASH_START, "foo", 3);
    assert_true(hash_bytes(half, "bar", 3) == hash_bytes(HASH_START, "foobar", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_the_published_hashes),
        cmocka_unit_test(parts_give_the_hash_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
