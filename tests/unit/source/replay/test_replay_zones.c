/*
 * Files whose times are those of a place where the clocks are put forward and back.
 */
#include <unistd.h>

#include "bars_text.h"
#include "record/ticker.h"
#include "source/replay/csv_zone.h"

/* Several ticks of one time are no sign that the clocks were put back between them. */
static void ticks_of_one_time_stay_in_their_hour(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: this machine has no tz database (package tzdata)\n");
        skip();
    }
    static const char *const texts[] = {
        "time,symbol,last_price\n2024-10-27 02:10:00,tA1,1\n2024-10-27 02:10:00,tA1,2\n"
        "2024-10-27 02:05:00,tA1,3\n2024-10-27 02:05:00,tA1,4\n",
        "time,symbol,last_price\n2024-10-27 02:05:00,tA1,4\n2024-10-27 02:05:00,tA1,3\n"
        "2024-10-27 02:10:00,tA1,2\n2024-10-27 02:10:00,tA1,1\n2024-10-27 01:00:00,tA1,5\n"
        "2024-10-27 00:30:00,tA1,6\n"};
    const struct replay_config config = {
        .path = fixture->path, .coins = "ALL", .zone = "Europe/Berlin"};
    for (int i = 0; i < 2; i++) {
        write_text(fixture, texts[i]);
        struct played played = play_config(&config);
        int64_t first_ns = 0, second_ns = 0;
        assert_true(clock_parse_time(str_from("2024-10-27T00:10:00Z"), &first_ns));
        assert_true(clock_parse_time(str_from("2024-10-27T01:05:00Z"), &second_ns));
        const struct ticker *ticks = played.all.records;
        assert_int_equal(played.all.count, i == 0 ? 4 : 6);
        ticks += i == 0 ? 0 : 2;
        for (int k = 0; k < 4; k++) {
            assert_int_equal(ticks[k].event_time_ns, (k < 2 ? first_ns : second_ns) + k % 2);
        }
        source_batch_free(&played.all);
    }
    assert_true(csv_zone_use("UTC", &error));
}

/* A time that is there twice says nothing of the order, so rows that wait are sorted. */
static void paced_rows_of_an_hour_that_is_there_twice_are_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: this machine has no tz database (package tzdata)\n");
        skip();
    }
    write_text(fixture, "time,symbol,timeframe,open,high,low,close\n"
                        "2024-10-27 02:00:00,A,30m,1,1,1,1\n2024-10-27 02:30:00,A,30m,2,2,2,2\n"
                        "2024-10-27 02:00:00,B,30m,3,3,3,3\n");
    char text[TEXT_SIZE];
    struct played played = play_config(&(struct replay_config){
        .path = fixture->path, .coins = "ALL", .zone = "Europe/Berlin", .paced = true});
    describe(&played, text);
    assert_string_equal(text, "A 30m 2024-10-27T00:00:00Z 1 1 1 1 - - -\n"
                              "B 30m 2024-10-27T00:00:00Z 3 3 3 3 - - -\n"
                              "A 30m 2024-10-27T00:30:00Z 2 2 2 2 - - -\n");
    source_batch_free(&played.all);
    assert_true(csv_zone_use("UTC", &error));
}

/* In Berlin the clocks went from 02:00 to 03:00 on 31 March 2024, and from 03:00 back to 02:00 on
 * 27 October. */
static void clocks_that_change_are_followed(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        print_message("skipped: this machine has no tz database (package tzdata)\n");
        skip();
    }
    assert_false(csv_zone_use("Europe/Berlinn", &error));
    assert_non_null(strstr(error.text, "Europe/Berlin"));
    assert_false(csv_zone_use("../../etc/passwd", &error));
    assert_false(csv_zone_use("", &error));
    assert_false(csv_zone_use("Europe", &error));              /* a folder */
    assert_false(csv_zone_use("right/Europe/Berlin", &error)); /* with leap seconds */
    assert_true(csv_zone_use("Europe/Berlin", &error));
    static const char oldest_first[] = "time,symbol,timeframe,open,high,low,close\n"
                                       "2024-03-31 01:00:00,A,1h,1,1,1,1\n"
                                       "2024-03-31 02:00:00,A,1h,2,2,2,2\n" /* was not there */
                                       "2024-03-31 03:00:00,A,1h,3,3,3,3\n"
                                       "2024-10-27 01:30:00,A,30m,4,4,4,4\n"
                                       "2024-10-27 02:00:00,A,30m,5,5,5,5\n"
                                       "2024-10-27 02:30:00,A,30m,6,6,6,6\n"
                                       "2024-10-27 02:00:00,A,30m,7,7,7,7\n"
                                       "2024-10-27 02:30:00,A,30m,8,8,8,8\n"
                                       "2024-10-27 03:00:00,A,30m,9,9,9,9\n";
    static const char newest_first[] = "time,symbol,timeframe,open,high,low,close\n"
                                       "2024-10-27 03:00:00,A,30m,9,9,9,9\n"
                                       "2024-10-27 02:30:00,A,30m,8,8,8,8\n"
                                       "2024-10-27 02:00:00,A,30m,7,7,7,7\n"
                                       "2024-10-27 02:30:00,A,30m,6,6,6,6\n"
                                       "2024-10-27 02:00:00,A,30m,5,5,5,5\n"
                                       "2024-10-27 01:30:00,A,30m,4,4,4,4\n";
    static const char autumn[] = "A 30m 2024-10-26T23:30:00Z 4 4 4 4 - - -\n"
                                 "A 30m 2024-10-27T00:00:00Z 5 5 5 5 - - -\n"
                                 "A 30m 2024-10-27T00:30:00Z 6 6 6 6 - - -\n"
                                 "A 30m 2024-10-27T01:00:00Z 7 7 7 7 - - -\n"
                                 "A 30m 2024-10-27T01:30:00Z 8 8 8 8 - - -\n"
                                 "A 30m 2024-10-27T02:00:00Z 9 9 9 9 - - -\n";
    const struct replay_config config = {
        .path = fixture->path, .coins = "ALL", .zone = "Europe/Berlin"};
    char text[TEXT_SIZE], want[TEXT_SIZE];
    (void)snprintf(want, sizeof want, "%s%s",
                   "A 1h 2024-03-31T00:00:00Z 1 1 1 1 - - -\n"
                   "A 1h 2024-03-31T01:00:00Z 3 3 3 3 - - -\n",
                   autumn);
    write_text(fixture, oldest_first);
    struct played played = play_config(&config);
    describe(&played, text);
    assert_string_equal(text, want);
    assert_int_equal(played.counts.rejected[ROW_BAD_TIME], 1);
    assert_int_equal(logged(fixture, "taken_as=Europe/Berlin"), 1);
    source_batch_free(&played.all);
    write_text(fixture, newest_first);
    played = play_config(&config);
    describe(&played, text);
    assert_string_equal(text, autumn);
    source_batch_free(&played.all);
    assert_true(csv_zone_use("UTC", &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(clocks_that_change_are_followed),
        TEST(ticks_of_one_time_stay_in_their_hour),
        TEST(paced_rows_of_an_hour_that_is_there_twice_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
