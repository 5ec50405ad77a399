/* Reads the members of a demo's group from its page's API, because its in-process cluster cannot
 * describe groups. */
#ifndef CANDLEWICK_COMMANDS_DEMO_MEMBERS_H
#define CANDLEWICK_COMMANDS_DEMO_MEMBERS_H

#include "kafka/admin/group.h"

/* Fills members, strategy and state of `status` from PAGE/api/status; when the page does not
 * answer, the members stay unknown. Blocks for at most a few seconds. */
void demo_members_ask(const char *page, struct group_status *status);

#endif
