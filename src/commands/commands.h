/* The subcommands. Each runs to its end and cleans up. Returns false with `error` filled
 * (ERROR_USAGE: exit code 2, otherwise 1). */
#ifndef CANDLEWICK_COMMANDS_COMMANDS_H
#define CANDLEWICK_COMMANDS_COMMANDS_H

#include "base/error.h"
#include "cli/options.h"

NODISCARD bool run_prepare(const struct options *options, struct error *error);
NODISCARD bool run_produce(const struct options *options, struct error *error);
NODISCARD bool run_consume(const struct options *options, struct error *error);
NODISCARD bool run_serve(const struct options *options, struct error *error);
NODISCARD bool run_demo(const struct options *options, struct error *error);
NODISCARD bool run_candles(const struct options *options, struct error *error);
NODISCARD bool run_compare(const struct options *options, struct error *error);
NODISCARD bool run_top(const struct options *options, struct error *error);
NODISCARD bool run_status(const struct options *options, struct error *error);
NODISCARD bool run_tail(const struct options *options, struct error *error);
NODISCARD bool run_verify(const struct options *options, struct error *error);
NODISCARD bool run_replay(const struct options *options, struct error *error);
NODISCARD bool run_dlq(const struct options *options, struct error *error);
NODISCARD bool run_dlq_retry(const struct options *options, struct error *error);
NODISCARD bool run_registry(const struct options *options, struct error *error);
NODISCARD bool run_event(const struct options *options, struct error *error);
NODISCARD bool run_fake_exchange(const struct options *options, struct error *error);

#endif
