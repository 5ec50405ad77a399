/*
 * The log: one line per event on stderr, `key=value` pairs (logfmt). Values with blanks, quotes,
 * '=' or control bytes are quoted and escaped. Any thread; a line is written by one write(2).
 *
 *     log_info("ready", log_text("page", url), log_int("coins", 3));
 *     time=2026-11-21T09:05:00.123Z level=info event=ready page=http://127.0.0.1:8080 coins=3
 */
#ifndef CANDLEWICK_BASE_LOG_H
#define CANDLEWICK_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

/* Sets the lowest level that is written; initially LOG_INFO. Main calls it once before threads
 * start. */
void log_set_level(enum log_level level);

enum log_type { LOG_TYPE_TEXT, LOG_TYPE_INT };

struct log_field {
    const char *key;
    enum log_type type;
    union {
        struct str text;
        int64_t integer;
    } value;
};

struct log_field log_text(const char *key, const char *value); /* NULL is written as "" */
struct log_field log_str(const char *key, struct str value);
struct log_field log_int(const char *key, int64_t value);

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

/* The list of fields must not be empty. */
#define LOG_EVENT(level, event, ...)                                                               \
    log_write(level, event, (const struct log_field[]){__VA_ARGS__},                               \
              sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define log_debug(event, ...) LOG_EVENT(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) LOG_EVENT(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_EVENT(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) LOG_EVENT(LOG_ERROR, event, __VA_ARGS__)

#endif
