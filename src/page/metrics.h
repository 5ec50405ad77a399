/* What /metrics and /healthz tell, for every command that works: the figures of this process. */
#ifndef CANDLEWICK_PAGE_METRICS_H
#define CANDLEWICK_PAGE_METRICS_H

#include "base/text/strbuf.h"
#include "page/board.h"
#include "pipeline/member.h"

/* Adds what a member of this process tells of itself; at most BOARD_MEMBERS_MAX of them. */
void live_figures_add(struct live_figures *figures, struct member *member);

/* Frees what the figures hold. */
void live_figures_clear(struct live_figures *figures);

/* Appends all metrics in the Prometheus text format; names and units are in each HELP line. */
void metrics_append(const struct live_figures *figures, bool healthy, struct strbuf *text);

/* False, with the first reason, when something keeps ticks from flowing. */
bool metrics_healthy(const struct live_figures *figures, char reason[256]);

/* /metrics and /healthz on an address of their own. */
struct metrics_server;

/* `listen` NULL: nothing is served, *server is NULL, and that is fine. `live` is called on server
 * threads. */
NODISCARD bool metrics_serve(const char *listen,
                             void (*live)(void *context, struct live_figures *figures),
                             void *live_context, struct metrics_server **server,
                             struct error *error);
void metrics_server_destroy(struct metrics_server *server); /* NULL is allowed */

#endif
