/*
 * A store that speaks InfluxDB 3's write path, keeps every write it ever got, and does wrong what
 * it is told to: for tests of what is lost or changed by faults. Its answers are those that a real
 * one of version 3.6 was seen to send. In C, and without code of ours for lines: it has to keep up
 * with a million ticks on a busy machine, and to be a second opinion.
 *
 *     fault_store [PORT [SEED]]      prints its port; ends when its standard input does
 *
 *     POST /script      rules, one a line: see fault_script.h
 *     POST /token       from now on asked of every write; an empty body: of none
 *     POST /refuse      no connection is taken, and none is kept, for so many ms
 *     GET  /counts      figures, in JSON
 *     GET  /dump        what is kept: see kept_points.h
 *     GET  /requests    one line a write: when (CLOCK_MONOTONIC, ns), answer (0: none), lines,
 *                       bytes, 1 where it carried a token
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault_http.h"
#include "fault_script.h"
#include "fault_store.h"

struct log_entry {
    int64_t at_ns;
    int status;
    size_t lines, bytes;
    bool token;
};

struct server {
    int listener;
    uint16_t port;
    struct kept *kept;
    struct fault_script *script;
    pthread_mutex_t lock; /* of what follows */
    char token[400];
    struct log_entry *log;
    size_t log_count, log_capacity;
    int64_t refused_lines;
    int64_t refuse_until_ns;
    int *connections; /* open ones, to be cut off by /refuse */
    size_t connection_count, connection_capacity;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("fault_store: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

static void log_write_request(struct server *server, const struct log_entry *entry,
                              size_t refused_lines)
{
    pthread_mutex_lock(&server->lock);
    if (server->log_count == server->log_capacity) {
        server->log_capacity = 2 * server->log_capacity + 1024;
        server->log = must(reallocarray(server->log, server->log_capacity, sizeof *server->log));
    }
    server->log[server->log_count++] = *entry;
    server->refused_lines += (int64_t)refused_lines;
    pthread_mutex_unlock(&server->lock);
}

static bool may_write(struct server *server, const struct fault_request *request)
{
    pthread_mutex_lock(&server->lock);
    char wanted[sizeof server->token + 16];
    (void)snprintf(wanted, sizeof wanted, "Bearer %s", server->token);
    bool may = server->token[0] == '\0' || strcmp(wanted, request->authorization) == 0;
    pthread_mutex_unlock(&server->lock);
    return may;
}

/* False: the connection is gone. */
static bool serve_write(struct server *server, int fd, const struct fault_request *request)
{
    struct log_entry entry = {.at_ns = fault_now_ns(),
                              .lines = fault_count_lines(request->body, request->length),
                              .bytes = request->length,
                              .token = request->authorization[0] != '\0'};
    if (!may_write(server, request)) {
        entry.status = 401;
        log_write_request(server, &entry, 0);
        fault_answer(fd, 401, "", "");
        return true;
    }
    struct fault fault =
        fault_script_next(server->script, request->body, request->length, entry.lines);
    struct fault_outcome outcome = {.status = 0};
    fault_sleep_ms(fault.before_ms);
    if (strcmp(fault.reset, "before") != 0) {
        fault_store_lines(server->kept, &fault, request->body, request->length, &outcome);
    }
    fault_sleep_ms(fault.after_ms);
    entry.status = outcome.status;
    if (fault.reset[0] != '\0') {
        entry.status = 0;
    }
    log_write_request(server, &entry, outcome.refused);
    bool stays = fault.reset[0] == '\0' && fault_play_answer(fd, &fault, &outcome);
    free(outcome.body);
    if (fault.reset[0] != '\0') {
        fault_reset(fd);
    }
    return stays;
}

static void answer_counts(struct server *server, int fd)
{
    struct kept_counts counts;
    char body[400];
    kept_count(server->kept, &counts);
    pthread_mutex_lock(&server->lock);
    (void)snprintf(body, sizeof body,
                   "{\"points\": %" PRId64 ", \"writes\": %" PRId64 ", \"rewrites\": %" PRId64
                   ", \"conflicts\": %" PRId64 ", \"requests\": %zu, \"refused_lines\": %" PRId64
                   "}",
                   counts.points, counts.writes, counts.rewrites, counts.conflicts,
                   server->log_count, server->refused_lines);
    pthread_mutex_unlock(&server->lock);
    fault_answer(fd, 200, "Content-Type: application/json\r\n", body);
}

static void answer_memory(int fd, struct server *server,
                          void (*print)(struct server *server, FILE *file))
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = must(open_memstream(&bytes, &length));
    print(server, file);
    (void)fclose(file);
    char head[100];
    int size =
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);
    fault_send(fd, head, (size_t)size);
    fault_send(fd, bytes, length);
    free(bytes);
}

static void print_dump(struct server *server, FILE *file)
{
    kept_dump(server->kept, file);
}

static void print_requests(struct server *server, FILE *file)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->log_count; i++) {
        const struct log_entry *entry = &server->log[i];
        fprintf(file, "%" PRId64 " %d %zu %zu %d\n", entry->at_ns, entry->status, entry->lines,
                entry->bytes, entry->token);
    }
    pthread_mutex_unlock(&server->lock);
}

