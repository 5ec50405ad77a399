#include "cli/options_streams.h"

#include <string.h>

#include "record/ticker.h"

const struct record_kind *options_topic_piece(struct str piece, struct str *topic)
{
    piece = str_trim(piece);
    const char *equals = piece.length > 0 ? memchr(piece.data, '=', piece.length) : NULL;
    if (equals == NULL) {
        *topic = piece;
        return &ticker_kind;
    }
    struct str kind = {.data = piece.data, .length = (size_t)(equals - piece.data)};
    *topic = (struct str){.data = equals + 1, .length = piece.length - kind.length - 1};
    return kind_named(kind);
}

/* Returns whether --topic names the kind's topic; if not, `*topic` is the default. */
static bool find_topic(const struct options *options, const struct record_kind *kind,
                       struct str *topic)
{
    struct str rest = str_from(options->topics), piece;
    while (str_split(&rest, ',', &piece)) {
        if (options_topic_piece(piece, topic) == kind) {
            return true;
        }
    }
    *topic = str_from(kind->topic);
    return false;
}

void options_stream(const struct options *options, const struct record_kind *kind,
                    struct stream *stream)
{
    struct str topic;
    (void)find_topic(options, kind, &topic);
    bool fits = stream_set(stream, kind, topic);
    (void)fits; /* the name fits: --topic refuses one that is too long */
}

size_t options_streams(const struct options *options, struct stream streams[static STREAMS_MAX])
{
    struct str rest = str_from(options->streams), piece;
    size_t count = 0;
    while (count < STREAMS_MAX && str_split(&rest, ',', &piece)) {
        options_stream(options, kind_named(str_trim(piece)), &streams[count++]);
    }
    return count;
}

bool options_name_stream(const struct options *options, const struct record_kind *kind)
{
    struct stream streams[STREAMS_MAX];
    return stream_of_kind(streams, options_streams(options, streams), kind) != NULL;
}

/* Returns whether --streams or --topic names the kind. */
static bool is_named(const struct options *options, const struct record_kind *kind)
{
    struct str topic;
    return find_topic(options, kind, &topic) || options_name_stream(options, kind);
}

static bool one_topic(const struct stream *left, const struct stream *right)
{
    return strcmp(left->topic, right->topic) == 0 ||
           strcmp(left->topic, right->dead_letter_topic) == 0 ||
           strcmp(left->dead_letter_topic, right->topic) == 0;
}

bool options_streams_check(const struct options *options, struct error *error)
{
    struct stream streams[RECORD_KINDS];
    size_t count = 0;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        if (!is_named(options, record_kinds[i])) {
            continue;
        }
        options_stream(options, record_kinds[i], &streams[count]);
        for (size_t k = 0; k < count; k++) {
            if (one_topic(&streams[count], &streams[k])) {
                return error_set(
                    error, ERROR_USAGE,
                    "--topic: %s and %s cannot both use %.80s: give each its own topic",
                    streams[k].kind->name, streams[count].kind->name, streams[count].topic);
            }
        }
        count++;
    }
    return true;
}
