#include "source/reconnect.h"

#define GROWTH 1.618

int reconnect_after_failure_ms(struct reconnect *reconnect, struct random *random,
                               int retry_after_ms)
{
    double first_ms = reconnect->first_ms, most_ms = 12 * first_ms;
    double wait_ms = reconnect->wait_ms > 0 ? reconnect->wait_ms * GROWTH
                                            : first_ms * (0.2 + 0.8 * random_unit(random));
    wait_ms = wait_ms < most_ms ? wait_ms : most_ms;
    reconnect->wait_ms = wait_ms;
    double wish_ms = retry_after_ms < most_ms ? retry_after_ms : most_ms;
    return (int)(wait_ms > wish_ms ? wait_ms : wish_ms);
}

int reconnect_after_restart_ms(const struct reconnect *reconnect, struct random *random)
{
    return (int)(0.4 * reconnect->first_ms * random_unit(random));
}

void reconnect_succeed(struct reconnect *reconnect)
{
    reconnect->wait_ms = 0;
}
