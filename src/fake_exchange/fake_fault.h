/* Which faults fake-exchange makes at which requests: "429@3,5-7;slow@10;500@20-". Pure. */
#ifndef CANDLEWICK_FAKE_EXCHANGE_FAKE_FAULT_H
#define CANDLEWICK_FAKE_EXCHANGE_FAKE_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler/attributes.h"
#include "base/error.h"

enum fake_fault {
    FAKE_NONE,
    FAKE_429,
    FAKE_500,
    FAKE_MAINTENANCE,
    FAKE_HTML,
    FAKE_TRUNCATED,
    FAKE_SLOW,
    FAKE_FAULTS, /* the number of kinds */
};

/* "none", "429", "500", "maintenance", "html", "truncated", "slow". */
extern const char *const fake_fault_names[FAKE_FAULTS];

enum { FAKE_RANGES = 100 };

struct fake_faults {
    struct {
        enum fake_fault fault;
        int64_t first;
        int64_t last;
    } ranges[FAKE_RANGES];
    size_t count;
};

/* Parses KIND@PLACES, several separated by ';'. PLACES are request numbers from 1, separated by
 * commas: N, N-M, or N- without an end. Blanks are ignored; NULL and "" mean no faults. Fails with
 * ERROR_USAGE, naming the invalid part and what is allowed. */
NODISCARD bool fake_faults_parse(const char *text, struct fake_faults *faults, struct error *error);

/* Returns the fault of one request; if several match, the first that was named. */
enum fake_fault fake_fault_at(const struct fake_faults *faults, int64_t request);

#endif
