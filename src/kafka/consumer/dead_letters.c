#include "kafka/consumer/dead_letters.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "kafka/consumer/consumer.h"

enum {
    /* Limits for a stream's dead letters in flight, so that they do not fill the producer's queue
     * (64 MiB), which all members and streams share. The number must not be lower than librdkafka's
     * batch.num.messages: with fewer, librdkafka would wait for linger.ms before it sends. */
    IN_FLIGHT_LETTERS = 10000,
    IN_FLIGHT_BYTES = 4 * 1024 * 1024,
    BACKOFF_BASE_MS = 100,
    BACKOFF_CAP_MS = 30000,
    STUCK_AFTER_MS = 10000, /* how long without an acknowledgement */
};

/* The dead letters of one stream. */
struct lane {
    struct dead_letter_list waiting;
    size_t in_flight, in_flight_bytes;
    int64_t quiet_since_ns; /* when a dead letter was last acknowledged, or was sent while none
                               was in flight */
    int64_t retry_at_ns;
    struct backoff backoff;
    bool logged[DEAD_LETTER_KINDS];
    char failure[256]; /* error of the newest dead letter that failed; "" once one is
                          acknowledged */
};

struct dead_letters {
    struct dead_letters_config config;
    pthread_t thread;

    pthread_mutex_t lock; /* protects all members below */
    pthread_cond_t change;
    struct lane lanes[STREAMS_MAX]; /* by the number of the stream */
    int next;                       /* number of the lane that may send next */
    bool closing;
    size_t references; /* one for the owner, and one for each dead letter in flight */
};

static size_t letter_bytes(const struct dead_letter *letter)
{
    return encoded_message_bytes(&letter->encoded);
}

static const struct stream *stream_of(const struct dead_letters *dead_letters,
                                      const struct dead_letter *letter)
{
    return &dead_letters->config.streams[letter->stream];
}

static struct lane *lane_of(struct dead_letters *dead_letters, const struct dead_letter *letter)
{
    return &dead_letters->lanes[letter->stream];
}

static struct str text_of_number(int64_t number, char *text, size_t size)
{
    (void)snprintf(text, size, "%" PRId64, number);
    return str_from(text);
}

static bool send_letter(struct dead_letters *dead_letters, struct dead_letter *letter,
                        struct error *error)
{
    char partition[24], offset[24], timestamp[24];
    const struct place *place = &letter->origin.place;
    struct producer_header headers[8] = {
        {DEAD_LETTER_HEADER_TOPIC, str_from(stream_of(dead_letters, letter)->topic)},
        {DEAD_LETTER_HEADER_PARTITION,
         text_of_number(place->partition, partition, sizeof partition)},
        {DEAD_LETTER_HEADER_OFFSET, text_of_number(place->offset, offset, sizeof offset)},
        {DEAD_LETTER_HEADER_KIND, str_from(dead_letter_kind_names[letter->kind])},
        {DEAD_LETTER_HEADER_REASON, str_from(letter->reason)},
    };
    size_t count = 5;
    if (letter->encoded.timestamp_ms != NO_TIMESTAMP) {
        headers[count++] = (struct producer_header){
            DEAD_LETTER_HEADER_TIMESTAMP,
            text_of_number(letter->encoded.timestamp_ms, timestamp, sizeof timestamp)};
    }
    if (topic_id_known(&letter->topic_id)) {
        headers[count++] =
            (struct producer_header){DEAD_LETTER_HEADER_TOPIC_ID, str_from(letter->topic_id.text)};
    }
    if (letter->encoded.schema_header.data != NULL) {
        headers[count++] =
            (struct producer_header){SCHEMA_ID_HEADER, letter->encoded.schema_header};
    }
    const struct producer_message message = {
        .topic = stream_of(dead_letters, letter)->dead_letter_topic,
        .key = letter->encoded.key,
        .value = letter->encoded.value,
        .partition = RD_KAFKA_PARTITION_UA,
        .headers = headers,
        .header_count = count,
        .token = letter,
        .no_wait = true, /* this thread must not block, because dead_letters_close() waits for it */
        .once = true,    /* do not retry: a topic that accepts nothing must hold up no other
                            stream's dead letters */
    };
    return producer_send(dead_letters->config.producer, &message, error);
}

/* Removes the message's bytes from a dead letter that Kafka rejects as too large. That happens if
 * the message arrived compressed, or came from a program with higher limits. Without this it would
 * block its partition for ever. The dead letter still has the place and the reason, and the source
 * topic has the bytes. The caller holds the lock. */
static bool leave_bytes_out(struct dead_letter *letter, const struct error *error)
{
    size_t bytes = letter_bytes(letter);
    if (error->kind != ERROR_REJECT || bytes <= DEAD_LETTER_WHOLE_BYTES) {
        return false;
    }
    char reason[sizeof letter->reason + 100];
    (void)snprintf(reason, sizeof reason,
                   "its %zu bytes are left out here, Kafka takes no letter so large; %s", bytes,
                   letter->reason);
    (void)str_copy(str_from(reason), letter->reason, sizeof letter->reason);
    letter->encoded = (struct encoded_message){.timestamp_ms = letter->encoded.timestamp_ms};
    return true;
}

