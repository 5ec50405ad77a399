/* What `-X` may set: not what the promises pin, nor what has an option of its own, nor what is
 * unsafe. */
#ifndef CANDLEWICK_KAFKA_CLIENT_PROPERTIES_H
#define CANDLEWICK_KAFKA_CLIENT_PROPERTIES_H

#include "kafka/client/settings.h"

/* Whether librdkafka takes `name` for the property `key`: "topic.acks" is "acks". */
bool property_is(const char *name, const char *key);

/* False with ERROR_USAGE, which names the property and the reason, never its value. */
NODISCARD bool property_check(const struct kafka_property *property, struct error *error);

/* Checks each `-X` and sets it. False with ERROR_USAGE, as above. */
NODISCARD bool properties_apply(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                                struct error *error);

#endif
