/*
 * Runs `verify` when the reader of a page asks for it: one proof at a time, on a thread of its own,
 * within limits of time and memory. Keeps the last result. Any
 * thread may call the functions of proof_runner_functions(); they never wait for a proof.
 */
#ifndef CANDLEWICK_COMMANDS_PAGE_PROOF_RUNNER_H
#define CANDLEWICK_COMMANDS_PAGE_PROOF_RUNNER_H

#include "cli/options.h"
#include "page/page_model.h"

struct proof_runner;

struct proof_limits {
    int every_ms;        /* from one start to the next, at least */
    int within_ms;       /* a proof that takes longer is stopped */
    int group_wait_ms;   /* how long the group may take to write what the log has at the start */
    size_t memory_bytes; /* for sorting; a proof that needs more is stopped */
};
/* One a minute, for a minute, 10 s for the group, 128 MiB. */
extern const struct proof_limits proof_limits_usual;

/* Returns whether a page with these options offers the proof: nobody beyond this machine can reach
 * it, or --page-verify was given. */
bool proof_runner_is_offered(const struct options *options);

/* `options` are those of serve or demo; the texts in it are borrowed. Connects to nothing. Returns
 * NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct proof_runner *proof_runner_create(const struct options *options,
                                                   const struct proof_limits *limits,
                                                   struct error *error);
/* Stops a proof that runs, and waits for its thread. The page must be gone. NULL is allowed. */
void proof_runner_destroy(struct proof_runner *runner);

/* Returns the functions for the page; all are NULL if `runner` is. */
struct page_proofs proof_runner_functions(struct proof_runner *runner);

#endif
