#include "cli/options_text.h"

#include <string.h>

#include "base/http/http_server.h"
#include "base/text/str.h"
#include "cli/options_named_sources.h"
#include "cli/options_streams.h"
#include "kafka/admin/topics.h"
#include "record/ticker.h"
#include "source/coins.h"

/* Returns whether the text is not empty and contains no byte that would break a line of the log or
 * of var/run.env. */
static bool is_text(struct str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F) {
            return false;
        }
    }
    return text.length > 0;
}

static bool is_word(struct str text)
{
    return is_text(text) && memchr(text.data, ' ', text.length) == NULL;
}

static bool is_url_of(struct str text, const char *plain, const char *secure)
{
    size_t scheme = str_starts_with(text, plain)    ? strlen(plain)
                    : str_starts_with(text, secure) ? strlen(secure)
                                                    : 0;
    return scheme > 0 && text.length > scheme && text.data[scheme] != '/' && is_word(text);
}

static bool is_url(struct str text)
{
    return is_url_of(text, "http://", "https://");
}

static bool are_urls(struct str text)
{
    struct str url;
    bool any = false;
    while (str_split(&text, ',', &url)) {
        if (!is_url(str_trim(url))) {
            return false;
        }
        any = true;
    }
    return any;
}

/* Accepts "host:port", and for brokers also "host" and "SASL_SSL://host:port", as librdkafka
 * does. */
static bool is_broker(struct str text)
{
    const char *scheme = text.length > 0 ? memmem(text.data, text.length, "://", 3) : NULL;
    if (scheme != NULL) {
        size_t length = (size_t)(scheme - text.data) + 3;
        text = (struct str){.data = scheme + 3, .length = text.length - length};
    }
    if (!is_word(text) || memchr(text.data, '/', text.length) != NULL ||
        memchr(text.data, '@', text.length) != NULL) {
        return false;
    }
    const char *colon = memrchr(text.data, ':', text.length);
    if (colon == NULL || text.data[text.length - 1] == ']') {
        return true; /* without a port librdkafka uses 9092 */
    }
    struct str port = {.data = colon + 1, .length = text.length - (size_t)(colon + 1 - text.data)};
    int64_t number = 0;
    return colon > text.data && str_to_int64(port, &number) && number > 0 && number <= 65535;
}

static bool are_brokers(struct str text)
{
    struct str broker;
    bool any = false;
    while (str_split(&text, ',', &broker)) {
        if (!is_broker(str_trim(broker))) {
            return false;
        }
        any = true;
    }
    return any;
}

/* Accepts a topic's name if its dead-letter topic's name is not too long either. */
static bool is_topic(struct str text)
{
    return topic_name_valid(text) && text.length <= TOPIC_NAME_MAX - strlen(STREAM_DEAD_LETTERS);
}

/* Accepts "NAME" and "KIND=NAME", separated by commas, each kind at most once. */
static bool are_topics(struct str text)
{
    bool named[RECORD_KINDS] = {false};
    struct str piece, topic;
    while (str_split(&text, ',', &piece)) {
        const struct record_kind *kind = options_topic_piece(piece, &topic);
        if (kind == NULL || named[kind_number(kind)] || !is_topic(topic)) {
            return false;
        }
        named[kind_number(kind)] = true;
    }
    return true;
}

/* Accepts names of kinds, separated by commas, each at most once. */
static bool are_streams(struct str text)
{
    bool named[RECORD_KINDS] = {false};
    struct str piece;
    while (str_split(&text, ',', &piece)) {
        const struct record_kind *kind = kind_named(str_trim(piece));
        if (kind == NULL || named[kind_number(kind)]) {
            return false;
        }
        named[kind_number(kind)] = true;
    }
    return true;
}

static bool are_coins(const char *text)
{
    struct coin_table table = {0};
    bool all = false;
    bool parsed = coins_parse(text, NULL, &table, &all, NULL) && (all || table.count > 0);
    coin_table_free(&table);
    return parsed;
}

static bool is_address(const char *text)
{
    char host[256];
    unsigned short port = 0;
    return http_parse_address(text, host, sizeof host, &port, NULL);
}

bool option_text_valid(enum option_type type, const char *text)
{
    struct str span = str_from(text);
    switch (type) {
    case OPTION_BROKERS:
        return are_brokers(span);
    case OPTION_URL:
        return is_url(span);
    case OPTION_WS_URL:
        return is_url_of(span, "ws://", "wss://");
    case OPTION_URLS:
        return are_urls(span);
    case OPTION_STORE:
        return is_url(span) || (str_starts_with(span, "sqlite:") && is_text(span) &&
                                span.length > strlen("sqlite:"));
    case OPTION_SOURCE:
        return is_text(span) && options_source_valid(span);
    case OPTION_COINS:
        return are_coins(text);
    case OPTION_COIN:
        return kinds_coin_valid(span);
    case OPTION_STREAMS:
        return are_streams(span);
    case OPTION_TOPICS:
        return are_topics(span);
    case OPTION_ADDRESS:
        return is_address(text);
    default:
        return is_text(span);
    }
}

bool option_text_has_password(const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL) {
        return false;
    }
    /* Search the whole text for '@', not only up to the first '/', '?' or '#': a password may
     * contain these. */
    return strchr(host, '@') != NULL;
}

const char *option_text_expected(enum option_type type)
{
    switch (type) {
    case OPTION_BROKERS:
        return "a list like 127.0.0.1:9092,127.0.0.1:9093";
    case OPTION_URL:
        return "a URL like http://127.0.0.1:8081";
    case OPTION_WS_URL:
        return "a URL like wss://127.0.0.1:8443/ws/2";
    case OPTION_URLS:
        return "a URL like http://127.0.0.1:8081, or a list of them";
    case OPTION_STORE:
        return "a URL like http://127.0.0.1:8181, or sqlite:PATH";
    case OPTION_COINS:
        return "a list like tBTCUSD,tDOGE:USD, or ALL";
    case OPTION_COIN:
        return "a coin like tBTCUSD or BRK.B (A-Z a-z 0-9 and : . _ ^ = -, 64 at most)";
    case OPTION_STREAMS:
        return "a list, each once, of: ";
    case OPTION_TOPICS:
        return "a topic's name (up to 245 of A-Z a-z 0-9 . _ -), with KIND= before it for another "
               "kind than the ticks, each once, of: ";
    case OPTION_ADDRESS:
        return "an address like 127.0.0.1:8080 or [::1]:8080";
    default:
        return "a text without control characters";
    }
}
