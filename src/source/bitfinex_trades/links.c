/* The source's WebSockets: one thread reads them all; an errand connects. */
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "source/bitfinex_trades/bitfinex_trades_parts.h"

enum {
    PAUSES = 20, /* maintenance may last, or be silent, for so many silence time-outs: 10 minutes */
    MESSAGES_AT_ONCE = 256, /* from one connection, before the others have their turn */
    MESSAGE_LIMIT = 300,
};

struct feed_time links_time(void)
{
    return (struct feed_time){clock_wall_ns(), clock_monotonic_ns()};
}

void links_connect(void *context)
{
    struct connecting *connecting = context;
    connecting->error = (struct error){0};
    connecting->websocket = websocket_connect(&connecting->config, &connecting->error);
}

/* Called when a connection was lost or could not be made: sets when to connect again. */
static void wait_to_connect(struct bitfinex_trades *trades, struct link *link, int wait_ms,
                            const char *why)
{
    link->due_ns = clock_monotonic_ns() + wait_ms * NS_PER_MS;
    (void)str_copy(str_from(why), trades->trouble, sizeof trades->trouble);
    log_warn("connect_retry", log_text("source", BITFINEX_TRADES_NAME),
             log_int("connection", link - trades->links), log_int("wait_ms", wait_ms),
             log_text("reason", why));
}

/* Forgets a connection that is over. */
static void drop(struct bitfinex_trades *trades, size_t index, const char *why, int wait_ms)
{
    struct link *link = &trades->links[index];
    websocket_destroy(link->websocket);
    link->websocket = NULL;
    trade_feed_drop(&trades->feed, index, why, links_time());
    wait_to_connect(trades, link, wait_ms, why);
}

/* Does what a message asks for. */
static void obey(struct bitfinex_trades *trades, size_t index, enum feed_action action,
                 const char *why)
{
    struct link *link = &trades->links[index];
    int wait_ms = 0;
    switch (action) {
    case FEED_GO_ON:
        return;
    case FEED_PAUSE:
        log_warn("exchange_pauses", log_text("source", BITFINEX_TRADES_NAME),
                 log_text("reason", why));
        websocket_set_silence_timeout(link->websocket, PAUSES * trades->config.silence_timeout_ms);
        return;
    case FEED_RESTART:
        wait_ms = reconnect_after_restart_ms(&link->reconnect, &trades->random);
        break;
    case FEED_RENEW:
        break;
    case FEED_REFUSE:
        wait_ms = reconnect_after_failure_ms(&link->reconnect, &trades->random, 0);
        break;
    }
    websocket_close(link->websocket, WEBSOCKET_NORMAL, 0);
    drop(trades, index, why, wait_ms);
}

/* Reads a message, and does what it asks for. */
static void take_message(struct bitfinex_trades *trades, size_t index,
                         const struct websocket_message *message)
{
    struct link *link = &trades->links[index];
    struct feed_time now = {message->received_ns, message->monotonic_ns};
    char why[FEED_WHY_MAX + 1];
    enum feed_action action = trade_feed_read(&trades->feed, index, message->text, now, why);
    obey(trades, index, action, why);
    if (link->websocket != NULL && trades->feed.connections[index].channels.count > 0) {
        reconnect_succeed(&link->reconnect);
    }
}

/* Reads what has arrived on a connection, up to MESSAGES_AT_ONCE. Returns whether there may be
 * more. */
static bool read_link(struct bitfinex_trades *trades, size_t index)
{
    struct link *link = &trades->links[index];
    struct websocket_message message;
    struct error error = {0};
    for (int i = 0; i < MESSAGES_AT_ONCE && link->websocket != NULL; i++) {
        switch (websocket_next(link->websocket, 0, &message, &error)) {
        case WEBSOCKET_MESSAGE:
            take_message(trades, index, &message);
            break;
        case WEBSOCKET_NOTHING:
            return false;
        case WEBSOCKET_OVER:
            drop(trades, index, error.text,
                 reconnect_after_failure_ms(&link->reconnect, &trades->random,
                                            error.retry_after_ms));
            return false;
        }
    }
    return link->websocket != NULL;
}

