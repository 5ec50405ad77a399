#include "terminal/sparkline.h"

#include <math.h>

#include "cmocka_all.h"

static void sparkline_cases(void **state)
{
    (void)state;
    static const struct {
        double values[8];
        size_t count, columns;
        const char *want;
    } cases[] = {
        {{1, 2, 3, 4, 5, 6, 7}, 7, 7, "▁▂▃▄▅▆▇"},
        {{7, 1}, 2, 9, "▇▁"},                     /* no wider than there are values */
        {{1, 2, 3, 4, 5, 6, 7, 8}, 8, 4, "▁▃▅▇"}, /* each column has the last of its share */
        {{5, 5, 5}, 3, 3, "▄▄▄"},
        {{1, NAN, 3}, 3, 3, "▁ ▇"},
        {{1, 2, 3, NAN}, 4, 2, "▁▇"},
        {{NAN, NAN}, 2, 2, "  "},
        {{1, 2}, 2, 0, ""},
        {{0}, 0, 5, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strbuf text = strbuf_new(256);
        sparkline_append(cases[i].values, cases[i].count, cases[i].columns, &text);
        if (!str_equal_text(strbuf_str(&text), cases[i].want)) {
            fail_msg("case %zu: \"%s\"", i, strbuf_text(&text));
        }
        strbuf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparkline_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
