#include "market/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"

/* A list of coins that contains the coin. */
struct coverage_list {
    int64_t time_ns; /* of its event */
    int64_t index;   /* index of the coin in the whole list */
};

/* A span that the source says it covered, for the coins of a list from `first` to `last`. */
struct coverage_claim {
    int64_t begin_ns, end_ns;
    int64_t list_ns, first, last;
    int64_t interval_ms;
};

struct coverage_hole {
    int64_t begin_ns;
    int64_t end_ns;  /* INT64_MAX: not known yet */
    bool whole;      /* everything that was missed was refilled */
    int64_t told_ns; /* time of the hole's newest event, from which end_ns and whole are */
};

struct coverage coverage_begin(const char *source, const char *coin)
{
    struct coverage coverage = {.spans = NULL};
    (void)str_copy(str_from(source), coverage.source, sizeof coverage.source);
    (void)str_copy(str_from(coin), coverage.coin, sizeof coverage.coin);
    return coverage;
}

void coverage_free(struct coverage *coverage)
{
    free(coverage->spans);
    free(coverage->lists);
    free(coverage->claims);
    free(coverage->holes);
    *coverage = (struct coverage){.spans = NULL};
}

/* Notes the coin's index if the event `coins` contains it. A long list is cut into several
 * events. */
static bool add_list(struct coverage *coverage, const struct event *event, struct str rest)
{
    struct str coin;
    int64_t index = event->has_number ? event->number : 0;
    for (; str_split(&rest, ',', &coin); index++) {
        if (!str_equal_text(coin, coverage->coin)) {
            continue;
        }
        struct coverage_list *lists = array_room(coverage->lists, coverage->list_count,
                                                 &coverage->list_capacity, sizeof *lists);
        if (lists == NULL) {
            return false;
        }
        coverage->lists = lists;
        lists[coverage->list_count++] =
            (struct coverage_list){.time_ns = event->time_ns, .index = index};
    }
    return true;
}

/* Reads "LIST:FIRST-LAST". */
static bool read_range(struct str last, struct coverage_claim *claim)
{
    struct str list, first;
    return str_split(&last, ':', &list) && str_split(&last, '-', &first) &&
           str_to_int64(list, &claim->list_ns) && str_to_int64(first, &claim->first) &&
           str_to_int64(last, &claim->last);
}

static bool add_claim(struct coverage *coverage, const struct event *event, struct str detail)
{
    struct coverage_claim claim = {.begin_ns = event->begin_ns,
                                   .end_ns = event->end_ns,
                                   .interval_ms = event->has_number ? event->number : 0};
    if (!event->has_begin_ns || !event->has_end_ns || !read_range(detail, &claim)) {
        return true;
    }
    struct coverage_claim *claims = array_room(coverage->claims, coverage->claim_count,
                                               &coverage->claim_capacity, sizeof *claims);
    if (claims == NULL) {
        return false;
    }
    coverage->claims = claims;
    claims[coverage->claim_count++] = claim;
    return true;
}

/* Finds the hole that begins there, or adds it. Events with the same begin are of the same hole. A
 * closed one is opened again if the next connection is lost before a trade came. */
static struct coverage_hole *hole_at(struct coverage *coverage, int64_t begin_ns)
{
    for (size_t i = coverage->hole_count; i > 0; i--) {
        if (coverage->holes[i - 1].begin_ns == begin_ns) {
            return &coverage->holes[i - 1];
        }
    }
    struct coverage_hole *holes =
        array_room(coverage->holes, coverage->hole_count, &coverage->hole_capacity, sizeof *holes);
    if (holes == NULL) {
        return NULL;
    }
    coverage->holes = holes;
    holes[coverage->hole_count] =
        (struct coverage_hole){.begin_ns = begin_ns, .told_ns = INT64_MIN};
    return &holes[coverage->hole_count++];
}

static bool add_hole(struct coverage *coverage, const struct event *event, bool closed, bool whole)
{
    if (!event->has_begin_ns) {
        return true;
    }
    struct coverage_hole *hole = hole_at(coverage, event->begin_ns);
    if (hole == NULL) {
        return false;
    }
    if (event->time_ns >= hole->told_ns) {
        hole->told_ns = event->time_ns;
        hole->end_ns = event->has_end_ns ? event->end_ns : INT64_MAX;
        hole->whole = closed && whole;
    }
    return true;
}

bool coverage_add(struct coverage *coverage, const struct event *event, struct str detail)
{
    if (strcmp(event->source, coverage->source) != 0) {
        return true;
    }
    if (strcmp(event->what, "coins") == 0) {
        return add_list(coverage, event, detail);
    }
    if (strcmp(event->what, "covered") == 0) {
        return add_claim(coverage, event, detail);
    }
    if (strcmp(event->subject, coverage->coin) != 0) {
        return true;
    }
    bool closed = strcmp(event->what, "hole_closed") == 0;
    return (!closed && strcmp(event->what, "hole") != 0) ||
           add_hole(coverage, event, closed, str_equal_text(detail, "whole"));
}

/* Returns whether the claim is of the coin. The `coins` events of one list that was cut have times
 * in the same millisecond, and a claim names its list by the time of the first. */
static bool is_of_coin(const struct coverage *coverage, const struct coverage_claim *claim)
{
    for (size_t i = 0; i < coverage->list_count; i++) {
        const struct coverage_list *list = &coverage->lists[i];
        if (list->time_ns >= claim->list_ns &&
            list->time_ns / NS_PER_MS == claim->list_ns / NS_PER_MS &&
            list->index >= claim->first && list->index <= claim->last) {
            return true;
        }
    }
    return false;
}

