#include "brokers_control.h"

#include <string.h>

#include "base/text/str.h"

enum { WORDS_MAX = 600, BROKERS = 3 };

struct words {
    char *text[WORDS_MAX];
    size_t count;
};

static struct words split(char *line)
{
    struct words words = {.count = 0};
    char *rest = line;
    char *word;
    while (words.count < WORDS_MAX && (word = strsep(&rest, " \r\n")) != NULL) {
        if (word[0] != '\0') {
            words.text[words.count++] = word;
        }
    }
    return words;
}

static bool to_number(const char *text, int64_t *number, struct error *error)
{
    return str_to_int64(str_from(text), number) ||
           error_set(error, ERROR_USAGE, "%s is no number", text);
}

/* Numbers of the protocol. */
static bool to_request(const char *name, int16_t *key, struct error *error)
{
    static const struct {
        const char *name;
        int16_t key;
    } requests[] = {
        {"Produce", 0},      {"Fetch", 1},       {"ListOffsets", 2},      {"Metadata", 3},
        {"OffsetCommit", 8}, {"OffsetFetch", 9}, {"FindCoordinator", 10}, {"JoinGroup", 11},
        {"Heartbeat", 12},   {"LeaveGroup", 13}, {"SyncGroup", 14},       {"InitProducerId", 22},
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].name, name) == 0) {
            *key = requests[i].key;
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "%s is no request that is known here", name);
}

static bool to_error(const char *name, rd_kafka_resp_err_t *code, struct error *error)
{
    const struct rd_kafka_err_desc *descriptions = NULL;
    size_t count = 0;
    rd_kafka_get_err_descs(&descriptions, &count);
    for (size_t i = 0; i < count; i++) {
        if (descriptions[i].name != NULL && strcmp(descriptions[i].name, name) == 0) {
            *code = descriptions[i].code;
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "%s is no error of Kafka", name);
}

static bool make_topic(struct embedded_kafka *kafka, const struct words *words, struct error *error)
{
    int64_t partitions = 0;
    if (!to_number(words->text[2], &partitions, error)) {
        return false;
    }
    struct topic_spec spec = {
        .name = words->text[1], .partitions = (int)partitions, .replication = BROKERS};
    return embedded_kafka_create_topic(kafka, &spec, error);
}

static bool push_errors(struct embedded_kafka *kafka, const struct words *words,
                        struct error *error)
{
    int16_t key = 0;
    rd_kafka_resp_err_t codes[WORDS_MAX];
    size_t count = 0;
    if (!to_request(words->text[1], &key, error)) {
        return false;
    }
    for (size_t i = 2; i < words->count; i++) {
        if (!to_error(words->text[i], &codes[count++], error)) {
            return false;
        }
    }
    rd_kafka_mock_push_request_errors_array(embedded_kafka_mock(kafka), key, count, codes);
    return true;
}

static bool push_broker_errors(struct embedded_kafka *kafka, const struct words *words,
                               struct error *error)
{
    int64_t broker = 0;
    int16_t key = 0;
    if (!to_number(words->text[1], &broker, error) || !to_request(words->text[2], &key, error)) {
        return false;
    }
    for (size_t i = 3; i < words->count; i++) {
        char *ms = words->text[i];
        const char *name = strsep(&ms, ":");
        rd_kafka_resp_err_t code;
        int64_t wait_ms = 0;
        if (!to_error(name, &code, error) || (ms != NULL && !to_number(ms, &wait_ms, error))) {
            return false;
        }
        (void)rd_kafka_mock_broker_push_request_error_rtts(
            embedded_kafka_mock(kafka), (int32_t)broker, key, 1, code, (int)wait_ms);
    }
    return true;
}

static bool clear_errors(struct embedded_kafka *kafka, const struct words *words,
                         struct error *error)
{
    int16_t key = 0;
    if (!to_request(words->text[1], &key, error)) {
        return false;
    }
    rd_kafka_mock_clear_request_errors(embedded_kafka_mock(kafka), key);
    return true;
}

static bool answered(rd_kafka_resp_err_t code, struct error *error)
{
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(error, ERROR_FATAL, "%s", rd_kafka_err2str(code));
}

static bool move_leader(struct embedded_kafka *kafka, const struct words *words,
                        struct error *error)
{
    int64_t partition = 0;
    int64_t broker = 0;
    return to_number(words->text[2], &partition, error) &&
           to_number(words->text[3], &broker, error) &&
           answered(rd_kafka_mock_partition_set_leader(embedded_kafka_mock(kafka), words->text[1],
                                                       (int32_t)partition, (int32_t)broker),
                    error);
}

static bool move_coordinator(struct embedded_kafka *kafka, const struct words *words,
                             struct error *error)
{
    int64_t broker = 0;
    return to_number(words->text[2], &broker, error) &&
           answered(rd_kafka_mock_coordinator_set(embedded_kafka_mock(kafka), "group",
                                                  words->text[1], (int32_t)broker),
                    error);
}

static bool slow_down(struct embedded_kafka *kafka, const struct words *words, struct error *error)
{
    int64_t broker = 0;
    int64_t ms = 0;
    return to_number(words->text[1], &broker, error) && to_number(words->text[2], &ms, error) &&
           answered(rd_kafka_mock_broker_set_rtt(embedded_kafka_mock(kafka),
                                                 broker == 0 ? -1 : (int32_t)broker, (int)ms),
                    error);
}

static bool take_down(struct embedded_kafka *kafka, const struct words *words, struct error *error)
{
    int64_t broker = 0;
    return to_number(words->text[1], &broker, error) &&
           answered(rd_kafka_mock_broker_set_down(embedded_kafka_mock(kafka),
                                                  broker == 0 ? -1 : (int32_t)broker),
                    error);
}

static bool bring_up(struct embedded_kafka *kafka, const struct words *words, struct error *error)
{
    int64_t broker = 0;
    return to_number(words->text[1], &broker, error) &&
           answered(rd_kafka_mock_broker_set_up(embedded_kafka_mock(kafka),
                                                broker == 0 ? -1 : (int32_t)broker),
                    error);
}

bool brokers_command(struct embedded_kafka *kafka, char *line, struct error *error)
{
    static const struct {
        const char *name;
        size_t words; /* at least */
        bool (*run)(struct embedded_kafka *kafka, const struct words *words, struct error *error);
    } commands[] = {
        {"topic", 3, make_topic},
        {"errors", 3, push_errors},
        {"broker-errors", 4, push_broker_errors},
        {"clear", 2, clear_errors},
        {"leader", 4, move_leader},
        {"coordinator", 3, move_coordinator},
        {"rtt", 3, slow_down},
        {"down", 2, take_down},
        {"up", 2, bring_up},
    };
    struct words words = split(line);
    for (size_t i = 0; words.count > 0 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, words.text[0]) == 0) {
            return words.count >= commands[i].words
                       ? commands[i].run(kafka, &words, error)
                       : error_set(error, ERROR_USAGE, "%s needs more words", words.text[0]);
        }
    }
    return error_set(error, ERROR_USAGE, "%s is no command",
                     words.count > 0 ? words.text[0] : "nothing");
}
