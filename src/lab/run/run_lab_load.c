/* Produces the load of a lab run. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/stop.h"
#include "kafka/producer/producer.h"
#include "lab/run/run_lab_cluster.h"

enum { FLUSH_MS = 15000 };

struct lab_load {
    const struct lab_group *group; /* borrowed */
    char prefix[LAB_NAME_SIZE];
    int64_t step_ns; /* between two ticks of one partition */
    struct stop *stop;
    struct producer *producer;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* protects the fields below */
    int64_t acknowledged[LAB_SLOTS_MAX];
    int64_t given_up;
};

static void on_delivery(void *context, void *token, int32_t partition, int64_t offset,
                        const struct error *error)
{
    struct lab_load *load = context;
    (void)partition;
    (void)offset;
    pthread_mutex_lock(&load->lock);
    if (error == NULL) {
        load->acknowledged[(uintptr_t)token - 1]++;
    } else {
        load->given_up++;
    }
    pthread_mutex_unlock(&load->lock);
}

static bool send_one(struct lab_load *load, int slot, int64_t number)
{
    char topic[LAB_NAME_SIZE * 2];
    char value[32];
    struct error error = {0};
    int number_of_topic = lab_slot_topic(load->group, slot);
    (void)snprintf(topic, sizeof topic, "%s%s", load->prefix,
                   load->group->topics[number_of_topic].name);
    (void)snprintf(value, sizeof value, "%lld", (long long)number);
    const struct producer_message message = {
        .topic = topic,
        .key = str_from("tLAB"),
        .value = str_from(value),
        .partition = lab_slot_partition(load->group, slot),
        .token = (void *)((uintptr_t)slot + 1),
    };
    return producer_send(load->producer, &message, &error);
}

static void *send_all(void *context)
{
    struct lab_load *load = context;
    int64_t next_ns = clock_monotonic_ns();
    for (int64_t number = 0; !stop_requested(load->stop); number++) {
        for (int slot = 0; slot < load->group->slot_count; slot++) {
            if (!send_one(load, slot, number)) {
                return NULL; /* the stop was requested */
            }
        }
        next_ns += load->step_ns;
        int64_t left_ms = (next_ns - clock_monotonic_ns()) / NS_PER_MS;
        (void)stop_wait_ms(load->stop, left_ms > 0 ? left_ms : 0);
    }
    return NULL;
}

struct lab_load *lab_load_start(const struct lab_cluster *cluster, const struct lab_group *group,
                                const char *prefix, int per_second, struct error *error)
{
    struct lab_load *load = calloc(1, sizeof *load);
    if (load == NULL) {
        (void)error_set(error, ERROR_FATAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&load->lock, NULL);
    load->group = group;
    load->step_ns = NS_PER_SECOND / per_second;
    (void)str_copy(str_from(prefix), load->prefix, sizeof load->prefix);
    load->stop = stop_create(error);
    const struct producer_config config = {
        .kafka = cluster->kafka, .on_delivery = on_delivery, .context = load, .stop = load->stop};
    if (load->stop == NULL || (load->producer = producer_create(&config, error)) == NULL) {
        lab_load_destroy(load);
        return NULL;
    }
    if (pthread_create(&load->thread, NULL, send_all, load) != 0) {
        (void)error_set(error, ERROR_FATAL, "the system has no thread left");
        lab_load_destroy(load);
        return NULL;
    }
    load->started = true;
    return load;
}

static void end_thread(struct lab_load *load)
{
    if (load->started) {
        stop_request(load->stop);
        (void)pthread_join(load->thread, NULL);
        load->started = false;
    }
}

bool lab_load_stop(struct lab_load *load, int64_t *acknowledged, struct error *error)
{
    end_thread(load);
    bool flushed = producer_flush(load->producer, FLUSH_MS);
    pthread_mutex_lock(&load->lock);
    for (int slot = 0; slot < load->group->slot_count; slot++) {
        acknowledged[slot] = load->acknowledged[slot];
    }
    bool all = flushed && load->given_up == 0;
    pthread_mutex_unlock(&load->lock);
    return all || error_set(error, ERROR_FATAL,
                            "the brokers did not take all ticks of the load: this run tells "
                            "nothing about what is missing");
}

void lab_load_destroy(struct lab_load *load)
{
    if (load == NULL) {
        return;
    }
    end_thread(load);
    producer_destroy(load->producer, 0);
    stop_destroy(load->stop);
    pthread_mutex_destroy(&load->lock);
    free(load);
}
