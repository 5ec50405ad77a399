/* Reports on the sources of this process. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/figure.h"
#include "page/page_model_parts.h"
#include "source/source.h"

/* Appends "rejected":{…} with each reason that has occurred. */
static void append_rejected(const struct row_counts *rows, struct strbuf *json)
{
    const char *separator = "";
    strbuf_append_text(json, "\"rejected\":{");
    for (int i = 0; i < ROW_FAULTS; i++) {
        if (rows->rejected[i] > 0) {
            strbuf_append_format(json, "%s\"%s\":%lld", separator, row_fault_names[i],
                                 (long long)rows->rejected[i]);
            separator = ",";
        }
    }
    strbuf_append_char(json, '}');
}

/* Appends an object with one source's figures. */
static void append_source(const struct ingest_stats *ingest, struct strbuf *json)
{
    const struct poller_stats *poller = &ingest->poller;
    bool waits = ingest->waiting_for[0] != '\0';
    strbuf_append_format(json, "{\"source\":\"%s\",\"kind\":\"%s\"", ingest->source,
                         ingest->kind->name);
    strbuf_append_format(json, ",\"produced\":%lld,", (long long)ingest->records.acknowledged);
    append_rejected(&poller->rows, json);
    strbuf_append_json_member(json, "waiting_for", ingest->waiting_for);
    strbuf_append_json_member(json, "trouble", waits || poller->healthy ? NULL : poller->reason);
    strbuf_append_json_member(json, "notice",
                              ingest->overlap[0] != '\0' ? ingest->overlap : poller->notice);
    figure_append(json, "interval_ms",
                  poller->interval_ns > 0 ? poller->interval_ns / NS_PER_MS : -1);
    strbuf_append_text(json, ",\"figures\":{");
    for (size_t i = 0; i < poller->figure_count; i++) {
        strbuf_append_format(json, "%s\"%s\":%lld", i > 0 ? "," : "", poller->figures[i].name,
                             (long long)poller->figures[i].value);
    }
    strbuf_append_text(json, "}}");
}

/* Appends "replay": how far the file is; null if no source of this process is a file. */
static void append_replay(const struct live_figures *live, bool done, struct strbuf *json)
{
    strbuf_append_text(json, ",\"replay\":");
    for (size_t i = 0; i < live->ingest_count; i++) {
        const struct poller_stats *poller = &live->ingests[i].poller;
        if (strcmp(live->ingests[i].source, "replay") == 0) {
            strbuf_append_text(json, "{\"speed\":");
            strbuf_append_json_double(json, poller->speed > 0 ? poller->speed : NAN);
            strbuf_append_text(json, ",\"share\":");
            strbuf_append_json_double(json, poller->share >= 0 ? poller->share : NAN);
            strbuf_append_format(json, ",\"finished\":%s}", done ? "true" : "false");
            return;
        }
    }
    strbuf_append_text(json, "null");
}

static void append_each(const struct live_figures *live, struct strbuf *json)
{
    strbuf_append_text(json, ",\"sources\":[");
    for (size_t i = 0; i < live->ingest_count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_source(&live->ingests[i], json);
    }
    strbuf_append_char(json, ']');
}

void page_model_append_sources(const struct live_figures *live, bool done, struct strbuf *json)
{
    struct row_counts rows = {0};
    int64_t produced = 0;
    append_replay(live, done, json);
    if (live->ingest_count == 0) {
        strbuf_append_text(json, ",\"produced\":null,\"rejected\":null,\"sources\":[]");
        return;
    }
    for (size_t i = 0; i < live->ingest_count; i++) {
        produced += live->ingests[i].records.acknowledged;
        for (int fault = 0; fault < ROW_FAULTS; fault++) {
            rows.rejected[fault] += live->ingests[i].poller.rows.rejected[fault];
        }
    }
    strbuf_append_format(json, ",\"produced\":%lld,", (long long)produced);
    append_rejected(&rows, json);
    append_each(live, json);
}

const char *page_model_sources_wait_for(const struct live_figures *live, char *text, size_t size)
{
    for (size_t i = 0; i < live->ingest_count; i++) {
        const struct ingest_stats *ingest = &live->ingests[i];
        if (ingest->waiting_for[0] != '\0') {
            return ingest->waiting_for;
        }
        if (!ingest->poller.healthy && ingest->poller.reason[0] != '\0') {
            (void)snprintf(text, size, "%s (%s)", ingest->source, ingest->poller.reason);
            return text;
        }
    }
    return NULL;
}

bool page_model_sources_done(const struct live_figures *live)
{
    bool done = live->ingest_count > 0;
    for (size_t i = 0; i < live->ingest_count; i++) {
        done = done && live->ingests[i].poller.ended && live->ingests[i].poller.healthy;
    }
    return done;
}
