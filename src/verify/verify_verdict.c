/* Writes the verdict in one sentence: what the report says, and how to fix it. */
#include <stdio.h>

#include "base/clock.h"
#include "verify/verify_text.h"

#define COUNT(number) ((long long)(number))

static void append_part(struct strbuf *text, int64_t number, const char *what, bool *any)
{
    if (number > 0) {
        strbuf_append_format(text, "%s%lld %s", *any ? ", " : "", COUNT(number), what);
        *any = true;
    }
}

/* Returns the oldest and the newest time of the faults that are listed. */
static struct store_span span_of(const struct verify_fault_list *list)
{
    struct store_span span = {.from_ns = list->items[0].time_ns, .to_ns = list->items[0].time_ns};
    for (size_t i = 1; i < list->count; i++) {
        int64_t time_ns = list->items[i].time_ns;
        span.from_ns = time_ns < span.from_ns ? time_ns : span.from_ns;
        span.to_ns = time_ns > span.to_ns ? time_ns : span.to_ns;
    }
    return span;
}

/* Appends the replay command that writes the records with this fault again. It begins at the oldest
 * of these faults, or at the first message if the report does not list them all. A fault has its
 * record's stored time, but --since compares moments, so the time is converted. */
static void append_since(const struct verify_report *report, const struct record_kind *records,
                         enum verify_fault_kind kind, struct strbuf *text)
{
    char since[CLOCK_TEXT_SIZE] = "first";
    if (report->faults[kind] <= VERIFY_FAULTS_MAX) {
        int64_t from_ns = span_of(&report->named[kind]).from_ns;
        clock_format_rfc3339(kind_range_begin(records, from_ns), since);
    }
    strbuf_append_format(text, "candlewick replay --since %s", since);
}

static void append_replay(const struct verify_report *report, const struct record_kind *kind,
                          struct strbuf *text)
{
    strbuf_append_text(text, "; ");
    append_since(report, kind, VERIFY_MISSING, text);
    strbuf_append_text(text, " writes what is missing (unless the store forgets it by --retention: "
                             "tell verify, too)");
}

/* Appends the names of the columns that the points lack, with `between` between them. */
static void append_lacked(const struct verify_report *report, const struct record_kind *kind,
                          const char *between, const char *behind, struct strbuf *text)
{
    const struct stored_columns columns = kind_stored_columns(kind);
    const char *before = "";
    for (size_t i = 0; i < columns.count; i++) {
        if ((report->older_lacks & 1U << i) != 0) {
            strbuf_append_format(text, "%s%s%s", before, column_stored_name(columns.items[i]),
                                 behind);
            before = between;
        }
    }
}

/* Returns whether the log has the message of every point, so that a replay can restore any point
 * that is deleted. */
static bool log_has_all(const struct verify_report *report)
{
    return report->forgotten + report->faults[VERIFY_FORMER] + report->faults[VERIFY_UNEXPECTED] ==
           0;
}

/* The remedy depends on the store: SQLite's INSERT does not change a row that exists
 * (store/sqlite), but InfluxDB adds the fields that are written again to those it has. */
static void append_older(const struct verify_report *report, const struct verify_source *source,
                         struct strbuf *text)
{
    const struct record_kind *kind = source->kind;
    strbuf_append_text(text, "; members that do not know ");
    append_lacked(report, kind, ", ", "", text);
    strbuf_append_text(text, " yet have written points without it: update all members, then ");
    append_since(report, kind, VERIFY_OLDER, text);
    strbuf_append_text(text, " adds it in InfluxDB; a SQLite store keeps the rows that it has, so "
                             "delete ");
    if (!log_has_all(report)) {
        strbuf_append_text(text, "there before just those that --format json names as older (the "
                                 "log cannot give back others)");
        return;
    }
    strbuf_append_format(text, "them there before: DELETE FROM %s WHERE (", kind->name);
    append_lacked(report, kind, " OR ", " IS NULL", text);
    bool all_listed = report->faults[VERIFY_OLDER] <= VERIFY_FAULTS_MAX;
    struct store_span span = all_listed ? span_of(&report->named[VERIFY_OLDER])
                                        : (struct store_span){source->from_ns, source->to_ns - 1};
    strbuf_append_format(text, ") AND time BETWEEN %lld AND %lld", COUNT(span.from_ns),
                         COUNT(span.to_ns));
    if (source->coin != NULL) {
        strbuf_append_format(text, " AND %s = '%s'", column_stored_name(kind->tags[0].column),
                             source->coin);
    }
}

