#include "verify/verify_mark.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/little_endian.h"

enum {
    KEY_BYTES = 16,
    NUMBER_BYTES = 8,
    CELL_HEAD_BYTES = 3, /* type, and the length of a text */
    CELLS_BYTES_MAX = RECORD_BYTES_MAX + KIND_COLUMNS_MAX * CELL_HEAD_BYTES,
};

/* The types of a cell. A type says how long the value is, except a text's, which begins with its
 * length; an absent cell has no value. */
enum cell {
    CELL_ABSENT = 0,
    CELL_INT64 = 1,
    CELL_DOUBLE = 2,
    CELL_TEXT = 3,
    CELL_BOOL = 4,
    CELL_LONG_TEXT = 5, /* the value is the text's length; the text itself follows after all
                           cells */
};

struct verify_marker {
    struct stored_columns columns;
    unsigned char key[KEY_BYTES];
    EVP_MAC *mac;
    EVP_MAC_CTX *context;
};

/* A hash is all zeros no more often than it equals any other. */
const struct verify_mark VERIFY_MARK_STORED = {.bytes = {0}};

bool verify_mark_equal(const struct verify_mark *left, const struct verify_mark *right)
{
    return memcmp(left->bytes, right->bytes, sizeof left->bytes) == 0;
}

void verify_marker_destroy(struct verify_marker *marker)
{
    if (marker != NULL) {
        EVP_MAC_CTX_free(marker->context);
        EVP_MAC_free(marker->mac);
        explicit_bzero(marker->key, sizeof marker->key);
        free(marker);
    }
}

struct verify_marker *verify_marker_create(const struct record_kind *kind, struct error *error)
{
    struct verify_marker *marker = calloc(1, sizeof *marker);
    if (marker == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    marker->columns = kind_stored_columns(kind);
    marker->mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    marker->context = marker->mac != NULL ? EVP_MAC_CTX_new(marker->mac) : NULL;
    if (marker->context == NULL ||
        getrandom(marker->key, sizeof marker->key, 0) != sizeof marker->key) {
        (void)error_set(error, ERROR_FATAL,
                        marker->mac == NULL
                            ? "OpenSSL's libcrypto has no SIPHASH: its default provider is needed"
                            : "no memory or no random bytes for comparing");
        verify_marker_destroy(marker);
        return NULL;
    }
    return marker;
}

/* Restarts the hash, and passes the key again: without that, some OpenSSL 3.0 releases do not start
 * from the same state. */
static bool begin(struct verify_marker *marker)
{
    return EVP_MAC_init(marker->context, marker->key, sizeof marker->key, NULL) == 1;
}

static bool put(struct verify_marker *marker, struct str bytes)
{
    return bytes.length == 0 ||
           EVP_MAC_update(marker->context, (const unsigned char *)bytes.data, bytes.length) == 1;
}

static bool finish(struct verify_marker *marker, bool done, struct verify_mark *mark,
                   struct error *error)
{
    size_t length = 0;
    done = done && EVP_MAC_final(marker->context, mark->bytes, &length, sizeof mark->bytes) == 1 &&
           length == sizeof mark->bytes;
    return done || error_set(error, ERROR_FATAL, "OpenSSL's SIPHASH failed: no memory");
}

/* Appends a number, whose type says that it has 8 bytes. */
static unsigned char *put_number(unsigned char *at, enum cell type, uint64_t value)
{
    *at = (unsigned char)type;
    little_endian_store(at + 1, value);
    return at + 1 + NUMBER_BYTES;
}

static unsigned char *put_text(unsigned char *at, struct str text)
{
    *at++ = CELL_TEXT;
    *at++ = (unsigned char)text.length; /* texts in a record's struct are shorter than 64 KiB */
    *at++ = (unsigned char)(text.length >> 8);
    memcpy(at, text.data, text.length);
    return at + text.length;
}

static unsigned char *put_column(unsigned char *at, const struct column *column, const void *record,
                                 const struct text_arena *texts)
{
    uint64_t bits;
    double number;
    if (!column_present(column, record)) {
        *at = CELL_ABSENT;
        return at + 1;
    }
    switch (column->type) {
    case COLUMN_INT64:
        return put_number(at, CELL_INT64, (uint64_t)column_int64(column, record));
    case COLUMN_DOUBLE:
        number = column_double(column, record);
        memcpy(&bits, &number, sizeof bits);
        return put_number(at, CELL_DOUBLE, bits);
    case COLUMN_BOOL:
        at[0] = CELL_BOOL;
        at[1] = column_bool(column, record) ? 1 : 0;
        return at + 2;
    case COLUMN_TEXT:
        return put_text(at, column_text(column, record));
    case COLUMN_LONG_TEXT:
        return put_number(at, CELL_LONG_TEXT, column_long_text(column, record, texts).length);
    }
    return at;
}

static bool put_long_texts(struct verify_marker *marker, const void *record,
                           const struct text_arena *texts)
{
    bool done = true;
    for (size_t i = 0; done && i < marker->columns.count; i++) {
        const struct column *column = marker->columns.items[i];
        done = column->type != COLUMN_LONG_TEXT ||
               put(marker, column_long_text(column, record, texts));
    }
    return done;
}

bool verify_marker_mark(struct verify_marker *marker, const void *record,
                        const struct text_arena *texts, struct verify_mark *mark,
                        struct error *error)
{
    unsigned char cells[CELLS_BYTES_MAX];
    unsigned char *at = cells;
    for (size_t i = 0; i < marker->columns.count; i++) {
        at = put_column(at, marker->columns.items[i], record, texts);
    }
    const struct str all = {.data = (const char *)cells, .length = (size_t)(at - cells)};
    return finish(marker,
                  begin(marker) && put(marker, all) && put_long_texts(marker, record, texts), mark,
                  error);
}

bool verify_marker_mark_message(struct verify_marker *marker, const struct encoded_message *message,
                                struct verify_mark *mark, struct error *error)
{
    const struct {
        uint64_t has_key, has_value, key_length;
    } head = {message->key.data != NULL, message->value.data != NULL, message->key.length};
    const struct str all = {.data = (const char *)&head, .length = sizeof head};
    return finish(marker,
                  begin(marker) && put(marker, all) && put(marker, message->key) &&
                      put(marker, message->value),
                  mark, error);
}
