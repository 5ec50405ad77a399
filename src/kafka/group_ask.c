#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "kafka/deadline.h"
#include "kafka/group_internal.h"

enum { AGAIN_MS = 100 };

/* The partitions that have a leader, to be asked for `offset`. */
static rd_kafka_topic_partition_list_t *list_of(const struct group_status *status, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)status->partition_count);
    for (size_t i = 0; i < status->partition_count; i++) {
        if (status->partitions[i].leader >= 0 || offset == RD_KAFKA_OFFSET_INVALID) {
            rd_kafka_topic_partition_list_add(list, status->topic, status->partitions[i].partition)
                ->offset = offset;
        }
    }
    return list;
}

typedef bool (*take_answer)(rd_kafka_event_t *event, struct group_status *status,
                            struct error *error);

enum question { ASK_BEGINS, ASK_ENDS, ASK_COMMITTED, ASK_MEMBERS, QUESTIONS };
static const take_answer takers[QUESTIONS] = {
    [ASK_BEGINS] = group_take_begins,
    [ASK_ENDS] = group_take_ends,
    [ASK_COMMITTED] = group_take_committed,
    [ASK_MEMBERS] = group_take_members,
};

/* All questions go out at once; their answers come in any order. */
struct asking {
    struct group_reader *reader;
    struct group_status *status;
    rd_kafka_queue_t *queue;
    int64_t deadline_ns;
    bool open[QUESTIONS]; /* asked, not answered */
    int open_count;
};

static rd_kafka_AdminOptions_t *options_for(struct asking *asking, enum question question,
                                            rd_kafka_admin_op_t operation)
{
    char words[200];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(asking->reader->client, operation);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, deadline_left_ms(asking->deadline_ns),
                                                    words, sizeof words);
    rd_kafka_AdminOptions_set_opaque(options, (void *)(uintptr_t)question);
    asking->open[question] = true;
    asking->open_count++;
    return options;
}

static void ask_offsets(struct asking *asking, enum question question, int64_t spec)
{
    rd_kafka_topic_partition_list_t *list = list_of(asking->status, spec);
    if (list->cnt > 0) {
        rd_kafka_AdminOptions_t *options =
            options_for(asking, question, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
        rd_kafka_ListOffsets(asking->reader->client, list, options, asking->queue);
        rd_kafka_AdminOptions_destroy(options);
    }
    rd_kafka_topic_partition_list_destroy(list);
}

/* The partitions are named: without them the in-process cluster says nothing. */
static void ask_committed(struct asking *asking)
{
    rd_kafka_topic_partition_list_t *list = list_of(asking->status, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_ListConsumerGroupOffsets_t *order =
        rd_kafka_ListConsumerGroupOffsets_new(asking->status->group, list);
    rd_kafka_AdminOptions_t *options =
        options_for(asking, ASK_COMMITTED, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_ListConsumerGroupOffsets(asking->reader->client, &order, 1, options, asking->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ListConsumerGroupOffsets_destroy(order);
    rd_kafka_topic_partition_list_destroy(list);
}

static void ask_members(struct asking *asking)
{
    struct group_reader *reader = asking->reader;
    if (reader->refused) {
        (void)str_copy(str_from(reader->refused_why), asking->status->members_unknown_why,
                       sizeof asking->status->members_unknown_why);
        return;
    }
    const char *groups[] = {reader->group};
    rd_kafka_AdminOptions_t *options =
        options_for(asking, ASK_MEMBERS, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
    rd_kafka_DescribeConsumerGroups(reader->client, groups, 1, options, asking->queue);
    rd_kafka_AdminOptions_destroy(options);
}

/* A refusal for good, as against a coordinator that is away. */
static void remember_refusal(struct group_reader *reader, rd_kafka_event_t *event,
                             struct group_status *status)
{
    rd_kafka_resp_err_t code = group_members_error(event);
    if (kafka_error_kind(code) == ERROR_FATAL) {
        reader->refused = true;
        (void)snprintf(reader->refused_why, sizeof reader->refused_why,
                       "the cluster does not describe groups: %.200s", rd_kafka_err2str(code));
        (void)str_copy(str_from(reader->refused_why), status->members_unknown_why,
                       sizeof status->members_unknown_why);
    }
}

static void ask(struct asking *asking, enum question question)
{
    switch (question) {
    case ASK_BEGINS:
        ask_offsets(asking, question, RD_KAFKA_OFFSET_SPEC_EARLIEST);
        break;
    case ASK_ENDS:
        ask_offsets(asking, question, RD_KAFKA_OFFSET_SPEC_LATEST);
        break;
    case ASK_COMMITTED:
        ask_committed(asking);
        break;
    default:
        ask_members(asking);
        break;
    }
}

/* Leaders and coordinators that move say "not me" or "not yet": it is asked again while there is
 * time. */
static bool ask_again(struct asking *asking, enum question question)
{
    if (asking->deadline_ns - clock_monotonic_ns() < 2 * AGAIN_MS * NS_PER_MS) {
        return false;
    }
    nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * NS_PER_MS}, NULL);
    ask(asking, question);
    return true;
}

static bool take_one(struct asking *asking, rd_kafka_event_t *event, struct error *error)
{
    size_t question = (size_t)(uintptr_t)rd_kafka_event_opaque(event);
    struct error why = {0};
    if (question >= QUESTIONS || !asking->open[question]) {
        return true;
    }
    asking->open[question] = false;
    asking->open_count--;
    bool taken = takers[question](event, asking->status, &why);
    if (taken && question == ASK_MEMBERS) {
        remember_refusal(asking->reader, event, asking->status);
        why.kind = kafka_error_kind(group_members_error(event));
    }
    if (why.kind == ERROR_RETRY && ask_again(asking, (enum question)question)) {
        return true;
    }
    if (!taken && error != NULL) {
        *error = why;
    }
    return taken;
}

static bool late(const struct asking *asking, struct error *error)
{
    const struct group_reader *reader = asking->reader;
    if (asking->open[ASK_BEGINS] || asking->open[ASK_ENDS]) {
        return error_set(error, ERROR_RETRY, "offsets of topic %.100s: no answer in time",
                         reader->topic);
    }
    if (asking->open[ASK_COMMITTED]) {
        return error_set(error, ERROR_RETRY, "committed offsets of group %.100s: no answer in time",
                         reader->group);
    }
    (void)str_copy(str_from("the group's coordinator did not answer in time"),
                   asking->status->members_unknown_why, sizeof asking->status->members_unknown_why);
    return true;
}

static bool take_all(struct asking *asking, struct error *error)
{
    while (asking->open_count > 0) {
        rd_kafka_event_t *event =
            rd_kafka_queue_poll(asking->queue, deadline_left_ms(asking->deadline_ns));
        if (event == NULL && clock_monotonic_ns() >= asking->deadline_ns) {
            return late(asking, error);
        }
        bool fine = event == NULL || take_one(asking, event, error);
        if (event != NULL) {
            rd_kafka_event_destroy(event);
        }
        if (!fine) {
            return false;
        }
    }
    return true;
}

bool group_ask(struct group_reader *reader, struct group_status *status, int64_t deadline_ns,
               struct error *error)
{
    struct asking asking = {.reader = reader, .status = status, .deadline_ns = deadline_ns};
    asking.queue = rd_kafka_queue_new(reader->client);
    for (enum question question = ASK_BEGINS; question < QUESTIONS; question++) {
        ask(&asking, question);
    }
    bool done = take_all(&asking, error);
    rd_kafka_queue_destroy(asking.queue);
    return done;
}
