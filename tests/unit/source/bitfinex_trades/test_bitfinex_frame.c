/* What the messages of Bitfinex's WebSocket say. */
#include <string.h>

#include "cmocka_all.h"
#include "source/bitfinex_trades/bitfinex_frame.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { NO_FLAGS = 0, SEQ = FRAME_FLAG_SEQ_ALL, TIME = FRAME_FLAG_TIMESTAMP, BOTH = SEQ | TIME };

static void events_have_their_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum bitfinex_frame_what what;
        int64_t number, channel;
        const char *sub_id, *symbol, *words;
        bool maintenance;
    } cases[] = {
        {"{\"event\":\"info\",\"version\":2,\"serverId\":\"x\",\"platform\":{\"status\":1}}",
         FRAME_GREETING, 2, -1, "", "", "", false},
        {"{\"event\":\"info\",\"version\":2,\"platform\":{\"status\":0}}", FRAME_GREETING, 2, -1,
         "", "", "", true},
        {"{\"event\":\"info\",\"version\":2}", FRAME_GREETING, 2, -1, "", "", "", false},
        {"{\"event\":\"info\",\"version\":1.1}", FRAME_GREETING, -1, -1, "", "", "", false},
        {"{\"event\":\"info\",\"code\":20051,\"msg\":\"Stopping\"}", FRAME_INFO, 20051, -1, "", "",
         "Stopping", false},
        {"{\"event\":\"info\",\"code\":\"20061\",\"msg\":\"Resync\"}", FRAME_INFO, 20061, -1, "",
         "", "Resync", false},
        {"{\"event\":\"conf\",\"status\":\"OK\",\"flags\":98304}", FRAME_CONF, 98304, -1, "", "",
         "", false},
        {"{\"event\":\"conf\",\"status\":\"FAILED\",\"flags\":98304}", FRAME_OTHER_EVENT, 98304, -1,
         "", "", "", false},
        {"{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":5,\"symbol\":\"tBTCUSD\","
         "\"subId\":\"7\",\"pair\":\"BTCUSD\"}",
         FRAME_SUBSCRIBED, -1, 5, "7", "tBTCUSD", "", false},
        {"{\"event\":\"subscribed\",\"channel\":\"trades\",\"symbol\":\"tBTCUSD\"}",
         FRAME_UNREADABLE, -1, -1, "", "tBTCUSD", "", false},
        {"{\"event\":\"subscribed\",\"channel\":\"ticker\",\"chanId\":5,"
         "\"symbol\":\"tBTCUSD\",\"pair\":\"BTCUSD\"}",
         FRAME_UNREADABLE, -1, 5, "", "tBTCUSD", "", false},
        {"{\"channel\":\"trades\",\"symbol\":\"btceth\",\"event\":\"error\",\"subId\":\"3\","
         "\"msg\":\"symbol: invalid\",\"code\":10300,\"pair\":\"tceth\"}",
         FRAME_REFUSED, 10300, -1, "3", "btceth", "symbol: invalid", false},
        {"{\"event\":\"unsubscribed\",\"status\":\"OK\",\"chanId\":4}", FRAME_UNSUBSCRIBED, -1, 4,
         "", "", "", false},
        {"{\"event\":\"unsubscribed\",\"status\":\"FAILED\",\"chanId\":4}", FRAME_OTHER_EVENT, -1,
         4, "", "", "", false},
        {"{\"event\":\"pong\",\"cid\":1,\"ts\":2}", FRAME_OTHER_EVENT, -1, -1, "", "", "", false},
        {"{\"event\":7}", FRAME_UNREADABLE, -1, -1, "", "", "", false},
        {"{}", FRAME_UNREADABLE, -1, -1, "", "", "", false},
        {"\"info\"", FRAME_UNREADABLE, -1, -1, "", "", "", false},
        {"<html>", FRAME_UNREADABLE, -1, -1, "", "", "", false},
        {"", FRAME_UNREADABLE, -1, -1, "", "", "", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bitfinex_frame frame;
        bitfinex_frame_read(str_from(cases[i].text), BOTH, &frame);
        assert_int_equal(frame.what, cases[i].what);
        assert_int_equal(frame.number, cases[i].number);
        assert_int_equal(frame.channel, cases[i].channel);
        assert_true(str_equal_text(frame.sub_id, cases[i].sub_id));
        assert_true(str_equal_text(frame.symbol, cases[i].symbol));
        assert_true(str_equal_text(frame.text, cases[i].words));
        assert_int_equal(frame.maintenance, cases[i].maintenance);
        assert_false(frame.has_sequence || frame.has_sent_ms);
        bitfinex_frame_free(&frame);
    }
}

