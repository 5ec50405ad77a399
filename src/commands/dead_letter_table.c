#include "commands/dead_letter_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/sorter/sorter.h"
#include "base/text/fit.h"
#include "base/text/table.h"
#include "cli/output.h"
#include "verify/dead_letter_place.h"

enum {
    TEXT_SIZE = 256,
    KEY_SIZE = 80,
    PLACES_MEMORY = 16 << 20,
};

/* A dead letter as it is printed. */
struct shown {
    int64_t timestamp_ms;
    struct place at; /* the dead letter's own place in the dead-letter topic; orders dead letters
                        with the same timestamp */
    bool has_place;
    struct place place;
    bool former; /* the topic of its source message was deleted since */
    char topic[TEXT_SIZE];
    char topic_id[TEXT_SIZE];
    char kind[32];
    char reason[TEXT_SIZE];
    char key[KEY_SIZE];
    bool has_key, has_value;
    size_t key_bytes, value_bytes;
};

/* A place in a topic; the topic is identified by a hash of its name. */
struct named_place {
    uint64_t topic;
    struct place place;
    int32_t padding;
};

struct dead_letter_table {
    char *topic;
    struct topic_id topic_id;
    struct shown *items; /* room for 2 * `most` + 1; when full, the older ones are dropped */
    size_t most, count;
    struct sorter *places;
    int64_t messages, distinct, unplaced, former;
};

