#include "source/poll_coverage.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"

#define SAY_EVERY_NS (60 * NS_PER_SECOND)

/* What no event says yet of a coin. */
struct poll_coin {
    int64_t begin_ns;  /* since when it is covered; 0: it is not */
    int64_t answer_ns; /* when the newest answer with it came */
};

void poll_coverage_free(struct poll_coverage *coverage)
{
    source_batch_free(&coverage->events);
    coin_table_free(&coverage->coins);
    free(coverage->marks);
    *coverage = (struct poll_coverage){.writes = false};
}

/* Sets `failed` unless `done`. */
static void need(struct poll_coverage *coverage, bool done)
{
    coverage->failed = coverage->failed || !done;
}

void poll_coverage_start(struct poll_coverage *coverage, int64_t now_ns)
{
    if (coverage->writes) {
        need(coverage, run_events_add(&coverage->run, &coverage->events, now_ns, "started",
                                      coverage->run.source) != NULL);
    }
}

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Returns up to when the coin is covered, at most `until_ns`: if the newest answer lacked it, an
 * interval after the last one that had it. */
static int64_t end_of(const struct poll_coverage *coverage, size_t coin, int64_t until_ns)
{
    int64_t answer_ns = coverage->marks[coin].answer_ns;
    return answer_ns == coverage->answer_ns ? until_ns
                                            : least(until_ns, answer_ns + coverage->interval_ns);
}

/* Writes the list of coins, if it has grown. */
static void list_coins(struct poll_coverage *coverage, int64_t now_ns)
{
    if (coverage->listed != coverage->coins.count) {
        coverage->listed = coverage->coins.count;
        need(coverage,
             run_events_coins(&coverage->run, &coverage->events, now_ns, &coverage->coins));
    }
}

/* Returns whether both coins are covered for the same time. */
static bool is_alike(const struct poll_coverage *coverage, size_t left, size_t right,
                     int64_t until_ns)
{
    return coverage->marks[left].begin_ns == coverage->marks[right].begin_ns &&
           end_of(coverage, left, until_ns) == end_of(coverage, right, until_ns);
}

/* Adds what was covered up to `until_ns`, one event for coins that follow each other in the list
 * and are covered alike. From then on the coins of the newest answer are covered anew. */
static void say(struct poll_coverage *coverage, int64_t until_ns, int64_t now_ns)
{
    size_t next = 0, count = coverage->coins.count;
    list_coins(coverage, now_ns);
    for (size_t first = 0; first < count; first = next) {
        next = first + 1;
        while (next < count && is_alike(coverage, first, next, until_ns)) {
            next++;
        }
        const struct run_span span = {.begin_ns = coverage->marks[first].begin_ns,
                                      .end_ns = end_of(coverage, first, until_ns),
                                      .first = first,
                                      .last = next - 1,
                                      .interval_ms = coverage->interval_ns / NS_PER_MS};
        if (span.begin_ns != 0 && span.begin_ns < span.end_ns) {
            need(coverage, run_events_cover(&coverage->run, &coverage->events, now_ns, &span));
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct poll_coin *mark = &coverage->marks[i];
        bool goes_on = mark->begin_ns != 0 && mark->answer_ns == coverage->answer_ns;
        mark->begin_ns = goes_on ? until_ns : 0;
    }
    coverage->said_ns = now_ns;
}

void poll_coverage_past(struct poll_coverage *coverage, int64_t begin_ns, int64_t end_ns,
                        int64_t step_ns)
{
    if (coverage->writes && coverage->coins.count > 0) {
        coverage->past = (struct run_span){.begin_ns = begin_ns,
                                           .end_ns = end_ns,
                                           .last = coverage->coins.count - 1,
                                           .interval_ms = step_ns / NS_PER_MS};
    }
}

/* Adds what the past covered, up to now at most. */
static void say_past(struct poll_coverage *coverage, int64_t now_ns)
{
    struct run_span *past = &coverage->past;
    if (past->end_ns == 0) {
        return;
    }
    list_coins(coverage, now_ns);
    past->end_ns = least(past->end_ns, now_ns);
    need(coverage, past->begin_ns >= past->end_ns ||
                       run_events_cover(&coverage->run, &coverage->events, now_ns, past));
    past->end_ns = 0;
}

void poll_coverage_fail(struct poll_coverage *coverage, int64_t now_ns)
{
    say_past(coverage, now_ns);
    if (coverage->answer_ns == 0) { /* 0 also if `writes` is false */
        return;
    }
    say(coverage, least(now_ns, coverage->answer_ns + coverage->interval_ns), now_ns);
    for (size_t i = 0; i < coverage->coins.count; i++) {
        coverage->marks[i].begin_ns = 0;
    }
    coverage->answer_ns = 0;
}

void poll_coverage_answer(struct poll_coverage *coverage, int64_t now_ns)
{
    if (!coverage->writes) {
        return;
    }
    now_ns -= now_ns % NS_PER_MS; /* whole ms, as in the stamps of its ticks */
    say_past(coverage, now_ns);
    int64_t since_ns = now_ns - coverage->answer_ns;
    if (since_ns <= 0 || since_ns >= 2 * coverage->interval_ns) {
        poll_coverage_fail(coverage, now_ns); /* the clock went back, or a poll is missing */
    } else if (now_ns - coverage->said_ns >= SAY_EVERY_NS) {
        say(coverage, now_ns, now_ns);
    }
    coverage->said_ns = coverage->said_ns != 0 ? coverage->said_ns : now_ns;
    coverage->answer_ns = now_ns;
}

void poll_coverage_coin(struct poll_coverage *coverage, struct str coin)
{
    if (!coverage->writes) {
        return;
    }
    size_t before = coverage->coins.count;
    struct poll_coin *marks =
        array_room(coverage->marks, before, &coverage->mark_capacity, sizeof *marks);
    coverage->marks = marks != NULL ? marks : coverage->marks;
    const struct coin *found = marks != NULL ? coin_table_add(&coverage->coins, coin) : NULL;
    if (found == NULL) {
        coverage->failed = true;
        return;
    }
    struct poll_coin *mark = &marks[found - coverage->coins.coins];
    if (coverage->coins.count > before) {
        *mark = (struct poll_coin){.begin_ns = 0};
    }
    mark->begin_ns = mark->begin_ns != 0 ? mark->begin_ns : coverage->answer_ns;
    mark->answer_ns = coverage->answer_ns;
}

void poll_coverage_end(struct poll_coverage *coverage, int64_t now_ns)
{
    if (coverage->writes) {
        poll_coverage_fail(coverage, now_ns);
        need(coverage, run_events_end(&coverage->run, &coverage->events, now_ns));
    }
}