static bool only_candles(const struct verify_report *report)
{
    int64_t others = report->not_yet_written + (int64_t)report->closed_count;
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        others += kind == VERIFY_CANDLE ? 0 : report->faults[kind];
    }
    return others == 0;
}

/* Nobody is at fault when the last member of a group has left an event of its own behind. */
static void append_unwritten(const struct verify_report *report, struct strbuf *text)
{
    if (report->parting > 0) {
        strbuf_append_format(text,
                             "; %lld of what is not yet written a member wrote as it left the "
                             "group, which is no fault: the next member that joins writes it to "
                             "the store",
                             COUNT(report->parting));
    }
    if (report->not_yet_written > report->parting) {
        strbuf_append_text(text, "; ask again when the group has caught up, or with a longer "
                                 "--wait");
    }
}

/* Returns the time from which on no point is a former one: the log's records of all series that
 * have former points begin by then. */
static int64_t former_until(const struct verify_report *report)
{
    int64_t until_ns = report->log_since_ns;
    for (uint32_t i = 0; i < report->series_count; i++) {
        int64_t since_ns = verify_series_since(report, i);
        bool later = report->series[i].faults[VERIFY_FORMER] > 0 && since_ns > until_ns;
        until_ns = later ? since_ns : until_ns;
    }
    return until_ns;
}

/* In `local` each start has a log of its own, but the store stays. */
static void append_former(const struct verify_report *report, const struct record_kind *kind,
                          struct strbuf *text)
{
    char since[CLOCK_TEXT_SIZE] = "the time at which it begins";
    if (report->log_since_ns < INT64_MAX) {
        clock_format_rfc3339(kind_range_end(kind, former_until(report)), since);
    }
    strbuf_append_format(text,
                         "; former points are of no message of this log, but of one before it: a "
                         "topic that was made again, or an earlier start of local, whose log ended "
                         "with it. Keep them; --from %s proves this log alone, and with a "
                         "--database (or SQLite file, or --data-dir) of its own it can be proved "
                         "whole",
                         since);
}

/* A deleted point without a message cannot be restored from the log. So no remedy says to delete
 * one. */
static void append_remedy(const struct verify_report *report, const struct verify_source *source,
                          struct strbuf *text)
{
    append_unwritten(report, text);
    if (report->faults[VERIFY_MISSING] > 0) {
        append_replay(report, source->kind, text);
    }
    if (report->missing_lettered > 0) {
        strbuf_append_format(text,
                             "; of %lld a dead letter says that the store refuses them, which its "
                             "columns do not: candlewick dlq retry writes them",
                             COUNT(report->missing_lettered));
    }
    if (report->faults[VERIFY_FOREIGN] > 0) {
        strbuf_append_text(
            text, "; foreign rows, columns and indexes are another program's: read "
                  "the topic into another --database (or SQLite file) with another --group");
    }
    if (report->closed_count > 0) {
        strbuf_append_text(text, "; start InfluxDB with a higher --query-file-limit, so that all "
                                 "can be looked at");
    }
    if (report->faults[VERIFY_DIFFERING] > 0) {
        strbuf_append_text(text, "; where points differ the log says what they should be: delete "
                                 "the differing ones alone, then replay (a SQLite store keeps what "
                                 "it has)");
    }
    if (report->faults[VERIFY_OLDER] > 0) {
        append_older(report, source, text);
    }
    if (report->faults[VERIFY_UNEXPECTED] > 0) {
        strbuf_append_text(text,
                           "; unexpected points are of no message, and the log cannot give "
                           "them back: keep them. An earlier start that replayed the same file "
                           "further wrote them, too, until this one is as far; else find out "
                           "who else writes to this store, and read the topic into another "
                           "--database (or SQLite file) with "
                           "another --group");
    }
    if (report->faults[VERIFY_FORMER] > 0) {
        append_former(report, source->kind, text);
    }
    if (report->faults[VERIFY_CONFLICTING] > 0) {
        strbuf_append_format(text, "; conflicting %s come from two producers of one coin",
                             source->kind->records);
    }
    if (report->faults[VERIFY_UNACCOUNTED] > 0) {
        strbuf_append_text(text, "; unaccounted messages have lost their dead letters, or the "
                                 "registry has lost their schema");
    }
    if (only_candles(report)) {
        strbuf_append_text(text, "; the points are those of the log, but candles of others were "
                                 "answered: somebody writes behind the log, ask again");
    }
}

/* Says which points are not proved. */
static void append_forgotten(const struct verify_report *report, struct strbuf *text)
{
    if (report->forgotten > 0) {
        strbuf_append_format(text,
                             " %lld points of the store are not provable: the log has forgotten "
                             "%lld messages.",
                             COUNT(report->forgotten), COUNT(report->log_forgot));
    }
}

