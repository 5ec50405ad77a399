/* A backend that says what it was asked and answers what it is told. */
#ifndef CANDLEWICK_TESTS_WEB_FAKE_BACKEND_H
#define CANDLEWICK_TESTS_WEB_FAKE_BACKEND_H

#include "record/kind.h"
#include "web/server.h"

struct fake {
    enum error_kind fail; /* ERROR_NONE: all goes well */
    bool huge;            /* answers more than an answer may have */
    bool unhealthy;
    bool covered;         /* says that the first minute after 2026-01-01 was covered */
    size_t candle_rounds; /* how often it gives its two candles; 0: once */
    /* The last question. */
    char of[8], coin[RECORD_KEY_MAX + 1], source[SOURCE_MAX + 1]; /* source "": none was named */
    int64_t interval_ns, from_ns, to_ns;
    bool fill;
    size_t candle_limit, news_limit;
    int64_t before_ns;
    size_t history_limit;
    int verify_wait_s; /* a proof may start in so many seconds */
    int verify_starts; /* how many were started */
    char topic[32];    /* "" if none was named */
    int32_t partition;
    int64_t offset;
    int message_limit;
    char key[32], contains[32];        /* "" if none was named */
    struct web_search_wanted search;   /* without its texts */
    struct web_predict_wanted predict; /* without its text */
    char strategies[64];
};

struct web_backend fake_backend(struct fake *fake);

/* The candles of the fake, as text that market/json.h writes. To free(). */
char *fake_candles_json(const struct fake *fake, const char *coin);

#endif
