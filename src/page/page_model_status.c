#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/figure.h"
#include "page/metrics.h"
#include "page/page_model_parts.h"
#include "page/rate.h"
#include "page/truth_lag_json.h"
#include "source/source.h"

enum {
    ASK_EVERY_MS = 1000,
    KAFKA_TIMEOUT_MS = 3000,
    WAITING_SIZE = ERROR_REASON_SIZE + 300,
};

/* What one round has learnt, before it is formatted as JSON. */
struct view {
    struct page_model *model;
    struct group_status groups[STREAMS_MAX]; /* the group's status on the topic of each stream;
                                                without partitions: unknown */
    bool group_known;                        /* the first topic's status is known */
    struct error group_error;
    bool other_unknown; /* the request for another topic's status failed */
    struct live_figures live;
    double ticks_per_second; /* -1: unknown */
    int64_t written;         /* ticks written by this process's members */
    bool stored_alone;       /* no new ticks can arrive through Kafka, but the store has candles
                                to show */
};

static void append_numbers(struct strbuf *json, const int32_t *numbers, size_t count)
{
    strbuf_append_char(json, '[');
    for (size_t i = 0; i < count; i++) {
        strbuf_append_format(json, "%s%d", i > 0 ? "," : "", (int)numbers[i]);
    }
    strbuf_append_char(json, ']');
}

/* Appends the partitions of a stream's topic. `status` is the group's on that topic; NULL: not
 * known. */
static void append_partitions(const struct view *view, size_t stream,
                              const struct group_status *status, struct strbuf *json)
{
    const char *topic = view->model->config.streams[stream].topic;
    if (status == NULL) {
        strbuf_append_text(json, ",\"partitions\":null");
        return;
    }
    strbuf_append_text(json, ",\"partitions\":[");
    for (size_t i = 0; i < status->partition_count; i++) {
        const struct partition_status *partition = &status->partitions[i];
        char owner[128];
        ownership_owner(view->model->ownership, topic, partition->partition, owner, sizeof owner);
        strbuf_append_format(json, "%s{\"partition\":%d", i > 0 ? "," : "",
                             (int)partition->partition);
        figure_append(json, "leader", partition->leader);
        figure_append(json, "replicas", partition->replicas);
        figure_append(json, "in_sync", partition->in_sync);
        figure_append(json, "begin", partition->begin);
        figure_append(json, "end", partition->end);
        figure_append(json, "committed", partition->committed);
        figure_append(json, "lag", partition->lag);
        page_model_append_age(page_model_partition_age(view->model, stream, i), json);
        strbuf_append_json_member(json, "owner", owner);
        strbuf_append_char(json, '}');
    }
    strbuf_append_char(json, ']');
}

/* Appends those partitions of the topic that the member owns. */
static void append_owned(const struct consumer_measures *measures, const char *topic,
                         struct strbuf *json)
{
    const char *separator = "";
    strbuf_append_char(json, '[');
    for (size_t i = 0; i < measures->partition_count; i++) {
        const struct owned_partition *owned = &measures->partitions[i];
        if (strcmp(owned->topic, topic) == 0) {
            strbuf_append_format(json, "%s%d", separator, (int)owned->partition);
            separator = ",";
        }
    }
    strbuf_append_char(json, ']');
}

/* Begins the JSON object of member `i`: its client id and its partitions of the topic. `status` is
 * the group's on that topic; it is used only for members of other processes. */
static void begin_member(const struct view *view, const char *topic,
                         const struct group_status *status, size_t i, struct strbuf *json)
{
    bool live = view->live.member_count > 0;
    strbuf_append_text(json, i > 0 ? ",{\"client_id\":" : "{\"client_id\":");
    strbuf_append_json_string(
        json, str_from(live ? view->live.members[i].client_id : status->members[i].client_id));
    strbuf_append_text(json, ",\"partitions\":");
    if (live) {
        append_owned(&view->live.members[i].measures, topic, json);
    } else {
        append_numbers(json, status->members[i].partitions, status->members[i].partition_count);
    }
}

