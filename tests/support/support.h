/* Small helpers for tests: waiting for a condition, temporary folders, whole files. */
#ifndef CANDLEWICK_TESTS_SUPPORT_H
#define CANDLEWICK_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>

/* What a test waits at least before it gives a condition up: a busy machine takes many times longer
 * than a quiet one, and a wait that ends well costs no more for it. */
enum { SUPPORT_PATIENCE_MS = 60000 };

/* Whether a sanitizer is built in. It looks for errors in memory and between threads, which few
 * rounds show, and each round takes many times as long with it. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SUPPORT_SANITIZED = 1 };
#else
enum { SUPPORT_SANITIZED = 0 };
#endif

/* Asks `condition` every 5 ms until it is true. `timeout_ms` is enough on a quiet machine; it is
 * given up after that and SUPPORT_PATIENCE_MS. The last answer. */
bool support_wait(bool (*condition)(void *context), void *context, int timeout_ms);

/* Whether `condition` is false all the time, asked every 5 ms for `ms`. */
bool support_stays_false(bool (*condition)(void *context), void *context, int ms);

/* A fresh folder under $TMPDIR or /tmp, written to `path`; removed with all in it by the second. */
void support_make_folder(char *path, size_t size);
void support_remove_folder(const char *path);

/* A whole file, NUL-terminated, to free(); NULL when it cannot be read. */
char *support_read_file(const char *path, size_t *length);
void support_write_file(const char *path, const void *bytes, size_t length);

/* Start and end libcurl for a group of tests, as the group's set-up and tear-down. */
int support_http_begin(void **state);
int support_http_end(void **state);

#endif
