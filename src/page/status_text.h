/* Formats what `candlewick status` prints. Pure: each function appends to a buffer. */
#ifndef CANDLEWICK_PAGE_STATUS_TEXT_H
#define CANDLEWICK_PAGE_STATUS_TEXT_H

#include "base/text/strbuf.h"
#include "kafka/admin/group.h"

/* For all of these, `statuses` are those of one group on one or more topics, as known at the same
 * time; the brokers and the group's own state are taken from the first. */

/* Appends topics, group and strategy, then a line per broker, for each topic one per partition, and
 * one per member. `columns` is the terminal's width; with 0 lines have any length. */
void status_to_table(const struct group_status *statuses, size_t count, int columns,
                     struct strbuf *text);

/* Returns an upper bound of how many of the messages that the log still has are committed by the
 * group. */
int64_t status_read_total(const struct group_status *status);

/* Appends a sentence when the group has committed at least STATUS_FOREIGN_MESSAGES messages and all
 * of them became dead letters (`letters` counts them): the topic then probably belongs to another
 * program. Otherwise appends nothing. */
enum { STATUS_FOREIGN_MESSAGES = 100 };
void status_to_foreign(const struct group_status *status, int64_t letters, int columns,
                       struct strbuf *text);

/* Appends one object: {"topic","group","brokers","state","strategy","lag_total","broker_list":[…],
 * "partitions":[…],"members":[…] or null,"members_unknown":text or null,"streams":[{"topic",
 * "topic_id","lag","partitions","members"}]}. What is of one topic is of the first, but lag_total
 * is of all, and "streams" has the figures of each. Whatever is unknown is null, never 0 or -1; so
 * are the offset of a partition without a commit and the leader of one that has none. */
void status_to_json(const struct group_status *statuses, size_t count, struct strbuf *text);

#endif
