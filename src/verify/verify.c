#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/event.h"
#include "record/series.h"
#include "verify/verify_parts.h"

enum {
    FIRST_SERIES = 64,
    /* Divisors of the memory for sorting: 1/16 of it is for messages that are no records, 1/32 each
     * for strays and later records. The log's records, by far the most, have the rest. */
    PLACES_SHARE = 16,
    LATER_SHARE = 32,
};

const char *const verify_fault_names[VERIFY_KINDS] = {
    [VERIFY_MISSING] = "missing",
    [VERIFY_UNEXPECTED] = "unexpected",
    [VERIFY_FORMER] = "former",
    [VERIFY_DIFFERING] = "differing",
    [VERIFY_OLDER] = "older",
    [VERIFY_CONFLICTING] = "conflicting",
    [VERIFY_CANDLE] = "candle",
    [VERIFY_FOREIGN] = "foreign",
    [VERIFY_UNACCOUNTED] = "unaccounted",
};

static bool no_memory(struct error *error)
{
    return error_set(error, ERROR_FATAL, "out of memory");
}

static int compare_records(const void *left_item, const void *right_item)
{
    const struct kept_record *left = left_item;
    const struct kept_record *right = right_item;
    if (left->series != right->series) {
        return left->series < right->series ? -1 : 1;
    }
    if (left->time_ns != right->time_ns) {
        return left->time_ns < right->time_ns ? -1 : 1;
    }
    int order = place_compare(left->place, right->place);
    return order != 0 ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

static uint32_t series_of_record(const void *record)
{
    return ((const struct kept_record *)record)->series;
}

static int compare_place_records(const void *left_item, const void *right_item)
{
    const struct place_record *left = left_item;
    const struct place_record *right = right_item;
    int order = place_compare(left->place, right->place);
    return order != 0 ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

static bool make_sorters(struct verify *verify, struct error *error)
{
    size_t for_places = verify->config.memory_bytes / PLACES_SHARE;
    size_t for_later = verify->config.memory_bytes / LATER_SHARE;
    struct sorter_config records = {.record_bytes = sizeof(struct kept_record),
                                    .compare = compare_records,
                                    .group = series_of_record,
                                    .memory_bytes =
                                        verify->config.memory_bytes - for_places - 2 * for_later,
                                    .folder = verify->config.folder,
                                    .memory_only = verify->config.memory_only};
    struct sorter_config places = {.record_bytes = sizeof(struct place_record),
                                   .compare = compare_place_records,
                                   .memory_bytes = for_places,
                                   .folder = verify->config.folder,
                                   .memory_only = verify->config.memory_only};
    verify->records = sorter_create(&records, error);
    records.memory_bytes = for_later;
    verify->strays = verify->records != NULL ? sorter_create(&records, error) : NULL;
    verify->later = verify->strays != NULL ? sorter_create(&records, error) : NULL;
    verify->places = verify->later != NULL ? sorter_create(&places, error) : NULL;
    return verify->places != NULL;
}

static int64_t behind(const struct verify_partition *partition)
{
    int64_t settled = partition->settled > partition->begin ? partition->settled : partition->begin;
    return settled < partition->end ? partition->end - settled : 0;
}

struct verify *verify_create(const struct verify_config *config,
                             const struct verify_partition *partitions, size_t count,
                             struct error *error)
{
    struct verify *verify = calloc(1, sizeof *verify);
    if (verify == NULL) {
        (void)no_memory(error);
        return NULL;
    }
    verify->config = *config;
    verify->slot_count = 2 * (size_t)FIRST_SERIES;
    verify->slots = calloc(verify->slot_count, sizeof *verify->slots);
    verify->partitions = calloc(count + 1, sizeof *partitions);
    verify->begins = calloc(count + 1, sizeof *verify->begins);
    verify->may = calloc(count + 1, sizeof *verify->may);
    if (verify->slots == NULL || verify->partitions == NULL || verify->begins == NULL ||
        verify->may == NULL) {
        (void)no_memory(error);
        goto fail;
    }
    for (size_t i = 0; i < count; i++) {
        verify->partitions[i] = partitions[i];
        verify->report.not_yet_written += behind(&partitions[i]);
    }
    verify->partition_count = count;
    verify->report.log_since_ns = INT64_MAX;
    verify->columns = kind_stored_columns(config->kind);
    verify->has_candles = kind_folds(config->kind);
    verify->newer = verify_newer_columns(&verify->columns);
    verify->marker = verify_marker_create(config->kind, error);
    if (verify->marker != NULL && make_sorters(verify, error)) {
        return verify;
    }
fail:
    verify_destroy(verify);
    return NULL;
}

void verify_destroy(struct verify *verify)
{
    if (verify == NULL) {
        return;
    }
    sorter_destroy(verify->records);
    sorter_destroy(verify->places);
    sorter_destroy(verify->strays);
    sorter_destroy(verify->later);
    verify_marker_destroy(verify->marker);
    for (size_t i = 0; i < VERIFY_KINDS; i++) {
        for (size_t k = 0; k < verify->report.named[i].count; k++) {
            free(verify->report.named[i].items[k].what);
        }
        free(verify->report.named[i].items);
    }
    free(verify->report.closed);
    free(verify->doubted);
    verify_end_contents(verify);
    for (size_t i = 0; i < verify->report.series_count; i++) {
        verify_window_free(&verify->windows[i]);
    }
    free(verify->windows);
    verify_cover_free(verify);
    free(verify->report.series);
    free(verify->partitions);
    free(verify->slots);
    free(verify);
}

static size_t slot_of(const struct verify *verify, const char *name)
{
    uint64_t hash = hash_bytes(HASH_START, name, strlen(name));
    return (size_t)(hash ^ hash >> 32) & (verify->slot_count - 1);
}

/* Returns the series' slot, or the empty slot at which it would be inserted. */
static size_t find_slot(const struct verify *verify, const char *name)
{
    size_t slot = slot_of(verify, name);
    while (verify->slots[slot] != 0 &&
           strcmp(verify->report.series[verify->slots[slot] - 1].name, name) != 0) {
        slot = (slot + 1) & (verify->slot_count - 1);
    }
    return slot;
}

/* Doubles the room for series; at most half of the slots are used. */
static bool grow_series(struct verify *verify, struct error *error)
{
    size_t capacity = verify->series_capacity > 0 ? 2 * verify->series_capacity : FIRST_SERIES;
    struct verify_series *series =
        reallocarray(verify->report.series, capacity, sizeof *verify->report.series);
    struct series_cover *covers = reallocarray(verify->covers, capacity, sizeof *covers);
    struct stored_window *windows = reallocarray(verify->windows, capacity, sizeof *windows);
    uint32_t *slots = calloc(2 * capacity, sizeof *slots);
    if (series != NULL) {
        verify->report.series = series;
    }
    if (covers != NULL) {
        verify->covers = covers;
    }
    if (windows != NULL) {
        verify->windows = windows;
    }
    if (series == NULL || covers == NULL || windows == NULL || slots == NULL ||
        capacity > UINT32_MAX / 2) {
        free(slots);
        return no_memory(error);
    }
    free(verify->slots);
    verify->slots = slots;
    verify->slot_count = 2 * capacity;
    verify->series_capacity = capacity;
    for (size_t i = 0; i < verify->report.series_count; i++) {
        verify->slots[find_slot(verify, series[i].name)] = (uint32_t)i + 1;
    }
    return true;
}

bool verify_series_number(struct verify *verify, const char *name, uint32_t *number,
                          struct error *error)
{
    struct verify_report *report = &verify->report;
    *number = verify->recent;
    if (*number < report->series_count && strcmp(report->series[*number].name, name) == 0) {
        return true;
    }
    if (report->series_count == verify->series_capacity && !grow_series(verify, error)) {
        return false;
    }
    size_t slot = find_slot(verify, name);
    if (verify->slots[slot] == 0) {
        struct verify_series *series = &report->series[report->series_count];
        *series = (struct verify_series){.in_log = false};
        verify->covers[report->series_count] = (struct series_cover){.count = 0};
        memset(&verify->windows[report->series_count], 0, sizeof *verify->windows);
        (void)str_copy(str_from(name), series->name, sizeof series->name);
        verify->slots[slot] = (uint32_t)++report->series_count;
    }
    *number = verify->recent = verify->slots[slot] - 1;
    return true;
}

/* Returns the name of the record's series, in `room` or in the record itself: a text there ends
 * with a NUL, because the record has passed its kind's check. */
static const char *name_of(const struct verify *verify, const void *record,
                           char room[RECORD_SERIES_MAX + 1])
{
    const struct record_kind *kind = verify->config.kind;
    if (kind->tag_count == 1) {
        return column_text(kind->tags[0].column, record).data;
    }
    series_of(kind, record, room);
    return room;
}

struct str verify_series_key(const char *name)
{
    return (struct str){.data = name, .length = strcspn(name, " ")};
}

bool verify_key_wanted(const struct verify *verify, struct str key)
{
    return verify->config.coin == NULL || str_equal_text(key, verify->config.coin);
}

static bool wanted(const struct verify *verify, const void *record)
{
    return verify->config.coin == NULL ||
           verify_key_wanted(verify, column_text(verify->config.kind->tags[0].column, record));
}

bool verify_in_span(const struct verify *verify, int64_t time_ns)
{
    int64_t to_ns = verify->config.to_ns;
    return time_ns >= verify->config.from_ns && (time_ns < to_ns || to_ns == INT64_MAX);
}

/* Returns the columns in which the record has a value: bit n for the n-th of
 * kind_stored_columns(). */
static unsigned int columns_of(const struct stored_columns *columns, const void *record)
{
    unsigned int has = 0;
    for (size_t i = 0; i < columns->count; i++) {
        has |= column_present(columns->items[i], record) ? 1U << i : 0;
    }
    return has;
}

/* Returns what is kept of a record, except its mark, which is VERIFY_MARK_STORED. */
static struct kept_record kept_of(const struct verify *verify, struct place place,
                                  const void *record, uint32_t series, enum record_from from)
{
    const struct record_kind *kind = verify->config.kind;
    /* Zero the padding too, because all bytes are written to a file. */
    struct kept_record kept;
    memset(&kept, 0, sizeof kept);
    kept.mark = VERIFY_MARK_STORED;
    kept.time_ns = column_int64(kind->time, record);
    kept.place.partition = place.partition;
    kept.place.offset = place.offset;
    kept.price = verify->has_candles ? column_double(kind->price, record) : 0;
    kept.amount = kind->amount != NULL ? column_double(kind->amount, record) : 0;
    kept.series = series;
    kept.kind = (unsigned int)from & 3U;
    kept.has = columns_of(&verify->columns, record) & ((1U << KIND_COLUMNS_MAX) - 1);
    return kept;
}

bool verify_add_record(struct verify *verify, struct sorter *into, struct place place,
                       const void *record, const struct text_arena *texts, uint32_t series,
                       enum record_from from, struct error *error)
{
    struct kept_record kept = kept_of(verify, place, record, series, from);
    return verify_marker_mark(verify->marker, record, texts, &kept.mark, error) &&
           sorter_add(into, &kept, error) &&
           (from != RECORD_LOG || place.partition < 0 || (kept.has & verify->newer) == 0 ||
            verify_add_older(verify, into, place, record, texts, series, error));
}

/* Adds a record of the log that is in the requested span. */
static bool add_log_record(struct verify *verify, struct place place, const void *record,
                           const struct text_arena *texts, uint32_t series, struct error *error)
{
    bool stored = false;
    if (!verify_is_stored(verify, series, record, &stored, error)) {
        return false;
    }
    if (stored) {
        struct kept_record kept = kept_of(verify, place, record, series, RECORD_LOG);
        return sorter_add(verify->records, &kept, error);
    }
    return verify_add_record(verify, verify->records, place, record, texts, series, RECORD_LOG,
                             error);
}

static bool just_before_span(const struct verify *verify, int64_t time_ns)
{
    int64_t from_ns = verify->config.from_ns;
    return time_ns < from_ns && time_ns >= candle_bucket_start(from_ns, verify->config.interval_ns);
}

/* Returns whether the record is an event that a member writes as it leaves. */
static bool is_parting(const struct verify *verify, const void *record)
{
    return verify->config.kind == &event_kind &&
           strcmp(((const struct event *)record)->what, "revoked") == 0;
}

/* Notes the log's oldest time, and its runs. */
static void note_beginning(struct verify *verify, const void *record)
{
    const struct record_kind *kind = verify->config.kind;
    int64_t time_ns = column_int64(kind->time, record), *since_ns = &verify->report.log_since_ns;
    *since_ns = time_ns < *since_ns ? time_ns : *since_ns;
    if (kind->run == NULL || verify->run_count == RUNS_MAX) {
        return;
    }
    int64_t run = column_int64(kind->run, record);
    size_t i = 0;
    while (i < verify->run_count && verify->runs[i] != run) {
        i++;
    }
    if (i == verify->run_count) {
        verify->runs[verify->run_count++] = run;
    }
}

bool verify_log_record(struct verify *verify, struct place place, const void *record,
                       const struct text_arena *texts, struct error *error)
{
    char room[RECORD_SERIES_MAX + 1];
    uint32_t number = 0;
    if (is_parting(verify, record) && !verify_settled(verify, place)) {
        verify->report.parting++;
    }
    note_beginning(verify, record);
    if (!wanted(verify, record)) {
        return true;
    }
    if (!verify_series_number(verify, name_of(verify, record, room), &number, error) ||
        !verify_cover_record(verify, number, place.partition, error)) {
        return false;
    }
    struct verify_series *series = &verify->report.series[number];
    int64_t time_ns = column_int64(verify->config.kind->time, record);
    series->oldest_ns =
        !series->in_log || time_ns < series->oldest_ns ? time_ns : series->oldest_ns;
    series->newest_ns =
        !series->in_log || time_ns > series->newest_ns ? time_ns : series->newest_ns;
    series->in_log = true;
    series->begins_before = series->begins_before || just_before_span(verify, time_ns);
    if (!verify_in_span(verify, time_ns)) {
        return true;
    }
    series->records++;
    verify->report.records++;
    verify->report.messages++;
    return add_log_record(verify, place, record, texts, number, error);
}

bool verify_letter_record(struct verify *verify, struct place place, const void *record,
                          const struct text_arena *texts, struct error *error)
{
    char room[RECORD_SERIES_MAX + 1];
    uint32_t number = 0;
    if (!wanted(verify, record) ||
        !verify_in_span(verify, column_int64(verify->config.kind->time, record))) {
        return true;
    }
    verify->report.letters++;
    return verify_series_number(verify, name_of(verify, record, room), &number, error) &&
           verify_add_record(verify, verify->records, place, record, texts, number, RECORD_LETTER,
                             error);
}

bool verify_later_record(struct verify *verify, struct place place, const void *record,
                         const struct text_arena *texts, struct error *error)
{
    char room[RECORD_SERIES_MAX + 1];
    uint32_t number = 0;
    int64_t time_ns = column_int64(verify->config.kind->time, record);
    if (!wanted(verify, record) || !verify_in_span(verify, time_ns)) {
        return true;
    }
    if (!verify_series_number(verify, name_of(verify, record, room), &number, error)) {
        return false;
    }
    verify_explain_candle(verify, number, time_ns);
    return verify_add_record(verify, verify->later, place, record, texts, number, RECORD_LOG,
                             error);
}

static bool add_place(struct verify *verify, struct place place, enum record_from kind,
                      const struct encoded_message *message, bool bare, struct error *error)
{
    struct place_record record;
    memset(&record, 0, sizeof record);
    record.place.partition = place.partition;
    record.place.offset = place.offset;
    record.kind = kind;
    record.bare = bare;
    return verify_marker_mark_message(verify->marker, message, &record.mark, error) &&
           sorter_add(verify->places, &record, error);
}

bool verify_log_unreadable(struct verify *verify, struct place place,
                           const struct encoded_message *message, struct error *error)
{
    verify->report.unreadable++;
    verify->report.messages++;
    bool large = encoded_message_bytes(message) > DEAD_LETTER_WHOLE_BYTES;
    return add_place(verify, place, RECORD_LOG, message, large, error);
}

bool verify_letter_unreadable(struct verify *verify, struct place place,
                              const struct encoded_message *letter, struct error *error)
{
    verify->report.letters++;
    bool bare = letter->key.data == NULL && letter->value.data == NULL;
    return add_place(verify, place, RECORD_LETTER, letter, bare, error);
}

void verify_letter_elsewhere(struct verify *verify)
{
    verify->report.letters++;
    verify->report.letters_elsewhere++;
}

bool verify_settled(const struct verify *verify, struct place place)
{
    return place.partition >= 0 && (size_t)place.partition < verify->partition_count &&
           place.offset < verify->partitions[place.partition].settled;
}

void verify_stray_letter(struct verify *verify, struct place place)
{
    if (place.partition < 0 || (size_t)place.partition >= verify->partition_count) {
        verify->report.letters_elsewhere++;
        return;
    }
    const struct verify_partition *partition = &verify->partitions[place.partition];
    if (place.offset < partition->begin) {
        verify->report.letters_outside++;
    } else if (place.offset < partition->end) {
        verify->report.letters_elsewhere++;
    }
    /* Do not count a dead letter with a higher offset: its message was written after the
     * snapshot. */
}

static bool name_fault(struct verify *verify, enum verify_fault_kind kind,
                       const struct verify_fault *fault, struct error *error)
{
    struct verify_fault_list *named = &verify->report.named[kind];
    if (named->count == named->capacity) {
        size_t capacity = named->capacity > 0 ? 2 * named->capacity : 16;
        struct verify_fault *items = reallocarray(named->items, capacity, sizeof *items);
        if (items == NULL) {
            return no_memory(error);
        }
        named->items = items;
        named->capacity = capacity;
    }
    named->items[named->count++] = *fault;
    return true;
}

bool verify_fault(struct verify *verify, enum verify_fault_kind kind, uint32_t series,
                  int64_t time_ns, struct place place, struct error *error)
{
    struct verify_report *report = &verify->report;
    const struct verify_fault fault = {.series = series, .time_ns = time_ns, .place = place};
    report->faults[kind]++;
    if (series != VERIFY_NO_SERIES) {
        report->series[series].faults[kind]++;
    }
    return report->named[kind].count == VERIFY_FAULTS_MAX ||
           name_fault(verify, kind, &fault, error);
}

bool verify_foreign(struct verify *verify, int64_t rows, const char *what, struct error *error)
{
    struct verify_fault fault = {
        .series = VERIFY_NO_SERIES, .place = {.partition = -1}, .rows = rows};
    verify->report.faults[VERIFY_FOREIGN] += rows;
    if (verify->report.named[VERIFY_FOREIGN].count == VERIFY_FAULTS_MAX) {
        return true;
    }
    fault.what = strdup(what);
    if (fault.what == NULL) {
        return no_memory(error);
    }
    bool named = name_fault(verify, VERIFY_FOREIGN, &fault, error);
    if (!named) {
        free(fault.what);
    }
    return named;
}

bool verify_closed(const struct verify *verify, int64_t from_ns, int64_t to_ns)
{
    const struct store_contents *contents = verify->contents;
    for (size_t i = 0; contents != NULL && i < contents->closed_count; i++) {
        if (contents->closed[i].from_ns <= to_ns && contents->closed[i].to_ns > from_ns) {
            return true;
        }
    }
    return false;
}

static void sum_up(struct verify *verify)
{
    struct verify_report *report = &verify->report;
    for (size_t i = 0; i < report->series_count; i++) {
        const struct verify_series *series = &report->series[i];
        report->points += series->points;
        report->forgotten += series->forgotten;
        report->later += series->later;
        report->candles += series->candles;
        report->candles_proved += series->candles_proved;
        report->candles_cut += series->candles_cut;
    }
    for (size_t i = 0; i < verify->partition_count; i++) {
        report->log_forgot += verify->partitions[i].begin;
    }
    report->balanced = report->not_yet_written == 0 && report->closed_count == 0;
    for (size_t i = 0; i < VERIFY_KINDS; i++) {
        report->balanced = report->balanced && report->faults[i] == 0;
    }
}

bool verify_conclude(struct verify *verify, struct error *error)
{
    bool done = verify_settle_doubted(verify, error) && verify_match_later(verify, error) &&
                verify_settle_strays(verify, error) && verify_match_places(verify, error);
    if (done) {
        sum_up(verify);
    }
    return done;
}

int64_t verify_compared(const struct verify *verify)
{
    return atomic_load_explicit(&verify->compared, memory_order_relaxed);
}

const struct verify_report *verify_report(const struct verify *verify)
{
    return &verify->report;
}
