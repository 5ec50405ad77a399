#include "fake_exchange/fake_fault.h"

#include <string.h>

#include "base/text/str.h"

const char *const fake_fault_names[FAKE_FAULTS] = {
    [FAKE_NONE] = "none", [FAKE_429] = "429",
    [FAKE_500] = "500",   [FAKE_MAINTENANCE] = "maintenance",
    [FAKE_HTML] = "html", [FAKE_TRUNCATED] = "truncated",
    [FAKE_SLOW] = "slow",
};

static bool refuse(struct str piece, const char *why, struct error *error)
{
    int shown = piece.length > 40 ? 40 : (int)piece.length;
    return error_set(error, ERROR_USAGE,
                     "fault \"%.*s\" %s; give kinds at request numbers, such as "
                     "429@3,5-7;slow@10;500@20- (kinds: 429, 500, maintenance, html, truncated, "
                     "slow)",
                     shown, piece.data, why);
}

static enum fake_fault kind_of(struct str name)
{
    for (int i = FAKE_NONE + 1; i < FAKE_FAULTS; ++i) {
        if (str_equal_text(name, fake_fault_names[i])) {
            return (enum fake_fault)i;
        }
    }
    return FAKE_NONE;
}

/* Removes the text before `mark`, and the mark, from the front of `rest`. Returns false when there
 * is no mark. */
static bool take_until(struct str *rest, char mark, struct str *piece)
{
    const char *at = rest->length > 0 ? memchr(rest->data, mark, rest->length) : NULL;
    if (at == NULL) {
        return false;
    }
    *piece = (struct str){rest->data, (size_t)(at - rest->data)};
    *rest = (struct str){at + 1, rest->length - piece->length - 1};
    return true;
}

/* Parses "7", "5-7" or "20-". */
static bool parse_place(struct str text, int64_t *first, int64_t *last)
{
    struct str rest = text;
    struct str start = text;
    bool range = take_until(&rest, '-', &start);
    if (!str_to_int64(str_trim(start), first) || *first < 1) {
        return false;
    }
    *last = *first;
    rest = str_trim(rest);
    if (range && rest.length == 0) {
        *last = INT64_MAX;
    } else if (range && (!str_to_int64(rest, last) || *last < *first)) {
        return false;
    }
    return true;
}

static bool parse_kind(struct str text, struct fake_faults *faults, struct error *error)
{
    struct str places = text;
    struct str name = {0};
    if (!take_until(&places, '@', &name)) {
        return refuse(text, "has no @", error);
    }
    enum fake_fault fault = kind_of(str_trim(name));
    if (fault == FAKE_NONE) {
        return refuse(text, "is of no known kind", error);
    }
    bool more = true;
    while (more) {
        struct str place = places;
        more = take_until(&places, ',', &place);
        if (faults->count == FAKE_RANGES) {
            return refuse(text, "is one too many: at most 100 numbers and ranges", error);
        }
        if (!parse_place(str_trim(place), &faults->ranges[faults->count].first,
                         &faults->ranges[faults->count].last)) {
            return refuse(text, "has a number that is none: N, N-M or N-, from 1", error);
        }
        faults->ranges[faults->count++].fault = fault;
    }
    return true;
}

bool fake_faults_parse(const char *text, struct fake_faults *faults, struct error *error)
{
    faults->count = 0;
    struct str rest = str_trim(str_from(text != NULL ? text : ""));
    bool more = rest.length > 0;
    while (more) {
        struct str piece = rest;
        more = take_until(&rest, ';', &piece);
        if (!parse_kind(str_trim(piece), faults, error)) {
            return false;
        }
    }
    return true;
}

enum fake_fault fake_fault_at(const struct fake_faults *faults, int64_t request)
{
    for (size_t i = 0; i < faults->count; ++i) {
        if (request >= faults->ranges[i].first && request <= faults->ranges[i].last) {
            return faults->ranges[i].fault;
        }
    }
    return FAKE_NONE;
}
