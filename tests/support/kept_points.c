#include "kept_points.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 20 };

struct point {
    struct point *next;    /* in its bucket */
    struct point *version; /* the same identity with the fields that came before these */
    struct kept_line line;
    int64_t first_ns, last_ns;
    int64_t writes;
};

struct kept {
    pthread_mutex_t lock;
    struct point **buckets;
    struct kept_counts counts;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("fault_store: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

struct kept *kept_create(void)
{
    struct kept *kept = must(calloc(1, sizeof *kept));
    kept->buckets = must(calloc(BUCKETS, sizeof *kept->buckets));
    pthread_mutex_init(&kept->lock, NULL);
    return kept;
}

/* FNV-1a over coin and time. */
static size_t bucket_of(const struct kept_line *line)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = line->coin; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    for (int shift = 0; shift < 64; shift += 8) {
        hash = (hash ^ ((uint64_t)line->time_ns >> shift & 0xff)) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32) % BUCKETS;
}

static bool same_fields(const struct kept_fields *a, const struct kept_fields *b)
{
    return a->present == b->present && a->seq == b->seq && a->run_id == b->run_id &&
           memcmp(a->bits, b->bits, sizeof a->bits) == 0;
}

static struct point *new_point(const struct kept_line *line, int64_t now_ns)
{
    struct point *point = must(calloc(1, sizeof *point));
    point->line = *line;
    point->first_ns = point->last_ns = now_ns;
    point->writes = 1;
    return point;
}

static bool put(struct kept *kept, const struct kept_line *line, int64_t now_ns)
{
    struct point **place = &kept->buckets[bucket_of(line)];
    kept->counts.writes++;
    while (*place != NULL && ((*place)->line.time_ns != line->time_ns ||
                              strcmp((*place)->line.coin, line->coin) != 0)) {
        place = &(*place)->next;
    }
    if (*place == NULL) {
        *place = new_point(line, now_ns);
        kept->counts.points++;
        return true;
    }
    for (struct point *point = *place; point != NULL; point = point->version) {
        if (same_fields(&point->line.fields, &line->fields)) {
            point->last_ns = now_ns;
            point->writes++;
            kept->counts.rewrites++;
            return true;
        }
    }
    struct point *point = new_point(line, now_ns);
    point->next = (*place)->next;
    point->version = *place;
    *place = point;
    kept->counts.conflicts++;
    return false;
}

bool kept_put(struct kept *kept, const struct kept_line *line, int64_t now_ns)
{
    pthread_mutex_lock(&kept->lock);
    bool agrees = put(kept, line, now_ns);
    pthread_mutex_unlock(&kept->lock);
    return agrees;
}

void kept_count(struct kept *kept, struct kept_counts *counts)
{
    pthread_mutex_lock(&kept->lock);
    *counts = kept->counts;
    pthread_mutex_unlock(&kept->lock);
}

static void dump_point(const struct point *point, FILE *file)
{
    int earlier = 0;
    for (const struct point *other = point->version; other != NULL; other = other->version) {
        earlier++;
    }
    const struct kept_fields *fields = &point->line.fields;
    fprintf(file, "%s %" PRId64, point->line.coin, point->line.time_ns);
    for (int i = 0; i < KEPT_DOUBLES; i++) {
        if ((fields->present & (1U << i)) != 0) {
            fprintf(file, " %016" PRIx64, fields->bits[i]);
        } else {
            fputs(" -", file);
        }
    }
    fprintf(file, " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d\n", fields->seq,
            fields->run_id, point->first_ns, point->last_ns, point->writes, earlier);
}

void kept_dump(struct kept *kept, FILE *file)
{
    pthread_mutex_lock(&kept->lock);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct point *head = kept->buckets[i]; head != NULL; head = head->next) {
            for (const struct point *point = head; point != NULL; point = point->version) {
                dump_point(point, file);
            }
        }
    }
    pthread_mutex_unlock(&kept->lock);
}
