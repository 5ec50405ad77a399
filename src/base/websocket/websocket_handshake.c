#include "base/websocket/websocket_handshake.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "base/http/http_url.h"

enum { KEY_BYTES = 16, SHA1_BYTES = 20, BODY_SHOWN = 120, VALUE_SIZE = 256 };

/* The fields of an answer's head that are checked. Long values are cut. */
struct answer {
    int status; /* 0: the answer is not HTTP/1.x */
    bool is_http_1_1;
    bool malformed; /* a line is not a header, or contains a NUL */
    int upgrades;   /* number of "Upgrade: websocket" */
    int connections;
    int accepts;
    bool has_extension; /* an extension, although the request offered none */
    bool has_protocol;
    char accept[VALUE_SIZE];
    char location[VALUE_SIZE];
    char content_type[VALUE_SIZE];
    char retry_after[VALUE_SIZE];
    char date[VALUE_SIZE];
};

bool websocket_make_key(char key[WEBSOCKET_KEY_SIZE], struct error *error)
{
    unsigned char bytes[KEY_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_set(error, ERROR_FATAL, "the system gives no random bytes");
    }
    (void)EVP_EncodeBlock((unsigned char *)key, bytes, sizeof bytes);
    return true;
}

bool websocket_make_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE], struct error *error)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
    char text[WEBSOCKET_KEY_SIZE + sizeof guid];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    int size = snprintf(text, sizeof text, "%s%s", key, guid);
    if (size < 0 || (size_t)size >= sizeof text ||
        EVP_Digest(text, (size_t)size, digest, &length, EVP_sha1(), NULL) != 1 ||
        length != SHA1_BYTES) {
        return error_set(error, ERROR_FATAL, "OpenSSL cannot compute SHA-1");
    }
    (void)EVP_EncodeBlock((unsigned char *)accept, digest, SHA1_BYTES);
    return true;
}

void websocket_append_request(struct strbuf *buf, struct str authority, struct str target,
                              const char *key)
{
    bool has_path = str_starts_with(target, "/");
    strbuf_append_format(buf,
                         "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: candlewick\r\n"
                         "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                         has_path ? "" : "/", (int)target.length, target.data,
                         (int)authority.length, authority.data, key);
}

size_t websocket_head_length(struct str bytes)
{
    const char *blank = bytes.length > 0 ? memmem(bytes.data, bytes.length, "\r\n\r\n", 4) : NULL;
    return blank != NULL ? (size_t)(blank - bytes.data) + 4 : 0;
}

bool websocket_has_token(struct str list, const char *token)
{
    struct str piece;
    bool has = false;
    while (!has && str_split(&list, ',', &piece)) {
        piece = str_trim(piece);
        has = piece.length == strlen(token) && strncasecmp(piece.data, token, piece.length) == 0;
    }
    return has;
}

static void take_status(struct answer *answer, struct str line)
{
    bool is_http = line.length >= 12 && str_starts_with(line, "HTTP/1.") && line.data[8] == ' ' &&
                   (line.length == 12 || line.data[12] == ' ');
    int64_t status;
    if (is_http && str_to_int64((struct str){line.data + 9, 3}, &status) && status >= 100) {
        answer->status = (int)status;
        answer->is_http_1_1 = line.data[7] == '1';
    }
}

static void take_header(struct answer *answer, struct str line)
{
    struct str value = line;
    struct str name;
    if (!str_split(&value, ':', &name) || name.length == line.length || name.length == 0 ||
        name.length != str_trim(name).length) {
        answer->malformed = true;
        return;
    }
    value = str_trim(value);
    struct {
        const char *name;
        char *copy;
    } texts[] = {{"Sec-WebSocket-Accept", answer->accept},
                 {"Location", answer->location},
                 {"Content-Type", answer->content_type},
                 {"Retry-After", answer->retry_after},
                 {"Date", answer->date}};
    char text[64];
    (void)str_copy(name, text, sizeof text);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcasecmp(text, texts[i].name) == 0) {
            (void)str_copy(value, texts[i].copy, VALUE_SIZE);
        }
    }
    answer->accepts += strcasecmp(text, "Sec-WebSocket-Accept") == 0;
    answer->upgrades += strcasecmp(text, "Upgrade") == 0 && websocket_has_token(value, "websocket");
    answer->connections +=
        strcasecmp(text, "Connection") == 0 && websocket_has_token(value, "upgrade");
    answer->has_extension |= strcasecmp(text, "Sec-WebSocket-Extensions") == 0 && value.length > 0;
    answer->has_protocol |= strcasecmp(text, "Sec-WebSocket-Protocol") == 0;
}

