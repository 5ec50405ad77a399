#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "capture.h"
#include "cmocka_all.h"

static char *logged(enum log_level level, const char *event, const struct log_field *fields,
                    size_t count)
{
    struct capture capture;
    capture_start(&capture);
    log_write(level, event, fields, count);
    return capture_end(&capture);
}

static void line_has_time_level_event_and_fields(void **state)
{
    (void)state;
    struct capture capture;
    capture_start(&capture);
    log_info("ready", log_text("page", "http://127.0.0.1:8080"), log_int("coins", 3),
             log_int("least", INT64_MIN), log_text("none", NULL));
    char *line = capture_end(&capture);
    /* time=2026-11-21T09:05:00.123Z */
    assert_memory_equal(line, "time=", 5);
    int64_t time_ns = 0;
    assert_true(clock_parse_time((struct str){.data = line + 5, .length = 24}, &time_ns));
    assert_true(llabs(clock_wall_ns() - time_ns) < 60 * NS_PER_SECOND);
    assert_int_equal(line[5 + 19], '.');
    assert_string_equal(line + 5 + 24, " level=info event=ready page=http://127.0.0.1:8080 coins=3"
                                       " least=-9223372036854775808 none=\"\"\n");
    free(line);
}

static void text_value_is_quoted_and_escaped_when_it_must_be(void **state)
{
    (void)state;
    static const struct {
        struct str value;
        const char *want;
    } cases[] = {
        {{"plain", 5}, "k=plain"},
        {{"a b", 3}, "k=\"a b\""},
        {{"a=b", 3}, "k=\"a=b\""},
        {{"a\"b", 3}, "k=\"a\\\"b\""},
        {{"a\\b", 3}, "k=\"a\\\\b\""},
        {{"", 0}, "k=\"\""},
        {{"a\nevent=fake", 12}, "k=\"a\\nevent=fake\""},
        {{"\r\t", 2}, "k=\"\\r\\t\""},
        {{"\x1b[31m", 5}, "k=\"\\u001b[31m\""},
        {{"a\0b", 3}, "k=\"a\\u0000b\""},
        {{"\x7F", 1}, "k=\"\\u007f\""},
        {{"\xC2\x9B", 2}, "k=\"\\u009b\""}, /* C1 moves a terminal's cursor too */
        {{"\xE2\x82\xAC", 3}, "k=\xE2\x82\xAC"},
        {{"a\xFF", 2}, "k=\"a\xEF\xBF\xBD\""},
        {{"\xC2\xA0", 2}, "k=\xC2\xA0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *line = logged(LOG_WARN, "e", (struct log_field[]){log_str("k", cases[i].value)}, 1);
        char *fields = strstr(line, "event=e ");
        assert_non_null(fields);
        fields += strlen("event=e ");
        fields[strcspn(fields, "\n")] = '\0';
        assert_string_equal(fields, cases[i].want);
        free(line);
    }
}

static void long_value_is_cut_between_characters(void **state)
{
    (void)state;
    char value[3001];
    for (size_t i = 0; i < 1000; i++) {
        memcpy(value + 3 * i, "\xE2\x82\xAC", 3);
    }
    value[3000] = '\0';
    char *line =
        logged(LOG_WARN, "e", (struct log_field[]){log_text("k", value), log_int("after", 1)}, 2);
    assert_non_null(strstr(line, "\xE2\x82\xAC... after=1\n"));
    assert_null(strstr(line, "\xEF\xBF\xBD"));
    assert_true(strlen(line) < 1100);
    free(line);
}

static void line_that_is_too_long_leaves_fields_out_whole_and_says_so(void **state)
{
    (void)state;
    char value[901];
    memset(value, 'v', 900);
    value[900] = '\0';
    struct log_field fields[6];
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f"};
    for (size_t i = 0; i < 6; i++) {
        fields[i] = log_text(keys[i], value);
    }
    char *line = logged(LOG_ERROR, "e", fields, 6);
    assert_true(strlen(line) <= 4096);
    assert_int_equal(capture_count(line, "\n"), 1);
    assert_non_null(strstr(line, " d=vvv"));
    assert_null(strstr(line, " e=v"));
    assert_string_equal(line + strlen(line) - strlen("v cut=true\n"), "v cut=true\n");
    free(line);
}

static void level_below_the_lowest_writes_nothing(void **state)
{
    (void)state;
    static const struct {
        enum log_level lowest;
        int want;
    } cases[] = {{LOG_DEBUG, 4}, {LOG_INFO, 3}, {LOG_WARN, 2}, {LOG_ERROR, 1}, {LOG_OFF, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct capture capture;
        capture_start(&capture);
        log_set_level(cases[i].lowest);
        log_debug("d", log_int("x", 1));
        log_info("i", log_int("x", 1));
        log_warn("w", log_int("x", 1));
        log_error("e", log_int("x", 1));
        log_write(LOG_OFF, "never", NULL, 0);
        log_set_level(LOG_INFO);
        char *text = capture_end(&capture);
        assert_int_equal(capture_count(text, "\n"), cases[i].want);
        free(text);
    }
}

static void write_keeps_errno(void **state)
{
    (void)state;
    int before = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = ENOENT;
    log_info("nowhere", log_int("x", 1));
    int after = errno;
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    close(before);
    assert_int_equal(after, ENOENT);
}

enum { THREADS = 4, LINES = 200 };

static void *log_many(void *context)
{
    const int *number = context;
    for (int i = 0; i < LINES; i++) {
        log_info("work", log_int("thread", *number), log_text("text", "one two three"));
    }
    return NULL;
}

static void threads_write_whole_lines(void **state)
{
    (void)state;
    struct capture capture;
    capture_start(&capture);
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    char *text = capture_end(&capture);
    size_t lines = 0;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        assert_memory_equal(line, "time=", 5);
        assert_string_equal(strstr(line, "text="), "text=\"one two three\"");
        lines++;
    }
    assert_int_equal(lines, THREADS * LINES);
    free(text);
}

struct slow_reader {
    int end;
    int lines;
};

static void *read_slowly(void *context)
{
    struct slow_reader *reader = context;
    char bytes[1000];
    ssize_t got;
    while ((got = read(reader->end, bytes, sizeof bytes - 1)) > 0) {
        bytes[got] = '\0';
        reader->lines += capture_count(bytes, "\n");
        (void)usleep(1000);
    }
    return NULL;
}

static void line_waits_for_room_in_a_pipe_that_does_not_block(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    struct slow_reader reader = {.end = ends[0]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    int before = dup(STDERR_FILENO);
    assert_true(before >= 0 && dup2(ends[1], STDERR_FILENO) >= 0);
    for (int i = 0; i < LINES; i++) {
        log_info("work", log_int("line", i), log_text("text", "one two three"));
    }
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    (void)close(before);
    (void)close(ends[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(reader.lines, LINES);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_has_time_level_event_and_fields),
        cmocka_unit_test(text_value_is_quoted_and_escaped_when_it_must_be),
        cmocka_unit_test(long_value_is_cut_between_characters),
        cmocka_unit_test(line_that_is_too_long_leaves_fields_out_whole_and_says_so),
        cmocka_unit_test(level_below_the_lowest_writes_nothing),
        cmocka_unit_test(write_keeps_errno),
        cmocka_unit_test(threads_write_whole_lines),
        cmocka_unit_test(line_waits_for_room_in_a_pipe_that_does_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
