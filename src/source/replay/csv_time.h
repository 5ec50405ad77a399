/*
 * Parses times as files of prices write them. Pure, but for zones with a name (csv_zone.h).
 */
#ifndef CANDLEWICK_SOURCE_REPLAY_CSV_TIME_H
#define CANDLEWICK_SOURCE_REPLAY_CSV_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/text/str.h"

/* The zone of times that name none. */
struct csv_zone {
    int64_t east_s; /* seconds east of UTC */
    bool named;     /* the zone is that of csv_zone_use(), and east_s means nothing */
};

/* One time, as its row writes it. */
struct csv_time_text {
    struct str time;
    struct str time_of_day; /* if the file has a column for it; else of length 0. If it has a
                               date of its own, of about that day, it is used alone */
    bool date_column;       /* the column is called a date: 20240102 is a day, not a number */
    bool whole_days;        /* the record's time is the start of a day: "00:00" of any zone is
                               that date's */
};

/* What the time is. */
struct csv_time {
    int64_t time_ns;
    bool zoneless;    /* the text names no zone */
    int64_t again_ns; /* how much later this time occurred again, because the clocks were put
                         back; 0: it did not */
};

/*
 * Accepts what clock_parse_time_in_zone() does (how many digits a number has tells its unit), and
 * days like 20240102, times of day like 093000, hours like "03-AM" and "3:30 PM". A time that the
 * clocks of the zone skip is none.
 */
NODISCARD bool csv_time_parse(const struct csv_time_text *text, const struct csv_zone *zone,
                              struct csv_time *time);

#endif
