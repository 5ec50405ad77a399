#include "base/http/http_connections.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/waiting.h"

struct http_connection {
    struct http_connection *next;
    struct http_connection **link; /* the pointer in the list that points at this connection */
    int fd;
    int64_t deadline_ns; /* monotonic; INT64_MAX: none */
    int64_t waits_since_ns;
    bool waits;    /* waits for a request; else one is being served */
    bool upgraded; /* speaks another protocol than HTTP now */
    bool cut;
};

struct http_connections {
    pthread_mutex_t lock; /* protects the fields below and those of the connections */
    pthread_cond_t changed;
    struct http_connection *first;
    unsigned most;     /* limit of `open`; beyond it a new connection displaces another */
    unsigned open;     /* connections that are not shut down */
    unsigned serving;  /* connections whose request is being served */
    int64_t wake_ns;   /* when the thread wakes next */
    unsigned upgraded; /* connections that speak another protocol than HTTP now */
    pthread_cond_t upgrade_over;
    bool no_upgrades; /* further upgrades are refused */
    bool ending;
    pthread_t thread;
};

/* Shuts the connection down; the thread that serves it sees the end of the stream and cleans up.
 * The caller holds the lock. */
static void cut(struct http_connections *all, struct http_connection *one)
{
    (void)shutdown(one->fd, SHUT_RDWR);
    one->deadline_ns = INT64_MAX;
    one->cut = true;
    all->open--;
}

/* Makes room for a new connection. The caller holds the lock. */
static void cut_longest_waiting(struct http_connections *all)
{
    struct http_connection *longest = NULL;
    for (struct http_connection *one = all->first; one != NULL; one = one->next) {
        if (one->waits && !one->cut &&
            (longest == NULL || one->waits_since_ns < longest->waits_since_ns)) {
            longest = one;
        }
    }
    if (longest != NULL) {
        cut(all, longest);
    }
}

/* Cuts the connections whose deadline has passed and returns the earliest deadline of the others.
 * The caller holds the lock. */
static int64_t cut_late(struct http_connections *all, int64_t now_ns)
{
    int64_t earliest_ns = INT64_MAX;
    for (struct http_connection *one = all->first; one != NULL; one = one->next) {
        if (one->deadline_ns <= now_ns) {
            cut(all, one);
        } else if (one->deadline_ns < earliest_ns) {
            earliest_ns = one->deadline_ns;
        }
    }
    return earliest_ns;
}

static void *watch(void *context)
{
    struct http_connections *all = context;
    (void)pthread_mutex_lock(&all->lock);
    while (!all->ending) {
        all->wake_ns = cut_late(all, clock_monotonic_ns());
        (void)waiting_until(&all->changed, &all->lock, all->wake_ns);
    }
    (void)pthread_mutex_unlock(&all->lock);
    return NULL;
}

struct http_connections *http_connections_create(unsigned most, struct error *error)
{
    struct http_connections *all = calloc(1, sizeof *all);
    if (all == NULL) {
        (void)error_set(error, ERROR_FATAL, "no memory for an HTTP server");
        return NULL;
    }
    all->most = most;
    all->wake_ns = INT64_MAX;
    waiting_init(&all->changed);
    waiting_init(&all->upgrade_over);
    (void)pthread_mutex_init(&all->lock, NULL);
    if (pthread_create(&all->thread, NULL, watch, all) != 0) {
        (void)pthread_cond_destroy(&all->changed);
        (void)pthread_cond_destroy(&all->upgrade_over);
        (void)pthread_mutex_destroy(&all->lock);
        free(all);
        (void)error_set(error, ERROR_FATAL, "no thread for an HTTP server: too many running?");
        return NULL;
    }
    return all;
}

void http_connections_destroy(struct http_connections *all)
{
    if (all == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&all->lock);
    all->ending = true;
    (void)pthread_cond_signal(&all->changed);
    (void)pthread_mutex_unlock(&all->lock);
    (void)pthread_join(all->thread, NULL);
    (void)pthread_cond_destroy(&all->changed);
    (void)pthread_cond_destroy(&all->upgrade_over);
    (void)pthread_mutex_destroy(&all->lock);
    free(all);
}

