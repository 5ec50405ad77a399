/* Draws who owned which partition, as SVG 1.1. */
#include <stdlib.h>

#include "base/clock.h"
#include "lab/model/plan.h"
#include "lab/report/report.h"

enum { LEFT = 110, RIGHT = 20, TOP = 56, ROW = 18, BAR = 14, WIDTH = 900, FOOT = 46 };

static const char *const colours[] = {"#4e9bd6", "#f0a04b", "#6bbf6b", "#d66f8f",
                                      "#9a7fd1", "#d9c04a", "#5fb8b0", "#909090"};

struct picture {
    const struct lab_result *result;
    int64_t from_ns, to_ns;
    struct strbuf *text;
};

static const char *colour_of(int member)
{
    return colours[(size_t)member % (sizeof colours / sizeof *colours)];
}

static double x_of(const struct picture *picture, int64_t at_ns)
{
    int64_t bounded = at_ns < picture->from_ns ? picture->from_ns
                      : at_ns > picture->to_ns ? picture->to_ns
                                               : at_ns;
    return LEFT + (double)(WIDTH - LEFT - RIGHT) * (double)(bounded - picture->from_ns) /
                      (double)(picture->to_ns - picture->from_ns);
}

/* Names consist of letters, digits, '.', '_' and '-': nothing needs escaping. */
static void append_rows(const struct picture *picture)
{
    const struct lab_group *group = &picture->result->group;
    for (int slot = 0; slot < group->slot_count; slot++) {
        int y = TOP + slot * ROW;
        strbuf_append_format(picture->text,
                             "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                             "fill=\"#f3f3f3\"/>\n<text x=\"%d\" y=\"%d\" text-anchor=\"end\">",
                             LEFT, y, WIDTH - LEFT - RIGHT, BAR, LEFT - 8, y + 11);
        lab_slot_append(group, slot, picture->text);
        strbuf_append_text(picture->text, "</text>\n");
    }
}

static void append_bars(const struct picture *picture, const struct lab_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct lab_span *span = &spans[i];
        if (span->from_ns >= picture->to_ns || span->to_ns <= picture->from_ns) {
            continue;
        }
        double x = x_of(picture, span->from_ns);
        strbuf_append_format(picture->text,
                             "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
                             "fill=\"%s\"><title>%s</title></rect>\n",
                             x, TOP + span->slot * ROW, x_of(picture, span->to_ns) - x, BAR,
                             colour_of(span->member),
                             picture->result->group.members[span->member].name);
    }
}

static void append_changes(const struct picture *picture)
{
    const struct lab_result *result = picture->result;
    int bottom = TOP + result->group.slot_count * ROW;
    for (int step = 1; step < result->step_count; step++) {
        double x = x_of(picture, result->marks[step].from_ns);
        strbuf_append_format(picture->text,
                             "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" "
                             "stroke=\"#333\" stroke-dasharray=\"3 3\"/>\n"
                             "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
                             x, TOP - 6, x, bottom, x, TOP - 10);
        lab_change_append(&result->group, result->marks[step].change, picture->text);
        strbuf_append_text(picture->text, "</text>\n");
    }
}

static void append_axis(const struct picture *picture)
{
    int y = TOP + picture->result->group.slot_count * ROW + 12;
    int64_t length_s = (picture->to_ns - picture->from_ns) / NS_PER_SECOND;
    int64_t step_s = length_s > 120 ? 20 : length_s > 40 ? 10 : length_s > 15 ? 5 : 1;
    for (int64_t second = 0; second <= length_s; second += step_s) {
        strbuf_append_format(picture->text,
                             "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#666\">"
                             "%lld s</text>\n",
                             x_of(picture, picture->from_ns + second * NS_PER_SECOND), y,
                             (long long)second);
    }
}

static void append_legend(const struct picture *picture)
{
    const struct lab_group *group = &picture->result->group;
    int y = TOP + group->slot_count * ROW + 22;
    int x = LEFT;
    for (int i = 0; i < group->member_count; i++) {
        strbuf_append_format(picture->text,
                             "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"14\" fill=\"%s\"/>\n"
                             "<text x=\"%d\" y=\"%d\">%s</text>\n",
                             x, y, colour_of(i), x + 20, y + 11, group->members[i].name);
        x += 80;
    }
    strbuf_append_format(picture->text,
                         "<text x=\"%d\" y=\"%d\" fill=\"#666\">light: nobody</text>\n", x, y + 11);
}

void lab_timeline_svg(const struct lab_result *result, struct strbuf *text)
{
    struct lab_span *spans;
    size_t count;
    if (result->step_count == 0) {
        return;
    }
    if (!lab_spans(&result->log, &spans, &count)) {
        text->failed = true;
        return;
    }
    struct picture picture = {.result = result,
                              .from_ns = result->marks[0].from_ns,
                              .to_ns = result->marks[result->step_count - 1].to_ns,
                              .text = text};
    int height = TOP + result->group.slot_count * ROW + FOOT;
    strbuf_append_format(text,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                         "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n"
                         "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
                         "<text x=\"%d\" y=\"20\" font-size=\"14\">%s, %s: who owned what</text>\n",
                         WIDTH, height, WIDTH, height, LEFT, result->scenario->name,
                         result->strategy);
    append_rows(&picture);
    append_bars(&picture, spans, count);
    append_changes(&picture);
    append_axis(&picture);
    append_legend(&picture);
    strbuf_append_text(text, "</svg>\n");
    free(spans);
}
