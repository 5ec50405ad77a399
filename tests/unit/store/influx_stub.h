/* A scripted InfluxDB over base/http/http_server: the outcomes of writes and failures of queries,
 * without SQL. Set the script before stub_start(); read the rest after the calls. */
#ifndef CANDLEWICK_TESTS_INFLUX_STUB_H
#define CANDLEWICK_TESTS_INFLUX_STUB_H

#include <pthread.h>

#include "base/http/http_server.h"
#include "store/store.h"

struct stub_answer {
    unsigned status; /* 0: as the rules say */
    const char *body;
    const char *retry_after;
};

enum stub_naming {
    STUB_NAMES,       /* as InfluxDB: an array, the good lines are stored */
    STUB_NAMES_WRONG, /* numbers and texts of other lines; the good ones are stored */
    STUB_NAMES_FIRST, /* as with accept_partial=false: an object, nothing is stored */
    STUB_NAMES_NONE,  /* 400 without a name, nothing is stored */
};

enum { STUB_SEEN = 128 };

struct influx_stub {
    /* The n-th request gets the n-th answer; later ones follow the rules. */
    const struct stub_answer *answers;
    size_t answer_count;
    /* The rules of writing. */
    const char *bad; /* lines that hold this text are refused; NULL: none */
    enum stub_naming naming;
    size_t limit; /* larger bodies are; 0: none */
    unsigned limit_status;
    const char *limit_body;
    const char *token; /* asked for; NULL: none */

    pthread_mutex_t lock; /* protects what follows */
    size_t requests;
    char *seen[STUB_SEEN]; /* "METHOD PATH db precision encoding\nBODY" */
    struct strbuf stored;  /* the lines, each with its line feed, as they came */
    struct http_server *server;
    char url[80];
};

void stub_start(struct influx_stub *stub);
void stub_stop(struct influx_stub *stub);

/* Opens a store on the stub; the other members of `config` as they are. */
struct store *stub_open(const struct influx_stub *stub, struct store_config config);

/* How often a line with this text was stored. */
size_t stub_stored(struct influx_stub *stub, const char *text);

#endif
