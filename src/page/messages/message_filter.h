/* Which messages somebody looks for. Pure. */
#ifndef CANDLEWICK_PAGE_MESSAGES_MESSAGE_FILTER_H
#define CANDLEWICK_PAGE_MESSAGES_MESSAGE_FILTER_H

#include "page/messages/message_view.h"

/* The texts are borrowed. */
struct message_filter {
    struct str key;      /* the whole key; data is NULL: any key */
    struct str contains; /* a part of the key, of a value of the decoded record, or of a dead
                            letter's reason; data is NULL: any message. Letters of the English
                            alphabet are compared without regard to case. */
};

/* Returns whether the message is looked for. A number is compared as it is in JSON, a time as
 * "2026-01-31T09:00:00Z" and as ns since 1970. */
bool message_matches(const struct message_filter *filter, const struct message_view *view);

/* Returns whether `part` is in `whole`, as `contains` above is. */
bool message_text_contains(struct str whole, struct str part);

#endif
