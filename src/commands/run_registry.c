#include "base/log.h"
#include "base/stop.h"
#include "cli/folder.h"
#include "commands/commands.h"
#include "registry/server/server.h"

bool run_registry(const struct options *options, struct error *error)
{
    struct registry_server_config config = {
        .listen = options->listen,
        .path = options->registry_data,
    };
    bool done = false;
    struct registry_server *server = NULL;
    struct stop *stop = stop_create(error);
    if (stop == NULL || !folder_make_parent(config.path, error)) {
        goto out;
    }
    server = registry_server_create(&config, error);
    if (server == NULL) {
        goto out;
    }
    log_info("listening", log_text("url", registry_server_url(server)),
             log_text("data", config.path));
    stop_wait_signals(stop, options->duration_ns);
    done = true;
out:
    registry_server_destroy(server);
    stop_destroy(stop);
    return done;
}