/* Requeues the dead letter at the end, so that a rejected one does not hold up the others. Dead
 * letters that were in flight together fail together: that counts as one failure. The caller holds
 * the lock. */
static void try_again_later(struct dead_letters *dead_letters, struct dead_letter *letter,
                            const struct error *error)
{
    struct lane *lane = lane_of(dead_letters, letter);
    dead_letter_list_append(&lane->waiting, letter);
    if (leave_bytes_out(letter, error) || clock_monotonic_ns() < lane->retry_at_ns) {
        return;
    }
    int wait_ms = backoff_next_ms(&lane->backoff, error->retry_after_ms);
    lane->retry_at_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    (void)str_copy(str_from(error->text), lane->failure, sizeof lane->failure);
    log_warn("dead_letter_failed",
             log_text("topic", stream_of(dead_letters, letter)->dead_letter_topic),
             log_int("partition", letter->origin.place.partition),
             log_int("offset", letter->origin.place.offset), log_text("reason", error->text),
             log_int("retry_ms", wait_ms));
}

/* The caller holds the lock. */
static void remove_from_flight(struct dead_letters *dead_letters, const struct dead_letter *letter)
{
    struct lane *lane = lane_of(dead_letters, letter);
    lane->in_flight--;
    lane->in_flight_bytes -= letter_bytes(letter);
    dead_letters->references--;
}

/* Sends the lane's oldest dead letter. The caller holds the lock, which is released during the
 * send. */
static void send_next(struct dead_letters *dead_letters, struct lane *lane)
{
    struct dead_letter *letter = dead_letter_list_take(&lane->waiting);
    if (lane->in_flight == 0) {
        lane->quiet_since_ns = clock_monotonic_ns();
    }
    lane->in_flight++;
    lane->in_flight_bytes += letter_bytes(letter);
    dead_letters->references++;
    pthread_mutex_unlock(&dead_letters->lock);

    struct error error = {0};
    bool sent = send_letter(dead_letters, letter, &error);

    pthread_mutex_lock(&dead_letters->lock);
    if (!sent) {
        remove_from_flight(dead_letters, letter);
        try_again_later(dead_letters, letter, &error);
    }
}

/* Returns whether the lane has a dead letter that it may send, apart from the wait for a retry.
 * After a failure it sends one at a time until one is acknowledged. The caller holds the lock. */
static bool may_send(const struct lane *lane)
{
    bool room = lane->failure[0] == '\0' && lane->in_flight < IN_FLIGHT_LETTERS &&
                lane->in_flight_bytes < IN_FLIGHT_BYTES;
    return lane->waiting.first != NULL && (lane->in_flight == 0 || room);
}

/* Returns the next lane, in turn, that may send now; if all must wait for a retry, the lane that
 * may send first; NULL if none may send. The caller holds the lock. */
static struct lane *next_lane(struct dead_letters *dead_letters, int64_t now_ns)
{
    struct lane *first = NULL;
    for (int n = 0; n < STREAMS_MAX; n++) {
        struct lane *lane = &dead_letters->lanes[(dead_letters->next + n) % STREAMS_MAX];
        if (!may_send(lane)) {
            continue;
        }
        if (lane->retry_at_ns <= now_ns) {
            dead_letters->next = (dead_letters->next + n + 1) % STREAMS_MAX;
            return lane;
        }
        if (first == NULL || lane->retry_at_ns < first->retry_at_ns) {
            first = lane;
        }
    }
    return first;
}

static void *dead_letters_main(void *argument)
{
    struct dead_letters *dead_letters = argument;
    pthread_mutex_lock(&dead_letters->lock);
    while (!dead_letters->closing) {
        int64_t now_ns = clock_monotonic_ns();
        struct lane *lane = next_lane(dead_letters, now_ns);
        if (lane == NULL) {
            pthread_cond_wait(&dead_letters->change, &dead_letters->lock);
        } else if (now_ns < lane->retry_at_ns) {
            waiting_until(&dead_letters->change, &dead_letters->lock, lane->retry_at_ns);
        } else {
            send_next(dead_letters, lane);
        }
    }
    pthread_mutex_unlock(&dead_letters->lock);
    return NULL;
}

