#include "commands/commands.h"
#include "commands/demo/demo_parts.h"

/* Makes verify's options, with the addresses of the demo's embedded parts. */
static bool make_options(const struct options *demo, struct options *verify, struct error *error)
{
    char program[] = "candlewick", command[] = "verify";
    char *const arguments[] = {program, command, NULL};
    char *const environment[] = {NULL};
    const struct options_input input = {.argc = 2, .argv = arguments, .environment = environment};
    if (!options_parse(&input, verify, error)) {
        return false;
    }
    verify->brokers = demo->brokers;
    verify->registry = demo->registry;
    verify->topic = demo->topic;
    verify->topics = demo->topics;
    verify->streams = demo->streams;
    verify->group = demo->group;
    verify->store = demo->store;
    verify->database = demo->database;
    verify->token_file = demo->token_file;
    verify->ca_file = demo->ca_file;
    verify->retention_ns = demo->retention_ns;
    return true;
}

bool demo_verify(struct demo *demo, struct error *error)
{
    struct options options;
    if (!make_options(&demo->options, &options, error)) {
        return false;
    }
    signal_watch_destroy(demo->watch); /* verify installs its own signal watch */
    demo->watch = NULL;
    bool done = run_verify(&options, error);
    options_free(&options);
    return done;
}
