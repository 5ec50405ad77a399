#include "kafka/client/properties.h"

#include <string.h>
#include <strings.h>

#include "base/secret_file.h"
#include "base/text/str.h"

enum rule_kind {
    RULE_PINNED, /* `value` is fixed because a promise depends on it */
    RULE_OPTION, /* `value` names the option that sets it */
    RULE_DENIED, /* unsafe, or breaks an assumption of this program */
    RULE_ONLY,   /* only `value` is safe; other values are refused */
};

struct rule {
    const char *name;
    enum rule_kind kind;
    const char *value;
    const char *why;
};

#define WHY_ACKS "a tick counts as sent only when every in-sync replica has it"
#define WHY_TIMEOUT "a message is given up by no clock: an outage is waited out"
#define WHY_COMMIT "only what is durable in the store is committed, and we commit it"
#define WHY_REPORTS "every message's delivery report is counted"
#define WHY_LIBRARY "it loads a shared library into this process"

/* Aliases have their own rows, because librdkafka accepts both names. */
static const struct rule rules[] = {
    {"acks", RULE_PINNED, "all", WHY_ACKS},
    {"request.required.acks", RULE_PINNED, "all", WHY_ACKS},
    {"enable.idempotence", RULE_PINNED, "true", "a retry must not reorder or repeat ticks"},
    {"enable.gapless.guarantee", RULE_PINNED, "true", "nothing may be sent past a refused tick"},
    {"message.timeout.ms", RULE_PINNED, "0", WHY_TIMEOUT},
    {"delivery.timeout.ms", RULE_PINNED, "0", WHY_TIMEOUT},
    {"retries", RULE_PINNED, "no end", WHY_TIMEOUT},
    {"message.send.max.retries", RULE_PINNED, "no end", WHY_TIMEOUT},
    {"partitioner", RULE_PINNED, "murmur2_random",
     "a coin stays on the partition where Java tools look for it"},
    {"delivery.report.only.error", RULE_PINNED, "false", WHY_REPORTS},
    {"enabled_events", RULE_PINNED, "our own set", WHY_REPORTS},
    {"log.queue", RULE_PINNED, "false", "librdkafka's log goes to ours"},
    {"internal.termination.signal", RULE_PINNED, "none", "signals are this program's to handle"},
    {"allow.auto.create.topics", RULE_PINNED, "false",
     "topics are made with their replicas and retention, not by a typing error"},
    {"enable.auto.commit", RULE_PINNED, "false", WHY_COMMIT},
    {"auto.commit.enable", RULE_PINNED, "false", WHY_COMMIT},
    {"enable.auto.offset.store", RULE_PINNED, "false", WHY_COMMIT},
    {"offset.store.method", RULE_PINNED, "broker", WHY_COMMIT},
    {"auto.offset.reset", RULE_PINNED, "earliest",
     "where no offset is stored, reading from anywhere else would skip ticks"},
    {"check.crcs", RULE_PINNED, "true", "a damaged message must not become a candle"},
    {"enable.partition.eof", RULE_PINNED, "true", "readers end by it, and the group commits by it"},
    {"isolation.level", RULE_PINNED, "read_committed",
     "what a transaction took back must not become a candle"},

    {"bootstrap.servers", RULE_OPTION, "--brokers", NULL},
    {"metadata.broker.list", RULE_OPTION, "--brokers", NULL},
    {"client.id", RULE_OPTION, "--client-id", NULL},
    {"group.id", RULE_OPTION, "--group", NULL},
    {"partition.assignment.strategy", RULE_OPTION, "--strategy", NULL},
    {"group.protocol", RULE_OPTION, "--strategy", NULL},

    {"plugin.library.paths", RULE_DENIED, NULL, WHY_LIBRARY},
    {"ssl.engine.location", RULE_DENIED, NULL, WHY_LIBRARY},
    {"ssl.providers", RULE_DENIED, NULL, WHY_LIBRARY},
    {"interceptors", RULE_DENIED, NULL, "they can change or drop messages unseen"},
    {"sasl.kerberos.kinit.cmd", RULE_DENIED, NULL, "it is run by a shell"},
    {"enable.sasl.oauthbearer.unsecure.jwt", RULE_DENIED, NULL, "anyone can make such a token"},
    {"transactional.id", RULE_DENIED, NULL, "this producer uses no transactions"},
    {"test.mock.num.brokers", RULE_DENIED, NULL, "each client would get a cluster of its own"},
    {"test.mock.broker.rtt", RULE_DENIED, NULL, "it belongs to librdkafka's own tests"},
    {"ut_handle_ProduceResponse", RULE_DENIED, NULL, "it belongs to librdkafka's own tests"},
    {"enable.ssl.certificate.verification", RULE_ONLY, "true",
     "without it anyone can pretend to be the broker"},
    {"ssl.endpoint.identification.algorithm", RULE_ONLY, "https",
     "without it anyone with a certificate can pretend to be the broker"},
};

