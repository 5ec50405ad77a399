#include "registry/server/server_query.h"

#include <string.h>
#include <strings.h>

struct parameter {
    const char *name;
    unsigned bit;          /* 0: no route applies it */
    const char *no_effect; /* the value that changes nothing; NULL: every value changes the
                              answer */
};

static const struct parameter parameters[] = {
    {"deleted", QUERY_DELETED, "false"},
    {"deletedOnly", QUERY_DELETED_ONLY, "false"},
    {"permanent", QUERY_PERMANENT, "false"},
    {"defaultToGlobal", QUERY_TO_GLOBAL, "false"},
    {"subjectPrefix", QUERY_PREFIX, NULL},
    {"subject", QUERY_SUBJECT, NULL},
    {"deletedAsNegative", 0, "false"},
    {"fetchMaxId", 0, "false"},
    {"offset", 0, "0"},
    {"limit", 0, "-1"},
};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

static bool is_flag(const struct parameter *parameter)
{
    return parameter->no_effect != NULL && strcmp(parameter->no_effect, "false") == 0;
}

bool query_check(struct call *call, unsigned honours)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        const struct parameter *parameter = &parameters[i];
        const char *value = http_exchange_query(call->exchange, parameter->name);
        if (value == NULL) {
            continue;
        }
        if (is_flag(parameter) && strcasecmp(value, "true") != 0 &&
            strcasecmp(value, "false") != 0) {
            return call_refuse(call, CALL_BAD_BODY, "%s takes true or false", parameter->name);
        }
        bool asks = parameter->no_effect == NULL || strcasecmp(value, parameter->no_effect) != 0;
        if (asks && (honours & parameter->bit) == 0) {
            return call_refuse(call, CALL_BAD_BODY, "%s=%.64s is not supported here: leave it out",
                               parameter->name, value);
        }
    }
    return true;
}

static const char *find_value(const struct call *call, enum query_parameter wanted)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (parameters[i].bit == (unsigned)wanted) {
            return http_exchange_query(call->exchange, parameters[i].name);
        }
    }
    return NULL;
}

bool query_is_true(const struct call *call, enum query_parameter parameter)
{
    const char *value = find_value(call, parameter);
    return value != NULL && strcasecmp(value, "true") == 0;
}

struct str query_text(const struct call *call, enum query_parameter parameter)
{
    const char *value = find_value(call, parameter);
    return value != NULL ? str_from(value) : (struct str){0};
}
