#include "kafka/client/round_trips.h"

#include <string.h>

#include <jansson.h>

#include "kafka/client/settings.h"

bool round_trips_ask(rd_kafka_conf_t *conf, struct error *error)
{
    char text[200];
    size_t size = sizeof text;
    if (rd_kafka_conf_get(conf, "statistics.interval.ms", text, &size) == RD_KAFKA_CONF_OK &&
        strcmp(text, "0") != 0) {
        return true;
    }
    return rd_kafka_conf_set(conf, "statistics.interval.ms", "5000", text, sizeof text) ==
               RD_KAFKA_CONF_OK ||
           error_set(error, ERROR_FATAL, "statistics.interval.ms: %s", text);
}

/* Finds the member "brokers" of the JSON object and returns its length; 0 if there is none. Only
 * this part is parsed, because the topics after it may be thousands of times larger. */
static size_t find_brokers(const char *json, size_t length, const char **brokers)
{
    static const char name[] = "\"brokers\":";
    const char *at = memmem(json, length, name, sizeof name - 1);
    if (at == NULL) {
        return 0;
    }
    const char *end = json + length;
    int depth = 0;
    bool quoted = false;
    at += sizeof name - 1;
    *brokers = at;
    for (; at < end; at++) {
        if (quoted && *at == '\\') {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        } else if (!quoted && *at == '{') {
            depth++;
        } else if (!quoted && *at == '}' && --depth == 0) {
            return (size_t)(at + 1 - *brokers);
        }
    }
    return 0;
}

static struct broker_round_trips *find(struct round_trips *trips, int32_t broker)
{
    for (size_t i = 0; i < trips->count; i++) {
        if (trips->brokers[i].broker == broker) {
            return &trips->brokers[i];
        }
    }
    if (trips->count == ROUND_TRIPS_BROKERS) {
        return NULL;
    }
    struct broker_round_trips *fresh = &trips->brokers[trips->count++];
    *fresh = (struct broker_round_trips){.broker = broker};
    return fresh;
}

/* Returns whether a figure is small enough that the sum of all intervals fits; no real one is
 * nearly as large as this limit. */
static bool plausible(json_int_t figure)
{
    return figure >= 0 && figure < INT64_C(1) << 50;
}

static void read_broker(struct round_trips *trips, json_t *broker)
{
    json_int_t node = -1, requests = 0, sum = 0, p50 = 0, p99 = 0;
    const char *source = "";
    if (json_unpack(broker, "{s:I, s:s, s:{s:I, s:I, s:I, s:I}}", "nodeid", &node, "source",
                    &source, "rtt", "cnt", &requests, "sum", &sum, "p50", &p50, "p99", &p99) != 0 ||
        node > INT32_MAX || !plausible(requests) || !plausible(sum)) {
        return;
    }
    /* A broker has no id before its first answer. The group's coordinator is listed a second time,
     * as a "logical" connection, which is skipped. */
    struct broker_round_trips *trip =
        node >= 0 && strcmp(source, "logical") != 0 ? find(trips, (int32_t)node) : NULL;
    if (trip != NULL) {
        trip->requests += requests;
        trip->sum_us += sum;
        trip->newest_requests = requests;
        trip->p50_us = p50;
        trip->p99_us = p99;
    }
}

bool round_trips_read(struct round_trips *trips, const char *json, size_t length)
{
    const char *text = NULL;
    size_t text_length = find_brokers(json, length, &text);
    json_t *brokers = text_length > 0 ? json_loadb(text, text_length, 0, NULL) : NULL;
    if (brokers == NULL) {
        return false;
    }
    for (size_t i = 0; i < trips->count; i++) {
        trips->brokers[i].newest_requests = 0; /* it stays 0 for a broker that is gone */
    }
    const char *key;
    json_t *broker;
    json_object_foreach(brokers, key, broker)
    {
        read_broker(trips, broker);
    }
    json_decref(brokers);
    return true;
}
