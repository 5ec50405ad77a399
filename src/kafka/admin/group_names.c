/* Copies texts and names in what a cluster reports about a group and its members. */
#include "base/text/str.h"
#include "kafka/admin/group_internal.h"

static void copy(const char *from, char *to, size_t size)
{
    (void)str_copy(str_from(from != NULL ? from : ""), to, size);
}

bool group_members_unknown(struct group_status *status, const char *why)
{
    copy(why, status->members_unknown_why, sizeof status->members_unknown_why);
    return true;
}

void group_name_member(struct member_status *member, const char *client_id, const char *member_id,
                       const char *host)
{
    copy(client_id, member->client_id, sizeof member->client_id);
    copy(member_id, member->member_id, sizeof member->member_id);
    copy(host != NULL && *host == '/' ? host + 1 : host, member->host, sizeof member->host);
}

void group_name_state(struct group_status *status, const char *state, const char *strategy)
{
    copy(state, status->state, sizeof status->state);
    copy(strategy, status->strategy, sizeof status->strategy);
}