struct dead_letters *dead_letters_create(const struct dead_letters_config *config,
                                         struct error *error)
{
    struct dead_letters *dead_letters = calloc(1, sizeof *dead_letters);
    if (dead_letters == NULL) {
        (void)error_set(error, ERROR_FATAL, "dead letters: out of memory");
        return NULL;
    }
    dead_letters->config = *config;
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        dead_letters->lanes[i].backoff =
            backoff_new(BACKOFF_BASE_MS, BACKOFF_CAP_MS, random_from_system());
    }
    dead_letters->references = 1;
    pthread_mutex_init(&dead_letters->lock, NULL);
    waiting_init(&dead_letters->change);
    if (pthread_create(&dead_letters->thread, NULL, dead_letters_main, dead_letters) != 0) {
        (void)error_set(error, ERROR_FATAL, "dead letters: the system has no thread left");
        pthread_cond_destroy(&dead_letters->change);
        pthread_mutex_destroy(&dead_letters->lock);
        free(dead_letters);
        return NULL;
    }
    return dead_letters;
}

void dead_letters_submit(struct dead_letters *dead_letters, struct dead_letter_list letters)
{
    if (letters.first == NULL) {
        return;
    }
    pthread_mutex_lock(&dead_letters->lock);
    struct dead_letter *letter;
    while ((letter = dead_letter_list_take(&letters)) != NULL) {
        letter->dead_letters = dead_letters;
        dead_letter_list_append(&lane_of(dead_letters, letter)->waiting, letter);
    }
    pthread_cond_signal(&dead_letters->change);
    pthread_mutex_unlock(&dead_letters->lock);
}

/* Releases the lock, and frees the dead letters if no reference is left. */
static void release(struct dead_letters *dead_letters)
{
    bool last = dead_letters->references == 0;
    pthread_mutex_unlock(&dead_letters->lock);
    if (last) {
        for (size_t i = 0; i < STREAMS_MAX; i++) {
            dead_letter_list_free(&dead_letters->lanes[i].waiting);
        }
        pthread_cond_destroy(&dead_letters->change);
        pthread_mutex_destroy(&dead_letters->lock);
        free(dead_letters);
    }
}

/* Logs the first dead letter of each kind and stream; metrics count the others. The caller holds
 * the lock. */
static void log_first(struct dead_letters *dead_letters, const struct dead_letter *letter)
{
    bool *logged = &lane_of(dead_letters, letter)->logged[letter->kind];
    if (!*logged) {
        *logged = true;
        log_warn("dead_letter", log_text("kind", dead_letter_kind_names[letter->kind]),
                 log_text("topic", stream_of(dead_letters, letter)->topic),
                 log_int("partition", letter->origin.place.partition),
                 log_int("offset", letter->origin.place.offset), log_text("reason", letter->reason),
                 log_text("more", "only the first of a kind is logged: candlewick dlq lists all"));
    }
}

void consumer_dead_letter_delivered(void *context, void *token, int32_t partition, int64_t offset,
                                    const struct error *error)
{
    (void)context;
    (void)partition;
    struct dead_letter *letter = token;
    struct dead_letters *dead_letters = letter->dead_letters;
    pthread_mutex_lock(&dead_letters->lock);
    remove_from_flight(dead_letters, letter);
    if (dead_letters->closing) {
        free(letter);
    } else if (offset < 0) {
        try_again_later(dead_letters, letter, error);
    } else {
        struct lane *lane = lane_of(dead_letters, letter);
        lane->quiet_since_ns = clock_monotonic_ns();
        lane->failure[0] = '\0';
        backoff_reset(&lane->backoff);
        log_first(dead_letters, letter);
        dead_letters->config.acknowledged(dead_letters->config.context, letter->batch,
                                          letter->kind);
        free(letter);
    }
    pthread_cond_signal(&dead_letters->change);
    release(dead_letters);
}

/* The caller holds the lock. */
static bool is_stuck(const struct lane *lane, int64_t now_ns)
{
    bool quiet = lane->in_flight > 0 && now_ns - lane->quiet_since_ns > STUCK_AFTER_MS * NS_PER_MS;
    return quiet || lane->failure[0] != '\0';
}

bool dead_letters_stuck(struct dead_letters *dead_letters, char *reason, size_t size)
{
    bool stuck = false;
    pthread_mutex_lock(&dead_letters->lock);
    int64_t now_ns = clock_monotonic_ns();
    for (size_t i = 0; i < STREAMS_MAX && !stuck; i++) {
        const struct lane *lane = &dead_letters->lanes[i];
        stuck = is_stuck(lane, now_ns);
        if (stuck) {
            (void)snprintf(reason, size, "dead letters to topic %.80s: %s",
                           dead_letters->config.streams[i].dead_letter_topic,
                           lane->failure[0] != '\0' ? lane->failure : "no acknowledgement");
        }
    }
    pthread_mutex_unlock(&dead_letters->lock);
    return stuck;
}

void dead_letters_close(struct dead_letters *dead_letters)
{
    if (dead_letters == NULL) {
        return;
    }
    pthread_mutex_lock(&dead_letters->lock);
    dead_letters->closing = true;
    pthread_cond_signal(&dead_letters->change);
    pthread_mutex_unlock(&dead_letters->lock);
    (void)pthread_join(dead_letters->thread, NULL);

    pthread_mutex_lock(&dead_letters->lock);
    dead_letters->references--;
    release(dead_letters);
}
