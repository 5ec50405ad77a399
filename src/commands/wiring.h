/* From options to the stages' configurations: one place that knows both. */
#ifndef CANDLEWICK_COMMANDS_WIRING_H
#define CANDLEWICK_COMMANDS_WIRING_H

#include "cli/options.h"
#include "kafka/admin/group.h"
#include "kafka/admin/topics.h"
#include "pipeline/feed.h"
#include "pipeline/member.h"
#include "record/ticker.h"
#include "store/store.h"

struct stop;

enum { TOPIC_NAME_SIZE = 300 };

/* All results borrow from `options`. `client_id` NULL: the option's. */
struct kafka_settings wiring_kafka(const struct options *options, const char *client_id);
struct store_config wiring_store(const struct options *options);

/* The one coin that is asked for; NULL: all. */
const char *wiring_coin(const struct options *options);

/* ERROR_USAGE for an address or a token file that cannot be used: told before anything is started.
 */
NODISCARD bool wiring_check_store(const struct options *options, struct error *error);

/* What --check-options asks of a command that writes or serves: that everything it names can be
 * used as far as is known without asking anyone (addresses, librdkafka properties, coins, files of
 * secrets and of a replay). ERROR_USAGE names what cannot. */
NODISCARD bool wiring_check(const struct options *options, struct error *error);

/* Has the group of `status` members, or committed offsets? The default group need not: it may not
 * be there yet. False: ERROR_REJECT, with the groups that the cluster has, which are asked for;
 * that blocks for at most about `timeout_ms`. */
NODISCARD bool wiring_group_known(const struct options *options, struct group_reader *reader,
                                  const struct group_status *status, int timeout_ms,
                                  struct error *error);

/* The ticks' topic and the dead letters', whose name is written to `dead_letters`. */
void wiring_topics(const struct options *options, char dead_letters[static TOPIC_NAME_SIZE],
                   struct topic_spec topics[static 2]);

/* A client with ticker_columns and our schema as the reader's. `limits`: a member's, or those of
 * what only reads. NULL on failure. */
NODISCARD struct registry_client *wiring_registry(const struct options *options,
                                                  const struct registry_limits *limits,
                                                  struct stop *stop, struct error *error);

/* The source that --source names; free with source_destroy(). */
NODISCARD struct source *wiring_source(const struct options *options, struct stop *stop,
                                       struct error *error);

/* `topics` are wiring_topics()'. A live source stamps its ticks here, so the log's tail is read
 * first. */
struct feed_config wiring_feed(const struct options *options,
                               const struct topic_spec topics[static 2],
                               struct registry_client *registry, const struct source *source,
                               struct stop *stop);

/* The producer that members of one process share for dead letters. */
NODISCARD struct producer *wiring_dead_letters(const struct options *options, struct error *error);
struct member_config wiring_member(const struct options *options, const char *client_id,
                                   struct registry_client *registry, struct producer *dead_letters,
                                   const char *dead_letter_topic);

#endif
