/*
 * One member of a lab run's group. Each runs in a separate process, so that it can be started,
 * killed, frozen and stopped like a member in production. It follows the rules of
 * kafka/consumer/consumer.h: the same settings, commits only of what was processed, incremental
 * assignment if the strategy is cooperative. Processing a tick here means writing its partition and
 * offset to standard output, whose reader outlives the member. lab/model/events.h describes the
 * lines.
 *
 * The consumer of kafka/consumer/consumer.h writes records to a store; a lab member writes nowhere
 * else, so that only the assignment is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/text/strbuf.h"
#include "cli/signal_watch.h"
#include "commands/wiring.h"
#include "kafka/client/client_end.h"
#include "lab/model/group.h"
#include "lab/run/lab_commands.h"

enum {
    POLL_MS = 20,
    COMMIT_INTERVAL_MS = 200, /* as in commit.c */
    END_MS = 3000,
    TEXT_LIMIT = 1 << 20,
    RUNS_MAX = 64, /* the most runs between two writes */
};

/* Consecutive ticks of one partition. */
struct run {
    char topic[LAB_NAME_SIZE * 2];
    int32_t partition;
    int64_t first, last;
};

struct lab_reader {
    rd_kafka_t *client;
    const char *name;
    bool cooperative;
    bool gone; /* nobody reads this process's output any more */
    struct strbuf lines;
    struct run runs[RUNS_MAX];
    int run_count;
    rd_kafka_topic_partition_list_t *processed; /* for each partition, the offset after the last
                                                   tick that was written, unless it is committed
                                                   already */
    int64_t committed_ns;
};

static void write_lines(struct lab_reader *reader)
{
    struct str left = strbuf_str(&reader->lines);
    while (left.length > 0 && !reader->gone) {
        ssize_t written = write(STDOUT_FILENO, left.data, left.length);
        reader->gone = written <= 0;
        left.data += written > 0 ? written : 0;
        left.length -= written > 0 ? (size_t)written : 0;
    }
    strbuf_clear(&reader->lines);
}

static void append_times(struct lab_reader *reader, const char *event)
{
    strbuf_append_format(&reader->lines, "{\"event\":\"%s\",\"time\":%lld,\"clock\":%lld", event,
                         (long long)clock_wall_ns(), (long long)clock_monotonic_ns());
}

/* Writes the runs of ticks that were read; only then they are processed. */
static void process(struct lab_reader *reader)
{
    for (int i = 0; i < reader->run_count; i++) {
        const struct run *run = &reader->runs[i];
        append_times(reader, "read");
        strbuf_append_format(
            &reader->lines, ",\"topic\":\"%s\",\"partition\":%d,\"first\":%lld,\"last\":%lld}\n",
            run->topic, (int)run->partition, (long long)run->first, (long long)run->last);
    }
    write_lines(reader);
    for (int i = 0; i < reader->run_count && !reader->gone; i++) {
        const struct run *run = &reader->runs[i];
        rd_kafka_topic_partition_t *place =
            rd_kafka_topic_partition_list_find(reader->processed, run->topic, run->partition);
        if (place == NULL) {
            place =
                rd_kafka_topic_partition_list_add(reader->processed, run->topic, run->partition);
        }
        place->offset = run->last + 1;
    }
    reader->run_count = 0;
}

/* Empties `processed`: after a commit, or when the partitions are lost and must not be committed
 * any more. */
static void forget_processed(struct lab_reader *reader)
{
    rd_kafka_topic_partition_list_destroy(reader->processed);
    reader->processed = rd_kafka_topic_partition_list_new(RUNS_MAX);
}

/* Commits what was processed. The coordinator may refuse that during a rebalance: the ticks are
 * then read again. */
static void commit(struct lab_reader *reader, bool wait)
{
    reader->committed_ns = clock_monotonic_ns();
    if (reader->processed->cnt > 0) {
        (void)rd_kafka_commit(reader->client, reader->processed, wait ? 0 : 1);
        forget_processed(reader);
    }
}

static void take(struct lab_reader *reader, const rd_kafka_message_t *message)
{
    const char *topic = rd_kafka_topic_name(message->rkt);
    for (int i = 0; i < reader->run_count; i++) {
        struct run *run = &reader->runs[i];
        if (run->partition == message->partition && run->last + 1 == message->offset &&
            strcmp(run->topic, topic) == 0) {
            run->last = message->offset;
            return;
        }
    }
    if (reader->run_count == RUNS_MAX) {
        process(reader);
    }
    struct run *run = &reader->runs[reader->run_count++];
    (void)str_copy(str_from(topic), run->topic, sizeof run->topic);
    run->partition = message->partition;
    run->first = run->last = message->offset;
}

/* The member's id and generation at the time of a rebalance. */
struct membership {
    char id[LAB_NAME_SIZE];
    int32_t generation; /* -1: unknown */
};

/* Asks librdkafka's group thread. Call it only while that thread waits for the answer to a
 * rebalance: once the last partitions are given back at the end, the thread ends, and would never
 * answer. */
static struct membership membership_of(rd_kafka_t *client)
{
    struct membership membership = {.generation = -1};
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(client);
    if (metadata != NULL) {
        const char *id = rd_kafka_consumer_group_metadata_member_id(metadata);
        (void)str_copy(str_from(id != NULL ? id : ""), membership.id, sizeof membership.id);
        membership.generation = rd_kafka_consumer_group_metadata_generation_id(metadata);
        rd_kafka_consumer_group_metadata_destroy(metadata);
    }
    return membership;
}

