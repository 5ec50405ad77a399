/*
 * Runs `verify` when the reader of a page asks for it: one proof at a time, one a minute, on a
 * thread of its own, for at most a minute and in 128 MiB of memory. Keeps the last result. Any
 * thread may call the functions of proof_runner_functions(); they never wait for a proof.
 */
#ifndef CANDLEWICK_COMMANDS_PAGE_PROOF_RUNNER_H
#define CANDLEWICK_COMMANDS_PAGE_PROOF_RUNNER_H

#include "cli/options.h"
#include "page/page_model.h"

struct proof_runner;

/* Returns whether a page with these options offers the proof: nobody beyond this machine can reach
 * it, or --page-verify was given. */
bool proof_runner_is_offered(const struct options *options);

/* `options` are those of serve or demo; the texts in it are borrowed. Connects to nothing. Returns
 * NULL with ERROR_FATAL when memory runs out. */
NODISCARD struct proof_runner *proof_runner_create(const struct options *options,
                                                   struct error *error);
/* Stops a proof that runs, and waits for its thread. The page must be gone. NULL is allowed. */
void proof_runner_destroy(struct proof_runner *runner);

/* Returns the functions for the page; all are NULL if `runner` is. */
struct page_proofs proof_runner_functions(struct proof_runner *runner);

#endif
