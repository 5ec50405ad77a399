/* A connection for writing records to the store. Each writer of a member has one, and each command
 * that writes. */
#ifndef CANDLEWICK_PIPELINE_STORE_SINK_H
#define CANDLEWICK_PIPELINE_STORE_SINK_H

#include "store/store.h"

struct store_sink {
    struct store *store;
    bool prepared;
};

/* Opens the connection like store_open(). */
NODISCARD bool store_sink_open(struct store_sink *sink, const struct store_config *config,
                               struct error *error);
void store_sink_close(struct store_sink *sink); /* also allowed if it was never opened */

/* Writes as store_write() does; the first call also creates what the store needs
 * (store_prepare()). */
NODISCARD bool store_sink_write(struct store_sink *sink, const struct record_set *records,
                                struct rejected_list *rejected, struct error *error);

/* Calls store_sink_write() again and again, with the backoff that members use, until every record
 * is stored or rejected. Returns false with ERROR_FATAL if the store fails for good, or `stop` was
 * requested. */
NODISCARD bool store_sink_write_on(struct store_sink *sink, const struct record_set *records,
                                   struct rejected_list *rejected, struct stop *stop,
                                   struct error *error);

#endif