static void append_live_members(const struct view *view, struct strbuf *json)
{
    for (size_t i = 0; i < view->live.member_count; i++) {
        const struct consumer_stats *stats = &view->live.members[i].stats;
        begin_member(view, view->model->config.streams[0].topic, NULL, i, json);
        strbuf_append_format(json, ",\"consumed\":%lld,\"written\":%lld",
                             (long long)stats->consumed, (long long)stats->written);
        strbuf_append_json_member(json, "trouble", stats->healthy ? NULL : stats->reason);
        strbuf_append_char(json, '}');
    }
}

static void append_group_members(const struct view *view, struct strbuf *json)
{
    for (size_t i = 0; i < view->groups[0].member_count; i++) {
        begin_member(view, view->model->config.streams[0].topic, &view->groups[0], i, json);
        strbuf_append_text(json, ",\"consumed\":null,\"written\":null,\"trouble\":null}");
    }
}

/* Returns why the members are unknown; NULL when they are known. */
static const char *members_unknown(const struct view *view)
{
    if (view->live.member_count > 0) {
        return NULL;
    }
    if (!view->group_known) {
        return view->group_error.text;
    }
    return view->groups[0].members_known ? NULL : view->groups[0].members_unknown_why;
}

static void append_members(const struct view *view, struct strbuf *json)
{
    const char *unknown = members_unknown(view);
    if (unknown != NULL) {
        strbuf_append_text(json, ",\"members\":null");
    } else {
        strbuf_append_text(json, ",\"members\":[");
        if (view->live.member_count > 0) {
            append_live_members(view, json);
        } else {
            append_group_members(view, json);
        }
        strbuf_append_char(json, ']');
    }
    strbuf_append_json_member(json, "members_unknown", unknown);
}

static void append_ingest(const struct view *view, struct strbuf *json)
{
    int64_t dead_lettered = 0;
    for (size_t i = 0; i < view->live.member_count; i++) {
        dead_lettered += view->live.members[i].stats.dead_lettered;
    }
    if (view->live.member_count > 0) {
        strbuf_append_format(json, ",\"written\":%lld,\"dead_lettered\":%lld",
                             (long long)view->written, (long long)dead_lettered);
    } else { /* the members are other processes */
        strbuf_append_text(json, ",\"written\":null,\"dead_lettered\":null");
    }
    page_model_append_sources(&view->live, atomic_load(&view->model->source_done), json);
}

/* Returns the first thing, in the order in which data passes, that keeps candles from arriving;
 * NULL when they arrive. */
static const char *waiting_for(const struct view *view, char text[WAITING_SIZE])
{
    const struct live_figures *live = &view->live;
    const char *source = page_model_sources_wait_for(live, text, WAITING_SIZE);
    if (source != NULL) {
        return source;
    }
    if (!view->group_known) {
        (void)snprintf(text, WAITING_SIZE, "Kafka (%s)", view->group_error.text);
        return view->stored_alone ? NULL : text;
    }
    if (view->model->end_total == 0 && !view->stored_alone) {
        return "the first price from the exchange";
    }
    for (size_t i = 0; i < live->member_count; i++) {
        if (!live->members[i].stats.healthy) {
            (void)snprintf(text, WAITING_SIZE, "%s (%s)", live->members[i].client_id,
                           live->members[i].stats.reason);
            return text;
        }
    }
    if (live->member_count > 0 && view->written == 0) {
        return "the first write to the store";
    }
    if (live->member_count == 0 && view->groups[0].members_known &&
        view->groups[0].member_count == 0 && !view->stored_alone) {
        return "a consumer: the group has no members (start one with `candlewick consume`)";
    }
    return NULL;
}

/* Returns why nothing new arrives although the store has candles to show; NULL when that is not the
 * case. */
static const char *no_news(const struct view *view, char text[WAITING_SIZE])
{
    if (!view->stored_alone) {
        return NULL;
    }
    if (!view->group_known) {
        (void)snprintf(text, WAITING_SIZE, "Kafka is away (%s)", view->group_error.text);
        return text;
    }
    return view->model->end_total == 0
               ? "nothing is in the topic"
               : "the group has no members (start one with `candlewick consume`)";
}

/* Returns a text about coins that two producers send at once; NULL when there are none. The caller
 * holds status_lock. */
