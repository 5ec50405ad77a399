#include "kafka/client/client_log.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* The values in <syslog.h>. That header is not included, because other names in it clash with
 * base/log.h. */
enum { SYSLOG_ERR = 3, SYSLOG_WARNING = 4, SYSLOG_INFO = 6, SYSLOG_DEBUG = 7 };

static const int64_t ERROR_LOG_INTERVAL_NS = 10 * NS_PER_SECOND;

static enum log_level level_of(int syslog_level)
{
    if (syslog_level <= SYSLOG_ERR) {
        return LOG_ERROR;
    }
    if (syslog_level == SYSLOG_WARNING) {
        return LOG_WARN;
    }
    return syslog_level <= SYSLOG_INFO ? LOG_INFO : LOG_DEBUG;
}

void client_log_write(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    /* These are the warnings "will be ignored by this consumer instance". They are normal, because
     * the properties of -X are passed to producers and consumers alike. */
    if (strcmp(facility, "CONFWARN") == 0) {
        level = SYSLOG_DEBUG;
    }
    const char *name = client != NULL ? rd_kafka_name(client) : "";
    LOG_EVENT(level_of(level), "kafka", log_text("client", name), log_text("facility", facility),
              log_text("text", text));
}

bool client_error_is_one_brokers(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE ||
           code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

void client_log_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    (void)opaque;
    if (!client_error_is_one_brokers((rd_kafka_resp_err_t)code)) {
        log_warn("kafka_error", log_text("client", rd_kafka_name(client)),
                 log_text("code", rd_kafka_err2name((rd_kafka_resp_err_t)code)),
                 log_text("text", reason));
    }
}

void client_errors_add(struct client_errors *errors, const rd_kafka_t *client,
                       rd_kafka_resp_err_t code, const char *reason)
{
    int64_t now_ns = clock_monotonic_ns();
    errors->count++;
    if (code == errors->last && now_ns - errors->logged_ns < ERROR_LOG_INTERVAL_NS) {
        errors->unlogged++;
        return;
    }
    log_warn("kafka_error", log_text("client", rd_kafka_name(client)),
             log_text("code", rd_kafka_err2name(code)), log_text("text", reason),
             log_int("unlogged", errors->unlogged), log_int("count", errors->count));
    errors->last = code;
    errors->logged_ns = now_ns;
    errors->unlogged = 0;
}