/* Where a span of a state begins (step 1) or ends (-1). */
struct edge {
    int64_t time_ns;
    enum coverage_state state;
    int step;
    int64_t interval_ms;
};

static int compare_edges(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;
    return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

/* Lists the edges of all spans; returns how many. `edges` has room for two of each. */
static size_t list_edges(const struct coverage *coverage, struct edge *edges)
{
    size_t count = 0;
    for (size_t i = 0; i < coverage->claim_count; i++) {
        const struct coverage_claim *claim = &coverage->claims[i];
        if (is_of_coin(coverage, claim)) {
            edges[count++] = (struct edge){claim->begin_ns, COVERAGE_LIVE, 1, claim->interval_ms};
            edges[count++] = (struct edge){claim->end_ns, COVERAGE_LIVE, -1, claim->interval_ms};
        }
    }
    for (size_t i = 0; i < coverage->hole_count; i++) {
        const struct coverage_hole *hole = &coverage->holes[i];
        enum coverage_state state = hole->whole ? COVERAGE_REFILLED : COVERAGE_HOLE;
        edges[count++] = (struct edge){hole->begin_ns, state, 1, 0};
        edges[count++] = (struct edge){hole->end_ns, state, -1, 0};
    }
    return count;
}

/* Adds a span after the last one, or extends the last one if both have the same state. */
static bool add_span(struct coverage *coverage, const struct coverage_span *span)
{
    struct coverage_span *last =
        coverage->span_count > 0 ? &coverage->spans[coverage->span_count - 1] : NULL;
    if (last != NULL && last->end_ns == span->begin_ns && last->state == span->state &&
        last->interval_ms == span->interval_ms) {
        last->end_ns = span->end_ns;
        return true;
    }
    struct coverage_span *spans =
        array_room(coverage->spans, coverage->span_count, &coverage->span_capacity, sizeof *spans);
    if (spans == NULL) {
        return false;
    }
    coverage->spans = spans;
    spans[coverage->span_count++] = *span;
    return true;
}

/* Goes through the edges in time order: between two of them the worst state that is open holds. */
static bool sweep(struct coverage *coverage, const struct edge *edges, size_t count)
{
    int open[COVERAGE_STATES] = {0};
    int64_t interval_ms = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        open[edges[i].state] += edges[i].step;
        interval_ms = edges[i].state == COVERAGE_LIVE && edges[i].step > 0 ? edges[i].interval_ms
                                                                           : interval_ms;
        struct coverage_span span = {
            .begin_ns = edges[i].time_ns, .end_ns = edges[i + 1].time_ns, .state = COVERAGE_STATES};
        for (int state = 0; state < COVERAGE_STATES; state++) {
            span.state = open[state] > 0 ? (enum coverage_state)state : span.state;
        }
        span.interval_ms = span.state == COVERAGE_LIVE ? interval_ms : 0;
        if (span.state != COVERAGE_STATES && span.begin_ns < span.end_ns &&
            !add_span(coverage, &span)) {
            return false;
        }
    }
    return true;
}

bool coverage_conclude(struct coverage *coverage)
{
    size_t most = 2 * (coverage->claim_count + coverage->hole_count);
    struct edge *edges = calloc(most + 1, sizeof *edges);
    if (edges == NULL) {
        return false;
    }
    size_t count = list_edges(coverage, edges);
    qsort(edges, count, sizeof *edges, compare_edges);
    coverage->span_count = 0;
    bool done = sweep(coverage, edges, count);
    free(edges);
    return done;
}

/* Returns the index of the first span that ends after the time. */
static size_t first_after(const struct coverage *coverage, int64_t time_ns)
{
    size_t low = 0, high = coverage->span_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (coverage->spans[middle].end_ns <= time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Returns how many polls the span has before `time_ns`: one at its begin, and one after each
 * interval. */
static int64_t polls_before(const struct coverage_span *span, int64_t time_ns)
{
    if (span->interval_ms <= 0 || span->interval_ms > INT64_MAX / NS_PER_MS ||
        time_ns <= span->begin_ns) {
        return 0;
    }
    return (time_ns - span->begin_ns - 1) / (span->interval_ms * NS_PER_MS) + 1;
}

struct coverage_share coverage_of(const struct coverage *coverage, int64_t from_ns, int64_t to_ns)
{
    struct coverage_share share = {.length_ns = 0};
    if (to_ns <= from_ns || __builtin_sub_overflow(to_ns, from_ns, &share.length_ns)) {
        return (struct coverage_share){.length_ns = 0};
    }
    share.unknown_ns = share.length_ns;
    for (size_t i = first_after(coverage, from_ns);
         i < coverage->span_count && coverage->spans[i].begin_ns < to_ns; i++) {
        const struct coverage_span *span = &coverage->spans[i];
        int64_t begin_ns = span->begin_ns > from_ns ? span->begin_ns : from_ns;
        int64_t end_ns = span->end_ns < to_ns ? span->end_ns : to_ns;
        share.ns[span->state] += end_ns - begin_ns;
        share.unknown_ns -= end_ns - begin_ns;
        share.polls += polls_before(span, end_ns) - polls_before(span, begin_ns);
    }
    return share;
}

bool coverage_is_whole(const struct coverage_share *share)
{
    return share->length_ns > 0 && share->unknown_ns == 0 && share->ns[COVERAGE_HOLE] == 0;
}

double coverage_part(const struct coverage_share *share, int64_t ns)
{
    return share->length_ns > 0 ? (double)ns / (double)share->length_ns : 0;
}

double coverage_covered(const struct coverage_share *share)
{
    return coverage_part(share, share->ns[COVERAGE_LIVE] + share->ns[COVERAGE_REFILLED]);
}
