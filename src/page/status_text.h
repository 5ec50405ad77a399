/* What `candlewick status` prints. Pure: each appends to a buffer. */
#ifndef CANDLEWICK_PAGE_STATUS_TEXT_H
#define CANDLEWICK_PAGE_STATUS_TEXT_H

#include "base/text/strbuf.h"
#include "kafka/admin/group.h"

/* Topic, group and strategy; a line a broker, a partition, a member; for a terminal of so many
 * columns, 0: lines as they come. */
void status_to_table(const struct group_status *status, int columns, struct strbuf *text);

/* How many of the messages that the log still has the group has committed, at most. */
int64_t status_read_total(const struct group_status *status);

/* A sentence, where the group has committed so many messages or more, and there are `letters` dead
 * letters for all of them: the topic is then rather another program's. Else nothing. */
enum { STATUS_FOREIGN_MESSAGES = 100 };
void status_to_foreign(const struct group_status *status, int64_t letters, int columns,
                       struct strbuf *text);

/* One object:
 * {"topic","group","brokers","state","strategy","lag_total","broker_list":[…],"partitions":[…],"members":[…]
 * or null, "members_unknown":text or null}. What is not known is null, never 0 or -1; so is the
 * offset of a partition of which nothing is committed, and the leader of one that has none. */
void status_to_json(const struct group_status *status, struct strbuf *text);

#endif
