/*
 * What the fuzz targets share. Each target is one program with one property, which is said at its
 * top. Built by clang's libFuzzer (preset `fuzz`) it searches for inputs that break the property;
 * built by any compiler, corpus_main.c runs the kept inputs through it, as one unit test.
 */
#ifndef CANDLEWICK_TESTS_FUZZ_H
#define CANDLEWICK_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/str.h"

/* libFuzzer's entry. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The property: what does not hold ends the program where the fuzzer sees it. */
#define MUST(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))

__attribute__((noreturn)) static inline void fuzz_broken(const char *condition, const char *file,
                                                         int line)
{
    (void)fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
    abort();
}

/* An input that is taken apart from its front. */
struct ingest {
    const uint8_t *at;
    size_t left;
};

/* Zeros when nothing is left. */
static inline void ingest_bytes(struct ingest *ingest, void *to, size_t size)
{
    size_t there = size < ingest->left ? size : ingest->left;
    memset(to, 0, size);
    if (there > 0) {
        memcpy(to, ingest->at, there);
        ingest->at += there;
        ingest->left -= there;
    }
}

static inline uint8_t ingest_byte(struct ingest *ingest)
{
    uint8_t byte;
    ingest_bytes(ingest, &byte, 1);
    return byte;
}

/* Up to the next NUL, which is taken too, or all that is left. Borrowed; an exact copy is for
 * fuzz_text(). */
static inline struct str ingest_piece(struct ingest *ingest)
{
    struct str piece = {.data = (const char *)ingest->at, .length = ingest->left};
    const uint8_t *end = ingest->left > 0 ? memchr(ingest->at, '\0', ingest->left) : NULL;
    if (end != NULL) {
        piece.length = (size_t)(end - ingest->at);
    }
    size_t used = piece.length + (end != NULL ? 1 : 0);
    if (used > 0) {
        ingest->at += used;
        ingest->left -= used;
    }
    return piece;
}

/* All that is left. */
static inline struct str ingest_rest(struct ingest *ingest)
{
    struct str rest = {.data = (const char *)ingest->at, .length = ingest->left};
    ingest->left = 0;
    return rest;
}

/* A copy of its exact size, so that a byte read beyond it is seen; `length` + 1 for the NUL that
 * ends it. free() it. */
static inline char *fuzz_text(struct str from)
{
    char *text = malloc(from.length + 1);
    MUST(text != NULL);
    if (from.length > 0) {
        memcpy(text, from.data, from.length);
    }
    text[from.length] = '\0';
    return text;
}

/* Equal bits: NaN is itself, and 0 is not -0. */
static inline bool same_bits(double left, double right)
{
    return memcmp(&left, &right, sizeof left) == 0;
}

#endif
