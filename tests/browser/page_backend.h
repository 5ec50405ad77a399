/* What the page shows in its tests: made-up coins, a group of two members, messages. */
#ifndef CANDLEWICK_TESTS_BROWSER_PAGE_BACKEND_H
#define CANDLEWICK_TESTS_BROWSER_PAGE_BACKEND_H

#include <stdatomic.h>

#include "tape.h"
#include "web/server.h"

/* MODE_STREAMS: as live, with bars beside the ticks, whose topic was made again; two coins have
 * candles of trades and of bars of 5 minutes, too. */
enum page_mode {
    MODE_LIVE,
    MODE_EMPTY,
    MODE_FAILING,
    MODE_REPLAY,
    MODE_UNKNOWN,
    MODE_STREAMS,
    MODES
};
extern const char *const page_mode_names[MODES];
extern const char *const page_sources[MODES]; /* of the ticks, by mode */

struct page {
    enum page_mode mode;
    struct tape *tape;
    int64_t start_ms;      /* when the first member came */
    atomic_llong proof_ms; /* wall clock of the last start of a proof; 0: never */
};

/* Everything is borrowed. */
struct web_backend page_backend(struct page *page);

/* The same as the backend's: what "status" events carry. */
bool page_status(void *context, struct strbuf *json, struct error *error);

#endif
