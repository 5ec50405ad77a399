/* A connection that records are written over: one for each writer of a member, one for replay. */
#ifndef CANDLEWICK_PIPELINE_STORE_SINK_H
#define CANDLEWICK_PIPELINE_STORE_SINK_H

#include "store/store.h"

struct store_sink {
    struct store *store;
    bool prepared;
};

/* As store_open(). */
NODISCARD bool store_sink_open(struct store_sink *sink, const struct store_config *config,
                               struct error *error);
void store_sink_close(struct store_sink *sink); /* one that was never opened is fine */

/* As store_write(); what has to be there first is made before the first write. */
NODISCARD bool store_sink_write(struct store_sink *sink, const struct record_set *records,
                                struct rejected_list *rejected, struct error *error);

/* The same again and again, with the waits between that members make, until all is durable or
 * refused. False: `stop` was requested (ERROR_FATAL, the store's last words). */
NODISCARD bool store_sink_write_on(struct store_sink *sink, const struct record_set *records,
                                   struct rejected_list *rejected, struct stop *stop,
                                   struct error *error);

#endif