static void set_token(struct server *server, const char *token)
{
    pthread_mutex_lock(&server->lock);
    (void)snprintf(server->token, sizeof server->token, "%s", token);
    pthread_mutex_unlock(&server->lock);
}

/* The accepting thread closes the listener; those that are open are cut off here. */
static void refuse(struct server *server, int own_fd, int64_t ms)
{
    pthread_mutex_lock(&server->lock);
    server->refuse_until_ns = fault_now_ns() + ms * 1000000;
    for (size_t i = 0; i < server->connection_count; i++) {
        if (server->connections[i] != own_fd) {
            (void)shutdown(server->connections[i], SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
    (void)shutdown(server->listener, SHUT_RDWR); /* wakes accept() */
}

/* False: the connection is gone. */
static bool serve_request(struct server *server, int fd, struct fault_request *request)
{
    const char *path = request->path;
    char why[400] = "";
    if (strncmp(path, "/api/v3/write_lp?", 17) == 0) {
        if (strstr(path, "precision=nanosecond") == NULL) {
            fault_answer(fd, 400, "", "serde error: unknown variant");
            return true;
        }
        return serve_write(server, fd, request);
    }
    if (strncmp(path, "/api/v3/configure/", 18) == 0) {
        fault_answer(fd, 200, "", "");
    } else if (strcmp(path, "/script") == 0) {
        bool set = fault_script_set(server->script, request->body, why, sizeof why);
        fault_answer(fd, set ? 204 : 400, "", why);
    } else if (strcmp(path, "/token") == 0) {
        set_token(server, request->body);
        fault_answer(fd, 204, "", "");
    } else if (strcmp(path, "/refuse") == 0) {
        fault_answer(fd, 204, "", "");
        refuse(server, fd, strtoll(request->body, NULL, 10));
    } else if (strcmp(path, "/counts") == 0) {
        answer_counts(server, fd);
    } else if (strcmp(path, "/dump") == 0) {
        answer_memory(fd, server, print_dump);
    } else if (strcmp(path, "/requests") == 0) {
        answer_memory(fd, server, print_requests);
    } else {
        fault_answer(fd, 404, "", "not found");
    }
    return true;
}

struct guest {
    struct server *server;
    int fd;
};

static void enter(struct server *server, int fd)
{
    pthread_mutex_lock(&server->lock);
    if (server->connection_count == server->connection_capacity) {
        server->connection_capacity = 2 * server->connection_capacity + 16;
        server->connections = must(reallocarray(server->connections, server->connection_capacity,
                                                sizeof *server->connections));
    }
    server->connections[server->connection_count++] = fd;
    pthread_mutex_unlock(&server->lock);
}

static void leave(struct server *server, int fd)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->connection_count; i++) {
        if (server->connections[i] == fd) {
            server->connections[i] = server->connections[--server->connection_count];
            break;
        }
    }
    pthread_mutex_unlock(&server->lock);
}

static void *serve_guest(void *context)
{
    struct guest *guest = context;
    struct fault_connection connection = {.fd = guest->fd};
    struct fault_request request;
    bool stays = true;
    enter(guest->server, guest->fd);
    while (stays && fault_read_request(&connection, &request)) {
        stays = serve_request(guest->server, guest->fd, &request);
        free(request.body);
        request.body = NULL;
    }
    leave(guest->server, guest->fd);
    if (stays) {
        (void)close(guest->fd);
    }
    free(connection.bytes);
    free(guest);
    return NULL;
}

static void open_listener(struct server *server)
{
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(server->port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(server->listener, SOMAXCONN) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) != 0) {
        perror("fault_store");
        exit(EXIT_FAILURE);
    }
    server->port = ntohs(address.sin_port);
}

static void *take_guests(void *context)
{
    struct server *server = context;
    for (;;) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (fd < 0) {
            (void)close(server->listener);
            pthread_mutex_lock(&server->lock);
            int64_t wait_ns = server->refuse_until_ns - fault_now_ns();
            pthread_mutex_unlock(&server->lock);
            fault_sleep_ms(wait_ns / 1000000);
            open_listener(server);
            continue;
        }
        struct guest *guest = must(malloc(sizeof *guest));
        *guest = (struct guest){.server = server, .fd = fd};
        if (pthread_create(&thread, NULL, serve_guest, guest) == 0) {
            (void)pthread_detach(thread);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct server server = {
        .port = argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0,
        .kept = kept_create(),
        .script = must(fault_script_create(argc > 2 ? strtoull(argv[2], NULL, 10) : 1)),
    };
    pthread_t thread;
    pthread_mutex_init(&server.lock, NULL);
    open_listener(&server);
    printf("%u\n", server.port);
    fflush(stdout);
    if (pthread_create(&thread, NULL, take_guests, &server) != 0) {
        return EXIT_FAILURE;
    }
    while (getchar() != EOF) {
    }
    return EXIT_SUCCESS;
}
