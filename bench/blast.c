/*
 * What the sink can take: posts ready-made bodies of lines for a while and tells how many came
 * through.
 *
 *     blast PORT [SECONDS [CONNECTIONS [LINES A BODY]]]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text/strbuf.h"

enum { CONNECTIONS_MAX = 16 };

static const char line[] =
    "ticker,coin=tBTCUSD last_price=64208.61,bid=64208.57,bid_size=178.01233863,ask=64208.61,"
    "ask_size=169.94302231,daily_change=-41.89,daily_change_relative=-0.00065197,"
    "volume=2800.17343646,high=64250.5,low=64208.61,seq=1234567i,run_id=1311768467294899695i "
    "1767225600000000000\n";

struct blaster {
    pthread_t thread;
    const struct strbuf *request;
    int64_t end_ns, requests;
    int64_t port;
    bool failed;
};

static int connect_to(int64_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static bool post(int fd, struct str request)
{
    while (request.length > 0) {
        ssize_t count = send(fd, request.data, request.length, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        request.data += count;
        request.length -= (size_t)count;
    }
    char answer[256];
    ssize_t count = recv(fd, answer, sizeof answer - 1, 0);
    return count > 0 && memmem(answer, (size_t)count, " 204 ", 5) != NULL;
}

static void *run(void *context)
{
    struct blaster *blaster = context;
    int fd = connect_to(blaster->port);
    blaster->failed = fd < 0;
    while (!blaster->failed && clock_monotonic_ns() < blaster->end_ns) {
        blaster->failed = !post(fd, strbuf_str(blaster->request));
        blaster->requests += blaster->failed ? 0 : 1;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return NULL;
}

static bool make_request(struct strbuf *request, int64_t lines)
{
    strbuf_append_format(request,
                         "POST /api/v3/write_lp?db=market HTTP/1.1\r\nHost: sink\r\n"
                         "Content-Length: %zu\r\n\r\n",
                         (size_t)lines * (sizeof line - 1));
    for (int64_t i = 0; i < lines; i++) {
        strbuf_append(request, line, sizeof line - 1);
    }
    return !request->failed;
}

static bool blast(struct blaster *blasters, size_t count, double *seconds, int64_t *requests)
{
    int64_t start_ns = clock_monotonic_ns();
    size_t started = 0;
    while (started < count &&
           pthread_create(&blasters[started].thread, NULL, run, &blasters[started]) == 0) {
        started++;
    }
    bool failed = started < count;
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(blasters[i].thread, NULL);
        failed = failed || blasters[i].failed;
        *requests += blasters[i].requests;
    }
    *seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
    return !failed;
}

int main(int argc, char **argv)
{
    int64_t numbers[] = {0, 2, 2, 5000}; /* port, seconds, connections, lines */
    bool good = argc >= 2 && argc <= 5;
    for (int i = 1; i < argc && good; i++) {
        good = str_to_int64(str_from(argv[i]), &numbers[i - 1]) && numbers[i - 1] > 0;
    }
    if (!good || numbers[2] > CONNECTIONS_MAX) {
        (void)fputs("usage: blast PORT [SECONDS [CONNECTIONS [LINES]]]\n", stderr);
        return 2;
    }
    struct strbuf request = strbuf_new((size_t)1 << 30);
    struct blaster blasters[CONNECTIONS_MAX];
    for (int64_t i = 0; i < numbers[2]; i++) {
        blasters[i] = (struct blaster){.request = &request,
                                       .port = numbers[0],
                                       .end_ns = clock_monotonic_ns() + numbers[1] * NS_PER_SECOND};
    }
    double seconds = 0;
    int64_t requests = 0;
    good = make_request(&request, numbers[3]) &&
           blast(blasters, (size_t)numbers[2], &seconds, &requests);
    strbuf_free(&request);
    if (!good) {
        (void)fputs("blast: the sink does not answer as it should\n", stderr);
        return 1;
    }
    double lines = (double)(requests * numbers[3]);
    (void)printf("{\"lines_per_second\":%.0f,\"megabytes_per_second\":%.0f}\n", lines / seconds,
                 lines * (double)(sizeof line - 1) / seconds / 1e6);
    return 0;
}
