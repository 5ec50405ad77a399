/* The assignment lab on the page: what the assignors would do with this group's topics, and what
 * the last run of `candlewick lab run` has measured. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/whole_file.h"
#include "lab/model/plan.h"
#include "page/page_model_parts.h"

enum { RESULTS_LIMIT = 4 << 20, NAME_SIZE = 16 };

/* A prediction's group and plan; too large for a thread's stack. */
struct prediction {
    struct lab_group group;
    struct lab_plan plan;
    enum lab_strategy strategies[LAB_STRATEGIES];
    int strategy_count;
};

/* Adds the group's topics with the partitions that they have now. A topic that does not exist is
 * left out. */
static bool add_topics(struct page_model *model, struct lab_group *group, struct error *error)
{
    size_t counts[STREAMS_MAX];
    pthread_mutex_lock(&model->status_lock);
    for (size_t i = 0; i < model->config.stream_count; i++) {
        counts[i] = model->lags[i].partition_count;
    }
    pthread_mutex_unlock(&model->status_lock);
    for (size_t i = 0; i < model->config.stream_count; i++) {
        struct str topic = str_from(model->config.streams[i].topic);
        if (counts[i] > 0 && !lab_group_add_topic(group, topic, (int)counts[i], error)) {
            return false;
        }
    }
    return group->topic_count > 0 ||
           error_set(error, ERROR_RETRY,
                     "the topics' partitions are not known yet: ask again in a few seconds");
}

/* Names that sort by their number, because assignors sort members by their ids. */
static bool add_members(struct lab_group *group, int count, struct error *error)
{
    for (int i = 1; i <= count; i++) {
        char name[NAME_SIZE];
        (void)snprintf(name, sizeof name, count < 10 ? "m%d" : "m%02d", i);
        if (!lab_group_add_member(group, str_from(name), error)) {
            return false;
        }
        group->members[i - 1].present = true;
    }
    return true;
}

/* All members start together; then one joins or leaves. */
static struct lab_plan plan_of(const struct web_predict_wanted *wanted, struct lab_group *group)
{
    struct lab_plan plan = {.changes = {{.kind = LAB_START}}, .count = 1};
    if (wanted->change == WEB_PREDICT_JOIN) {
        plan.changes[plan.count++] =
            (struct lab_change){.kind = LAB_JOIN, .member = group->member_count - 1};
        group->members[group->member_count - 1].present = false;
    } else if (wanted->change == WEB_PREDICT_LEAVE) {
        plan.changes[plan.count++] =
            (struct lab_change){.kind = LAB_LEAVE, .member = wanted->member - 1};
    }
    return plan;
}

static bool predict(struct page_model *model, const struct web_predict_wanted *wanted,
                    struct prediction *prediction, struct strbuf *json, struct error *error)
{
    int members = wanted->members + (wanted->change == WEB_PREDICT_JOIN ? 1 : 0);
    if (!lab_strategies_parse(wanted->strategies, prediction->strategies,
                              &prediction->strategy_count, error) ||
        !add_topics(model, &prediction->group, error) ||
        !add_members(&prediction->group, members, error)) {
        return false;
    }
    prediction->plan = plan_of(wanted, &prediction->group);
    strbuf_append_text(json, "{\"topics\":[");
    for (int i = 0; i < prediction->group.topic_count; i++) {
        const struct lab_topic *topic = &prediction->group.topics[i];
        strbuf_append_text(json, i > 0 ? ",{\"topic\":" : "{\"topic\":");
        strbuf_append_json_string(json, str_from(topic->name));
        strbuf_append_format(json, ",\"partitions\":%d}", topic->partitions);
    }
    strbuf_append_text(json, "],\"strategies\":");
    lab_predict_append(&prediction->group, &prediction->plan, prediction->strategies,
                       prediction->strategy_count, FORMAT_JSON, 0, json);
    strbuf_append_char(json, '}');
    return true;
}

bool page_model_predict(void *context, const struct web_predict_wanted *wanted, struct strbuf *json,
                        struct error *error)
{
    struct prediction *prediction = calloc(1, sizeof *prediction);
    if (prediction == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    bool done = predict(context, wanted, prediction, json, error);
    free(prediction);
    return done;
}

/* Returns whether the text is what `lab run` writes; another file must not reach the page. */
static bool is_results(const struct strbuf *text)
{
    json_t *json = json_loadb(text->data, text->length, 0, NULL);
    bool results = json_is_array(json_object_get(json, "scenarios"));
    json_decref(json);
    return results;
}

bool page_model_lab_results(void *context, struct strbuf *json, struct error *error)
{
    const struct page_model *model = context;
    const char *path = model->config.lab_results;
    struct strbuf text = strbuf_new(RESULTS_LIMIT);
    bool there = path != NULL && whole_file_read(path, &text);
    bool done = true;
    if (!there && (path == NULL || errno == ENOENT || errno == ENOTDIR)) {
        strbuf_append_text(json, "{\"time\":null,\"scenarios\":[]}");
    } else if (!there) {
        done = error_set(error, ERROR_FATAL, "the lab's results in %.200s cannot be read: %s", path,
                         strerror(errno));
    } else if (text.failed || !is_results(&text)) {
        done = error_set(error, ERROR_FATAL,
                         "%.200s is not what candlewick lab run writes: remove it", path);
    } else {
        strbuf_append_str(json, strbuf_str(&text));
    }
    strbuf_free(&text);
    return done;
}
