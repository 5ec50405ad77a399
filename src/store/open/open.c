/* Opens the back end that fits the address. */
#include <string.h>

#include "store/backend.h"

#define SQLITE_SCHEME "sqlite:"

struct store *store_open(const struct store_config *config, struct error *error)
{
    struct str address = str_from(config->address != NULL ? config->address : "");
    if (str_starts_with(address, "http://") || str_starts_with(address, "https://")) {
        return influx_open(config, error);
    }
    if (str_starts_with(address, SQLITE_SCHEME)) {
        return sqlite_open(config, config->address + strlen(SQLITE_SCHEME), error);
    }
    const char *credentials_end = strrchr(address.data, '@');
    (void)error_set(error, ERROR_USAGE,
                    "\"%.100s\" is no store: give http(s)://HOST:PORT (InfluxDB 3) or sqlite:PATH",
                    credentials_end != NULL ? credentials_end + 1 : address.data);
    return NULL;
}
