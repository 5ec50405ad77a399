#include "web/compress.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ZLIB_CONST /* makes zlib accept const input */
#include <zlib.h>

#include "base/gzip.h"
#include "base/http/http_gzip.h"
#include "web/answer.h"

enum { PLAIN_LIMIT = 16 << 20, PACKED_STEP = 16 << 10, MEMORY_LEVEL = 8 };

/* Parameters follow a coding: "gzip;q=0.5". Weight 0, with up to three decimals, means "not
 * acceptable" (RFC 9110, 12.4.2). */
static bool is_refused(struct str parameters)
{
    struct str one;
    while (str_split(&parameters, ';', &one)) {
        one = str_trim(one);
        if (one.length > 2 && strncasecmp(one.data, "q=", 2) == 0) {
            size_t at = 2;
            while (at < one.length && (one.data[at] == '0' || one.data[at] == '.')) {
                ++at;
            }
            return at == one.length;
        }
    }
    return false;
}

static bool is_word(struct str text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.data, word, text.length) == 0;
}

bool compress_accepted(const char *accept_encoding)
{
    struct str rest = str_from(accept_encoding != NULL ? accept_encoding : "");
    struct str item;
    bool any = false;
    while (str_split(&rest, ',', &item)) {
        struct str coding;
        if (!str_split(&item, ';', &coding)) {
            continue;
        }
        coding = str_trim(coding);
        if (is_word(coding, "gzip") || is_word(coding, "x-gzip")) {
            return !is_refused(item); /* what is named counts, not "*" */
        }
        any = any || (is_word(coding, "*") && !is_refused(item));
    }
    return any;
}

/* A reply's stream, compressed on its way. */
struct packed_stream {
    z_stream zip;
    struct strbuf plain; /* the chunk that is being compressed */
    bool (*next)(void *context, struct strbuf *chunk);
    void (*free_context)(void *context);
    void *context;
};

/* Appends the compressed form of `packed->plain` to `chunk`; with Z_FINISH the gzip trailer too. */
static void append_packed(struct packed_stream *packed, int flush, struct strbuf *chunk)
{
    int result = Z_OK;
    if (packed->plain.length > UINT_MAX) {
        chunk->failed = true;
        return;
    }
    packed->zip.next_in = (const Bytef *)strbuf_text(&packed->plain);
    packed->zip.avail_in = (uInt)packed->plain.length;
    do {
        if (!strbuf_reserve(chunk, PACKED_STEP)) {
            return;
        }
        packed->zip.next_out = (Bytef *)chunk->data + chunk->length;
        packed->zip.avail_out = PACKED_STEP;
        result = deflate(&packed->zip, flush);
        chunk->length += PACKED_STEP - packed->zip.avail_out;
        chunk->data[chunk->length] = '\0';
    } while (result == Z_OK && packed->zip.avail_out == 0);
    chunk->failed = chunk->failed || result == Z_STREAM_ERROR;
}

/* http_reply's stream_next. deflate keeps what it has not decided yet, so chunks are taken until it
 * gives something: an empty chunk would be asked for again at once. */
static bool next_packed(void *context, struct strbuf *chunk)
{
    struct packed_stream *packed = context;
    bool more = true;
    while (more && chunk->length == 0 && !chunk->failed) {
        strbuf_clear(&packed->plain);
        more = packed->next(packed->context, &packed->plain);
        chunk->failed = chunk->failed || packed->plain.failed;
        append_packed(packed, more ? Z_NO_FLUSH : Z_FINISH, chunk);
    }
    return more;
}

static void free_packed(void *context)
{
    struct packed_stream *packed = context;
    if (packed->free_context != NULL) {
        packed->free_context(packed->context);
    }
    (void)deflateEnd(&packed->zip);
    strbuf_free(&packed->plain);
    free(packed);
}

static bool pack_stream(struct http_reply *reply)
{
    struct packed_stream *packed = calloc(1, sizeof *packed);
    if (packed == NULL ||
        deflateInit2(&packed->zip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS,
                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(packed);
        return false;
    }
    packed->plain = strbuf_new(PLAIN_LIMIT);
    packed->next = reply->stream_next;
    packed->free_context = reply->stream_free;
    packed->context = reply->stream_context;
    reply->stream_next = next_packed;
    reply->stream_free = free_packed;
    reply->stream_context = packed;
    return true;
}

static bool pack_body(struct http_reply *reply)
{
    struct strbuf packed = strbuf_new(reply->body.limit);
    if (reply->body.length < COMPRESS_LEAST || !http_gzip(strbuf_str(&reply->body), &packed) ||
        packed.length >= reply->body.length) {
        strbuf_free(&packed);
        return false;
    }
    strbuf_free(&reply->body);
    reply->body = packed;
    return true;
}

void compress_reply(const struct http_exchange *exchange, struct http_reply *reply)
{
    if (reply->stream_endless) {
        return;
    }
    answer_header(reply, "Vary", "Accept-Encoding");
    if (reply->fixed_body.length == 0 && reply->status == 200 &&
        compress_accepted(http_exchange_header(exchange, "Accept-Encoding")) &&
        (reply->stream_next != NULL ? pack_stream(reply) : pack_body(reply))) {
        answer_header(reply, "Content-Encoding", "gzip");
    }
}
