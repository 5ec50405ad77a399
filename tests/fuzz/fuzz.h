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
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

/* Zeros when nothing is left. */
static inline void fuzz_bytes(struct fuzz_input *in, void *to, size_t size)
{
    size_t there = size < in->left ? size : in->left;
    memset(to, 0, size);
    if (there > 0) {
        memcpy(to, in->at, there);
        in->at += there;
        in->left -= there;
    }
}

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    uint8_t byte;
    fuzz_bytes(in, &byte, 1);
    return byte;
}

/* Up to the next NUL, which is taken too, or all that is left. Borrowed; an exact copy is for
 * fuzz_text(). */
static inline struct str fuzz_piece(struct fuzz_input *in)
{
    struct str piece = {.data = (const char *)in->at, .length = in->left};
    const uint8_t *end = in->left > 0 ? memchr(in->at, '\0', in->left) : NULL;
    if (end != NULL) {
        piece.length = (size_t)(end - in->at);
    }
    size_t used = piece.length + (end != NULL ? 1 : 0);
    if (used > 0) {
        in->at += used;
        in->left -= used;
    }
    return piece;
}

/* All that is left. */
static inline struct str fuzz_rest(struct fuzz_input *in)
{
    struct str rest = {.data = (const char *)in->at, .length = in->left};
    in->left = 0;
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
