#include <string.h>

#include "base/text/str.h"

enum { NAME_MAX_BYTES = 40 };

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

size_t str_edit_distance(const char *left, const char *right)
{
    size_t rows = strlen(left);
    size_t columns = strlen(right);
    if (rows > NAME_MAX_BYTES || columns > NAME_MAX_BYTES) {
        return SIZE_MAX;
    }
    /* distance[i][j] is the edit distance between the first i bytes of `left` and the first j of
     * `right`. */
    size_t distance[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                distance[i][j] = i + j;
                continue;
            }
            size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
            size_t best = least(distance[i - 1][j], distance[i][j - 1]) + 1;
            best = least(best, distance[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                best = least(best, distance[i - 2][j - 2] + 1);
            }
            distance[i][j] = best;
        }
    }
    return distance[rows][columns];
}

size_t str_slips(const char *typo)
{
    size_t letters = strspn(typo, "-");
    letters = strlen(typo) - letters;
    return letters < 3 ? 0 : letters < 6 ? 1 : 2;
}