/* Sets no deadline if the connection is already shut down. The caller holds the lock. */
static void set_deadline(struct http_connections *all, struct http_connection *connection,
                         int64_t within_ms)
{
    connection->deadline_ns = within_ms > 0 && !connection->cut
                                  ? clock_monotonic_ns() + within_ms * NS_PER_MS
                                  : INT64_MAX;
    if (connection->deadline_ns < all->wake_ns) {
        (void)pthread_cond_signal(&all->changed);
    }
}

/* The caller holds the lock. */
static void set_waits(struct http_connections *all, struct http_connection *connection, bool waits)
{
    if (waits && !connection->waits) {
        connection->waits_since_ns = clock_monotonic_ns();
        all->serving--;
    } else if (!waits && connection->waits) {
        all->serving++;
    }
    connection->waits = waits;
}

struct http_connection *http_connections_add(struct http_connections *all, int fd,
                                             int64_t within_ms)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    *connection =
        (struct http_connection){.fd = fd, .waits = true, .waits_since_ns = clock_monotonic_ns()};
    (void)pthread_mutex_lock(&all->lock);
    if (all->open >= all->most) {
        cut_longest_waiting(all);
    }
    connection->next = all->first;
    connection->link = &all->first;
    if (all->first != NULL) {
        all->first->link = &connection->next;
    }
    all->first = connection;
    all->open++;
    set_deadline(all, connection, within_ms);
    (void)pthread_mutex_unlock(&all->lock);
    return connection;
}

void http_connections_await(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms)
{
    (void)pthread_mutex_lock(&all->lock);
    set_waits(all, connection, true);
    set_deadline(all, connection, within_ms);
    (void)pthread_mutex_unlock(&all->lock);
}

unsigned http_connections_serve(struct http_connections *all, struct http_connection *connection)
{
    (void)pthread_mutex_lock(&all->lock);
    set_waits(all, connection, false);
    set_deadline(all, connection, 0);
    unsigned serving = all->serving;
    (void)pthread_mutex_unlock(&all->lock);
    return serving;
}

void http_connections_allow(struct http_connections *all, struct http_connection *connection,
                            int64_t within_ms)
{
    (void)pthread_mutex_lock(&all->lock);
    set_deadline(all, connection, within_ms);
    (void)pthread_mutex_unlock(&all->lock);
}

bool http_connections_upgrade(struct http_connections *all, struct http_connection *connection)
{
    (void)pthread_mutex_lock(&all->lock);
    bool allowed = !all->no_upgrades && !connection->cut;
    if (allowed) {
        connection->upgraded = true;
        all->upgraded++;
        set_deadline(all, connection, 0);
    }
    (void)pthread_mutex_unlock(&all->lock);
    return allowed;
}

void http_connections_upgrade_over(struct http_connections *all, struct http_connection *connection)
{
    (void)pthread_mutex_lock(&all->lock);
    connection->upgraded = false;
    all->upgraded--;
    (void)pthread_cond_signal(&all->upgrade_over);
    (void)pthread_mutex_unlock(&all->lock);
}

void http_connections_end_upgraded(struct http_connections *all)
{
    (void)pthread_mutex_lock(&all->lock);
    all->no_upgrades = true;
    for (struct http_connection *one = all->first; one != NULL; one = one->next) {
        if (one->upgraded && !one->cut) {
            cut(all, one);
        }
    }
    while (all->upgraded > 0) {
        (void)waiting_until(&all->upgrade_over, &all->lock, INT64_MAX);
    }
    (void)pthread_mutex_unlock(&all->lock);
}

void http_connections_remove(struct http_connections *all, struct http_connection *connection)
{
    (void)pthread_mutex_lock(&all->lock);
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    all->serving -= connection->waits ? 0 : 1;
    all->open -= connection->cut ? 0 : 1;
    (void)pthread_mutex_unlock(&all->lock);
    free(connection);
}
