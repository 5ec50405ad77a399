#include "source/binance/binance_weight.h"

#include "base/clock.h"

#define MINUTE_NS (60 * NS_PER_SECOND)

void binance_weight_note(struct binance_weight *weight, struct str value, int64_t now_ns)
{
    int64_t used = 0;
    if (str_to_int64(value, &used) && used >= 0) {
        *weight = (struct binance_weight){.used = used, .minute = now_ns / MINUTE_NS};
    }
}

int64_t binance_weight_wait_ns(const struct binance_weight *weight, int64_t now_ns)
{
    bool spent = weight->used >= BINANCE_WEIGHT_MAX && now_ns / MINUTE_NS == weight->minute;
    return spent ? MINUTE_NS - now_ns % MINUTE_NS : 0;
}
