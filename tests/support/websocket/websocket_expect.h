/* What tests of the WebSocket client expect of it. Each fails the test when it is otherwise. */
#ifndef CANDLEWICK_TESTS_WEBSOCKET_EXPECT_H
#define CANDLEWICK_TESTS_WEBSOCKET_EXPECT_H

#include <pthread.h>

#include "base/stop.h"
#include "base/websocket/websocket.h"
#include "websocket/websocket_server.h"

/* A string literal, which may hold NULs, as pointer and length. */
#define BYTES(text) (text), sizeof(text) - 1

enum { PATIENCE_MS = 60000, SOON_MS = 5000 };

/* Connects to the server, to the path "/ws/2" unless `config` names one. Destroy it. */
struct websocket *connect_to(const struct websocket_server *server, struct websocket_config config);

/* The next message is this one. */
void expect_message(struct websocket *websocket, const char *want);

/* The connection is over, now and later, with this code and these words. */
void expect_over(struct websocket *websocket, int code, const char *words);

/* Requests the stop after 100 ms, on a thread of its own, which the caller joins. */
pthread_t request_stop_soon(struct stop *stop);

#endif
