/* Formats what `candlewick status` prints. Pure. */
#ifndef CANDLEWICK_PAGE_STATUS_TEXT_H
#define CANDLEWICK_PAGE_STATUS_TEXT_H

#include "base/text/table.h"
#include "kafka/admin/group.h"
#include "page/status_motion.h"

/* The `statuses` below are those of one group on one or more topics, read at about the same time;
 * the list of brokers and the group's state are taken from the first. */

/* Appends topics, group and strategy; then a line for each broker, each partition of each topic,
 * and each member. With `motion` (NULL: there was only one look) there are also rates per second,
 * and whether a lag grows. In colour, red is what somebody has to look at: a partition without a
 * leader, in-sync replicas or an owner, a lag that grows; a lag that may be caught up is yellow. */
void status_to_table(const struct group_status *statuses, size_t count,
                     const struct status_motion *motion, struct text_form form,
                     struct strbuf *text);

/* Returns how many of the messages that the log still has were committed by the group; an upper
 * bound, since an offset may lack a message. */
int64_t status_read_total(const struct group_status *status);

/* Appends a sentence when the group has committed at least STATUS_FOREIGN_MESSAGES messages and all
 * of them became dead letters (`letters` is their number): the topic then probably belongs to
 * another program. Otherwise appends nothing. */
enum { STATUS_FOREIGN_MESSAGES = 100 };
void status_to_foreign(const struct group_status *status, int64_t letters, struct text_form form,
                       struct strbuf *text);

/* A topic of a stream that does not exist; borrowed. */
struct missing_topic {
    const char *topic;
    const char *error; /* why it is missing */
};

/* What a page has reported, as JSON; NULL: not known. */
struct page_figures {
    const char *truth_lag, *sources;
};

/* Appends one object: {"topic","topic_id","group","state","strategy","brokers","lag_total",
 * "broker_list":[…],"partitions":[…],"members":[…] or null,"members_unknown":text or null,
 * "streams":[{"topic","topic_id","lag","partitions","members","members_unknown"}],"truth_lag":…,
 * "sources":…}. "topic", "partitions" and "members" are of the first topic; "lag_total" is of all
 * topics, and "streams" has the figures of each, then {"topic","error"} of each missing one.
 * Whatever is unknown is null, never 0 or -1; so are the offset of a partition without a commit,
 * and the leader of one without a leader. `page` NULL: no page answered. */
void status_to_json(const struct group_status *statuses, size_t count,
                    const struct missing_topic *missing, size_t missing_count,
                    const struct page_figures *page, struct strbuf *text);

#endif