static void data_has_what_the_flags_append(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int flags;
        enum bitfinex_frame_what what;
        int64_t channel, sequence, sent_ms; /* -1: none */
    } cases[] = {
        {"[7,\"hb\"]", NO_FLAGS, FRAME_HEARTBEAT, 7, -1, -1},
        {"[7,\"hb\",127]", SEQ, FRAME_HEARTBEAT, 7, 127, -1},
        {"[7,\"hb\",127]", NO_FLAGS, FRAME_HEARTBEAT, 7, -1, -1},
        {"[7,\"hb\",1734237017719]", TIME, FRAME_HEARTBEAT, 7, -1, 1734237017719},
        {"[7,\"hb\",127,1734237017719]", BOTH, FRAME_HEARTBEAT, 7, 127, 1734237017719},
        {"[7,\"hb\"]", BOTH, FRAME_HEARTBEAT, 7, -1, -1},
        {"[7,[[1,2,3,4]],8,9]", BOTH, FRAME_SNAPSHOT, 7, 8, 9},
        {"[7,[],8,9]", BOTH, FRAME_SNAPSHOT, 7, 8, 9},
        {"[7,[[1,2,3,4]]]", NO_FLAGS, FRAME_SNAPSHOT, 7, -1, -1},
        {"[7,\"te\",[1,2,3,4],8,9]", BOTH, FRAME_EXECUTED, 7, 8, 9},
        {"[3,\"te\",[223516945,1523197857549,-0.5,7062.7],2]", SEQ, FRAME_EXECUTED, 3, 2, -1},
        {"[7,\"tu\",[1,2,3,4]]", NO_FLAGS, FRAME_UPDATED, 7, -1, -1},
        {"[7,\"fte\",[1,2,3,4,30],8]", SEQ, FRAME_FUNDING, 7, 8, -1},
        {"[7,\"ftu\",[1,2,3,4,30],8]", SEQ, FRAME_FUNDING, 7, 8, -1},
        {"[7,\"cs\",-5,8]", SEQ, FRAME_OTHER_DATA, 7, 8, -1},
        {"[7,[1,2,3,4,5,6,7,8,9,10],8]", SEQ, FRAME_OTHER_DATA, 7, 8, -1}, /* a ticker */
        {"[7,5]", NO_FLAGS, FRAME_UNREADABLE, 7, -1, -1},
        {"[7]", NO_FLAGS, FRAME_UNREADABLE, 7, -1, -1},
        {"[-7,\"hb\"]", NO_FLAGS, FRAME_UNREADABLE, -1, -1, -1},
        {"[\"7\",\"hb\"]", NO_FLAGS, FRAME_UNREADABLE, -1, -1, -1},
        {"[]", NO_FLAGS, FRAME_UNREADABLE, -1, -1, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bitfinex_frame frame;
        bitfinex_frame_read(str_from(cases[i].text), cases[i].flags, &frame);
        bool right = frame.what == cases[i].what && frame.channel == cases[i].channel &&
                     frame.has_sequence == (cases[i].sequence >= 0) &&
                     frame.has_sent_ms == (cases[i].sent_ms >= 0) &&
                     (!frame.has_sequence || frame.sequence == cases[i].sequence) &&
                     (!frame.has_sent_ms || frame.sent_ms == cases[i].sent_ms);
        bitfinex_frame_free(&frame);
        if (!right) {
            fail_msg("%s with flags %d", cases[i].text, cases[i].flags);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_have_their_meaning),
        cmocka_unit_test(data_has_what_the_flags_append),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
