/* The page's proof: it never holds up who asks, keeps its limits of time and memory, and ends with
 * the page. */
#include "commands/page/proof_runner.h"

#include <jansson.h>

#include "pipeline_rig.h"

enum { SOON_MS = 60000, TICKS = 1200 };

static const struct proof_limits generous = {
    .every_ms = 60000, .within_ms = 60000, .group_wait_ms = 1, .memory_bytes = 16 << 20};

struct fixture {
    struct app_rig rig;
    struct options options;
    char folder[256];
    char store[300]; /* the address of an empty SQLite store in the folder */
    struct proof_runner *runner;
    struct page_proofs proofs;
};

static void read_options(struct fixture *fixture)
{
    struct error error = {0};
    char program[] = "candlewick", command[] = "serve";
    char *arguments[] = {program, command, NULL};
    char *environment[] = {NULL};
    const struct options_input input = {.argc = 2, .argv = arguments, .environment = environment};
    assert_true(options_parse(&input, &fixture->options, &error));
    support_make_folder(fixture->folder, sizeof fixture->folder);
    (void)snprintf(fixture->store, sizeof fixture->store, "sqlite:%s/store.db", fixture->folder);
    const struct store_config config = {.address = fixture->store};
    struct store *store = store_open(&config, &error);
    assert_true(store != NULL && store_prepare(store, &error));
    store_close(store);
    fixture->options.store = fixture->store;
    fixture->options.brokers = fixture->rig.settings.brokers;
    fixture->options.registry = registry_server_url(fixture->rig.registry_server);
}

/* Fills the topic with ticks in no order of time, so that a proof has to sort them. */
static void send_ticks(struct app_rig *rig)
{
    int32_t id = rig_schema(rig);
    struct strbuf *messages = calloc(TICKS, sizeof *messages);
    struct str *values = calloc(TICKS, sizeof *values);
    assert_true(messages != NULL && values != NULL);
    for (int i = 0; i < TICKS; i++) {
        int64_t time_ns = (i * 7919 % TICKS + 1) * INT64_C(1000000);
        const struct ticker tick = rig_tick("tBTCUSD", time_ns, 5);
        messages[i] = rig_message(id, &tick);
        values[i] = strbuf_str(&messages[i]);
    }
    rig_send(rig, values, TICKS);
    for (int i = 0; i < TICKS; i++) {
        strbuf_free(&messages[i]);
    }
    free(messages);
    free(values);
}

/* One log for all tests; each has a runner of its own. */
static int set_up_log(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_int_equal(rig_set_up(state), 0);
    fixture->rig = rig_start(1);
    read_options(fixture);
    send_ticks(&fixture->rig);
    *state = fixture;
    return 0;
}

static int tear_down_log(void **state)
{
    struct fixture *fixture = *state;
    options_free(&fixture->options);
    support_remove_folder(fixture->folder);
    rig_end(&fixture->rig);
    free(fixture);
    return rig_tear_down(state);
}

static int end_runner(void **state)
{
    struct fixture *fixture = *state;
    proof_runner_destroy(fixture->runner);
    fixture->runner = NULL;
    fixture->options.store = fixture->store;
    return 0;
}

static void begin(struct fixture *fixture, const struct proof_limits *limits)
{
    struct error error = {0};
    fixture->runner = proof_runner_create(&fixture->options, limits, &error);
    assert_non_null(fixture->runner);
    fixture->proofs = proof_runner_functions(fixture->runner);
}

/* Asks for a proof; returns how many seconds to wait, 0 if it has begun. */
static int start(struct fixture *fixture)
{
    int wait_s = -1;
    struct error error = {0};
    struct strbuf json = strbuf_new(1 << 20);
    assert_true(fixture->proofs.start(fixture->proofs.context, &wait_s, &json, &error));
    strbuf_free(&json);
    return wait_s;
}

static json_t *last(const struct fixture *fixture)
{
    struct error error = {0};
    struct strbuf json = strbuf_new(1 << 20);
    assert_true(fixture->proofs.last(fixture->proofs.context, &json, &error));
    json_t *answer = json_loads(strbuf_text(&json), 0, NULL);
    if (answer == NULL) {
        fail_msg("%s", strbuf_text(&json));
    }
    strbuf_free(&json);
    return answer;
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL ? value : "";
}

static bool has_ended(void *context)
{
    json_t *answer = last(context);
    bool ended = strcmp(text(answer, "state"), "running") != 0;
    json_decref(answer);
    return ended;
}

static json_t *end_of(struct fixture *fixture)
{
    assert_true(support_wait(has_ended, fixture, SOON_MS));
    return last(fixture);
}

static void assert_says(const json_t *answer, const char *wanted)
{
    if (strstr(text(answer, "words"), wanted) == NULL) {
        fail_msg("\"%s\" is not in: %s", wanted, text(answer, "words"));
    }
}

