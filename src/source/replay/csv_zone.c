#include "source/replay/csv_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum { PATH_SIZE = 256 };

/* Returns whether the name is that of a file below a folder, and not a way out of it. The zones
 * below right/ count leap seconds, which no time of ours does. */
static bool is_plain(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "_+-/";
    return name[0] != '\0' && name[0] != '/' && name[strspn(name, allowed)] == '\0' &&
           strncmp(name, "right/", strlen("right/")) != 0;
}

/* Returns whether the file holds the rules of a zone (tzfile(5)): with a folder's name, such as
 * Europe, the C library would silently use UTC. */
static bool has_rules(const char *path)
{
    static const char magic[] = {'T', 'Z', 'i', 'f'};
    char head[sizeof magic] = "";
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fread(head, sizeof head, 1, file) == 1;
    if (file != NULL) {
        (void)fclose(file);
    }
    return read && memcmp(head, magic, sizeof magic) == 0;
}

bool csv_zone_use(const char *name, struct error *error)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_SIZE];
    int length =
        snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/usr/share/zoneinfo", name);
    if (!is_plain(name) || length < 0 || length >= PATH_SIZE || !has_rules(path)) {
        return error_set(error, ERROR_USAGE,
                         "\"%s\" is no zone of this machine's tz database (/usr/share/zoneinfo; "
                         "package tzdata): say one such as Europe/Berlin, or an offset such as "
                         "+01:00",
                         name);
    }
    if (setenv("TZ", name, 1) != 0) {
        return error_set(error, ERROR_FATAL, "no memory for the zone %s", name);
    }
    tzset();
    return true;
}

/* Returns whether the moment shows this wall clock time. */
static bool shows(time_t moment, const struct tm *wall)
{
    struct tm shown;
    return localtime_r(&moment, &shown) != NULL && shown.tm_sec == wall->tm_sec &&
           shown.tm_min == wall->tm_min && shown.tm_hour == wall->tm_hour &&
           shown.tm_mday == wall->tm_mday && shown.tm_mon == wall->tm_mon &&
           shown.tm_year == wall->tm_year;
}

bool csv_zone_to_utc(int64_t wall_ns, int64_t *utc_ns, int64_t *again_ns)
{
    int64_t fraction_ns = wall_ns % NS_PER_SECOND;
    fraction_ns += fraction_ns < 0 ? NS_PER_SECOND : 0;
    time_t wall_s = (time_t)((wall_ns - fraction_ns) / NS_PER_SECOND);
    struct tm wall;
    if (gmtime_r(&wall_s, &wall) == NULL) {
        return false;
    }
    /* mktime() is asked for both the summer's and the winter's reading; each counts only if the
     * clocks then showed this time. */
    int64_t first_s = INT64_MAX, last_s = INT64_MIN;
    for (int summer = 0; summer <= 1; summer++) {
        struct tm asked = wall;
        asked.tm_isdst = summer;
        time_t moment = mktime(&asked);
        if (shows(moment, &wall)) {
            first_s = moment < first_s ? moment : first_s;
            last_s = moment > last_s ? moment : last_s;
        }
    }
    *again_ns = first_s <= last_s ? (last_s - first_s) * NS_PER_SECOND : 0;
    return first_s <= last_s && !__builtin_mul_overflow(first_s, NS_PER_SECOND, utc_ns) &&
           !__builtin_add_overflow(*utc_ns, fraction_ns, utc_ns);
}
