/*
 * librdkafka's in-process cluster as a process of its own, so that system tests can run every part
 * of Candlewick as a process of its own against it. Usage: brokers TOPIC:PARTITIONS… ; prints the
 * broker list, then runs until its standard input ends. What comes there is a command a line
 * (brokers_control.h), answered by a line: "ok", or "error: " and what is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/str.h"
#include "brokers_control.h"

static bool make_topic(struct embedded_kafka *kafka, char *argument, struct error *error)
{
    char *colon = strchr(argument, ':');
    int64_t partitions = 0;
    if (colon == NULL || !str_to_int64(str_from(colon + 1), &partitions)) {
        return error_set(error, ERROR_USAGE, "%s is not TOPIC:PARTITIONS", argument);
    }
    *colon = '\0';
    struct topic_spec spec = {.name = argument, .partitions = (int)partitions, .replication = 3};
    return embedded_kafka_create_topic(kafka, &spec, error);
}

static void serve_commands(struct embedded_kafka *kafka)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        struct error error = {0};
        if (brokers_command(kafka, line, &error)) {
            printf("ok\n");
        } else {
            printf("error: %s\n", error.text);
        }
        fflush(stdout);
    }
    free(line);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    int status = EXIT_FAILURE;
    struct embedded_kafka *kafka = embedded_kafka_create(3, &error);
    for (int i = 1; kafka != NULL && i < argc; i++) {
        if (!make_topic(kafka, argv[i], &error)) {
            goto out;
        }
    }
    if (kafka == NULL) {
        goto out;
    }
    printf("%s\n", embedded_kafka_brokers(kafka));
    fflush(stdout);
    serve_commands(kafka);
    status = EXIT_SUCCESS;
out:
    if (status != EXIT_SUCCESS) {
        fprintf(stderr, "brokers: %s\n", error.text);
    }
    embedded_kafka_destroy(kafka);
    return status;
}
