/*
 * Finds points that lack only columns of later versions of their kind's schema. A member of the
 * group that knows an earlier version reads a newer message without the columns that were added
 * later (Avro 1.12, schema resolution), and writes the point without them. So for a record that has
 * values in such columns the proof also keeps what each earlier version would have made of it.
 */
#include <string.h>

#include "verify/verify_parts.h"

/* Removes the values of all columns that this version added. Returns whether there were any. */
static bool remove_version(const struct stored_columns *columns, int version, void *record)
{
    bool any = false;
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = columns->items[i];
        if (column->since == version && column->present_offset != COLUMN_REQUIRED &&
            column_present(column, record)) {
            column_set_null(column, record);
            any = true;
        }
    }
    return any;
}

bool verify_add_older(struct verify *verify, struct sorter *into, struct place place,
                      const void *record, const struct text_arena *texts, uint32_t series,
                      struct error *error)
{
    union record_room older;
    memcpy(&older, record, verify->config.kind->size);
    for (int version = kind_version(verify->config.kind); version > 1; version--) {
        if (remove_version(&verify->columns, version, &older) &&
            !verify_add_record(verify, into, place, &older, texts, series, RECORD_OLDER, error)) {
            return false;
        }
    }
    return true;
}

uint32_t verify_newer_columns(const struct stored_columns *columns)
{
    uint32_t newer = 0;
    for (size_t i = 0; i < columns->count; i++) {
        newer |= columns->items[i]->since > 1 ? 1U << i : 0;
    }
    return newer;
}

bool verify_fault_older(struct verify *verify, uint32_t series, int64_t time_ns, struct place place,
                        uint32_t lacks, struct error *error)
{
    verify->report.older_lacks |= lacks & verify->newer;
    return verify_fault(verify, VERIFY_OLDER, series, time_ns, place, error);
}
