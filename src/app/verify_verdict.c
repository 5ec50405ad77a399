/* One sentence for people: what the books say, and what mends them. */
#include "app/verify_text.h"
#include "base/clock.h"

#define COUNT(number) ((long long)(number))

static void append_part(struct strbuf *text, int64_t number, const char *what, bool *any)
{
    if (number > 0) {
        strbuf_append_format(text, "%s%lld %s", *any ? ", " : "", COUNT(number), what);
        *any = true;
    }
}

/* The oldest tick that is missing, of those named. */
static int64_t oldest_missing(const struct verify_report *report)
{
    const struct verify_fault_list *missing = &report->named[VERIFY_MISSING];
    int64_t oldest_ns = missing->items[0].time_ns;
    for (size_t i = 1; i < missing->count; i++) {
        oldest_ns = missing->items[i].time_ns < oldest_ns ? missing->items[i].time_ns : oldest_ns;
    }
    return oldest_ns;
}

/* More are missing than are named: then all that the topic holds. */
static void append_replay(const struct verify_report *report, struct strbuf *text)
{
    char since[CLOCK_TEXT_SIZE] = "first";
    if (report->faults[VERIFY_MISSING] <= VERIFY_FAULTS_MAX) {
        clock_format_rfc3339(oldest_missing(report), since);
    }
    strbuf_append_format(text,
                         "; candlewick replay --since %s writes what is missing (unless the store "
                         "forgets it by --retention: tell verify, too)",
                         since);
}

static bool only_candles(const struct verify_report *report)
{
    int64_t others = report->not_yet_written;
    for (size_t kind = 0; kind < VERIFY_KINDS; kind++) {
        others += kind == VERIFY_CANDLE ? 0 : report->faults[kind];
    }
    return others == 0;
}

static void append_remedy(const struct verify_report *report, struct strbuf *text)
{
    if (report->not_yet_written > 0) {
        strbuf_append_text(text, "; ask again when the group has caught up, or with a longer "
                                 "--wait");
    }
    if (report->faults[VERIFY_MISSING] > 0) {
        append_replay(report, text);
    }
    if (report->faults[VERIFY_DIFFERING] + report->faults[VERIFY_UNEXPECTED] > 0) {
        strbuf_append_text(text, "; the log does not say what the store holds there: delete those "
                                 "points, then replay (a SQLite store keeps what it has)");
    }
    if (report->faults[VERIFY_CONFLICTING] > 0) {
        strbuf_append_text(text, "; conflicting ticks come from two producers of one coin");
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

static void append_balance(const struct verify_report *report, struct strbuf *text)
{
    if (report->ticks == 0 && report->points == 0) {
        strbuf_append_text(text, "There is nothing to prove: of what was asked for the log has no "
                                 "tick, and the store no point that the log covers.");
        return;
    }
    strbuf_append_format(text,
                         "The books balance: %lld ticks of the log are in the store, each once and "
                         "with the same bits; ",
                         COUNT(report->ticks - report->sent_twice - report->refused));
    if (report->candles > 0) {
        strbuf_append_format(text, "%lld of %lld candles are proved.",
                             COUNT(report->candles_proved), COUNT(report->candles));
    } else {
        strbuf_append_text(text, "no candle is proved, as the log covers none wholly.");
    }
}

void verify_verdict(const struct verify_report *report, struct strbuf *text)
{
    if (report->balanced) {
        append_balance(report, text);
        return;
    }
    bool any = false;
    strbuf_append_text(text, "The books do not balance: ");
    append_part(text, report->not_yet_written, "not yet written", &any);
    append_part(text, report->faults[VERIFY_MISSING], "missing", &any);
    append_part(text, report->faults[VERIFY_UNEXPECTED], "unexpected", &any);
    append_part(text, report->faults[VERIFY_DIFFERING], "differing", &any);
    append_part(text, report->faults[VERIFY_CONFLICTING], "conflicting", &any);
    append_part(text, report->faults[VERIFY_UNACCOUNTED], "unaccounted", &any);
    append_part(text, report->faults[VERIFY_CANDLE], "candles not proved", &any);
    append_remedy(report, text);
    strbuf_append_char(text, '.');
}
