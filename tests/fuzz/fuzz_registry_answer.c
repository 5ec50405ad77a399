/*
 * What a schema registry answers. Input: a byte that chooses the HTTP status, then the body.
 *
 * A schema comes of a 200 alone, an unknown id of a 404, 410 or 422 alone, an id of a 200 alone and
 * is never negative; only a 200 shows that a registry answers. Whatever else: a kind that says what
 * to do, and one line of words. A refusal stays for good only with the statuses that mean one.
 */
#include "registry/client/answer.h"

#include "fuzz/fuzz.h"
#include "registry/codec/schema.h"

static void check_error(const struct error *error)
{
    MUST(error->text[0] != '\0' && strchr(error->text, '\n') == NULL);
}

static void check_schema(long status, struct str body)
{
    struct error error = {0};
    char *text = NULL;
    enum answer_kind kind = answer_read_schema(status, body, &text, &error);
    MUST((kind == ANSWER_SCHEMA) == (text != NULL));
    switch (kind) {
    case ANSWER_SCHEMA:
        MUST(status == 200 && strlen(text) <= body.length);
        break;
    case ANSWER_UNKNOWN:
        MUST(status == 400 || status == 404 || status == 405 || status == 410 || status == 422);
        MUST(error.kind == ERROR_REJECT);
        break;
    case ANSWER_UNUSABLE:
        MUST(status == 200 && error.kind == ERROR_REJECT);
        break;
    case ANSWER_LATER:
        MUST(error.kind == ERROR_RETRY);
        break;
    }
    if (kind != ANSWER_SCHEMA) {
        check_error(&error);
    } else {
        schema_destroy(schema_parse(str_from(text), &error));
    }
    free(text);
}

static void check_id(long status, struct str body)
{
    struct error error = {0};
    int32_t id = -1;
    if (answer_read_id(status, body, &id, &error)) {
        MUST(status == 200 && id >= 0);
        return;
    }
    MUST(id == -1);
    MUST(error.kind == ERROR_RETRY || (error.kind == ERROR_FATAL && status >= 400 && status < 500 &&
                                       status != 404 && status != 408 && status != 429));
    check_error(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 404, 409, 422, 401, 403, 500, 503,
                                    201, 301, 400, 413, 415, 429, 408, 0};
    struct fuzz_input in = {data, size};
    long status = statuses[fuzz_byte(&in) % 16];
    struct str body = fuzz_rest(&in);
    check_schema(status, body);
    check_id(status, body);
    MUST(!answer_is_of_registry(status, body) || status == 200);
    return 0;
}
