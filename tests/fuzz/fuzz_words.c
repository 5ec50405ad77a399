/*
 * Short texts that come from outside or go there. Input: a text up to a NUL, then bytes.
 *
 * Addresses, URLs, lists of coins and faults: taken or refused with a reason; what is taken is what
 * it has to be. A URL is shown without its credentials. Bytes written as a JSON string are one that
 * jansson reads back: the same where they are UTF-8, U+FFFD for what is not. Bytes in a log are one
 * line of printable text. Percent-encoded they are unreserved characters, and libcurl decodes them
 * to the same.
 */
#include <sys/mman.h>
#include <unistd.h>

#include <curl/curl.h>
#include <jansson.h>

#include "base/http/http_client.h"
#include "base/http/http_server.h"
#include "base/http/http_url.h"
#include "base/log.h"
#include "base/text/utf8.h"
#include "fake_exchange/fake_fault.h"
#include "fake_exchange/fake_limit.h"
#include "fuzz/fuzz.h"
#include "source/coins.h"

static void check_error(const struct error *error)
{
    MUST(error->kind == ERROR_USAGE && error->text[0] != '\0');
    MUST(strchr(error->text, '\n') == NULL);
}

static void check_address(const char *text)
{
    struct error error = {0};
    char host[32];
    unsigned short port = 0;
    if (!http_parse_address(text, host, sizeof host, &port, &error)) {
        check_error(&error);
        return;
    }
    MUST(host[0] != '\0' && strlen(host) < sizeof host && strstr(text, host) != NULL);
    MUST(port == strtoul(strrchr(text, ':') + 1, NULL, 10));
}

/* `scheme`: "http" or "ws". */
static void check_url(const char *text, const char *scheme)
{
    struct error error = {0};
    struct http_base base;
    if (http_base_parse(&base, scheme, text, NULL, NULL, &error)) {
        size_t length = strlen(base.url);
        const char *rest = base.url + strlen(scheme);
        MUST(strncmp(base.url, scheme, strlen(scheme)) == 0);
        MUST(strncmp(rest, "://", 3) == 0 || strncmp(rest, "s://", 4) == 0);
        char *authority = http_url_authority(base.url);
        MUST(authority != NULL && authority[0] != '\0' && strpbrk(authority, "/@?# \r\n") == NULL);
        free(authority);
        MUST(base.url[length - 1] != '/' && strpbrk(base.url, "?#\n") == NULL);
        struct http_base again;
        MUST(http_base_parse(&again, scheme, base.url, NULL, NULL, &error));
        MUST(again.username == NULL && again.password == NULL);
        MUST(strcmp(again.url, base.url) == 0);
        http_base_free(&again);
    } else {
        check_error(&error);
    }
    http_base_free(&base);
}

/* `kind` may be NULL: a coin of any. */
static void check_coins(const char *text, const struct record_kind *kind)
{
    struct error error = {0};
    struct coin_table coins = {0};
    bool all = false;
    if (coins_parse(text, kind, &coins, &all, &error)) {
        MUST(!all || coins.count == 0);
        for (size_t i = 0; i < coins.count; i++) {
            struct str coin = str_from(coins.coins[i].symbol);
            MUST(kind != NULL ? kind->tags[0].valid(coin) : kinds_coin_valid(coin));
        }
    } else {
        check_error(&error);
    }
    coin_table_free(&coins);
}

static void check_lists(const char *text)
{
    struct error error = {0};
    struct fake_faults faults = {0};
    struct fake_limits limits;
    check_coins(text, NULL);
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        check_coins(text, record_kinds[i]);
    }
    if (fake_faults_parse(text, 1, &faults, &error)) {
        MUST(faults.count <= FAKE_RANGES);
        for (size_t i = 0; i < faults.count; i++) {
            const struct fake_range *range = &faults.ranges[i];
            MUST(range->fault > FAKE_NONE && range->fault < FAKE_FAULTS && range->first >= 1);
            MUST(range->place != FAKE_AT_NUMBER || range->last >= range->first);
        }
    } else {
        check_error(&error);
    }
    if (!fake_limits_parse(text, &limits, &error)) {
        check_error(&error);
    }
}

/* What a JSON string of these bytes must say. */
static struct strbuf mended(struct str text)
{
    struct strbuf want = strbuf_new(1 << 20);
    while (text.length > 0) {
        size_t length = utf8_sequence(text);
        if (length > 0) {
            strbuf_append(&want, text.data, length);
        } else {
            strbuf_append_text(&want, "\xEF\xBF\xBD");
            length = 1;
        }
        text.data += length;
        text.length -= length;
    }
    return want;
}

static void check_json(struct str text)
{
    struct strbuf json = strbuf_new(1 << 20);
    struct strbuf want = mended(text);
    strbuf_append_json_string(&json, text);
    json_t *read = json_loadb(json.data, json.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    MUST(json_is_string(read));
    struct str got = {json_string_value(read), json_string_length(read)};
    MUST(str_equal(got, strbuf_str(&want)));
    json_decref(read);
    strbuf_free(&json);
    strbuf_free(&want);
}

/* The log writes to file 2: for one line that is a file without a name. */
static void check_log(struct str text)
{
    static char line[1 << 16];
    static int file = -1, stderr_copy = -1;
    if (file < 0) {
        file = memfd_create("log", 0);
        stderr_copy = dup(STDERR_FILENO);
    }
    MUST(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
    MUST(dup2(file, STDERR_FILENO) >= 0);
    log_error("fuzz", log_str("text", text), log_int("size", (int64_t)text.length));
    MUST(dup2(stderr_copy, STDERR_FILENO) >= 0);

    ssize_t length = pread(file, line, sizeof line, 0);
    MUST(length > 0 && line[length - 1] == '\n');
    struct str rest = {line, (size_t)length - 1};
    MUST(memmem(line, (size_t)length, " event=fuzz ", 12) != NULL);
    while (rest.length > 0) {
        size_t step = utf8_sequence(rest);
        unsigned char c = (unsigned char)rest.data[0];
        MUST(step > 0 && c >= ' ' && c != 0x7F);
        /* C1: U+0080 to U+009F, which some terminals obey. */
        MUST(c != 0xC2 || (unsigned char)rest.data[1] >= 0xA0);
        rest.data += step;
        rest.length -= step;
    }
}

static void check_escaped(struct str text)
{
    struct strbuf escaped = strbuf_new(1 << 20);
    http_append_escaped(&escaped, text);
    const char *all = strbuf_text(&escaped);
    MUST(strspn(all, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") ==
         escaped.length);
    int length = 0;
    char *back = curl_easy_unescape(NULL, all, (int)escaped.length, &length);
    MUST(back != NULL && str_equal((struct str){back, (size_t)length}, text));
    curl_free(back);
    strbuf_free(&escaped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    char *text = fuzz_text(fuzz_piece(&in));
    struct str bytes = fuzz_rest(&in);
    check_address(text);
    check_url(text, "http");
    check_url(text, "ws");
    check_lists(text);
    check_json(bytes);
    check_log(bytes);
    check_escaped(bytes);
    free(text);
    return 0;
}
