#include "web/metrics.h"

#include <inttypes.h>
#include <math.h>

#include "base/text/number.h"

#define NO_LABEL ((struct metric_label){NULL, NULL})

static const char *const type_names[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
    [METRIC_SUMMARY] = "summary",
};

/* Escapes a help text, or with `quotes` a label's value, in which quotes must be escaped too. */
static void append_escaped(struct strbuf *text, const char *value, bool quotes)
{
    for (; *value != '\0'; ++value) {
        if (*value == '\n') {
            strbuf_append_text(text, "\\n");
        } else if (*value == '\\' || (quotes && *value == '"')) {
            strbuf_append_char(text, '\\');
            strbuf_append_char(text, *value);
        } else {
            strbuf_append_char(text, *value);
        }
    }
}

static void append_double(struct strbuf *text, double value)
{
    if (isnan(value)) {
        strbuf_append_text(text, "NaN");
    } else if (isinf(value)) {
        strbuf_append_text(text, value > 0 ? "+Inf" : "-Inf");
    } else {
        char number[NUMBER_TEXT_SIZE];
        strbuf_append(text, number, number_format(value, number));
    }
}

void metrics_family(struct strbuf *text, const char *name, enum metric_type type, const char *help)
{
    strbuf_append_format(text, "# HELP %s ", name);
    append_escaped(text, help, false);
    strbuf_append_format(text, "\n# TYPE %s %s\n", name, type_names[type]);
}

static void append_label(struct strbuf *text, bool first, const char *name, const char *value)
{
    strbuf_append_format(text, "%s%s=\"", first ? "" : ",", name);
    append_escaped(text, value, true);
    strbuf_append_char(text, '"');
}

/* Writes NAME SUFFIX {labels, last} and a blank; the value follows. `last.name` may be NULL. */
static void append_head(struct strbuf *text, const char *name, const char *suffix,
                        struct metric_labels labels, struct metric_label last)
{
    strbuf_append_text(text, name);
    strbuf_append_text(text, suffix);
    if (labels.count > 0 || last.name != NULL) {
        strbuf_append_char(text, '{');
        for (size_t i = 0; i < labels.count; ++i) {
            append_label(text, i == 0, labels.items[i].name, labels.items[i].value);
        }
        if (last.name != NULL) {
            append_label(text, labels.count == 0, last.name, last.value);
        }
        strbuf_append_char(text, '}');
    }
    strbuf_append_char(text, ' ');
}

void metrics_int(struct strbuf *text, const char *name, struct metric_labels labels, int64_t value)
{
    append_head(text, name, "", labels, NO_LABEL);
    strbuf_append_int64(text, value);
    strbuf_append_char(text, '\n');
}

void metrics_double(struct strbuf *text, const char *name, struct metric_labels labels,
                    double value)
{
    append_head(text, name, "", labels, NO_LABEL);
    append_double(text, value);
    strbuf_append_char(text, '\n');
}

static void append_sum(struct strbuf *text, const char *name, struct metric_labels labels,
                       double sum, uint64_t count)
{
    append_head(text, name, "_sum", labels, NO_LABEL);
    append_double(text, sum);
    strbuf_append_char(text, '\n');
    append_head(text, name, "_count", labels, NO_LABEL);
    strbuf_append_format(text, "%" PRIu64 "\n", count);
}

void metrics_histogram(struct strbuf *text, const char *name, struct metric_labels labels,
                       const struct metric_histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= histogram->count; ++i) {
        char bound[NUMBER_TEXT_SIZE] = "+Inf";
        if (i < histogram->count) {
            (void)number_format(histogram->bounds[i], bound);
        }
        total += histogram->counts[i];
        append_head(text, name, "_bucket", labels, (struct metric_label){"le", bound});
        strbuf_append_format(text, "%" PRIu64 "\n", total);
    }
    append_sum(text, name, labels, histogram->sum, total);
}

void metrics_summary(struct strbuf *text, const char *name, struct metric_labels labels,
                     const struct metric_summary *summary)
{
    for (size_t i = 0; i < summary->quantile_count; ++i) {
        char quantile[NUMBER_TEXT_SIZE];
        (void)number_format(summary->quantiles[i].quantile, quantile);
        append_head(text, name, "", labels, (struct metric_label){"quantile", quantile});
        append_double(text, summary->quantiles[i].value);
        strbuf_append_char(text, '\n');
    }
    append_sum(text, name, labels, summary->sum, summary->count);
}