/* Sends what the feed asks for, and drops a connection on which no answer comes in time. */
static void ask_link(struct bitfinex_trades *trades, size_t index)
{
    const struct link *link = &trades->links[index];
    if (link->websocket == NULL) {
        return;
    }
    struct strbuf message = strbuf_new(MESSAGE_LIMIT);
    struct error error = {0};
    bool sent = true;
    while (sent && trade_feed_ask(&trades->feed, index, links_time(), &message)) {
        sent = websocket_send(link->websocket, strbuf_str(&message), &error);
        strbuf_clear(&message);
    }
    strbuf_free(&message);
    int64_t silence_ns = trades->config.silence_timeout_ms * NS_PER_MS;
    const struct feed_patience patience = {.answer_ns = silence_ns,
                                           .maintenance_ns = PAUSES * silence_ns};
    const char *why =
        sent ? trade_feed_fault(&trades->feed, index, &patience, links_time()) : error.text;
    if (why != NULL) {
        obey(trades, index, FEED_REFUSE, why);
    }
}

void links_add(struct bitfinex_trades *trades)
{
    while (trades->link_count < trades->feed.places.count) {
        struct link *links =
            array_room(trades->links, trades->link_count, &trades->link_capacity, sizeof *links);
        if (links == NULL) {
            (void)error_set(&trades->failure, ERROR_FATAL, "no memory for a connection");
            return;
        }
        trades->links = links;
        links[trades->link_count++] =
            (struct link){.reconnect.first_ms = trades->config.reconnect_wait_ms};
    }
}

/* Takes the connection that was made, or why it was not. */
static void take_connection(struct bitfinex_trades *trades)
{
    struct connecting *made = &trades->connecting;
    if (!errand_take(trades->connector)) {
        return;
    }
    struct link *link = &trades->links[made->link];
    link->websocket = made->websocket;
    made->websocket = NULL;
    if (link->websocket != NULL) {
        log_info("connected", log_text("source", BITFINEX_TRADES_NAME),
                 log_int("connection", link - trades->links),
                 log_text("url", websocket_url(link->websocket)));
    } else if (made->error.kind == ERROR_RETRY) {
        int wait_ms = reconnect_after_failure_ms(&link->reconnect, &trades->random,
                                                 made->error.retry_after_ms);
        wait_to_connect(trades, link, wait_ms, made->error.text);
    } else {
        trades->failure = made->error;
    }
}

/* Starts to make the connection that has waited longest. */
static void start_connecting(struct bitfinex_trades *trades)
{
    struct feed_time now = links_time();
    if (!errand_is_free(trades->connector) ||
        request_budget_wait_ns(&trades->connects, now.steady_ns) > 0) {
        return;
    }
    struct link *next = NULL;
    for (size_t i = 0; i < trades->link_count; i++) {
        struct link *link = &trades->links[i];
        bool due = link->websocket == NULL && link->due_ns <= now.steady_ns &&
                   trade_feed_wants(&trades->feed, i, now);
        next = due && (next == NULL || link->due_ns < next->due_ns) ? link : next;
    }
    if (next != NULL) {
        trades->connecting.link = (size_t)(next - trades->links);
        request_budget_spend(&trades->connects, now.steady_ns);
        errand_start(trades->connector);
    }
}

void links_renew(struct bitfinex_trades *trades)
{
    take_connection(trades);
    start_connecting(trades);
}

bool links_read(struct bitfinex_trades *trades)
{
    bool more = false;
    for (size_t i = 0; i < trades->link_count; i++) {
        more = read_link(trades, i) || more;
    }
    return more;
}

void links_ask(struct bitfinex_trades *trades)
{
    for (size_t i = 0; i < trades->link_count; i++) {
        ask_link(trades, i);
    }
}

size_t links_open(const struct bitfinex_trades *trades)
{
    size_t open = 0;
    for (size_t i = 0; i < trades->link_count; i++) {
        open += trades->links[i].websocket != NULL;
    }
    return open;
}

void links_close(struct bitfinex_trades *trades)
{
    websocket_destroy(trades->connecting.websocket);
    for (size_t i = 0; i < trades->link_count; i++) {
        websocket_destroy(trades->links[i].websocket);
    }
    free(trades->links);
}
