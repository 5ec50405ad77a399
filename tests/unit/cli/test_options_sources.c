/* What is refused, and what is only remarked, about sources, their addresses, intervals and coins.
 */
#include <string.h>

#include "cli/options.h"
#include "cli/options_named_sources.h"
#include "cmocka_all.h"

enum { ARGUMENTS_MAX = 8 };

/* "produce --coins tBTCUSD": words with blanks between; they are written into `words`. */
static bool parse(char *words, struct options *options, struct error *error)
{
    static char name[] = "candlewick";
    static char *argv[ARGUMENTS_MAX + 1];
    struct options_input input = {.argc = 1, .argv = argv};
    argv[0] = name;
    for (char *word = words; word != NULL && input.argc < ARGUMENTS_MAX;) {
        char *blank = strchr(word, ' ');
        argv[input.argc++] = word;
        if (blank != NULL) {
            *blank++ = '\0';
        }
        word = blank;
    }
    argv[input.argc] = NULL;
    return options_parse(&input, options, error);
}

static void one_of_two_addresses_alone_is_refused_where_a_source_needs_both(void **state)
{
    (void)state;
    static const struct {
        const char *words, *want; /* NULL: it is taken */
    } cases[] = {
        {"produce --exchange-url http://a", "--exchange-ws-url too"},
        {"demo --exchange-url http://a", "--exchange-ws-url too"},
        {"produce --exchange-ws-url ws://a", "--exchange-url too"},
        {"produce --source bitfinex-trades --exchange-url http://a",
         "leaves the trades of bitfinex-trades at Bitfinex itself"},
        {"produce --exchange-url http://a --exchange-ws-url ws://a", NULL},
        {"produce --source bitfinex,bitfinex-bars --exchange-url http://a", NULL},
        {"produce --coins ALL --exchange-url http://a", NULL}, /* the tickers alone */
        {"produce --source synthetic --exchange-url http://a", NULL},
        {"produce --exchange-url https://api-pub.bitfinex.com", NULL}, /* that is no change */
        {"produce", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options;
        struct error error = {0};
        char words[200];
        (void)str_copy(str_from(cases[i].words), words, sizeof words);
        bool taken = parse(words, &options, &error);
        if (taken != (cases[i].want == NULL) ||
            (!taken && strstr(error.text, cases[i].want) == NULL)) {
            fail_msg("%s: %s", cases[i].words, error.text);
        }
        if (taken) {
            options_free(&options);
        } else {
            assert_int_equal(error.kind, ERROR_USAGE);
        }
    }
}

static void values_that_are_hardly_meant_are_remarked(void **state)
{
    (void)state;
    static const struct {
        const char *words, *want; /* "": nothing is remarked */
    } cases[] = {
        {"produce --source bitfinex --poll-interval 5s,bitfinex=1m", ""},
        {"produce --source bitfinex --poll-interval bitfinex-bars=1m",
         "--poll-interval bitfinex-bars=…: --source (bitfinex) does not name it\n"},
        {"produce --source bitfinex --coins tbtcusd,tETHUSD,tXrPUSD",
         "--coins tbtcusd: Bitfinex writes its coins in capitals: tBTCUSD?\n"
         "--coins tXrPUSD: Bitfinex writes its coins in capitals: tXRPUSD?\n"},
        {"produce --source synthetic --coins tbtcusd", ""},
        {"produce --source bitfinex,bitfinex-bars",
         "--streams ticker: the source bitfinex-bars makes records of the kind bar, which only "
         "members whose --streams has bar read\n"},
        {"produce --source bitfinex,bitfinex-bars --streams ticker,bar", ""},
        {"demo --source bitfinex-bars", ""}, /* it reads what its sources make */
        {"produce", ""},
        {"consume", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct options options;
        struct error error = {0};
        struct strbuf lines = strbuf_new(4000);
        char words[200];
        (void)str_copy(str_from(cases[i].words), words, sizeof words);
        if (!parse(words, &options, &error)) {
            fail_msg("%s: %s", cases[i].words, error.text);
        }
        options_source_remarks(&options, &lines);
        assert_string_equal(strbuf_text(&lines), cases[i].want);
        strbuf_free(&lines);
        options_free(&options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_two_addresses_alone_is_refused_where_a_source_needs_both),
        cmocka_unit_test(values_that_are_hardly_meant_are_remarked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