static void append_blind(struct strbuf *text, bool *any, const char *what, const char *value)
{
    strbuf_append_format(text, "%s%s%s", *any ? ", " : " Not looked at: ", what, value);
    *any = true;
}

static void append_closed(const struct verify_report *report, struct strbuf *text, bool *any)
{
    char time[CLOCK_TEXT_SIZE];
    if (report->closed_count > 0) {
        clock_format_rfc3339(report->closed[0].from_ns, time);
        append_blind(text, any, "points of the store from ", time);
        clock_format_rfc3339(report->closed[0].to_ns, time);
        strbuf_append_format(text, " to %s", time);
    }
    if (report->closed_count > 1) {
        strbuf_append_format(text, " and %zu more such pieces", report->closed_count - 1);
    }
}

void verify_not_looked_at(const struct verify_report *report, const struct verify_source *source,
                          struct strbuf *text)
{
    char time[CLOCK_TEXT_SIZE];
    bool any = false;
    if (source->coin != NULL) {
        append_blind(text, &any, "coins other than ", source->coin);
    }
    if (source->from_ns > INT64_MIN) {
        clock_format_rfc3339(source->from_ns, time);
        append_blind(text, &any, "times before ", time);
    }
    if (source->to_ns < INT64_MAX) {
        clock_format_rfc3339(source->to_ns, time);
        append_blind(text, &any, "times from ", time);
    }
    if (source->undecided > 0) {
        char count[32];
        (void)snprintf(count, sizeof count, "%lld", COUNT(source->undecided));
        append_blind(text, &any, "messages behind a transaction that is open: ", count);
    }
    append_closed(report, text, &any);
    if (source->tables != NULL && source->tables[0] != '\0') {
        append_blind(text, &any, "tables whose stream --streams does not name: ", source->tables);
    }
    if (report->others[0] != '\0') {
        append_blind(text, &any, "what is not ours beside our tables: ", report->others);
    }
    if (any) {
        strbuf_append_char(text, '.');
    }
}

static void append_balance(const struct verify_report *report, const struct verify_source *source,
                           struct strbuf *text)
{
    const struct record_kind *kind = source->kind;
    if (report->records == 0 && report->points == 0) {
        strbuf_append_format(text,
                             "There is nothing to prove: of what was asked for the log has no %s, "
                             "and the store no point that it could know.",
                             kind->record);
        return;
    }
    strbuf_append_format(text,
                         "The books balance: %lld %s of the log are in the store, each once and "
                         "with the same bits; ",
                         COUNT(report->records - report->sent_twice - report->refused),
                         kind->records);
    if (!kind_folds(kind)) {
        strbuf_append_format(text, "no candles are made from %s.", kind->records);
    } else if (report->candles > 0) {
        strbuf_append_format(text, "%lld of %lld candles are proved.",
                             COUNT(report->candles_proved), COUNT(report->candles));
    } else {
        strbuf_append_text(text, "no candle is proved, as the log covers none wholly.");
    }
}

static void append_faults(const struct verify_report *report, const struct verify_source *source,
                          struct strbuf *text)
{
    bool any = false;
    strbuf_append_text(text, "The books do not balance: ");
    append_part(text, report->not_yet_written, "not yet written", &any);
    append_part(text, report->faults[VERIFY_MISSING], "missing", &any);
    append_part(text, report->faults[VERIFY_UNEXPECTED], "unexpected", &any);
    append_part(text, report->faults[VERIFY_FORMER], "of a former log", &any);
    append_part(text, report->faults[VERIFY_DIFFERING], "differing", &any);
    append_part(text, report->faults[VERIFY_OLDER], "written by an older member", &any);
    append_part(text, report->faults[VERIFY_CONFLICTING], "conflicting", &any);
    append_part(text, report->faults[VERIFY_FOREIGN], "foreign", &any);
    append_part(text, (int64_t)report->closed_count, "pieces of time not looked at", &any);
    append_part(text, report->faults[VERIFY_UNACCOUNTED], "unaccounted", &any);
    append_part(text, report->faults[VERIFY_CANDLE], "candles not proved", &any);
    append_remedy(report, source, text);
    strbuf_append_char(text, '.');
}

void verify_judgement(const struct verify_report *report, const struct verify_source *source,
                      struct strbuf *text)
{
    (report->balanced ? append_balance : append_faults)(report, source, text);
    append_forgotten(report, text);
}

void verify_verdict(const struct verify_report *report, const struct verify_source *source,
                    struct strbuf *text)
{
    verify_judgement(report, source, text);
    verify_not_looked_at(report, source, text);
}