static const char *two_producers(const struct page_model *model, char text[WAITING_SIZE])
{
    const struct log_overlap *overlap = &model->overlap;
    char coins[LOG_OVERLAP_COINS_SIZE];
    if (overlap->coins == 0) {
        return NULL;
    }
    log_overlap_coins(overlap, coins);
    (void)snprintf(text, WAITING_SIZE,
                   "%s (run ids %lld of %s and %lld of %s); stop one of the two, or give one other "
                   "--coins",
                   coins, (long long)overlap->earlier.run_id, overlap->earlier.source,
                   (long long)overlap->later.run_id, overlap->later.source);
    return text;
}

/* Returns the group's number of rebalances: every member counts them all, so the largest count is
 * the group's. For members in other processes it is inferred from changes of ownership. -1:
 * unknown. */
static int64_t rebalances(const struct view *view)
{
    if (members_unknown(view) != NULL) {
        return -1;
    }
    int64_t most = 0;
    for (size_t i = 0; i < view->live.member_count; i++) {
        int64_t seen = view->live.members[i].stats.rebalances;
        most = seen > most ? seen : most;
    }
    return view->live.member_count > 0 ? most : ownership_changes(view->model->ownership);
}

/* Appends which member owns which partitions of a topic; null if the members are not known. */
static void append_owners(const struct view *view, const char *topic,
                          const struct group_status *status, struct strbuf *json)
{
    bool live = view->live.member_count > 0;
    if (!live && (status == NULL || !status->members_known)) {
        strbuf_append_text(json, ",\"members\":null");
        return;
    }
    strbuf_append_text(json, ",\"members\":[");
    for (size_t i = 0; i < (live ? view->live.member_count : status->member_count); i++) {
        begin_member(view, topic, status, i, json);
        strbuf_append_char(json, '}');
    }
    strbuf_append_char(json, ']');
}

/* Appends a stream's figures. `status` is the group's on its topic; NULL: not known. */
static void append_stream(const struct view *view, size_t index, const struct group_status *status,
                          struct strbuf *json)
{
    const struct stream *stream = &view->model->config.streams[index];
    strbuf_append_format(json, "{\"kind\":\"%s\",\"topic\":", stream->kind->name);
    strbuf_append_json_string(json, str_from(stream->topic));
    strbuf_append_json_member(json, "dead_letter_topic", stream->dead_letter_topic);
    figure_append(json, "end", status != NULL ? group_status_end(status) : -1);
    figure_append(json, "lag", status != NULL ? group_status_lag(status) : -1);
    page_model_append_age(view->model->lags[index].age_ns, json);
    append_partitions(view, index, status, json);
    append_owners(view, stream->topic, status, json);
    truth_lag_append(json, &view->live, stream->kind->name);
    strbuf_append_char(json, '}');
}

static void append_streams(const struct view *view, struct strbuf *json)
{
    const struct page_model_config *config = &view->model->config;
    strbuf_append_text(json, ",\"streams\":[");
    for (size_t i = 0; i < config->stream_count; i++) {
        const struct group_status *status = &view->groups[i];
        strbuf_append_text(json, i > 0 ? "," : "");
        append_stream(view, i, status->partition_count > 0 ? status : NULL, json);
    }
    strbuf_append_char(json, ']');
}

static void build_json(const struct view *view, struct strbuf *json)
{
    struct page_model *model = view->model;
    char text[WAITING_SIZE];
    const char *strategy = model->config.strategy;
    if (strategy == NULL && view->group_known) {
        strategy = view->groups[0].strategy;
    }
    strbuf_clear(json);
    strbuf_append_format(json,
                         "{\"now\":%lld,\"topic\":", (long long)(clock_wall_ns() / NS_PER_MS));
    strbuf_append_json_string(json, str_from(model->config.streams[0].topic));
    strbuf_append_json_member(json, "group", model->config.group);
    strbuf_append_json_member(json, "strategy", strategy);
    strbuf_append_json_member(json, "waiting_for", waiting_for(view, text));
    strbuf_append_json_member(json, "no_news", no_news(view, text));
    strbuf_append_json_member(json, "two_producers", two_producers(model, text));
    figure_append(json, "brokers", view->group_known ? view->groups[0].brokers : -1);
    figure_append(json, "end_total", model->end_total);
    figure_append(json, "lag_total", model->lag_total);
    page_model_append_age(page_model_group_age(model), json);
    if (view->ticks_per_second >= 0) {
        strbuf_append_format(json, ",\"ticks_per_second\":%.1f", view->ticks_per_second);
    } else {
        strbuf_append_text(json, ",\"ticks_per_second\":null");
    }
    figure_append(json, "rebalances", rebalances(view));
    append_partitions(view, 0, view->group_known ? &view->groups[0] : NULL, json);
    append_members(view, json);
    append_ingest(view, json);
    append_streams(view, json);
    strbuf_append_text(json, ",\"timeline\":");
    ownership_to_json(model->ownership, json);
    strbuf_append_text(json, ",\"topics_made_again\":");
    ownership_remade_to_json(model->ownership, json);
    strbuf_append_char(json, '}');
}

