/* What /metrics and /healthz report about this process, for every long-running command. */
#ifndef CANDLEWICK_PAGE_METRICS_H
#define CANDLEWICK_PAGE_METRICS_H

#include "base/text/strbuf.h"
#include "page/page_model.h"
#include "pipeline/group_member.h"

/* Adds the figures of a member of this process; does nothing when there are PAGE_MEMBERS_MAX. */
void live_figures_add(struct live_figures *figures, struct group_member *member);

/* Adds the figures of the log of this process's events; NULL is allowed. */
void live_figures_add_events(struct live_figures *figures, struct event_log *events);

/* Frees what the figures hold. */
void live_figures_clear(struct live_figures *figures);

/* Appends all metrics in the Prometheus text format; each HELP line explains its figure. */
void metrics_append(const struct live_figures *figures, bool healthy, struct strbuf *text);

/* Returns false when something keeps records from reaching the store. Appends to `lines`, unless
 * NULL, a line "not ready: REASON" for each trouble, in the order of the data's path, and a line
 * "notice: TEXT" for each warning; a line that `lines` already has is not appended again. */
bool metrics_healthy(const struct live_figures *figures, struct strbuf *lines);

/* Serves /metrics and /healthz on a separate address. */
struct metrics_server;

/* Starts the server. With `listen` NULL it succeeds without a server: *server is NULL. `live` is
 * called on server threads. */
NODISCARD bool metrics_serve(const char *listen,
                             void (*live)(void *context, struct live_figures *figures),
                             void *live_context, struct metrics_server **server,
                             struct error *error);
void metrics_server_destroy(struct metrics_server *server); /* NULL is allowed */

#endif
