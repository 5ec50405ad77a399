/* Asks a demo's page for the members of its group, because the demo's in-process cluster cannot
 * describe groups. */
#ifndef CANDLEWICK_COMMANDS_DEMO_MEMBERS_H
#define CANDLEWICK_COMMANDS_DEMO_MEMBERS_H

#include "kafka/admin/group.h"

/* Fills members, strategy and state of `status` from PAGE/api/status. If the page does not answer,
 * the members stay unknown. Blocks for a few seconds at most. */
void demo_members_ask(const char *page, struct group_status *status);

#endif
