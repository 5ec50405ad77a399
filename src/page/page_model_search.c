/* Looks for messages in one partition. A search is bounded by a number of messages and by time; its
 * answer says how far it has looked, and from where the next one goes on. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/figure.h"
#include "page/messages/message_filter.h"
#include "page/page_model_parts.h"

enum {
    SEARCH_MESSAGES = 20000, /* no search looks at more messages */
    SEARCH_MS = 1500,        /* no search begins to read more after so long */
    CLOCK_EVERY = 64,        /* after so many messages the time is checked */
    /* A search towards the log's begin reads pieces of the log, because a reader reads towards the
     * end only. */
    PIECE_FIRST = 500,
    PIECE_MOST = 4000,
    PIECE_LIMIT = 24 << 20, /* bytes: PAGE_MESSAGES_LONG_BYTES, and a message of any size */
};

/* A message that was found in a piece. */
struct finding {
    size_t at; /* where its JSON begins */
    int64_t offset;
};

struct search {
    const struct web_search_wanted *wanted;
    struct message_filter filter;
    struct message_viewer *viewer;
    struct reader *reader;
    struct strbuf *json; /* the answer */
    int left;
    bool since_reached; /* a message of the wanted time or later was seen */
    int64_t looked_at;
    int64_t looked_to; /* one past the last offset that a search towards the end has looked at */
    int64_t until_ns;  /* monotonic */
    struct strbuf piece;
    struct finding findings[PIECE_MOST];
    size_t found;
    bool dropped; /* the piece had more findings, before these */
};

static bool is_wanted(struct search *search, const struct message_view *view)
{
    const struct message *message = view->message;
    int64_t since_ns = search->wanted->since_ns;
    search->since_reached =
        search->since_reached || message->encoded.timestamp_ms >= since_ns / NS_PER_MS;
    return search->since_reached && message_matches(&search->filter, view);
}

static void separate(struct strbuf *json)
{
    if (json->data[json->length - 1] != '[') {
        strbuf_append_char(json, ',');
    }
}

static bool full(const struct search *search)
{
    return search->left == 0 || search->json->length >= PAGE_MESSAGES_LONG_BYTES;
}

static bool spent(const struct search *search)
{
    return search->looked_at >= SEARCH_MESSAGES || clock_monotonic_ns() >= search->until_ns;
}

/* Takes a message of a search towards the end. */
static bool take_forwards(void *context, const struct message *message)
{
    struct search *search = context;
    struct message_view view;
    message_view(search->viewer, message, &view);
    search->looked_to = message->offset + 1;
    if (is_wanted(search, &view)) {
        separate(search->json);
        message_view_to_json(&view, search->json);
        search->left--;
    }
    search->looked_at++;
    bool check = search->looked_at % CLOCK_EVERY == 0 || search->looked_at == SEARCH_MESSAGES;
    return !full(search) && !(check && spent(search));
}

/* Makes room for more findings in the piece: the newest are answered first, so the oldest may go;
 * a later search finds them again. */
static void drop_half(struct search *search)
{
    size_t gone = (search->found + 1) / 2;
    size_t at = gone < search->found ? search->findings[gone].at : search->piece.length;
    memmove(search->piece.data, search->piece.data + at, search->piece.length - at);
    search->piece.length -= at;
    for (size_t i = gone; i < search->found; i++) {
        search->findings[i - gone] = search->findings[i];
        search->findings[i - gone].at -= at;
    }
    search->found -= gone;
    search->dropped = true;
}

/* Takes a message of a piece. */
static bool take_piece(void *context, const struct message *message)
{
    struct search *search = context;
    struct message_view view;
    message_view(search->viewer, message, &view);
    search->looked_at++;
    if (is_wanted(search, &view)) {
        if (search->piece.length >= PAGE_MESSAGES_LONG_BYTES) {
            drop_half(search);
        }
        search->findings[search->found++] =
            (struct finding){.at = search->piece.length, .offset = message->offset};
        message_view_to_json(&view, &search->piece);
    }
    return true;
}

/* Answers with the findings of the piece that begins at `begin`, the newest first, as many as fit.
 * Returns the first offset that a further search need not look at. */
static int64_t answer_piece(struct search *search, int64_t begin)
{
    size_t end = search->piece.length;
    int64_t last = begin;
    while (search->found > 0 && !full(search)) {
        const struct finding *finding = &search->findings[--search->found];
        separate(search->json);
        strbuf_append(search->json, search->piece.data + finding->at, end - finding->at);
        end = finding->at;
        last = finding->offset;
        search->left--;
    }
    return search->found > 0 || search->dropped ? last : begin;
}

static bool read_piece(struct search *search, const struct partition_range *piece,
                       struct error *error)
{
    strbuf_clear(&search->piece);
    search->found = 0;
    search->dropped = false;
    return reader_read(search->reader, piece, 1, take_piece, search, PAGE_KAFKA_TIMEOUT_MS,
                       error) &&
           (!search->piece.failed || error_set(error, ERROR_FATAL, "out of memory"));
}

