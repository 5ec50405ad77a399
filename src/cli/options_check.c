#include "cli/options_check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/options_memory.h"
#include "cli/options_named_sources.h"
#include "cli/options_streams.h"
#include "cli/options_table.h"
#include "record/bar.h"
#include "record/names.h"
#include "record/ticker.h"
#include "record/trade.h"
#include "source/source_names.h"

/* Returns "prefix" data_dir "/name"; the options own the text. */
static const char *in_data_dir(struct options *options, const char *prefix, const char *name,
                               struct error *error)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s%s/%s", prefix, options->data_dir, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        error_set(error, ERROR_USAGE, "--data-dir is too long");
        return NULL;
    }
    return options_keep(options, str_from(path), error);
}

static const char *host_name(struct options *options, struct error *error)
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') {
        return "candlewick";
    }
    return options_keep(options, str_from(name), error);
}

/* Drops a token that comes from var/run.env unless the store comes from there too: no other store
 * may see it. */
static void keep_token_to_its_store(struct options *options)
{
    if (options_origin(options, "--token-file") == ORIGIN_RUN_ENV &&
        options_origin(options, "--store") != ORIGIN_RUN_ENV) {
        size_t row = (size_t)(option_row_find("--token-file", options->command) - option_rows);
        options->token_file = NULL;
        options->origins[row] = ORIGIN_DEFAULT;
    }
}

/* Without --coins a replay file is read with all its coins: the default list has an exchange's
 * coins, which the file may not have. */
static void take_all_coins_of_file(struct options *options)
{
    struct named_sources sources;
    if (options->source != NULL &&
        source_names_parse(str_from(options->source), &sources, NULL) == SOURCES_NAMED &&
        source_rows[sources.items[0].id].nature == NATURE_FILE &&
        options_origin(options, "--coins") == ORIGIN_DEFAULT) {
        options->coins = "ALL";
    }
}

/* Completes --source if it is only "synthetic": adds the synthetic sources of the other kinds that
 * --streams has. Returns false when memory runs out. */
static bool take_all_synthetic(struct options *options, struct error *error)
{
    struct stream streams[STREAMS_MAX];
    struct strbuf names = strbuf_new(200);
    if (options->source == NULL || !str_equal_text(str_trim(str_from(options->source)),
                                                   source_rows[SOURCE_ID_SYNTHETIC].name)) {
        return true;
    }
    size_t count = options_streams(options, streams);
    strbuf_append_text(&names, source_rows[SOURCE_ID_SYNTHETIC].name);
    for (int i = SOURCE_ID_SYNTHETIC_TRADE; i <= SOURCE_ID_SYNTHETIC_NEWS; i++) {
        if (stream_of_kind(streams, count, source_rows[i].kind) != NULL) {
            strbuf_append_format(&names, ",%s", source_rows[i].name);
        }
    }
    options->source = options_keep(options, strbuf_str(&names), error);
    strbuf_free(&names);
    return options->source != NULL;
}

/* With --coins ALL and no --source, asks only for tickers: only their answer has all coins. */
static void take_tickers_of_all_coins(struct options *options)
{
    if (options->source != NULL && options_origin(options, "--source") == ORIGIN_DEFAULT &&
        strcmp(options->coins, "ALL") == 0) {
        options->source = source_rows[SOURCE_ID_BITFINEX].name;
    }
}

bool options_derive(struct options *options, struct error *error)
{
    struct stream ticks;
    keep_token_to_its_store(options);
    take_all_coins_of_file(options);
    take_tickers_of_all_coins(options);
    if (!take_all_synthetic(options, error)) {
        return false;
    }
    options_stream(options, &ticker_kind, &ticks);
    options->topic = options_keep(options, str_from(ticks.topic), error);
    if (options->topic == NULL) {
        return false;
    }
    options->zone_named =
        options->zone != NULL && !clock_parse_zone(str_from(options->zone), &options->zone_s);
    options->poll_interval_ns = options_poll_interval(options, NULL);
    if (options->step_ns == 0) {
        options->step_ns = options->poll_interval_ns;
    }
    if (options->client_id == NULL) {
        options->client_id = options->command == COMMAND_DEMO ? "demo" : host_name(options, error);
    }
    if (options->command == COMMAND_DEMO) {
        options->registry_data = in_data_dir(options, "", "registry.db", error);
        if (options->registry_data == NULL) {
            return false;
        }
        if (options_origin(options, "--store") == ORIGIN_DEFAULT) {
            options->store = in_data_dir(options, "sqlite:", "market.db", error);
        }
    }
    return options->client_id != NULL && options->store != NULL;
}

