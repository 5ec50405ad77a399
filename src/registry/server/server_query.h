/*
 * The query parameters of a request, named as in Confluent's API. A parameter that changes the
 * answer is applied or refused, never silently ignored; parameters that change nothing here
 * (normalize, verbose, format …) are ignored. For this folder only.
 */
#ifndef CANDLEWICK_REGISTRY_SERVER_SERVER_QUERY_H
#define CANDLEWICK_REGISTRY_SERVER_SERVER_QUERY_H

#include "registry/server/server_call.h"

/* The parameters that a route can apply. */
enum query_parameter {
    QUERY_DELETED = 1 << 0,      /* deleted=true: include deleted ones */
    QUERY_DELETED_ONLY = 1 << 1, /* deletedOnly=true: only deleted ones; overrides deleted */
    QUERY_PREFIX = 1 << 2,       /* subjectPrefix=TEXT; a leading ":*:" means any context */
    QUERY_SUBJECT = 1 << 3,      /* subject=NAME: only this subject */
    QUERY_PERMANENT = 1 << 4,
    QUERY_TO_GLOBAL = 1 << 5, /* defaultToGlobal=true */
};

/* Called once per request, before its handler. Returns false if the request was refused because of
 * a parameter that is not in `honours`; the answer names it. */
NODISCARD bool query_check(struct call *call, unsigned honours);

/* Returns whether the parameter is present and true; query_check() must have passed. */
bool query_is_true(const struct call *call, enum query_parameter parameter);
/* Returns the parameter's value; `data` is NULL if it is absent. */
struct str query_text(const struct call *call, enum query_parameter parameter);

#endif
