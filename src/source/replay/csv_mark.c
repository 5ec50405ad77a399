#include "source/replay/csv_mark.h"

#include <string.h>

/* How many numbers can be read with a decimal point only or with a comma only, and whether there is
 * one with a comma that can be read either way. */
struct marks {
    int points, commas;
    bool perhaps_comma;
};

static bool holds(struct str field, char c)
{
    return field.length > 0 && memchr(field.data, c, field.length) != NULL;
}

static void look_at_number(char separator, struct str field, struct marks *marks)
{
    const struct csv_style with_point = {.separator = separator};
    const struct csv_style with_comma = {.separator = separator, .decimal_comma = true};
    double number = 0;
    if (!holds(field, '.') && !holds(field, ',')) {
        return;
    }
    bool point = csv_number_in(&with_point, field, &number);
    bool comma = csv_number_in(&with_comma, field, &number);
    marks->points += point && !comma ? 1 : 0;
    marks->commas += comma && !point ? 1 : 0;
    marks->perhaps_comma = marks->perhaps_comma || (point && comma && holds(field, ','));
}

bool csv_mark_is_comma(const struct csv_layout *layout, const struct str *rows, int count)
{
    struct marks marks = {.points = 0};
    struct csv_fields fields;
    for (int i = 0; i < count; i++) {
        bool split = csv_split(layout, rows[i], &fields);
        for (int k = 0; split && k < layout->column_count; k++) {
            if (layout->columns[k].column->type == COLUMN_DOUBLE) {
                look_at_number(layout->style.separator, fields.column[k], &marks);
            }
        }
    }
    bool told = marks.points > 0 || marks.commas > 0;
    return told ? marks.commas > marks.points
                : marks.perhaps_comma && layout->style.separator == ';';
}
