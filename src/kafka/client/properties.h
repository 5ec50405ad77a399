/* Decides which librdkafka properties `-X` may set: none that a promise depends on
 * (docs/architecture.md), none that has an option, and none that is unsafe. */
#ifndef CANDLEWICK_KAFKA_CLIENT_PROPERTIES_H
#define CANDLEWICK_KAFKA_CLIENT_PROPERTIES_H

#include "kafka/client/settings.h"

/* Returns whether librdkafka treats `name` as the property `key`: "topic.acks" is "acks". */
bool property_is(const char *name, const char *key);

/* Returns false with ERROR_USAGE if the property is not allowed; the text names the property and
 * the reason, never the value. */
NODISCARD bool property_check(const struct kafka_property *property, struct error *error);

/* Checks and sets the properties of all `-X`. Returns false with ERROR_USAGE, as above. */
NODISCARD bool properties_apply(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                                struct error *error);

#endif