bool property_is(const char *name, const char *key)
{
    return strcmp(name, key) == 0 ||
           (strncmp(name, "topic.", 6) == 0 && strcmp(name + 6, key) == 0);
}

static const struct rule *find_rule(const char *name)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (property_is(name, rules[i].name)) {
            return &rules[i];
        }
    }
    return NULL;
}

static bool refuse(const char *name, const struct rule *rule, struct error *error)
{
    switch (rule->kind) {
    case RULE_PINNED:
        return error_set(error, ERROR_USAGE, "-X %s: pinned to \"%s\" because %s", name,
                         rule->value, rule->why);
    case RULE_OPTION:
        return error_set(error, ERROR_USAGE, "-X %s: use %s instead", name, rule->value);
    case RULE_ONLY:
        return error_set(error, ERROR_USAGE, "-X %s: only \"%s\" is allowed: %s", name, rule->value,
                         rule->why);
    case RULE_DENIED:
        break;
    }
    return error_set(error, ERROR_USAGE, "-X %s: denied because %s", name, rule->why);
}

/* Returns false for a list with one of the three values that log credentials, tokens or the whole
 * configuration. */
static bool debug_is_safe(const char *value)
{
    static const char *const unsafe[] = {"all", "security", "conf"};
    struct str rest = str_from(value), piece;
    while (str_split(&rest, ',', &piece)) {
        piece = str_trim(piece);
        if (piece.length > 0 && (*piece.data == '+' || *piece.data == '-')) {
            piece = (struct str){piece.data + 1, piece.length - 1};
        }
        for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
            if (piece.length == strlen(unsafe[i]) &&
                strncasecmp(piece.data, unsafe[i], piece.length) == 0) {
                return false;
            }
        }
    }
    return true;
}

bool property_check(const struct kafka_property *property, struct error *error)
{
    const char *value = property->value != NULL ? property->value : "";
    if (strcmp(property->key, "debug") == 0 && !debug_is_safe(value)) {
        return error_set(error, ERROR_USAGE,
                         "-X debug: \"all\", \"security\" and \"conf\" are denied because they log "
                         "secrets; name the parts you need (broker, topic, msg, cgrp, fetch, …)");
    }
    const struct rule *rule = find_rule(property->key);
    if (rule == NULL || (rule->kind == RULE_ONLY && strcasecmp(value, rule->value) == 0)) {
        return true;
    }
    return refuse(property->key, rule, error);
}

/* Returns whether librdkafka's text repeats the value, which may be a secret that was passed to the
 * wrong property. A number may be shown, because "5 is outside allowed range" helps. */
static bool shows_value(const char *words, const char *value)
{
    size_t digits = strspn(value, "0123456789.+-");
    return value[digits] != '\0' && strstr(words, value) != NULL;
}

static bool set(rd_kafka_conf_t *conf, const struct kafka_property *property, struct error *error)
{
    char words[200] = "";
    switch (rd_kafka_conf_set(conf, property->key, property->value, words, sizeof words)) {
    case RD_KAFKA_CONF_OK:
        return true;
    case RD_KAFKA_CONF_UNKNOWN:
        return error_set(error, ERROR_USAGE, "-X %s: librdkafka %s has no such property",
                         property->key, rd_kafka_version_str());
    case RD_KAFKA_CONF_INVALID:
        break;
    }
    if (property->value != NULL && shows_value(words, property->value)) {
        return error_set(error, ERROR_USAGE, "-X %s: not a value that librdkafka takes for it",
                         property->key);
    }
    return error_set(error, ERROR_USAGE, "-X %s: %s", property->key, words);
}

/* Returns the librdkafka property that a property of this program sets from a file: "sasl.password"
 * for "sasl.password.file"; NULL for other keys. Secrets are read from files of mode 600, because
 * other users of the machine can see arguments. */
static const char *secret_of_file(const char *key)
{
    static const char *const secrets[] = {"sasl.password", "sasl.oauthbearer.client.secret",
                                          "ssl.key.password", "ssl.keystore.password"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        size_t length = strlen(secrets[i]);
        if (strncmp(key, secrets[i], length) == 0 && strcmp(key + length, ".file") == 0) {
            return secrets[i];
        }
    }
    return NULL;
}

static bool apply(rd_kafka_conf_t *conf, const struct kafka_property *property, struct error *error)
{
    if (!property_check(property, error)) {
        return false;
    }
    const char *secret_key = secret_of_file(property->key);
    if (secret_key == NULL) {
        return set(conf, property, error);
    }
    char *secret = secret_file_read(property->value != NULL ? property->value : "", error);
    bool done = secret != NULL &&
                set(conf, &(struct kafka_property){.key = secret_key, .value = secret}, error);
    secret_free(secret);
    return done || error_prefix(error, "-X %s", property->key);
}

bool properties_apply(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                      struct error *error)
{
    for (size_t i = 0; i < settings->property_count; i++) {
        if (!apply(conf, &settings->properties[i], error)) {
            return false;
        }
    }
    return true;
}
