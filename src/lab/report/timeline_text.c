/* Draws who owned which partition on a terminal: a line per partition, a character per time
 * step. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/fit.h"
#include "lab/model/plan.h"
#include "lab/report/report.h"

enum { NAME_COLUMNS = 12, COLUMNS_LEAST = 20, CHANGE_LIMIT = 1024 };

struct drawing {
    const struct lab_result *result;
    int columns;
    bool colours;
    int64_t from_ns, to_ns;
    struct lab_span *spans;
    size_t span_count;
};

/* Backgrounds of the 256-colour palette on which black letters are readable. */
static const int backgrounds[] = {117, 215, 114, 211, 183, 222, 152, 245};

static void append_letter(const struct drawing *drawing, int owner, struct strbuf *text)
{
    if (owner == LAB_NOBODY) {
        strbuf_append_char(text, ' ');
        return;
    }
    char letter = (char)(owner < 10 ? '0' + owner : 'a' + owner - 10);
    if (drawing->colours) {
        int colour = backgrounds[(size_t)owner % (sizeof backgrounds / sizeof *backgrounds)];
        strbuf_append_format(text, "\033[30;48;5;%dm%c\033[0m", colour, letter);
    } else {
        strbuf_append_char(text, letter);
    }
}

/* Returns the owner in the middle of the column's time step. */
static int owner_at(const struct drawing *drawing, int slot, int column)
{
    int64_t width_ns = drawing->to_ns - drawing->from_ns;
    int64_t at_ns = drawing->from_ns + width_ns * (2 * column + 1) / (2 * drawing->columns);
    for (size_t i = 0; i < drawing->span_count; i++) {
        const struct lab_span *span = &drawing->spans[i];
        if (span->slot == slot && span->from_ns <= at_ns && at_ns < span->to_ns) {
            return span->member;
        }
    }
    return LAB_NOBODY;
}

static void append_slot(const struct drawing *drawing, int slot, struct strbuf *text)
{
    struct strbuf name = strbuf_new(LAB_NAME_SIZE * 2);
    lab_slot_append(&drawing->result->group, slot, &name);
    strbuf_append_format(text, "%-*.*s ", NAME_COLUMNS, NAME_COLUMNS, strbuf_text(&name));
    strbuf_free(&name);
    strbuf_append_char(text, '|');
    for (int column = 0; column < drawing->columns; column++) {
        append_letter(drawing, owner_at(drawing, slot, column), text);
    }
    strbuf_append_text(text, "|\n");
}

/* Appends a line for each change, with a mark at its time. */
static void append_changes(const struct drawing *drawing, struct strbuf *text)
{
    const struct lab_result *result = drawing->result;
    for (int step = 1; step < result->step_count; step++) {
        int64_t at_ns = result->marks[step].from_ns - drawing->from_ns;
        int column = (int)(at_ns * drawing->columns / (drawing->to_ns - drawing->from_ns));
        struct strbuf change = strbuf_new(CHANGE_LIMIT);
        lab_change_append(&result->group, result->marks[step].change, &change);
        strbuf_append_format(&change, ", %.1f s", (double)at_ns / (double)NS_PER_SECOND);
        int mark = NAME_COLUMNS + 2 + column; /* blanks before it */
        int length = (int)fit_columns(strbuf_str(&change)) + 1;
        if (column + length <= drawing->columns || length > mark) {
            strbuf_append_format(text, "%*s^ %s\n", mark, "", strbuf_text(&change));
        } else {
            strbuf_append_format(text, "%*s%s ^\n", mark - length, "", strbuf_text(&change));
        }
        strbuf_free(&change);
    }
}

/* Appends a gap, or starts a new line when the current one has no room for `wanted` columns. */
static void make_room(const struct drawing *drawing, int wanted, int *used, struct strbuf *text)
{
    bool breaks = *used > 0 && *used + 2 + wanted > drawing->columns;
    if (breaks) {
        strbuf_append_format(text, "\n%*s", NAME_COLUMNS + 2, "");
    } else {
        strbuf_append_text(text, *used > 0 ? "  " : "");
    }
    *used = wanted + (breaks || *used == 0 ? 0 : *used + 2);
}

static void append_legend(const struct drawing *drawing, struct strbuf *text)
{
    const struct lab_group *group = &drawing->result->group;
    struct strbuf end = strbuf_new(CHANGE_LIMIT);
    int used = 0;
    strbuf_append_format(text, "%*s", NAME_COLUMNS + 2, "");
    for (int i = 0; i < group->member_count; i++) {
        make_room(drawing, (int)strlen(group->members[i].name) + 2, &used, text);
        append_letter(drawing, i, text);
        strbuf_append_format(text, " %s", group->members[i].name);
    }
    strbuf_append_format(&end, "blank: nobody; %.1f s in all",
                         (double)(drawing->to_ns - drawing->from_ns) / (double)NS_PER_SECOND);
    make_room(drawing, (int)end.length, &used, text);
    strbuf_append_str(text, strbuf_str(&end));
    strbuf_append_char(text, '\n');
    strbuf_free(&end);
}

void lab_timeline_text(const struct lab_result *result, int columns, bool colours,
                       struct strbuf *text)
{
    struct drawing drawing = {.result = result, .colours = colours};
    drawing.columns = columns - NAME_COLUMNS - 3;
    drawing.columns = drawing.columns < COLUMNS_LEAST ? COLUMNS_LEAST : drawing.columns;
    if (result->step_count == 0) {
        return;
    }
    drawing.from_ns = result->marks[0].from_ns;
    drawing.to_ns = result->marks[result->step_count - 1].to_ns;
    if (!lab_spans(&result->log, &drawing.spans, &drawing.span_count)) {
        text->failed = true;
        return;
    }
    strbuf_append_format(text, "%s, %s, run %d: who owned what\n", result->scenario->name,
                         result->strategy, result->repeat);
    for (int slot = 0; slot < result->group.slot_count; slot++) {
        append_slot(&drawing, slot, text);
    }
    append_changes(&drawing, text);
    append_legend(&drawing, text);
    free(drawing.spans);
}
