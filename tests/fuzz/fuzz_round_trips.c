/*
 * The statistics that librdkafka makes, of which we read the brokers' part: host names in it come
 * from the cluster. Input: the text, read twice.
 *
 * What is not that text changes nothing. Else each broker is there once, with an id, and with
 * figures that are not negative and only grow; the newest are those of this text, or none.
 */
#include "kafka/client/round_trips.h"

#include "fuzz/fuzz.h"

static void check_brokers(const struct round_trips *trips)
{
    MUST(trips->count <= ROUND_TRIPS_BROKERS);
    for (size_t i = 0; i < trips->count; i++) {
        const struct broker_round_trips *trip = &trips->brokers[i];
        MUST(trip->broker >= 0 && trip->requests >= 0 && trip->sum_us >= 0);
        MUST(trip->newest_requests >= 0 && trip->newest_requests <= trip->requests);
        for (size_t k = 0; k < i; k++) {
            MUST(trips->brokers[k].broker != trip->broker);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct round_trips trips = {0};
    struct round_trips before;
    const char *text = (const char *)data;
    bool read = round_trips_read(&trips, text, size);
    MUST(read || trips.count == 0);
    check_brokers(&trips);
    before = trips;
    MUST(round_trips_read(&trips, text, size) == read && trips.count == before.count);
    check_brokers(&trips);
    for (size_t i = 0; i < trips.count; i++) {
        MUST(trips.brokers[i].broker == before.brokers[i].broker);
        MUST(trips.brokers[i].requests == 2 * before.brokers[i].requests);
        MUST(trips.brokers[i].newest_requests == before.brokers[i].newest_requests);
    }
    return 0;
}
