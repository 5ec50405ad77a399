/*
 * What a request asks for behind its '?', as Confluent's API names it. A parameter that changes the
 * answer is honoured or refused, never left out of account; those that change nothing here
 * (normalize, verbose, format …) are passed over. For this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_QUERY_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_QUERY_H

#include "registry/server/server_call.h"

/* What a route honours. */
enum query_parameter {
    QUERY_DELETED = 1 << 0,      /* deleted=true: those, too */
    QUERY_DELETED_ONLY = 1 << 1, /* deletedOnly=true: only those; goes before deleted */
    QUERY_PREFIX = 1 << 2,       /* subjectPrefix=TEXT; ":*:" in front stands for any context */
    QUERY_SUBJECT = 1 << 3,      /* subject=NAME: of that one only */
    QUERY_PERMANENT = 1 << 4,
    QUERY_TO_GLOBAL = 1 << 5, /* defaultToGlobal=true */
};

/* Once for each request, before its handler. False: refused, with the parameter's name. */
NODISCARD bool query_check(struct call *call, unsigned honours);

/* Is it there and true? Of a request that was checked. */
bool query_is_true(const struct call *call, enum query_parameter parameter);
/* Its value; `data` is NULL without it. */
struct str query_text(const struct call *call, enum query_parameter parameter);

#endif
