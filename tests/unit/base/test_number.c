#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text/number.h"
#include "base/text/str.h"
#include "cmocka_all.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROUNDS = SUPPORT_SANITIZED ? 100000 : 1500000, LONGEST = 25 };

/* More than in every run: NUMBER_ROUNDS in the environment; docs/performance.md tells of 10^8. */
static long rounds(void)
{
    const char *wanted = getenv("NUMBER_ROUNDS");
    return wanted != NULL ? strtol(wanted, NULL, 10) : ROUNDS;
}

static const struct {
    double value;
    const char *want;
} cases[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-1, "-1"},
    {30000.1, "30000.1"},
    {0.00000123, "0.00000123"},
    {4e-8, "0.00000004"},
    {1e-22, "0.0000000000000000000001"},
    {-1e-22, "-0.0000000000000000000001"},
    {1e-23, "1e-23"},
    {0.1, "0.1"},
    {0.5, "0.5"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {123456789.123456, "123456789.123456"},
    {999999999999999, "999999999999999"},
    {99999999999999.9, "99999999999999.9"},
    {0.999999999999999, "0.999999999999999"},
    {1e15, "1000000000000000"},
    {9007199254740991, "9007199254740991"},
    {9007199254740992, "9007199254740992"},
    {9007199254740994, "9007199254740994"},
    {1e17, "1e+17"},
    {1e22, "1e+22"},
    {1.5e300, "1.5e+300"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {-DBL_MAX, "-1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {0x1p-1074, "5e-324"},
    {-0x1p-1074, "-5e-324"},
    {5e-5, "0.00005"},
    {101325.25, "101325.25"},
};

/* The text reads back as the same bits, by the C library and by ours, and is JSON. */
static void check(double value)
{
    char text[NUMBER_TEXT_SIZE];
    memset(text, '#', sizeof text);
    size_t length = number_format(value, text);
    double back = strtod(text, NULL);
    double ours = -1;
    if (length != strlen(text) || length > LONGEST || memcmp(&back, &value, sizeof value) != 0 ||
        !str_to_double(str_from(text), &ours) || memcmp(&ours, &value, sizeof value) != 0) {
        fail_msg("%a gave \"%.*s\"", value, (int)sizeof text, text);
    }
    const char *first = text[0] == '-' ? text + 1 : text;
    if (first[0] < '0' || first[0] > '9' ||
        (first[0] == '0' && first[1] >= '0' && first[1] <= '9')) {
        fail_msg("%s is not a JSON number", text);
    }
}

static void format_of_known_values_gives_their_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[NUMBER_TEXT_SIZE];
        assert_int_equal(number_format(cases[i].value, text), strlen(cases[i].want));
        assert_string_equal(text, cases[i].want);
        check(cases[i].value);
    }
}

static void format_of_random_bits_reads_back(void **state)
{
    (void)state;
    struct random random = random_seeded(7);
    for (long i = rounds(); i > 0; i--) {
        uint64_t bits = random_next(&random);
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) {
            check(value);
        }
    }
}

static void format_of_random_sizes_people_meet_reads_back(void **state)
{
    (void)state;
    struct random random = random_seeded(8);
    for (long i = rounds() / 2; i > 0; i--) {
        /* All 53 bits, between 2^-40 and 2^60. */
        int power = (int)(random_next(&random) % 100) - 40;
        check(ldexp(1 + random_unit(&random), power));
    }
}

static void format_next_to_whole_numbers_and_powers_reads_back(void **state)
{
    (void)state;
    for (int power = -1074; power < 1024; power++) {
        double value = ldexp(1, power);
        check(value);
        check(nextafter(value, INFINITY));
        check(nextafter(value, 0));
    }
    for (int power = -323; power <= 308; power++) {
        char text[16];
        (void)snprintf(text, sizeof text, "1e%d", power);
        double value = strtod(text, NULL);
        check(value);
        check(nextafter(value, INFINITY));
        check(nextafter(value, 0));
    }
}

