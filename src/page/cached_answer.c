#include "page/cached_answer.h"

#include "base/clock.h"

enum { TIMES_LONGER = 10 };

void cached_answer_init(struct cached_answer *answer, size_t limit, int least_ms)
{
    pthread_mutex_init(&answer->lock, NULL);
    answer->json = strbuf_new(limit);
    answer->error = (struct error){.kind = ERROR_NONE};
    answer->until_ns = 0;
    answer->least_ms = least_ms;
}

void cached_answer_free(struct cached_answer *answer)
{
    pthread_mutex_destroy(&answer->lock);
    strbuf_free(&answer->json);
}

/* Makes the answer anew. The caller holds the lock. */
static void renew(struct cached_answer *answer, answer_maker make, void *context)
{
    struct error error = {.kind = ERROR_NONE};
    int64_t begin_ns = clock_monotonic_ns();
    strbuf_clear(&answer->json);
    bool made = make(context, &answer->json, &error);
    if (made && answer->json.failed) {
        made = error_set(&error, ERROR_FATAL, "the figures are over the limit of an answer");
    }
    answer->error = made ? (struct error){.kind = ERROR_NONE} : error;
    int64_t end_ns = clock_monotonic_ns();
    int64_t least_ns = (int64_t)answer->least_ms * NS_PER_MS;
    int64_t longer_ns = TIMES_LONGER * (end_ns - begin_ns);
    answer->until_ns = end_ns + (longer_ns > least_ns ? longer_ns : least_ns);
}

bool cached_answer_get(struct cached_answer *answer, answer_maker make, void *context,
                       struct strbuf *json, struct error *error)
{
    pthread_mutex_lock(&answer->lock);
    if (clock_monotonic_ns() >= answer->until_ns) {
        renew(answer, make, context);
    }
    bool answered = answer->error.kind == ERROR_NONE;
    if (!answered) {
        *error = answer->error;
    } else if (json != NULL) {
        strbuf_append_str(json, strbuf_str(&answer->json));
    }
    pthread_mutex_unlock(&answer->lock);
    return answered;
}
