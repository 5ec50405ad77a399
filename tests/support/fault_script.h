/*
 * What the fault store does wrong, on demand: rules, one a line, of words name=value (%XX stands
 * for any byte). The first rule that fits a write request is played, and used up once it has been
 * played `times`.
 *
 *     times=3              for so many requests (1; 0: for ever)
 *     chance=30            fits only so many of a hundred requests, by the seed
 *     over=65536           fits only bodies of more bytes than this
 *     min-lines=2          fits only bodies of at least so many lines
 *     with=TEXT            fits only bodies that hold this
 *
 *     status=503           this answer and nothing stored, with retry-after=TEXT, body=TEXT,
 *                          location=URL where given
 *     lines=2,5            these lines (from 1) are refused and named, the others stored
 *     match=TEXT|TEXT      likewise the lines that hold one of these
 *     named-from=1         ... numbered from 1 too high: a wrong answer
 *     vague=422            lines that fit are refused by this status without a word which, and
 *                          nothing is stored
 *     partial=0            nothing is stored, the first refused line is named
 *     before-ms=N          waits first
 *     after-ms=N           waits between storing and answering
 *     reset=before|after   the connection is broken instead of an answer, before or after storing
 *     drip-ms=N            the answer's bytes one by one, so far apart
 *     half=1               stores, sends half an answer and closes
 *     bomb=MIB             stores, answers 400 with a gzip body that unpacks to so much
 */
#ifndef CANDLEWICK_TESTS_FAULT_SCRIPT_H
#define CANDLEWICK_TESTS_FAULT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAULT_TEXT_MAX = 400 };

struct fault {
    int64_t times, chance, over, min_lines;
    int64_t status, vague, named_from, partial, before_ms, after_ms, drip_ms, half, bomb;
    char retry_after[FAULT_TEXT_MAX], body[FAULT_TEXT_MAX], location[FAULT_TEXT_MAX];
    char with[FAULT_TEXT_MAX], match[FAULT_TEXT_MAX], lines[FAULT_TEXT_MAX], reset[FAULT_TEXT_MAX];
};

struct fault_script;
struct fault_script *fault_script_create(uint64_t seed);

/* Replaces all rules. False: `why` says which word is none. */
bool fault_script_set(struct fault_script *script, char *text, char *why, size_t size);

/* The rule for this request; a rule that does nothing where none fits. Any thread. */
struct fault fault_script_next(struct fault_script *script, const char *body, size_t bytes,
                               size_t lines);

/* Is this line, number `number` from 1, one of those that the rule refuses? */
bool fault_refuses(const struct fault *fault, const char *line, size_t length, size_t number);

#endif
