/* A page model over an in-process cluster: ticks in many partitions, bars, and bars whose topic is
 * missing; one member owns all partitions of the ticks. */
#ifndef CANDLEWICK_TESTS_PAGE_PAGE_FIXTURE_H
#define CANDLEWICK_TESTS_PAGE_PAGE_FIXTURE_H

#include <jansson.h>

#include "page/page_model.h"
#include "pipeline/ownership.h"
#include "pipeline_rig.h"
#include "record/bar.h"

enum { PARTITIONS = 100, SOON_MS = 20000 }; /* partitions: at most */

struct fixture {
    int partitions; /* of the ticks' topic */
    struct app_rig rig;
    struct ownership *ownership;
    struct stream streams[3];
    struct registry_client *registries[3];
    struct page_model *model;
    struct http_client *http;
    char folder[256];
    char store[300];
    char lab_results[300]; /* a file that is not there yet */
};

/* With so many partitions of ticks; *state is then a struct fixture. */
int page_set_up(void **state, int partitions);
int page_tear_down(void **state); /* for cmocka */

/* Asks the page, again while it answers 503, and fails the test unless it answers JSON with that
 * HTTP status in the end. To json_decref(). */
json_t *page_ask(struct fixture *fixture, const char *path, long status);

#endif
