/* An answer that is computed once for all who ask within some seconds. Any thread. */
#ifndef CANDLEWICK_PAGE_CACHED_ANSWER_H
#define CANDLEWICK_PAGE_CACHED_ANSWER_H

#include <pthread.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text/strbuf.h"

/* Appends the answer to `json`, which is empty. */
typedef bool (*answer_maker)(void *context, struct strbuf *json, struct error *error);

struct cached_answer {
    pthread_mutex_t lock; /* protects the rest; held while the answer is made */
    struct strbuf json;
    struct error error; /* why the answer could not be made; otherwise of kind ERROR_NONE */
    int64_t until_ns;   /* monotonic time from which on it is made anew */
    int least_ms;
};

/* An answer serves for `least_ms`, or for ten times as long as it took to make, if that is longer.
 * A failure is kept as long as an answer: otherwise each of many who wait would try again. */
void cached_answer_init(struct cached_answer *answer, size_t limit, int least_ms);
void cached_answer_free(struct cached_answer *answer);

/* Appends the answer to `json` (NULL: nothing), after it has made it anew if it is too old. Returns
 * false with the maker's error. */
NODISCARD bool cached_answer_get(struct cached_answer *answer, answer_maker make, void *context,
                                 struct strbuf *json, struct error *error);

#endif
