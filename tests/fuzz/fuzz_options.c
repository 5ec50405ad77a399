/*
 * The options: arguments, environment and var/run.env. Input: the command and a
 * key, each ended by a NUL; a byte for the number of arguments (0 to 11) and these, ended by NULs;
 * the same for the environment; then the file. The key is for the canary below.
 *
 * Right or wrong use is told by the answer alone, ERROR_USAGE with one line of words. Options that
 * are taken hold what the table allows: numbers within their range, texts where there is a default
 * or the command needs one. The same input gives the same options again. librdkafka's configuration
 * takes the properties or names the wrong one. And the canary, which is the key's value as a
 * property or a password behind it in a URL, is in no error text.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/options_table.h"
#include "fuzz/fuzz.h"

enum { TEXTS = 16 };
#define SECRET "hunter2-canary"

struct texts {
    char *list[TEXTS + 1];
    int count;
};

static void add_text(struct texts *texts, struct str before, const char *after)
{
    size_t length = before.length + strlen(after);
    char *text = malloc(length + 1);
    MUST(text != NULL && texts->count < TEXTS);
    if (before.length > 0) {
        memcpy(text, before.data, before.length);
    }
    memcpy(text + before.length, after, strlen(after) + 1);
    texts->list[texts->count++] = text;
}

static void add_pieces(struct texts *texts, struct fuzz_input *in)
{
    for (int count = fuzz_byte(in) % 12; count > 0 && in->left > 0; count--) {
        add_text(texts, fuzz_piece(in), "");
    }
}

static void free_texts(struct texts *texts)
{
    for (int i = 0; i < texts->count; i++) {
        free(texts->list[i]);
    }
}

static const char *put_file(struct str content)
{
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("run.env", 0);
        MUST(fd >= 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    MUST(ftruncate(fd, 0) == 0);
    MUST(pwrite(fd, content.data, content.length, 0) == (ssize_t)content.length);
    return path;
}

static void check_error(const struct error *error, bool canary)
{
    MUST(error->kind == ERROR_USAGE && error->text[0] != '\0');
    MUST(strchr(error->text, '\n') == NULL);
    MUST(!canary || strstr(error->text, SECRET) == NULL);
}

static int64_t number_of(const struct option_row *row, const void *field)
{
    int64_t value = 0;
    int narrow;
    switch (row->type) {
    case OPTION_INT:
    case OPTION_SHORT_MS:
        memcpy(&narrow, field, sizeof narrow);
        return narrow;
    default:
        memcpy(&value, field, sizeof value);
        return value;
    }
}

static void check_row(const struct option_row *row, const struct options *options)
{
    const void *field = (const char *)options + row->offset;
    const char *text = NULL;
    bool milliseconds = row->type == OPTION_SHORT_MS || row->type == OPTION_DURATION_MS;
    int64_t unit = milliseconds ? 1000000 : 1;
    if (row->type == OPTION_BOOL || row->type == OPTION_FACTOR || row->type == OPTION_PROPERTIES) {
        return;
    }
    if (row->type < OPTION_CHOICE) {
        int64_t value = number_of(row, field);
        MUST((row->word != NULL && value == row->word_value) ||
             (value >= row->least / unit && value <= row->most / unit));
    } else if (row->type > OPTION_CHOICE) {
        memcpy(&text, field, sizeof text);
        MUST(text != NULL || (row->fallback == NULL && (row->marks & MARK_REQUIRED) == 0));
        /* What stands there can be read to its end. */
        MUST(text == NULL || strlen(text) < (1 << 20));
    }
}

/* Only what the user gave: some defaults stand for "nothing", outside of what may be given. */
static void check_options(const struct options *options)
{
    MUST(options->command != COMMAND_COUNT);
    for (size_t i = 0; options->command < COMMAND_COUNT && i < option_row_count; i++) {
        if (options->origins[i] != ORIGIN_DEFAULT) {
            MUST(option_row_applies(&option_rows[i], options->command));
            check_row(&option_rows[i], options);
        }
    }
    char names[256];
    (void)options_from_run_env(options, names, sizeof names);
}

static void check_kafka(const struct options *options, bool canary)
{
    struct error error = {0};
    struct kafka_settings settings = {.brokers = options->brokers,
                                      .client_id = options->client_id,
                                      .properties = options->properties,
                                      .property_count = options->property_count};
    rd_kafka_conf_t *conf = kafka_producer_conf(&settings, &error);
    if (conf == NULL) {
        check_error(&error, canary);
    } else {
        rd_kafka_conf_destroy(conf);
    }
}

static void check_again(const struct options_input *input, const struct options *first)
{
    struct options again;
    struct error error = {0};
    MUST(options_parse(input, &again, &error));
    MUST(again.command == first->command && again.property_count == first->property_count);
    MUST(memcmp(again.origins, first->origins, sizeof again.origins) == 0);
    options_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct texts arguments = {0}, environment = {0};
    struct options options;
    struct error error = {0};
    /* The fuzzer learns the word: it must come from us alone. */
    bool canary = size > 0 && memmem(data, size, SECRET, strlen(SECRET)) == NULL;

    add_text(&arguments, str_from("candlewick"), "");
    add_text(&arguments, fuzz_piece(&in), "");
    struct str key = fuzz_piece(&in);
    if (canary && key.length > 0) {
        bool url = key.data[0] % 2 == 0;
        add_text(&arguments, str_from(url ? "--store" : "-X"), "");
        add_text(&arguments, key, url ? "://user:" SECRET "@host" : "=" SECRET);
    }
    add_pieces(&arguments, &in);
    add_pieces(&environment, &in);
    struct options_input input = {.argc = arguments.count,
                                  .argv = arguments.list,
                                  .environment = environment.list,
                                  .run_env_path = put_file(fuzz_rest(&in))};
    if (options_parse(&input, &options, &error)) {
        check_options(&options);
        check_kafka(&options, canary);
        check_again(&input, &options);
        options_free(&options);
    } else {
        check_error(&error, canary);
    }
    free_texts(&arguments);
    free_texts(&environment);
    return 0;
}