/* Fails when only one of two options is set that need each other. */
static bool check_pair(const char *left_flag, const char *left, const char *right_flag,
                       const char *right, struct error *error)
{
    if ((left == NULL) == (right == NULL)) {
        return true;
    }
    return error_set(error, ERROR_USAGE, "%s needs %s too", left != NULL ? left_flag : right_flag,
                     left != NULL ? right_flag : left_flag);
}

/* A file that is repeated has made-up times, so it is read by a demo with a store of its own, and
 * its records are told by their source. */
static bool check_loop(const struct options *options, struct error *error)
{
    struct named_sources sources;
    if (!options->replay_loop) {
        return true;
    }
    if (source_names_parse(str_from(options->source), &sources, NULL) != SOURCES_NAMED ||
        source_rows[sources.items[0].id].nature != NATURE_FILE) {
        return error_set(error, ERROR_USAGE,
                         "--loop repeats a file: name one with --source replay:FILE");
    }
    if (options_origin(options, "--store") != ORIGIN_DEFAULT) {
        return error_set(
            error, ERROR_USAGE,
            "--loop makes up times, which must not meet real ones in --store %s: leave "
            "out --store (STORE), and the demo has a store for this file alone",
            options->store);
    }
    return options->replay_as == NULL ||
           error_set(error, ERROR_USAGE,
                     "--loop makes up times, so its records have the source " RECORD_SOURCE_LOOP
                     ": leave out --as");
}

bool options_check(const struct options *options, struct error *error)
{
    if (!options_streams_check(options, error) || !options_exchange_check(options, error) ||
        !check_loop(options, error)) {
        return false;
    }
    if (options->topic_min_isr > options->topic_replication) {
        return error_set(error, ERROR_USAGE,
                         "--topic-min-isr %d is more than --topic-replication %d: no message could "
                         "ever be acknowledged",
                         options->topic_min_isr, options->topic_replication);
    }
    bool since = options->command == COMMAND_REPLAY;
    if ((since ? options->since_ns : options->from_ns) >= options->to_ns) {
        return error_set(error, ERROR_USAGE, "%s is not before --to: nothing lies between",
                         since ? "--since" : "--from");
    }
    if (options->candles_of == CANDLES_OF_BARS && options->cut) {
        return error_set(error, ERROR_USAGE,
                         "--cut goes with candles of ticks: a bar cannot be cut; leave it out");
    }
    if (options->command == COMMAND_CANDLES && options->candles_of == CANDLES_OF_TICKS &&
        options->bar_source != NULL) {
        return error_set(error, ERROR_USAGE, "--bar-source goes with --of bar and --of trade");
    }
    if (options->offset >= 0 && options->partition < 0) {
        return error_set(error, ERROR_USAGE,
                         "--offset needs --partition too: each partition counts its own");
    }
    if (options->registry_user != NULL && strchr(options->registry_user, ':') != NULL) {
        /* Basic auth ends the user's name at the first colon (RFC 7617, 2). */
        return error_set(error, ERROR_USAGE,
                         "--registry-user: a name with a colon cannot be sent: the registry would "
                         "take what follows it for the password");
    }
    if (options->replay_as != NULL && !record_source_valid(str_from(options->replay_as))) {
        return error_set(error, ERROR_USAGE,
                         "--as: \"%s\" is no name of a source: 1 to 15 of A-Z a-z 0-9 : . _ -",
                         options->replay_as);
    }
    return check_pair("--registry-user", options->registry_user, "--registry-password-file",
                      options->registry_password_file, error) &&
           check_pair("--registry-cert-file", options->registry_cert_file, "--registry-key-file",
                      options->registry_key_file, error);
}