static void write_event(struct lab_reader *reader, const char *event,
                        const struct membership *membership,
                        const rd_kafka_topic_partition_list_t *partitions)
{
    append_times(reader, event);
    strbuf_append_format(&reader->lines, ",\"generation\":%d,\"id\":", (int)membership->generation);
    strbuf_append_json_string(&reader->lines, str_from(membership->id));
    strbuf_append_text(&reader->lines, ",\"partitions\":[");
    for (int i = 0; i < partitions->cnt; i++) {
        strbuf_append_format(&reader->lines, "%s{\"topic\":\"%s\",\"partition\":%d}",
                             i > 0 ? "," : "", partitions->elems[i].topic,
                             (int)partitions->elems[i].partition);
    }
    strbuf_append_text(&reader->lines, "]}\n");
    write_lines(reader);
}

static void answer(struct lab_reader *reader, bool assign,
                   const rd_kafka_topic_partition_list_t *partitions)
{
    if (!reader->cooperative) {
        (void)rd_kafka_assign(reader->client, assign ? partitions : NULL);
        return;
    }
    rd_kafka_error_t *error = assign ? rd_kafka_incremental_assign(reader->client, partitions)
                                     : rd_kafka_incremental_unassign(reader->client, partitions);
    if (error != NULL) {
        rd_kafka_error_destroy(error);
    }
}

/* Called within a poll, which returns one message at a time, so no message is half processed. */
static void on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct lab_reader *reader = opaque;
    const struct membership membership = membership_of(client);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        answer(reader, true, partitions);
        write_event(reader, "assigned", &membership, partitions);
        return;
    }
    bool lost = rd_kafka_assignment_lost(client) != 0;
    process(reader);
    if (lost) {
        forget_processed(reader);
    } else {
        commit(reader, true);
    }
    answer(reader, false, partitions);
    write_event(reader, lost ? "lost" : "revoked", &membership, partitions);
}

static bool subscribe(rd_kafka_t *client, const char *topics, struct error *error)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(LAB_TOPICS_MAX);
    struct str rest = str_from(topics);
    struct str piece;
    while (str_split(&rest, ',', &piece)) {
        char name[LAB_NAME_SIZE * 2];
        (void)str_copy(str_trim(piece), name, sizeof name);
        rd_kafka_topic_partition_list_add(list, name, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(error, ERROR_USAGE, "topics %.100s: %s", topics, rd_kafka_err2str(code));
}

/* Returns false after a fatal error of the client, such as brokers that do not support KIP-848. */
static bool is_able(const struct lab_reader *reader, struct error *error)
{
    char words[200];
    return rd_kafka_fatal_error(reader->client, words, sizeof words) ==
               RD_KAFKA_RESP_ERR_NO_ERROR ||
           error_set(error, ERROR_FATAL, "member %s cannot go on: %s", reader->name, words);
}

static bool read_on(struct lab_reader *reader, const struct stop *stop, struct error *error)
{
    while (!stop_requested(stop) && !reader->gone) {
        if (!is_able(reader, error)) {
            return false;
        }
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->client, POLL_MS);
        if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            take(reader, message);
        } else {
            process(reader);
        }
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
        if (clock_monotonic_ns() - reader->committed_ns >= COMMIT_INTERVAL_MS * NS_PER_MS) {
            process(reader);
            commit(reader, false);
        }
    }
    process(reader);
    commit(reader, true);
    return true;
}

static rd_kafka_t *create_client(const struct options *options, struct lab_reader *reader,
                                 struct error *error)
{
    struct kafka_settings settings = wiring_kafka(options, NULL);
    rd_kafka_conf_t *conf =
        kafka_consumer_conf(&settings, options->group, options->strategy, error);
    if (conf == NULL) {
        return NULL;
    }
    rd_kafka_conf_set_opaque(conf, reader);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_t *client = kafka_client_create(RD_KAFKA_CONSUMER, conf, error);
    if (client != NULL) {
        (void)rd_kafka_poll_set_consumer(client);
    }
    return client;
}

bool run_lab_member(const struct options *options, struct error *error)
{
    struct lab_reader reader = {
        .name = options->client_id,
        .cooperative =
            options->strategy == STRATEGY_STICKY || options->strategy == STRATEGY_CONSUMER,
        .lines = strbuf_new(TEXT_LIMIT),
        .processed = rd_kafka_topic_partition_list_new(RUNS_MAX),
    };
    struct signal_watch *watch = NULL;
    bool done = false;
    struct stop *stop = stop_create(error);
    if (stop == NULL || (watch = signal_watch_create(stop, options->duration_ns, error)) == NULL) {
        goto out;
    }
    reader.client = create_client(options, &reader, error);
    if (reader.client == NULL || !subscribe(reader.client, options->lab_topics, error) ||
        !read_on(&reader, stop, error)) {
        goto out;
    }
    (void)rd_kafka_consumer_close(reader.client);
    done = true;
out:
    if (reader.client != NULL) {
        client_end(reader.client, done ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE,
                   clock_monotonic_ns() + END_MS * NS_PER_MS);
    }
    rd_kafka_topic_partition_list_destroy(reader.processed);
    strbuf_free(&reader.lines);
    signal_watch_destroy(watch);
    stop_destroy(stop);
    return done;
}
