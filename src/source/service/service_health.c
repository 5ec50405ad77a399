#include "source/service/service_health.h"

#include <string.h>

#include "base/log.h"

void service_health_init(struct service_health *health, const char *source,
                         const char *failed_event, const char *back_event)
{
    *health = (struct service_health){
        .source = source, .failed_event = failed_event, .back_event = back_event};
    pthread_mutex_init(&health->lock, NULL);
}

void service_health_free(struct service_health *health)
{
    pthread_mutex_destroy(&health->lock);
}

void service_health_asked(struct service_health *health)
{
    pthread_mutex_lock(&health->lock);
    health->requests++;
    pthread_mutex_unlock(&health->lock);
}

void service_health_failed(struct service_health *health, const char *reason)
{
    pthread_mutex_lock(&health->lock);
    bool news = strncmp(health->trouble, reason, sizeof health->trouble - 1) != 0;
    (void)str_copy(str_from(reason), health->trouble, sizeof health->trouble);
    health->failures++;
    pthread_mutex_unlock(&health->lock);
    if (news) {
        log_warn(health->failed_event, log_text("source", health->source),
                 log_text("reason", reason));
    }
}

void service_health_answered(struct service_health *health)
{
    pthread_mutex_lock(&health->lock);
    bool failed = health->trouble[0] != '\0';
    health->trouble[0] = '\0';
    pthread_mutex_unlock(&health->lock);
    if (failed) {
        log_info(health->back_event, log_text("source", health->source));
    }
}

void service_health_notice(struct service_health *health, const char *notice)
{
    pthread_mutex_lock(&health->lock);
    (void)str_copy(str_from(notice), health->notice, sizeof health->notice);
    pthread_mutex_unlock(&health->lock);
}

void service_health_report(struct service_health *health, struct source_report *report)
{
    pthread_mutex_lock(&health->lock);
    memcpy(report->trouble, health->trouble, sizeof report->trouble);
    memcpy(report->notice, health->notice, sizeof report->notice);
    report->requests = health->requests;
    report->request_errors = health->failures;
    pthread_mutex_unlock(&health->lock);
}