/* Returns who owns the topic's partitions; an empty list if that is not known. The names are
 * borrowed from `status`; the caller frees `owners`. */
static struct topic_owners owners_of(const char *topic, const struct group_status *status)
{
    size_t count = status->members_known ? status->partition_count : 0;
    const char **owners = calloc(count + 1, sizeof *owners);
    for (size_t i = 0; owners != NULL && i < status->member_count; i++) {
        const struct member_status *member = &status->members[i];
        for (size_t k = 0; k < member->partition_count; k++) {
            if (member->partitions[k] >= 0 && (size_t)member->partitions[k] < count) {
                owners[member->partitions[k]] = member->client_id;
            }
        }
    }
    return (struct topic_owners){topic, owners, owners != NULL ? count : 0};
}

/* Records changes of ownership since the last round, for members of other processes. */
static void infer_owners(const struct view *view, int64_t now_ns)
{
    const struct page_model_config *config = &view->model->config;
    struct topic_owners topics[STREAMS_MAX];
    for (size_t i = 0; i < config->stream_count; i++) {
        topics[i] = owners_of(config->streams[i].topic, &view->groups[i]);
    }
    ownership_seen(view->model->ownership, topics, config->stream_count, now_ns);
    for (size_t i = 0; i < config->stream_count; i++) {
        free(topics[i].owners);
    }
}

/* Records what only the cluster knows: which topics were created again, and who the owners are if
 * the members are in other processes. */
static void infer_history(struct view *view)
{
    struct page_model *model = view->model;
    int64_t now_ns = clock_wall_ns();
    for (size_t i = 0; i < model->config.stream_count; i++) {
        ownership_topic_seen(model->ownership, model->config.streams[i].topic,
                             view->groups[i].topic_id.text, now_ns);
    }
    if (model->own_ownership != NULL) {
        infer_owners(view, now_ns);
    }
}

/* One reader of the group's status for each stream. */
struct readers {
    struct group_reader *items[STREAMS_MAX];
};

static bool read_status(struct group_reader **reader, const struct page_model_config *config,
                        const char *topic, struct group_status *status, struct error *error)
{
    if (*reader == NULL) {
        *reader = group_reader_create(&config->kafka, topic, config->group, error);
    }
    return *reader != NULL && group_reader_status(*reader, status, KAFKA_TIMEOUT_MS, error);
}

/* Reads the status of all topics but the first. A topic that does not exist counts as one without
 * messages; if a request fails otherwise, their number is unknown. */
static void read_other_topics(struct view *view, struct readers *readers)
{
    const struct page_model_config *config = &view->model->config;
    for (size_t i = 1; i < config->stream_count; i++) {
        struct error error = {.kind = ERROR_NONE};
        if (!read_status(&readers->items[i], config, config->streams[i].topic, &view->groups[i],
                         &error)) {
            group_status_free(&view->groups[i]);
            view->other_unknown = view->other_unknown || error.kind != ERROR_REJECT;
        }
    }
}

static void read_round(struct view *view, struct readers *readers)
{
    struct page_model *model = view->model;
    const struct page_model_config *config = &model->config;
    view->group_known = read_status(&readers->items[0], config, config->streams[0].topic,
                                    &view->groups[0], &view->group_error);
    if (view->group_known) {
        read_other_topics(view, readers);
    }
    page_model_figures(model, &view->live);
    for (size_t i = 0; i < view->live.member_count; i++) {
        view->written += view->live.members[i].stats.written;
    }
    if (view->group_known) {
        infer_history(view);
        if (config->on_status != NULL) {
            config->on_status(config->on_status_context, &view->groups[0]);
        }
    }
}

