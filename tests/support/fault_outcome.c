#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fault_http.h"
#include "fault_store.h"

enum {
    REQUEST_LIMIT = 10485760, /* InfluxDB's */
    QUOTED = 20,              /* characters of a refused line in the answer */
};

int64_t fault_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void fault_sleep_ms(int64_t ms)
{
    if (ms > 0) {
        (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000},
                        NULL);
    }
}

size_t fault_count_lines(const char *body, size_t length)
{
    size_t lines = 0;
    for (const char *at = body; at < body + length; at++) {
        lines += *at == '\n';
    }
    return lines;
}

struct refused {
    const char *why;
    const char *line;
    size_t length, number;
};

struct reading {
    struct kept_line *good;
    struct refused *refused;
    size_t good_count, refused_count, count;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("fault_store: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

static struct reading read_lines(const struct fault *fault, const char *body, size_t length)
{
    size_t most = fault_count_lines(body, length) + 1;
    struct reading reading = {.good = must(calloc(most, sizeof *reading.good)),
                              .refused = must(calloc(most, sizeof *reading.refused))};
    const char *end = body + length;
    while (body < end) {
        const char *newline = memchr(body, '\n', (size_t)(end - body));
        size_t size = (size_t)((newline != NULL ? newline : end) - body);
        const char *why = kept_read_line(body, size, &reading.good[reading.good_count]);
        reading.count++;
        if (fault_refuses(fault, body, size, reading.count)) {
            why = "refused by the test's script";
        }
        if (why != NULL) {
            reading.refused[reading.refused_count++] =
                (struct refused){.why = why, .line = body, .length = size, .number = reading.count};
        } else {
            reading.good_count++;
        }
        body += size + 1;
    }
    return reading;
}

/* One entry of "data"; numbers are shifted where the rule wants wrong ones. The texts that come
 * here need no escapes. */
static void print_refused(FILE *file, const struct refused *refused, const struct fault *fault)
{
    size_t number = refused->number + (size_t)fault->named_from;
    const char *line = refused->line;
    size_t length = refused->length < QUOTED ? refused->length : QUOTED;
    fprintf(file, "{\"error_message\":\"%s\",\"line_number\":%zu,\"original_line\":\"%.*s\"}",
            refused->why, number, (int)length, line);
}

static char *named(const struct reading *reading, const struct fault *fault)
{
    char *body = NULL;
    size_t size = 0;
    FILE *file = must(open_memstream(&body, &size));
    if (fault->partial != 0) {
        fputs("{\"error\":\"partial write of line protocol occurred\",\"data\":[", file);
        for (size_t i = 0; i < reading->refused_count; i++) {
            fputs(i > 0 ? "," : "", file);
            print_refused(file, &reading->refused[i], fault);
        }
        fputs("]}", file);
    } else {
        fputs("{\"error\":\"parsing failed for write_lp endpoint\",\"data\":", file);
        print_refused(file, &reading->refused[0], fault);
        fputs("}", file);
    }
    (void)fclose(file);
    return body;
}

void fault_store_lines(struct kept *kept, const struct fault *fault, const char *body,
                       size_t length, struct fault_outcome *outcome)
{
    if (fault->status != 0) {
        *outcome =
            (struct fault_outcome){.status = (int)fault->status, .body = must(strdup(fault->body))};
        return;
    }
    if (length > REQUEST_LIMIT) {
        *outcome = (struct fault_outcome){
            .status = 500, .body = must(strdup("max request size (10485760 bytes) exceeded"))};
        return;
    }
    struct reading reading = read_lines(fault, body, length);
    *outcome = (struct fault_outcome){.status = 204, .refused = reading.refused_count};
    if (reading.refused_count > 0 && fault->vague != 0) {
        outcome->status = (int)fault->vague;
        outcome->body = must(strdup(fault->body));
        reading.good_count = 0;
    } else if (reading.refused_count > 0) {
        outcome->status = 400;
        outcome->body = named(&reading, fault);
        reading.good_count = fault->partial != 0 ? reading.good_count : 0;
    }
    int64_t now_ns = fault_now_ns();
    for (size_t i = 0; i < reading.good_count; i++) {
        (void)kept_put(kept, &reading.good[i], now_ns);
    }
    free(reading.good);
    free(reading.refused);
}

static void drip(int fd, int64_t pause_ms)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\nServer: slow\r\n\r\n";
    for (size_t i = 0; i + 1 < sizeof answer; i++) {
        fault_send(fd, answer + i, 1);
        fault_sleep_ms(pause_ms);
    }
}

bool fault_play_answer(int fd, const struct fault *fault, const struct fault_outcome *outcome)
{
    char headers[3 * FAULT_TEXT_MAX];
    size_t length = 0;
    headers[0] = '\0';
    if (fault->half != 0) {
        static const char half[] = "HTTP/1.1 204 No Cont";
        fault_send(fd, half, sizeof half - 1);
        (void)close(fd);
        return false;
    }
    if (fault->bomb != 0) {
        fault_answer_bomb(fd, (int)fault->bomb);
        return true;
    }
    if (fault->drip_ms != 0) {
        drip(fd, fault->drip_ms);
        return true;
    }
    if (fault->retry_after[0] != '\0') {
        length +=
            (size_t)snprintf(headers, sizeof headers, "Retry-After: %s\r\n", fault->retry_after);
    }
    if (fault->location[0] != '\0') {
        (void)snprintf(headers + length, sizeof headers - length, "Location: %s\r\n",
                       fault->location);
    }
    fault_answer(fd, outcome->status, headers, outcome->body != NULL ? outcome->body : "");
    return true;
}
