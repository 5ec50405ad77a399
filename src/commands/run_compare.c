#include <unistd.h>

#include "cli/output.h"
#include "cli/signal_watch.h"
#include "commands/commands.h"
#include "commands/compare_report.h"
#include "commands/wiring.h"
#include "pipeline/comparison.h"

enum { TEXT_LIMIT = 64 << 20 };

static bool report(const struct options *options, const struct comparison *comparison,
                   struct error *error)
{
    const struct compare_figures *judged = &comparison->pairs[TRADES_BARS].figures;
    struct strbuf text = strbuf_new(TEXT_LIMIT);
    if (options->format == FORMAT_JSON) {
        compare_to_json(&comparison->report, &text);
    } else {
        compare_to_table(&comparison->report, output_columns(STDOUT_FILENO), &text);
    }
    bool written = output_write(&text, error);
    strbuf_free(&text);
    return written &&
           (judged->reasons[COMPARE_UNEXPLAINED] == 0 ||
            error_set(error, ERROR_REJECT,
                      "%zu of %zu candles of trades differ from the exchange's bars, and "
                      "nothing explains it",
                      judged->reasons[COMPARE_UNEXPLAINED], judged->candles));
}

bool run_compare(const struct options *options, struct error *error)
{
    struct store_config config = wiring_store(options);
    const struct comparison_wanted wanted = {.coin = options->coin,
                                             .source = options->bar_source,
                                             .source_hint = "--bar-source ",
                                             .interval_ns = options->interval_ns,
                                             .from_ns = options->from_ns,
                                             .to_ns = options->to_ns};
    struct comparison comparison = {.source = ""};
    struct signal_watch *watch = NULL;
    struct store *store = NULL;
    struct stop *stop = stop_create(error);
    config.read_only = true;
    config.stop = stop;
    bool looked = stop != NULL && (watch = signal_watch_create(stop, 0, error)) != NULL &&
                  (store = store_open(&config, error)) != NULL &&
                  comparison_read(store, &wanted, &comparison, error);
    if (!looked) {
        error->kind = ERROR_USAGE; /* exit code 2, because 1 would mean that candles differ */
    }
    bool equal = looked && report(options, &comparison, error);
    comparison_free(&comparison);
    store_close(store);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return equal;
}