/* `digits` with `decimals` of them behind the point, without needless noughts: as people write. */
static void write_plainly(uint64_t digits, int decimals, char text[40])
{
    while (decimals > 0 && digits % 10 == 0) {
        digits /= 10;
        decimals--;
    }
    char all[40];
    int length = snprintf(all, sizeof all, "%0*" PRIu64, decimals + 1, digits);
    (void)snprintf(text, 40, "%.*s%s%s", length - decimals, all, decimals > 0 ? "." : "",
                   all + length - decimals);
}

static void format_of_decimals_gives_the_text_they_came_from(void **state)
{
    (void)state;
    struct random random = random_seeded(9);
    for (long i = rounds(); i > 0; i--) {
        uint64_t limit = 10;
        for (uint64_t more = random_next(&random) % 15; more > 0; more--) {
            limit *= 10;
        }
        uint64_t digits = random_next(&random) % limit;
        int decimals = (int)(random_next(&random) % 23);
        char want[40];
        write_plainly(digits, decimals, want);
        char text[NUMBER_TEXT_SIZE];
        (void)number_format(strtod(want, NULL), text);
        if (strcmp(text, want) != 0) {
            fail_msg("%s came out as %s", want, text);
        }
    }
}

/* Below 2^26 each number of eight decimals is a double of its own. */
static void format_where_eight_decimals_end_keeps_every_decimal(void **state)
{
    (void)state;
    const uint64_t end = (UINT64_C(1) << 26) * 100000000;
    const uint64_t around[] = {1, UINT64_C(1) << 52, end, UINT64_C(1) << 53};
    for (size_t i = 0; i < COUNT(around); i++) {
        uint64_t first = around[i] > 2000 ? around[i] - 2000 : 0;
        for (uint64_t digits = first; digits < around[i] + 2000; digits++) {
            char want[40], text[NUMBER_TEXT_SIZE];
            write_plainly(digits, 8, want);
            double value = strtod(want, NULL);
            check(value);
            (void)number_format(value, text);
            if (digits < end && strcmp(text, want) != 0) {
                fail_msg("%s came out as %s", want, text);
            }
        }
    }
}

/* A locale with a decimal comma: the machine's, or one that is made for this test. */
static bool use_comma_locale(const char *folder)
{
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        char command[512];
        (void)snprintf(command, sizeof command,
                       "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1", folder);
        if (system(command) != 0 || setenv("LOCPATH", folder, 1) != 0 ||
            setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
            return false;
        }
    }
    char text[8];
    (void)snprintf(text, sizeof text, "%.1f", 0.5);
    return strcmp(text, "0,5") == 0;
}

static void format_and_parse_in_a_comma_locale_keep_the_point(void **state)
{
    (void)state;
    char folder[256];
    support_make_folder(folder, sizeof folder);
    bool comma = use_comma_locale(folder);
    bool same = true;
    for (size_t i = 0; comma && i < COUNT(cases); i++) {
        char text[NUMBER_TEXT_SIZE];
        (void)number_format(cases[i].value, text);
        double back = 1;
        same = same && strcmp(text, cases[i].want) == 0 && str_to_double(str_from(text), &back) &&
               memcmp(&back, &cases[i].value, sizeof back) == 0;
    }
    char after[8];
    (void)snprintf(after, sizeof after, "%.1f", 0.5);
    setlocale(LC_ALL, "C");
    support_remove_folder(folder);
    if (!comma) {
        print_message("no locale with a decimal comma can be had here: skipped\n");
        skip();
    }
    assert_true(same);
    assert_string_equal(after, "0,5"); /* the process's locale was left alone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format_of_known_values_gives_their_text),
        cmocka_unit_test(format_of_random_bits_reads_back),
        cmocka_unit_test(format_of_random_sizes_people_meet_reads_back),
        cmocka_unit_test(format_next_to_whole_numbers_and_powers_reads_back),
        cmocka_unit_test(format_of_decimals_gives_the_text_they_came_from),
        cmocka_unit_test(format_where_eight_decimals_end_keeps_every_decimal),
        cmocka_unit_test(format_and_parse_in_a_comma_locale_keep_the_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