static int compare_numbers(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int compare_shown(const void *left_item, const void *right_item)
{
    const struct shown *left = left_item;
    const struct shown *right = right_item;
    int order = compare_numbers(left->timestamp_ms, right->timestamp_ms);
    return order != 0 ? order : place_compare(left->at, right->at);
}

static int compare_named(const void *left_item, const void *right_item)
{
    const struct named_place *left = left_item;
    const struct named_place *right = right_item;
    if (left->topic != right->topic) {
        return left->topic < right->topic ? -1 : 1;
    }
    return place_compare(left->place, right->place);
}

struct dead_letter_table *dead_letter_table_create(size_t most, const char *topic,
                                                   const struct topic_id *topic_id,
                                                   struct error *error)
{
    struct dead_letter_table *shown = calloc(1, sizeof *shown);
    const struct sorter_config places = {.record_bytes = sizeof(struct named_place),
                                         .compare = compare_named,
                                         .memory_bytes = PLACES_MEMORY};
    if (shown != NULL) {
        shown->most = most;
        shown->topic = strdup(topic);
        shown->topic_id = *topic_id;
        shown->items = calloc(2 * most + 1, sizeof *shown->items);
        shown->places = sorter_create(&places, error);
    }
    if (shown == NULL || shown->topic == NULL || shown->items == NULL || shown->places == NULL) {
        dead_letter_table_destroy(shown);
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    return shown;
}

void dead_letter_table_destroy(struct dead_letter_table *shown)
{
    if (shown != NULL) {
        sorter_destroy(shown->places);
        free(shown->items);
        free(shown->topic);
        free(shown);
    }
}

/* Keeps the newest `most` dead letters, and sorts them oldest first. */
static void drop_older(struct dead_letter_table *shown)
{
    qsort(shown->items, shown->count, sizeof *shown->items, compare_shown);
    if (shown->count > shown->most) {
        memmove(shown->items, shown->items + (shown->count - shown->most),
                shown->most * sizeof *shown->items);
        shown->count = shown->most;
    }
}

static void copy_header(const struct message *message, const char *name, char *text, size_t size)
{
    struct str value = {0};
    text[0] = '\0';
    if (message_header(message, name, &value) && value.data != NULL) {
        (void)str_copy(value, text, size);
    }
    /* The header may contain any text: make it one line. Terminal control sequences are removed
     * when the table is printed. */
    for (char *c = text; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c;
    }
}

/* Writes the key readably: each backslash, and each byte that is not printable ASCII, as \xHH. */
static void print_key(struct str key, char *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = 0;
    for (size_t i = 0; i < key.length && length + 5 < size; i++) {
        unsigned char c = (unsigned char)key.data[i];
        if (c >= ' ' && c < 0x7f && c != '\\') {
            text[length++] = (char)c;
            continue;
        }
        text[length++] = '\\';
        text[length++] = 'x';
        text[length++] = digits[c >> 4];
        text[length++] = digits[c & 15];
    }
    text[length] = '\0';
}

static void show(struct dead_letter_table *shown, const struct message *message, bool has_place,
                 struct place place, bool former)
{
    struct shown *item = &shown->items[shown->count++];
    *item = (struct shown){.timestamp_ms = message->encoded.timestamp_ms,
                           .at = {message->partition, message->offset},
                           .has_place = has_place,
                           .place = place,
                           .former = former,
                           .has_key = message->encoded.key.data != NULL,
                           .has_value = message->encoded.value.data != NULL,
                           .key_bytes = message->encoded.key.length,
                           .value_bytes = message->encoded.value.length};
    copy_header(message, DEAD_LETTER_HEADER_TOPIC, item->topic, sizeof item->topic);
    copy_header(message, DEAD_LETTER_HEADER_TOPIC_ID, item->topic_id, sizeof item->topic_id);
    copy_header(message, DEAD_LETTER_HEADER_KIND, item->kind, sizeof item->kind);
    copy_header(message, DEAD_LETTER_HEADER_REASON, item->reason, sizeof item->reason);
    print_key(message->encoded.key, item->key, sizeof item->key);
    if (shown->count == 2 * shown->most + 1) {
        drop_older(shown);
    }
}

bool dead_letter_table_add(struct dead_letter_table *shown, const struct message *message,
                           struct error *error)
{
    char topic[TEXT_SIZE];
    struct named_place named;
    memset(&named, 0, sizeof named);
    copy_header(message, DEAD_LETTER_HEADER_TOPIC, topic, sizeof topic);
    bool has_place = topic[0] != '\0' && dead_letter_place(message, topic, &named.place);
    bool former = has_place && strcmp(topic, shown->topic) == 0 &&
                  letter_is_former(message, &shown->topic_id);
    named.topic = hash_bytes(HASH_START, topic, strlen(topic));
    shown->messages++;
    show(shown, message, has_place, named.place, former);
    if (former) { /* another place, even if the present topic has the same partition and offset */
        struct str id = {0};
        (void)message_header(message, DEAD_LETTER_HEADER_TOPIC_ID, &id);
        named.topic = hash_bytes(named.topic, id.data, id.length);
        shown->former++;
    }
    if (!has_place) {
        shown->unplaced++;
        return true;
    }
    return sorter_add(shown->places, &named, error);
}

bool dead_letter_table_finish(struct dead_letter_table *shown, struct error *error)
{
    const void *record = NULL;
    struct named_place last = {0};
    drop_older(shown);
    if (!sorter_finish(shown->places, error)) {
        return false;
    }
    do {
        if (!sorter_next(shown->places, &record, error)) {
            return false;
        }
        if (record != NULL && (shown->distinct == 0 || compare_named(record, &last) != 0)) {
            memcpy(&last, record, sizeof last);
            shown->distinct++;
        }
    } while (record != NULL);
    return true;
}

static void add_item(struct table *table, const struct shown *item)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(item->timestamp_ms * NS_PER_MS, time);
    table_cell(table, "%s", time);
    if (item->has_place) {
        table_cell(table, "%s/%d/%lld%s", item->topic, (int)item->place.partition,
                   (long long)item->place.offset, item->former ? " (former)" : "");
    } else {
        table_cell(table, "not said");
    }
    table_cell(table, "%s", item->kind);
    table_tone(table, TONE_BAD);
    table_cell(table, "%s%s, %zu bytes: %s", item->has_key ? "key " : "no key",
               item->has_key ? item->key : "", item->key_bytes + item->value_bytes, item->reason);
}

static void append_count(const struct dead_letter_table *shown, const char *topic,
                         struct strbuf *text)
{
    if (shown->messages == 0) {
        strbuf_append_format(text, "No dead letters in %s.\n", topic);
        return;
    }
    strbuf_append_format(text, "%s%zu of %lld dead letters in %s, of %lld distinct places",
                         shown->count > 0 ? "\n" : "", shown->count, (long long)shown->messages,
                         topic, (long long)shown->distinct);
    if (shown->unplaced > 0) {
        strbuf_append_format(text, "; %lld do not say of which", (long long)shown->unplaced);
    }
    if (shown->former > 0) {
        strbuf_append_format(text, "; %lld are of a former topic %s, which was deleted since",
                             (long long)shown->former, shown->topic);
    }
    strbuf_append_text(text, ".\n");
}

void dead_letter_table_to_table(const struct dead_letter_table *shown, const char *topic,
                                struct text_form form, struct strbuf *text)
{
    struct table table = table_new_with_head(
        (const char *const[]){"time (UTC)", "place", "kind", "message and reason", NULL});
    for (size_t i = 0; i < shown->count; i++) {
        add_item(&table, &shown->items[i]);
    }
    if (shown->count > 0) {
        table.coloured = form.colour;
        table_append_within(&table, form.columns, text);
    }
    table_free(&table);
    struct strbuf count = strbuf_new(TEXT_SIZE * 2);
    append_count(shown, topic, &count);
    output_append_lines(text, &count, shown->messages > 0 ? TONE_BAD : TONE_GOOD, form);
    strbuf_free(&count);
}

static void append_text_or_null(struct strbuf *json, const char *name, const char *value,
                                bool there)
{
    strbuf_append_format(json, ",\"%s\":", name);
    if (there) {
        strbuf_append_json_string(json, str_from(value));
    } else {
        strbuf_append_text(json, "null");
    }
}

static void append_item_json(const struct shown *item, struct strbuf *json)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(item->timestamp_ms * NS_PER_MS, time);
    strbuf_append_format(json, "{\"time\":\"%s\"", time);
    append_text_or_null(json, "topic", item->topic, item->topic[0] != '\0');
    append_text_or_null(json, "topic_id", item->topic_id, item->topic_id[0] != '\0');
    strbuf_append_format(json, ",\"former\":%s", item->former ? "true" : "false");
    if (item->has_place) {
        strbuf_append_format(json, ",\"partition\":%d,\"offset\":%lld", (int)item->place.partition,
                             (long long)item->place.offset);
    } else {
        strbuf_append_text(json, ",\"partition\":null,\"offset\":null");
    }
    append_text_or_null(json, "kind", item->kind, item->kind[0] != '\0');
    append_text_or_null(json, "reason", item->reason, item->reason[0] != '\0');
    append_text_or_null(json, "key", item->key, item->has_key);
    strbuf_append_format(json, ",\"key_bytes\":%zu,\"value_bytes\":%zu}", item->key_bytes,
                         item->value_bytes);
}

void dead_letter_table_to_json(const struct dead_letter_table *shown, const char *topic,
                               struct strbuf *json)
{
    strbuf_append_text(json, "{\"topic\":");
    strbuf_append_json_string(json, str_from(topic));
    strbuf_append_format(json,
                         ",\"messages\":%lld,\"places\":%lld,\"unplaced\":%lld,\"former\":%lld,"
                         "\"letters\":[",
                         (long long)shown->messages, (long long)shown->distinct,
                         (long long)shown->unplaced, (long long)shown->former);
    for (size_t i = 0; i < shown->count; i++) {
        strbuf_append_text(json, i > 0 ? "," : "");
        append_item_json(&shown->items[i], json);
    }
    strbuf_append_text(json, "]}");
}
