#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "page/metrics.h"
#include "web/server.h"

struct metrics_server {
    void (*live)(void *context, struct live_figures *figures);
    void *live_context;
    struct web_server *server;
};

static void serve_metrics(void *context, struct strbuf *text)
{
    const struct metrics_server *server = context;
    struct live_figures *figures = calloc(1, sizeof *figures);
    if (figures != NULL) {
        server->live(server->live_context, figures);
        metrics_append(figures, metrics_healthy(figures, NULL), text);
        live_figures_clear(figures);
    }
    free(figures);
}

static bool serve_health(void *context, struct strbuf *lines)
{
    const struct metrics_server *server = context;
    struct live_figures *figures = calloc(1, sizeof *figures);
    if (figures == NULL) {
        strbuf_append_text(lines, "not ready: out of memory\n");
        return false;
    }
    server->live(server->live_context, figures);
    bool healthy = metrics_healthy(figures, lines);
    live_figures_clear(figures);
    free(figures);
    return healthy;
}

bool metrics_serve(const char *listen, void (*live)(void *context, struct live_figures *figures),
                   void *live_context, struct metrics_server **server, struct error *error)
{
    *server = NULL;
    if (listen == NULL) {
        return true;
    }
    struct metrics_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, ERROR_FATAL, "out of memory");
    }
    *made = (struct metrics_server){.live = live, .live_context = live_context};
    struct web_server_config config = {
        .listen = listen,
        .backend = {.context = made, .metrics = serve_metrics, .healthy = serve_health},
        .metrics_only = true,
    };
    made->server = web_server_create(&config, error);
    if (made->server == NULL) {
        free(made);
        return false;
    }
    char url[128];
    (void)snprintf(url, sizeof url, "http://%s", web_server_address(made->server));
    log_info("metrics", log_text("url", url));
    *server = made;
    return true;
}

void metrics_server_destroy(struct metrics_server *server)
{
    if (server != NULL) {
        web_server_destroy(server->server);
        free(server);
    }
}