/* Returns whether nothing new can arrive through Kafka, so that only the store's content can be
 * shown. */
static bool is_quiet(const struct view *view)
{
    if (view->live.ingest_count > 0 || view->live.member_count > 0) {
        return !view->group_known;
    }
    return !view->group_known || group_status_end(&view->groups[0]) == 0 ||
           (view->groups[0].members_known && view->groups[0].member_count == 0);
}

/* Returns the sum of a figure over all topics that exist; -1 if one of them is unknown. */
static int64_t total_of(const struct view *view,
                        int64_t (*figure)(const struct group_status *status))
{
    int64_t total = view->group_known && !view->other_unknown ? figure(&view->groups[0]) : -1;
    for (size_t i = 1; i < view->model->config.stream_count && total >= 0; i++) {
        const struct group_status *status = &view->groups[i];
        int64_t more = status->partition_count > 0 ? figure(status) : 0;
        total = more >= 0 ? total + more : -1;
    }
    return total;
}

/* Returns how many ticks are in the log; -1: unknown, or there is no tick stream. */
static int64_t ticks_end(const struct view *view)
{
    const struct page_model *model = view->model;
    return model->ticks == NULL
               ? -1
               : group_status_end(&view->groups[model->ticks - model->config.streams]);
}

/* Updates the totals and the rate of ticks, which is unknown until the second round. */
static void add_up(struct view *view, struct rate *rate)
{
    struct page_model *model = view->model;
    int64_t end = view->group_known ? ticks_end(view) : -1;
    model->end_total = total_of(view, group_status_end);
    model->lag_total = total_of(view, group_status_lag);
    for (size_t i = 0; i < model->config.stream_count; i++) {
        bool known = view->groups[i].partition_count > 0;
        page_model_lag_sample(model, i, known ? &view->groups[i] : NULL);
    }
    bool begun = rate->count > 0;
    view->ticks_per_second = -1;
    if (end >= 0) {
        double since = rate_sample(rate, end, clock_monotonic_ns());
        view->ticks_per_second = begun ? since : -1;
    }
    if (page_model_sources_done(&view->live) && model->lag_total == 0) {
        atomic_store(&model->source_done, true);
    }
}

void page_model_status_begin(struct page_model *model)
{
    struct view *view = calloc(1, sizeof *view);
    if (view != NULL) {
        *view = (struct view){
            .model = model, .ticks_per_second = -1, .group_error = {.text = "not asked yet"}};
        build_json(view, &model->status_json);
    }
    free(view);
}

static void forget(struct view *view)
{
    for (size_t i = 0; i < view->model->config.stream_count; i++) {
        group_status_free(&view->groups[i]);
    }
}

static void destroy_readers(struct readers *readers)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        group_reader_destroy(readers->items[i]);
    }
}

void *page_model_status_thread(void *context)
{
    struct page_model *model = context;
    struct readers readers = {.items = {NULL}};
    struct rate rate = {0};
    struct view *view = calloc(1, sizeof *view);
    while (view != NULL) {
        *view = (struct view){.model = model};
        read_round(view, &readers);
        view->stored_alone = is_quiet(view) && page_model_has_coins(model);
        pthread_mutex_lock(&model->status_lock);
        add_up(view, &rate);
        (void)str_copy(str_from(view->group_known ? "" : view->group_error.text),
                       model->status_error, sizeof model->status_error);
        build_json(view, &model->status_json);
        if (!model->status_json.failed) {
            web_events_publish(model->events, "status", strbuf_str(&model->status_json));
        }
        pthread_mutex_unlock(&model->status_lock);
        forget(view);
        live_figures_clear(&view->live);
        if (stop_wait_ms(model->stop, ASK_EVERY_MS)) {
            break;
        }
    }
    destroy_readers(&readers);
    free(view);
    return NULL;
}

bool page_model_status(void *context, struct strbuf *json, struct error *error)
{
    struct page_model *model = context;
    pthread_mutex_lock(&model->status_lock);
    bool whole = !model->status_json.failed && model->status_json.length > 0;
    if (whole) {
        strbuf_append_str(json, strbuf_str(&model->status_json));
    }
    pthread_mutex_unlock(&model->status_lock);
    return whole || error_set(error, ERROR_FATAL, "the status is over %d bytes", PAGE_JSON_LIMIT);
}
