#include "kafka/client/client_trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text/str.h"
#include "kafka/client/client_log.h"
#include "kafka/client/settings.h"

#define ADDRESS_REMEDY                                                                             \
    "the brokers tell their clients this address: if that broker runs, its advertised.listeners "  \
    "have to name one that can be reached from here"
#define SILENT_REMEDY                                                                              \
    "what is there does not answer as a broker does: name brokers with --brokers (KAFKA_BROKERS)"
#define SECURITY_REMEDY                                                                            \
    "-X security.protocol has to be that of the brokers' listener: plaintext, ssl, "               \
    "sasl_plaintext or sasl_ssl"

enum { TEXT_SIZE = sizeof((struct client_trouble *)NULL)->text, WHAT_SIZE = 300 };
enum { SYSLOG_INFO = 6 }; /* the value in <syslog.h>, in which other names clash with base/log.h */

/* For which addresses a remedy is meant. librdkafka logs an address of --brokers as
 * "HOST:PORT/bootstrap" until that broker has answered, and an address that a broker advertises
 * with the broker's id. */
enum address { ANY, ADVERTISED, LOOPBACK };

/* Remedies for texts of librdkafka (2.15.1: rdkafka_broker.c, rdkafka_ssl.c, rdkafka_sasl.c,
 * rdkafka_transport.c). The first row that matches applies. */
static const struct {
    enum address address;
    const char *part;
    const char *remedy;
} remedies[] = {
    {ADVERTISED, "Failed to resolve", ADDRESS_REMEDY},
    {ANY, "Failed to resolve",
     "name brokers that can be found from here with --brokers (KAFKA_BROKERS)"},
    {ANY, "SASL authentication", "check -X sasl.mechanism, sasl.username and sasl.password.file"},
    {ANY, "certificate verify failed",
     "-X ssl.ca.location=FILE has to name the authority of the brokers' certificates"},
    {ANY, "client SSL authentication",
     "the brokers want a client's certificate: -X ssl.certificate.location, ssl.key.location"},
    {ANY, "SSL", SECURITY_REMEDY},
    {ANY, "require SASL", SECURITY_REMEDY},
    /* The answer was TLS or HTTP: librdkafka took its first bytes for a length. */
    {ANY, "Invalid response size", "is this a port of Kafka? " SECURITY_REMEDY},
    {LOOPBACK, "refused", ERROR_REMEDY_START},
    {ADVERTISED, "onnect to ", ADDRESS_REMEDY},
    {ADVERTISED, "in state CONNECT", ADDRESS_REMEDY},
    {ANY, "onnect to ",
     "no broker can be reached there: name others with --brokers (KAFKA_BROKERS)"},
    {ANY, "timed out in state APIVERSION_QUERY", SILENT_REMEDY},
    {ANY, "ApiVersionRequest failed", SILENT_REMEDY},
    /* The broker closed the connection before it answered anything. */
    {ANY, "in state APIVERSION_QUERY", SECURITY_REMEDY},
};

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static bool fits_address(enum address address, const char *text)
{
    bool advertised = !has(text, "/bootstrap: ");
    switch (address) {
    case ADVERTISED:
        return advertised;
    case LOOPBACK:
        return !advertised && (has(text, "#127.") || has(text, "#[::1]"));
    case ANY:
        break;
    }
    return true;
}

static const char *remedy_of(const char *text)
{
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        if (has(text, remedies[i].part) && fits_address(remedies[i].address, text)) {
            return remedies[i].remedy;
        }
    }
    return NULL;
}

/* Returns whether the code only means that no broker could be asked. */
static bool is_silence(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
        return true;
    default:
        return false;
    }
}

/* Keeps the line without its thread. The format is "[thrd:NAME]: HOST:PORT/bootstrap: REASON (after
 * 1ms in state CONNECT)". */
void client_trouble_keep(struct client_trouble *trouble, const char *facility, const char *line)
{
    const char *thread_end = strncmp(line, "[thrd:", 6) == 0 ? strstr(line, "]: ") : NULL;
    if (strcmp(facility, "FAIL") != 0) {
        return;
    }
    pthread_mutex_lock(&trouble->lock);
    (void)str_copy(str_from(thread_end != NULL ? thread_end + 3 : line), trouble->text,
                   sizeof trouble->text);
    pthread_mutex_unlock(&trouble->lock);
}

static void log_and_keep(const rd_kafka_t *client, int level, const char *facility,
                         const char *text)
{
    client_log_write(client, level, facility, text);
    if (level <= SYSLOG_INFO) { /* skip the lines that -X debug causes */
        client_trouble_keep(client_trouble_of(client), facility, text);
    }
}

void client_trouble_watch(rd_kafka_conf_t *conf, struct client_trouble *trouble)
{
    pthread_mutex_init(&trouble->lock, NULL);
    trouble->text[0] = '\0';
    rd_kafka_conf_set_opaque(conf, trouble);
    rd_kafka_conf_set_log_cb(conf, log_and_keep);
}

struct client_trouble *client_trouble_of(const rd_kafka_t *client)
{
    return rd_kafka_opaque(client);
}

/* Copies the kept reason; "" if there is none. */
static void read_text(struct client_trouble *trouble, char text[TEXT_SIZE])
{
    text[0] = '\0';
    if (trouble != NULL) {
        pthread_mutex_lock(&trouble->lock);
        memcpy(text, trouble->text, TEXT_SIZE);
        pthread_mutex_unlock(&trouble->lock);
    }
}

/* Returns the length of the text without " (after 1ms in state CONNECT, 3 identical error(s)
 * suppressed)". */
static int shown_length(const char *text)
{
    const char *state = strstr(text, " (after ");
    return (int)(state != NULL ? (size_t)(state - text) : strlen(text));
}

static bool explain(struct client_trouble *trouble, rd_kafka_resp_err_t code, const char *what,
                    struct error *error)
{
    char text[TEXT_SIZE];
    struct error explained;
    read_text(trouble, text);
    if (!is_silence(code) || text[0] == '\0') {
        error_set(&explained, kafka_error_kind(code), "%s: %s", what, rd_kafka_err2str(code));
    } else {
        error_set(&explained, kafka_error_kind(code), "%s: %.*s", what, shown_length(text), text);
        explained.remedy = remedy_of(text);
    }
    return error_pass(error, &explained);
}

bool client_trouble_explain(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                            struct error *error, const char *what, ...)
{
    char words[WHAT_SIZE];
    va_list arguments;
    va_start(arguments, what);
    (void)vsnprintf(words, sizeof words, what, arguments);
    va_end(arguments);
    return explain(trouble, code, words, error);
}

bool client_trouble_unanswered(struct client_trouble *trouble, rd_kafka_resp_err_t code,
                               int timeout_ms, const char *what, struct error *error)
{
    char words[WHAT_SIZE];
    char text[TEXT_SIZE];
    struct error explained = {.kind = ERROR_NONE};
    (void)snprintf(words, sizeof words, "%.200s: no answer from the brokers within %d s", what,
                   (timeout_ms + 999) / 1000);
    (void)explain(trouble, code, words, &explained);
    read_text(trouble, text);
    if (text[0] == '\0' && is_silence(code)) {
        (void)error_set(&explained, kafka_error_kind(code), "%s", words);
        explained.remedy = SILENT_REMEDY;
    }
    return error_pass(error, &explained);
}
