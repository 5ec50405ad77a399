/* Converts options to the configurations of the stages. No other code knows both. */
#ifndef CANDLEWICK_COMMANDS_WIRING_H
#define CANDLEWICK_COMMANDS_WIRING_H

#include "cli/options.h"
#include "cli/options_streams.h"
#include "commands/sources/wired_sources.h"
#include "kafka/admin/group.h"
#include "kafka/admin/topics.h"
#include "market/assets.h"
#include "pipeline/group_events.h"
#include "pipeline/group_member.h"
#include "pipeline/ingest.h"
#include "pipeline/record_decoder.h"
#include "record/ticker.h"
#include "source/source_names.h"
#include "store/store.h"

struct stop;

enum { STREAM_TOPICS = 2 }; /* number of a stream's topics: its own, and its dead-letter topic */

/* Makes the configuration of Kafka clients, which borrows from `options`. `client_id` NULL: that of
 * the options. */
struct kafka_settings wiring_kafka(const struct options *options, const char *client_id);
struct store_config wiring_store(const struct options *options);

/* Returns the one coin that the options name, or NULL for all coins. */
const char *wiring_coin(const struct options *options);

/* Fails with ERROR_USAGE for an address or a token file that cannot be used, before a command
 * starts anything. */
NODISCARD bool wiring_check_store(const struct options *options, struct error *error);

/* Implements --check-options of a command that writes or serves: checks everything that can be
 * checked without a connection (addresses, librdkafka properties, coins, files of secrets and of a
 * replay). Fails with ERROR_USAGE, naming what cannot be used. */
NODISCARD bool wiring_check(const struct options *options, struct error *error);

/* Checks that the group of `statuses` (one for each topic, at least one) has members, or committed
 * offsets of one of the topics. The default group need not exist yet. Fails with ERROR_REJECT,
 * listing the cluster's groups; that request blocks for at most about `timeout_ms`. */
NODISCARD bool wiring_group_known(const struct options *options, struct group_reader *reader,
                                  const struct group_status *statuses, size_t count, int timeout_ms,
                                  struct error *error);

/* Fills in the stream's topic and its dead-letter topic; their names are borrowed from the
 * stream. */
void wiring_topics(const struct options *options, const struct stream *stream,
                   struct topic_spec topics[static STREAM_TOPICS]);

/* Creates a registry client whose reader schema and columns are the kind's, so each stream needs
 * its own. `limits` are those of a member or of a command that only reads. Returns NULL on
 * failure. */
NODISCARD struct registry_client *wiring_registry(const struct options *options,
                                                  const struct record_kind *kind,
                                                  const struct registry_limits *limits,
                                                  struct stop *stop, struct error *error);

/* Creates a decoder of the kind, with its own registry client, for a command that only reads.
 * `decoder` must be zeroed before the call; free it with wiring_decoder_free(), even after a
 * failure. */
NODISCARD bool wiring_decoder(const struct options *options, const struct record_kind *kind,
                              struct stop *stop, struct record_decoder *decoder,
                              struct error *error);
void wiring_decoder_free(struct record_decoder *decoder);

/* Streams, and for each one the registry client with its kind's reader schema. */
struct wired_streams {
    struct stream items[STREAMS_MAX];
    struct registry_client *registries[STREAMS_MAX];
    size_t count;
};
/* Adds the streams of --streams to `streams`, which must be zeroed before. wiring_streams_free()
 * frees the clients, also after a failure. */
NODISCARD bool wiring_streams(const struct options *options, const struct registry_limits *limits,
                              struct stop *stop, struct wired_streams *streams,
                              struct error *error);
/* Adds a stream of `kind`, unless `streams` already has one. */
NODISCARD bool wiring_add_stream(const struct options *options, const struct record_kind *kind,
                                 const struct registry_limits *limits, struct stop *stop,
                                 struct wired_streams *streams, struct error *error);
void wiring_streams_free(struct wired_streams *streams);

/* Lists the kinds that the source writes: its main kind, and that of events if it writes events.
 * Returns their number. */
size_t wiring_source_kinds(const struct source *source,
                           const struct record_kind *kinds[static INGEST_STREAMS_MAX]);

/* Makes the part of the poller's configuration that options determine: interval, limit, speed, run.
 * The rest of the result is zero. */
struct poller_config wiring_poller(const struct options *options, const struct source *source);

/* Makes the configuration of the ingest. `streams` (borrowed) must include those that the source
 * writes. For a live source the ingest first reads the tail of the log, because the records' times
 * must go on from there. */
struct ingest_config wiring_ingest(const struct options *options,
                                   const struct wired_streams *streams, const struct source *source,
                                   struct stop *stop);

/* Creates the log of this program's events, if `streams` has their kind; otherwise `*log` stays
 * NULL. The events name `source` as their writer. `send_windows` has one for each stream, or is
 * NULL. All is borrowed until the log is destroyed. */
NODISCARD bool wiring_event_log(const struct options *options, const struct wired_streams *streams,
                                struct send_window *const *send_windows, const char *source,
                                struct event_log **log, struct error *error);

/* Creates what writes an event when a broker or a member goes away or comes back, if there is a log
 * of events; otherwise `*events` stays NULL. */
NODISCARD bool wiring_group_events(const struct options *options,
                                   const struct wired_streams *streams, struct event_log *log,
                                   struct group_events **events, struct error *error);

/* Creates the producer for dead letters that the members of one process share. */
NODISCARD struct producer *wiring_dead_letters(const struct options *options, struct error *error);
/* Makes the configuration of a member that reads all the streams; they and the producer are
 * borrowed. */
struct group_member_config wiring_member(const struct options *options, const char *client_id,
                                         const struct wired_streams *streams,
                                         struct producer *dead_letters);

#endif
