/*
 * What a source that asks a service knows of its requests, for status, healthz and /metrics: the
 * source's thread writes it, any thread reads it.
 */
#ifndef CANDLEWICK_SOURCE_SERVICE_SERVICE_HEALTH_H
#define CANDLEWICK_SOURCE_SERVICE_SERVICE_HEALTH_H

#include <pthread.h>

#include "source/source.h"

struct service_health {
    const char *source;                    /* its name; borrowed */
    const char *failed_event, *back_event; /* of the log: "news_failed", "news_back"; borrowed */
    pthread_mutex_t lock;                  /* protects the members below */
    char trouble[ERROR_REASON_SIZE];       /* why the last request failed; "": it did not */
    char notice[ERROR_REASON_SIZE];
    int64_t requests, failures;
};

void service_health_init(struct service_health *health, const char *source,
                         const char *failed_event, const char *back_event);
void service_health_free(struct service_health *health);

void service_health_asked(struct service_health *health);
/* A request failed for that reason, which is logged when it is another one than before. */
void service_health_failed(struct service_health *health, const char *reason);
/* A request brought an answer of use, which is logged after a failure. */
void service_health_answered(struct service_health *health);
/* A warning that does not make the source unhealthy; logged by the caller. */
void service_health_notice(struct service_health *health, const char *notice);

/* Fills in the report's trouble, notice and requests. */
void service_health_report(struct service_health *health, struct source_report *report);

#endif
