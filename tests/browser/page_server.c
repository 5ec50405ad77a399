/*
 * Serves the page over made-up data, for tests/browser and for working on the page without Kafka:
 *
 *     page_server --listen 127.0.0.1:0 --mode live
 *
 * live: prices of now, a tick each 200 ms.  empty: nothing yet, and what is waited for.
 * failing: the store does not answer.  replay: six hours of 2026-01-31, at their end.
 * unknown: live, in a cluster that does not describe groups, from an exchange.
 * Prints "listening on ADDRESS", ends on SIGINT, SIGTERM or when standard input ends.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "market/json.h"
#include "page_backend.h"
#include "record/record_json.h"
#include "record/ticker.h"

enum { TICK_MS = 200, TICKS_A_STATUS = 5, EVENTS_KEPT = 256 };

struct program {
    struct page page;
    struct web_events *events;
    struct stop *stop;
};

static void publish_status(struct program *program)
{
    struct strbuf json = strbuf_new(1 << 20);
    (void)!page_status(&program->page, &json, NULL);
    web_events_publish(program->events, "status", strbuf_str(&json));
    strbuf_free(&json);
}

static void *tick_on(void *context)
{
    struct program *program = context;
    bool live = program->page.mode != MODE_EMPTY && program->page.mode != MODE_REPLAY;
    for (size_t n = 0; !stop_wait_ms(program->stop, TICK_MS); ++n) {
        if (live) {
            struct ticker tick = tape_add(program->page.tape, n % TAPE_COINS, clock_wall_ns());
            struct strbuf json = strbuf_new(1 << 20);
            record_to_json(&ticker_kind, &tick, NULL, &json);
            web_events_publish(program->events, "tick", strbuf_str(&json));
            strbuf_free(&json);
        }
        if (n % TICKS_A_STATUS == 0) {
            publish_status(program);
        }
    }
    return NULL;
}

/* The end of standard input is the end of whoever started us. */
static void *watch_input(void *context)
{
    struct program *program = context;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    while (!stop_requested(program->stop)) {
        if (poll(&input, 1, 200) > 0 && read(STDIN_FILENO, &byte, 1) <= 0) {
            stop_request(program->stop);
        }
    }
    return NULL;
}

static bool read_arguments(int count, char **values, enum page_mode *mode, const char **listen)
{
    *listen = "127.0.0.1:0";
    *mode = MODE_LIVE;
    for (int i = 1; i + 1 < count; i += 2) {
        size_t known = 0;
        while (known < MODES && strcmp(page_mode_names[known], values[i + 1]) != 0) {
            ++known;
        }
        if (strcmp(values[i], "--listen") == 0) {
            *listen = values[i + 1];
        } else if (strcmp(values[i], "--mode") == 0 && known < MODES) {
            *mode = (enum page_mode)known;
        } else {
            return false;
        }
    }
    return count % 2 == 1;
}

static int serve(struct program *program, const char *listen)
{
    struct error error = {0};
    struct web_server_config config = {
        .listen = listen,
        .backend = page_backend(&program->page),
        .events = program->events,
    };
    struct web_server *server = web_server_create(&config, &error);
    if (server == NULL) {
        (void)fprintf(stderr, "page_server: %s\n", error.text);
        return 1;
    }
    pthread_t ticks;
    pthread_t input;
    if (pthread_create(&ticks, NULL, tick_on, program) != 0 ||
        pthread_create(&input, NULL, watch_input, program) != 0) {
        abort();
    }
    (void)printf("listening on %s\n", web_server_address(server));
    (void)fflush(stdout);
    stop_wait_signals(program->stop, 0);
    (void)pthread_join(ticks, NULL);
    (void)pthread_join(input, NULL);
    web_server_destroy(server);
    return 0;
}

int main(int count, char **values)
{
    const char *listen;
    struct program program = {0};
    struct error error = {0};
    if (!read_arguments(count, values, &program.page.mode, &listen)) {
        (void)fprintf(stderr, "usage: page_server [--listen HOST:PORT] "
                              "[--mode live|empty|failing|replay|unknown|streams]\n");
        return 2;
    }
    stop_block_signals();
    int64_t end_ns = clock_wall_ns();
    program.page.start_ms = end_ns / NS_PER_MS - 180000;
    if (program.page.mode == MODE_REPLAY) {
        (void)!clock_parse_time(str_from("2026-01-31T12:00:00Z"), &end_ns);
    }
    program.page.tape = tape_create(page_sources[program.page.mode], end_ns);
    program.events = web_events_create(EVENTS_KEPT, &error);
    program.stop = stop_create(&error);
    if (program.events == NULL || program.stop == NULL) {
        (void)fprintf(stderr, "page_server: %s\n", error.text);
        return 1;
    }
    int result = serve(&program, listen);
    stop_destroy(program.stop);
    web_events_destroy(program.events);
    tape_destroy(program.page.tape);
    return result;
}