static struct answer read_head(struct str head)
{
    /* A NUL makes a header field invalid (RFC 9110, 5.5). */
    struct answer answer = {.malformed = memchr(head.data, '\0', head.length) != NULL};
    struct str line;
    bool first = true;
    while (str_split(&head, '\n', &line)) {
        if (line.length > 0 && line.data[line.length - 1] == '\r') {
            line.length--;
        }
        if (first) {
            take_status(&answer, line);
        } else if (line.length > 0) {
            take_header(&answer, line);
        }
        first = false;
    }
    return answer;
}

bool websocket_is_interim(struct str head)
{
    int status = read_head(head).status;
    return status >= 100 && status < 200 && status != 101;
}

/* Returns what is wrong with a 101 answer, as text; NULL: nothing. */
static const char *broken_rule(const struct answer *answer, const char *accept)
{
    if (!answer->is_http_1_1 || answer->malformed) {
        return "is no proper HTTP/1.1";
    }
    if (answer->upgrades != 1 || answer->connections == 0) {
        return "has not \"Upgrade: websocket\" and \"Connection: Upgrade\"";
    }
    if (answer->accepts != 1 || strcmp(answer->accept, accept) != 0) {
        return "has not the Sec-WebSocket-Accept of our key";
    }
    if (answer->has_extension || answer->has_protocol) {
        return "has an extension or a protocol that was not asked for";
    }
    return NULL;
}

static bool refuse_redirect(const struct answer *answer, const char *url, const char *option,
                            struct error *error)
{
    char target[VALUE_SIZE] = "";
    if (answer->location[0] != '\0') {
        http_url_show_from(url, answer->location, target, sizeof target);
    }
    return error_set(error, ERROR_RETRY,
                     "answered %d, a redirect to %s, which is not followed: name its target with "
                     "%s",
                     answer->status, target[0] != '\0' ? target : "nowhere", option);
}

static bool refuse(const struct answer *answer, struct str body, struct error *error)
{
    struct str shown = str_trim(body);
    shown.length = shown.length < BODY_SHOWN ? shown.length : BODY_SHOWN;
    bool html = strncasecmp(answer->content_type, "text/html", strlen("text/html")) == 0;
    return html ? error_set(error, ERROR_RETRY,
                            "answered %d with a page of HTML: no WebSocket server, or a gateway "
                            "before it",
                            answer->status)
                : error_set(error, ERROR_RETRY, "answered %d in place of 101%s%.*s", answer->status,
                            shown.length > 0 ? ": " : "", (int)shown.length, shown.data);
}

/* Returns how long the server asks the client to wait. Compares the server's dates with the
 * server's own clock, if it sends a Date. */
static int retry_after_ms(const struct answer *answer)
{
    int64_t now_ns;
    if (!http_parse_date(answer->date, &now_ns)) {
        now_ns = clock_wall_ns();
    }
    return http_parse_retry_after_ms(answer->retry_after, now_ns);
}

bool websocket_check_answer(struct str head, struct str body, const char *accept, const char *url,
                            const char *option, struct error *error)
{
    struct answer answer = read_head(head);
    if (answer.status == 0) {
        return error_set(error, ERROR_RETRY, "what answers is no HTTP server: check %s", option);
    }
    if (answer.status == 101) {
        const char *broken = broken_rule(&answer, accept);
        return broken == NULL || error_set(error, ERROR_RETRY,
                                           "the answer to the WebSocket handshake %s: what answers "
                                           "is no WebSocket server",
                                           broken);
    }
    if (answer.status >= 300 && answer.status < 400) {
        (void)refuse_redirect(&answer, url, option, error);
    } else {
        (void)refuse(&answer, body, error);
    }
    if (error != NULL) {
        error->retry_after_ms = retry_after_ms(&answer);
    }
    return false;
}