/* Looks from range->end towards its begin, and sets range->begin to where it has stopped. */
static bool look_back(struct search *search, struct partition_range *range, struct error *error)
{
    int64_t first = range->begin, size = PIECE_FIRST;
    range->begin = range->end;
    /* However late it is, one piece is read, so that every search goes on. */
    for (bool begun = false; range->begin > first && !full(search) && !(begun && spent(search));
         begun = true) {
        int64_t left = SEARCH_MESSAGES - search->looked_at;
        int64_t most = size < left ? size : left;
        int64_t begin = range->begin - first > most ? range->begin - most : first;
        const struct partition_range piece = {
            .partition = range->partition, .begin = begin, .end = range->begin};
        if (!read_piece(search, &piece, error)) {
            return false;
        }
        range->begin = answer_piece(search, begin);
        size = size * 2 < PIECE_MOST ? size * 2 : PIECE_MOST;
    }
    return true;
}

/* Looks from range->begin towards its end, and sets range->end to where it has stopped. */
static bool look_on(struct search *search, struct partition_range *range, struct error *error)
{
    search->looked_to = range->begin;
    if (range->begin < range->end && !reader_read(search->reader, range, 1, take_forwards, search,
                                                  PAGE_KAFKA_TIMEOUT_MS, error)) {
        return false;
    }
    /* Where it was not broken off, offsets that are missing at the end were looked at, too. */
    range->end = full(search) || spent(search) ? search->looked_to : range->end;
    return true;
}

/* Finds the partition: the one that was named, or where producers with the partitioner of Kafka's
 * own clients put the key. */
static bool find_range(const struct open_topic *open, const struct web_search_wanted *wanted,
                       struct partition_range *range, struct error *error)
{
    int32_t partition = wanted->partition;
    if (partition < 0) {
        partition = reader_partition_of(*open->reader, str_from(wanted->key), open->count);
    }
    return page_model_topic_range(open, partition, range, error);
}

/* Cuts the range to where the search begins. */
static bool begin_at(struct search *search, struct partition_range *range, struct error *error)
{
    const struct web_search_wanted *wanted = search->wanted;
    if (wanted->before >= 0 && wanted->before < range->end) {
        range->end = wanted->before > range->begin ? wanted->before : range->begin;
    }
    if (wanted->from > range->begin) {
        range->begin = wanted->from < range->end ? wanted->from : range->end;
    }
    search->since_reached = wanted->since_ns == INT64_MIN;
    return search->since_reached ||
           reader_since(search->reader, range, 1, wanted->since_ns / NS_PER_MS,
                        PAGE_KAFKA_TIMEOUT_MS, error);
}

/* Appends what the answer says besides the messages. `whole` is the partition's range, `looked` the
 * part of it that was looked at. */
static void append_progress(const struct search *search, const char *topic, bool back,
                            const struct partition_range *whole,
                            const struct partition_range *looked, struct strbuf *json)
{
    bool more = back ? looked->begin > whole->begin : looked->end < whole->end;
    strbuf_append_text(json, "],\"topic\":");
    strbuf_append_json_string(json, str_from(topic));
    strbuf_append_format(json,
                         ",\"partition\":%d,\"begin\":%lld,\"end\":%lld,\"looked_at\":%lld,"
                         "\"looked_from\":%lld,\"looked_to\":%lld",
                         (int)whole->partition, (long long)whole->begin, (long long)whole->end,
                         (long long)search->looked_at, (long long)looked->begin,
                         (long long)looked->end);
    figure_append(json, "next_before", back && more ? looked->begin : -1);
    figure_append(json, "next_from", !back && more ? looked->end : -1);
    strbuf_append_char(json, '}');
}

static bool run(struct search *search, const struct open_topic *open, struct error *error)
{
    const struct web_search_wanted *wanted = search->wanted;
    struct partition_range whole, looked;
    bool back = wanted->from < 0 && wanted->since_ns == INT64_MIN;
    strbuf_append_text(search->json, "{\"messages\":[");
    if (!find_range(open, wanted, &whole, error)) {
        return false;
    }
    looked = whole;
    if (!begin_at(search, &looked, error) ||
        !(back ? look_back : look_on)(search, &looked, error)) {
        return false;
    }
    append_progress(search, open->name, back, &whole, &looked, search->json);
    return true;
}

bool page_model_search(void *context, const struct web_search_wanted *wanted, struct strbuf *json,
                       struct error *error)
{
    struct open_topic open;
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    if (!page_model_open_topic(context, wanted->topic, &open, error)) {
        free(search);
        return false;
    }
    *search = (struct search){
        .wanted = wanted,
        .viewer = &open.viewer,
        .reader = *open.reader,
        .json = json,
        .left = wanted->limit,
        .until_ns = clock_monotonic_ns() + SEARCH_MS * NS_PER_MS,
        .piece = strbuf_new(PIECE_LIMIT),
    };
    if (wanted->key != NULL) {
        search->filter.key = str_from(wanted->key);
    }
    if (wanted->contains != NULL) {
        search->filter.contains = str_from(wanted->contains);
    }
    bool answered = run(search, &open, error);
    page_model_close_topic(&open, error);
    strbuf_free(&search->piece);
    free(search);
    return answered;
}