static void a_proof_that_cannot_be_made_says_why(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.store = "sqlite:/nonexistent/none.db"; /* nothing is stored yet */
    begin(fixture, &generous);
    json_t *answer = last(fixture);
    assert_string_equal(text(answer, "state"), "never");
    json_decref(answer);
    assert_int_equal(start(fixture), 0);
    assert_in_range(start(fixture), 1, 60);
    answer = end_of(fixture);
    assert_string_equal(text(answer, "state"), "failed");
    assert_says(answer, "Not proved: ");
    assert_true(json_is_null(json_object_get(answer, "balanced")));
    const json_t *stream = json_array_get(json_object_get(answer, "streams"), 0);
    assert_string_equal(text(stream, "topic"), "tickers");
    assert_non_null(strstr(text(answer, "words"), text(stream, "error")));
    json_decref(answer);
}

static void a_proof_says_what_is_not_stored(void **state)
{
    struct fixture *fixture = *state;
    begin(fixture, &generous);
    assert_int_equal(start(fixture), 0);
    json_t *answer = end_of(fixture);
    assert_string_equal(text(answer, "state"), "done");
    assert_true(json_is_false(json_object_get(answer, "balanced")));
    assert_true(json_is_false(json_object_get(answer, "former_only")));
    assert_says(answer, "The books of 0 of 1 topics balance.");
    const json_t *stream = json_array_get(json_object_get(answer, "streams"), 0);
    assert_non_null(strstr(text(stream, "verdict"), "1200 not yet written"));
    json_decref(answer);
}

static void a_proof_that_needs_too_much_memory_says_how_far_it_came(void **state)
{
    struct fixture *fixture = *state;
    struct proof_limits limits = generous;
    limits.memory_bytes = 1 << 16;
    begin(fixture, &limits);
    assert_int_equal(start(fixture), 0);
    json_t *answer = end_of(fixture);
    assert_string_equal(text(answer, "state"), "stopped");
    assert_says(answer, "Stopped at reading the log: ");
    assert_says(answer, " of 1200 messages of tickers");
    assert_says(answer, "needs more memory");
    json_decref(answer);
}

static void a_proof_that_takes_too_long_is_stopped(void **state)
{
    struct fixture *fixture = *state;
    struct proof_limits limits = generous;
    limits.within_ms = 50;
    limits.group_wait_ms = 60000; /* it waits for a group that never comes */
    begin(fixture, &limits);
    assert_int_equal(start(fixture), 0);
    json_t *answer = end_of(fixture);
    assert_string_equal(text(answer, "state"), "stopped");
    assert_says(answer, "Stopped after 0.05 s at ");
    json_decref(answer);
}

static void after_a_while_the_next_proof_may_start(void **state)
{
    struct fixture *fixture = *state;
    struct proof_limits limits = generous;
    limits.every_ms = 1;
    begin(fixture, &limits);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(start(fixture), 0);
        json_decref(end_of(fixture));
    }
}

static void the_page_can_go_while_a_proof_runs(void **state)
{
    struct fixture *fixture = *state;
    struct proof_limits limits = generous;
    limits.group_wait_ms = 60000;
    begin(fixture, &limits);
    assert_int_equal(start(fixture), 0);
    json_t *answer = last(fixture);
    assert_string_equal(text(answer, "state"), "running");
    json_decref(answer);
}

static void the_proof_is_offered_on_loopback_or_by_choice(void **state)
{
    (void)state;
    static const struct {
        const char *listen;
        bool page_verify, want;
    } cases[] = {
        {"127.0.0.1:8080", false, true},  {"[::1]:0", false, true},
        {"localhost:8080", false, true},  {"0.0.0.0:8080", false, false},
        {"[::]:8080", false, false},      {"192.168.1.4:80", false, false},
        {"example.org:80", false, false}, {"localhost.example.org:80", false, false},
        {"0.0.0.0:8080", true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct options options = {.listen = cases[i].listen,
                                        .page_verify = cases[i].page_verify};
        if (proof_runner_is_offered(&options) != cases[i].want) {
            fail_msg("%s", cases[i].listen);
        }
    }
    assert_null(proof_runner_functions(NULL).start);
    proof_runner_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_proof_that_cannot_be_made_says_why, end_runner),
        cmocka_unit_test_teardown(a_proof_says_what_is_not_stored, end_runner),
        cmocka_unit_test_teardown(a_proof_that_needs_too_much_memory_says_how_far_it_came,
                                  end_runner),
        cmocka_unit_test_teardown(a_proof_that_takes_too_long_is_stopped, end_runner),
        cmocka_unit_test_teardown(after_a_while_the_next_proof_may_start, end_runner),
        cmocka_unit_test_teardown(the_page_can_go_while_a_proof_runs, end_runner),
        cmocka_unit_test(the_proof_is_offered_on_loopback_or_by_choice),
    };
    return cmocka_run_group_tests(tests, set_up_log, tear_down_log);
}
