#include "base/http/http_transport.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto_start.h"
#include "base/stop.h"

enum { DEFAULT_CONNECT_TIMEOUT_MS = 5000 };

static pthread_once_t start_once = PTHREAD_ONCE_INIT;
static CURLcode started = CURLE_FAILED_INIT; /* written by start_curl() only */

static void start_curl(void)
{
    crypto_start();
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool start_curl_once(struct error *error)
{
    (void)pthread_once(&start_once, start_curl);
    return started == CURLE_OK ||
           error_set(error, ERROR_FATAL, "libcurl cannot start: %s", curl_easy_strerror(started));
}

/* libcurl's start also starts OpenSSL, which is a seventh of the instructions that a command on a
 * SQLite file takes to start, although such a command needs no HTTP. So the first client starts
 * libcurl, if that says that other threads may run meanwhile (curl_global_init(3)); if not, it is
 * started here. Its functions for URLs, which http_url.c calls, need no start. */
bool http_client_global_init(struct error *error)
{
    bool may_wait = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_THREADSAFE) != 0;
    return may_wait || start_curl_once(error);
}

void http_client_global_cleanup(void)
{
    if (started == CURLE_OK) {
        curl_global_cleanup();
    }
}

/* Copies `path` to `copy` after checking that it is readable; does nothing when it is NULL. */
static bool copy_file_name(const char *path, const char *what, char **copy, struct error *error)
{
    if (path == NULL) {
        return true;
    }
    if (access(path, R_OK) != 0) {
        return error_set(error, ERROR_USAGE, "the %s %s cannot be read: check its name and mode",
                         what, path);
    }
    *copy = strdup(path);
    return *copy != NULL || error_set(error, ERROR_FATAL, "no memory for an HTTP client");
}

bool http_transport_init(struct http_transport *transport, const char *scheme,
                         const struct http_client_config *config, struct error *error)
{
    *transport = (struct http_transport){
        .option = config->option != NULL ? config->option : "the address",
        .connect_timeout_ms = config->connect_timeout_ms > 0 ? config->connect_timeout_ms
                                                             : DEFAULT_CONNECT_TIMEOUT_MS,
        .stop = config->stop,
    };
    return start_curl_once(error) &&
           http_base_parse(&transport->base, scheme, config->base_url, config->username,
                           config->password, error) &&
           copy_file_name(config->ca_file, "CA file", &transport->ca_file, error) &&
           copy_file_name(config->cert_file, "certificate", &transport->cert_file, error) &&
           copy_file_name(config->key_file, "key file", &transport->key_file, error);
}

void http_transport_free(struct http_transport *transport)
{
    http_base_free(&transport->base);
    free(transport->ca_file);
    free(transport->cert_file);
    free(transport->key_file);
    *transport = (struct http_transport){0};
}

/* libcurl calls this about once a second even while no bytes arrive; any result but 0 ends the
 * transfer. */
static int ask_stop(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                    curl_off_t up)
{
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    const struct http_transport *transport = context;
    return transport->stop != NULL && stop_requested(transport->stop);
}

bool http_transport_apply(struct http_transport *transport, CURL *easy)
{
    CURLcode code = CURLE_OK;
#define SET(option, value) (code = code != CURLE_OK ? code : curl_easy_setopt(easy, option, value))
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* else http_proxy in the environment would make a proxy see tokens */
    SET(CURLOPT_CONNECTTIMEOUT_MS, transport->connect_timeout_ms);
    /* Without this, the end of a request would wait for a name server that does not answer. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 30L);
    SET(CURLOPT_TCP_KEEPINTVL, 10L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (transport->ca_file != NULL) { /* NULL would disable the system's certificates */
        SET(CURLOPT_CAINFO, transport->ca_file);
    }
    SET(CURLOPT_SSLCERT, transport->cert_file);
    SET(CURLOPT_SSLKEY, transport->key_file);
    SET(CURLOPT_ERRORBUFFER, transport->detail);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, ask_stop);
    SET(CURLOPT_XFERINFODATA, transport);
#undef SET
    return code == CURLE_OK;
}

/* libcurl only says that it could not connect; errno says why. */
static bool explain_unconnected(const struct http_transport *transport, CURL *easy,
                                const char *detail, struct error *error)
{
    long code = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &code);
    error_set(error, ERROR_RETRY, "cannot connect, %s: is the service running there? (%s)",
              code != 0 ? strerror((int)code) : "no address works", detail);
    if (error != NULL && code == ECONNREFUSED && http_url_is_loopback(transport->base.url)) {
        error->remedy = ERROR_REMEDY_START;
    }
    return false;
}

/* Returns the scheme without TLS that belongs to the URL's: "http" or "ws". */
static const char *plain_scheme(const struct http_transport *transport)
{
    return transport->base.url[0] == 'w' ? "ws" : "http";
}

/* Explains a connection that broke: a TLS server that receives plain HTTP closes it, with or
 * without sending a few bytes first. */
static bool explain_broken(const struct http_transport *transport, bool answered,
                           const char *detail, struct error *error)
{
    const char *scheme = plain_scheme(transport);
    bool maybe_tls = transport->base.url[strlen(scheme)] == ':' && !answered;
    return !maybe_tls ? error_set(error, ERROR_RETRY,
                                  "the connection broke before a whole answer came (%s)", detail)
                      : error_set(error, ERROR_RETRY,
                                  "the connection broke before a whole answer came: does that port "
                                  "want TLS, %ss:// in place of %s://? (%s)",
                                  scheme, scheme, detail);
}

static bool explain_tls(const struct http_transport *transport, const char *detail,
                        struct error *error)
{
    const char *scheme = plain_scheme(transport);
    bool plain = strstr(detail, "wrong version number") != NULL ||
                 strstr(detail, "packet length too long") != NULL;
    return plain ? error_set(error, ERROR_RETRY,
                             "TLS failed: that port speaks plain HTTP: %s:// in place of %ss://? "
                             "(%s)",
                             scheme, scheme, detail)
                 : error_set(error, ERROR_RETRY, "TLS failed: check CA file and certificate (%s)",
                             detail);
}

const char *http_transport_detail(const struct http_transport *transport, CURLcode code)
{
    return transport->detail[0] != '\0' ? transport->detail : curl_easy_strerror(code);
}

bool http_transport_explain(const struct http_transport *transport, CURL *easy, CURLcode code,
                            bool answered, struct error *error)
{
    const char *detail = http_transport_detail(transport, code);
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(error, ERROR_RETRY, "given up, because a stop was requested");
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(error, ERROR_RETRY, "host name not found: check %s and DNS (%s)",
                         transport->option, detail);
    case CURLE_COULDNT_CONNECT:
        return explain_unconnected(transport, easy, detail, error);
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(error, ERROR_RETRY, "no whole answer in time (%s)", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        return explain_tls(transport, detail, error);
    case CURLE_WRITE_ERROR:
        return error_set(error, ERROR_RETRY, "the answer cannot be read (%s)", detail);
    case CURLE_URL_MALFORMAT:
        return error_set(error, ERROR_USAGE, "not a URL: check the address");
    default:
        return explain_broken(transport, answered, detail, error);
    }
}
