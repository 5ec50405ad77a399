#include "pipeline/group_events.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "kafka/reader/reader.h"
#include "pipeline/event_lease.h"
#include "pipeline/presence.h"
#include "pipeline/record_decoder.h"

enum {
    ROUND_MS = 3000,      /* time between two readings of the claims */
    TAIL_MESSAGES = 1000, /* how many messages of each partition are read: more than are written
                             in 30 s */
    QUIET_TIMEOUT_MS = 2000,
    NAMES_MAX = PRESENCE_MAX,
};

static const char watching[] = "watching";

struct group_events {
    struct group_events_config config;
    char name[EVENT_LEASE_NAME_MAX + 1]; /* this program's name in its claims */
    char subject[RECORD_KEY_MAX + 1];
    struct stop *stop;
    pthread_t thread;
    bool runs;
    struct record_decoder decoder; /* this and the next two are used by the thread only */
    struct text_arena texts;       /* the long texts of the event that was decoded last */
    struct event_lease reading;
    pthread_mutex_t lock;             /* protects the lease */
    struct event_lease lease;         /* the lease as of the last reading */
    struct presence brokers, members; /* used by the caller of group_events_seen() only */
};

static bool take(void *context, const struct message *message)
{
    struct group_events *events = context;
    union record_room record;
    struct error ignored;
    events->texts.length = 0;
    if (record_decode_wait(&events->decoder, &message->encoded, QUIET_TIMEOUT_MS, events->stop,
                           &record, &events->texts, &ignored) != DECODE_RECORD) {
        return !stop_requested(events->stop);
    }
    struct event event;
    memcpy(&event, &record, sizeof event);
    if (strcmp(event.what, watching) == 0 && strcmp(event.subject, events->subject) == 0) {
        event_lease_claim(&events->reading, event_detail(&event, &events->texts), event.time_ns);
    }
    return true;
}

/* Reads the claims in the log and sets `lease`. If that fails, `lease` is unchanged. */
static void read_lease(struct group_events *events)
{
    struct error error = {0};
    struct reader *reader = reader_create(&events->config.kafka, events->config.topic, &error);
    events->reading = (struct event_lease){.until_ns = 0};
    if (reader == NULL) {
        return;
    }
    reader_heed(reader, events->stop);
    if (reader_tail(reader, TAIL_MESSAGES, take, events, QUIET_TIMEOUT_MS, &error)) {
        pthread_mutex_lock(&events->lock);
        events->lease = events->reading;
        pthread_mutex_unlock(&events->lock);
    } else {
        log_debug("lease_unknown", log_text("reason", error.text));
    }
    reader_destroy(reader);
}

static struct event_lease lease_of(struct group_events *events)
{
    pthread_mutex_lock(&events->lock);
    struct event_lease lease = events->lease;
    pthread_mutex_unlock(&events->lock);
    return lease;
}

static void *run(void *context)
{
    struct group_events *events = context;
    (void)pthread_setname_np(pthread_self(), "group-events");
    do {
        read_lease(events);
        struct event_lease lease = lease_of(events);
        if (event_lease_is_due(&lease, events->name, clock_wall_ns())) {
            event_log_add(events->config.log, watching, events->subject,
                          EVENT_LEASE_NS / NS_PER_SECOND, events->name);
        }
    } while (!stop_wait_ms(events->stop, ROUND_MS));
    return NULL;
}

struct group_events *group_events_create(const struct group_events_config *config,
                                         struct error *error)
{
    struct group_events *events = calloc(1, sizeof *events);
    if (events == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    events->config = *config;
    events->decoder.kind = &event_kind;
    events->decoder.registry = config->registry;
    pthread_mutex_init(&events->lock, NULL);
    (void)snprintf(events->name, sizeof events->name, "%.60s/%d/%lld", config->client_id,
                   (int)getpid(), (long long)(clock_wall_ns() / NS_PER_MS));
    struct event event = {.time_ns = 0};
    char subject[300];
    (void)snprintf(subject, sizeof subject, "group/%.250s", config->group);
    event_set_subject(&event, str_from(subject));
    memcpy(events->subject, event.subject, sizeof events->subject);
    events->stop = stop_create(error);
    if (events->stop == NULL) {
        group_events_destroy(events);
        return NULL;
    }
    events->runs = pthread_create(&events->thread, NULL, run, events) == 0;
    if (!events->runs) {
        (void)error_set(error, ERROR_FATAL, "no thread for the group's events could be made");
        group_events_destroy(events);
        return NULL;
    }
    return events;
}

/* The context of write_change(). */
struct writing {
    struct group_events *events;
    bool mine; /* this program holds the lease, and so writes */
    const char *away, *back;
};

static void write_change(void *context, const char *name, bool back)
{
    const struct writing *writing = context;
    if (writing->mine) {
        event_log_add(writing->events->config.log, back ? writing->back : writing->away, name, -1,
                      NULL);
    }
}

void group_events_seen(struct group_events *events, const struct group_status *status)
{
    struct event_lease lease = lease_of(events);
    const char *names[NAMES_MAX];
    char brokers[NAMES_MAX][32];
    size_t count = 0;
    struct writing writing = {.events = events,
                              .mine = event_lease_is_mine(&lease, events->name, clock_wall_ns()),
                              .away = "broker_away",
                              .back = "broker_back"};
    for (int i = 0; i < status->brokers && count < NAMES_MAX; i++) {
        (void)snprintf(brokers[count], sizeof brokers[count], "broker/%d",
                       (int)status->broker_list[i].id);
        names[count] = brokers[count];
        count++;
    }
    presence_seen(&events->brokers, names, count, write_change, &writing);
    if (!status->members_known) {
        return;
    }
    count = status->member_count < NAMES_MAX ? status->member_count : NAMES_MAX;
    for (size_t i = 0; i < count; i++) {
        names[i] = status->members[i].client_id;
    }
    writing.away = "member_away";
    writing.back = "member_back";
    presence_seen(&events->members, names, count, write_change, &writing);
}

void group_events_destroy(struct group_events *events)
{
    if (events == NULL) {
        return;
    }
    if (events->runs) {
        stop_request(events->stop);
        pthread_join(events->thread, NULL);
    }
    record_decoder_release(&events->decoder);
    text_arena_free(&events->texts);
    stop_destroy(events->stop);
    pthread_mutex_destroy(&events->lock);
    free(events);
}
