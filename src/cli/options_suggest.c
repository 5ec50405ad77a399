#include "cli/options_suggest.h"

#include "base/text/str.h"

const char *option_suggest_flag(const char *typo, enum command command)
{
    const char *nearest = NULL;
    size_t best = str_slips(typo) + 1;
    for (size_t i = 0; i < option_row_count; i++) {
        size_t distance = str_edit_distance(typo, option_rows[i].flag);
        if (option_row_applies(&option_rows[i], command) && distance < best) {
            nearest = option_rows[i].flag;
            best = distance;
        }
    }
    return nearest;
}

const char *option_suggest_command(const char *typo)
{
    const char *nearest = NULL;
    size_t best = str_slips(typo) + 1;
    for (int i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        size_t distance = str_edit_distance(typo, command_rows[i].name);
        if (distance < best) {
            nearest = command_rows[i].name;
            best = distance;
        }
    }
    return nearest;
}
