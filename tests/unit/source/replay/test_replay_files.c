/*
 * Files of bars as other programs and exchanges write them, made up in their shapes: what each
 * becomes. The figures are nobody's.
 */
#include "bars_text.h"
#include "base/text/strbuf.h"
#include "record/bar.h"
#include "record/ticker.h"
#include "replay_fixture.h"
#include "source/replay/csv_file_name.h"
#include "source/replay/csv_time.h"

struct file {
    const char *name, *columns;
    const char *text;
    const char *bars;
    const char *told; /* a part of the log; NULL: nothing is asked for */
    int64_t rejected; /* rows that have this fault; no row has another */
    enum row_fault fault;
};

static const struct file files[] = {
    {.name = "AAPL.csv", /* Yahoo: a day without a price, no end of the last line */
     .text = "Date,Open,High,Low,Close,Adj Close,Volume\n"
             "2024-01-02,187.15,188.44,183.89,185.64,184.90,82488700\n"
             "2024-01-03,null,null,null,null,null,null\n"
             "2024-01-04,182.15,183.09,180.88,181.91,181.18,71983600\n",
     .bars = "AAPL 1d 2024-01-02T00:00:00Z 187.15 188.44 183.89 185.64 82488700 - -\n"
             "AAPL 1d 2024-01-04T00:00:00Z 182.15 183.09 180.88 181.91 71983600 - -\n",
     .told = "column=timeframe value=1d from=\"most steps of its times\"",
     .rejected = 1,
     .fault = ROW_NO_PRICE},
    {.name = "^TNX.csv", /* other columns, other case, a zone, newest first */
     .text = "date,High,Low,Open,Close,Volume\n"
             "2024-01-04 00:00:00-05:00,4.1,3.9,4,4.05,0\n"
             "2024-01-03 00:00:00-05:00,4.0,3.8,3.9,4,0\n"
             "2024-01-02 00:00:00-05:00,4.0,3.7,3.8,3.9,0\n",
     .bars = "^TNX 1d 2024-01-02T00:00:00Z 3.8 4 3.7 3.9 0 - -\n"
             "^TNX 1d 2024-01-03T00:00:00Z 3.9 4 3.8 4 0 - -\n"
             "^TNX 1d 2024-01-04T00:00:00Z 4 4.1 3.9 4.05 0 - -\n",
     .told = "why=\"its newest rows come first\""},
    {.name = "prices.csv", /* yfinance, one stock */
     .text = "Price,Close,High,Low,Open,Volume\nTicker,MSFT,MSFT,MSFT,MSFT,MSFT\nDate,,,,,\n"
             "2024-01-02,370,376,367,374,25258600\n2024-01-03,371,373,368,369,23083500\n",
     .bars = "MSFT 1d 2024-01-02T00:00:00Z 374 376 367 370 25258600 - -\n"
             "MSFT 1d 2024-01-03T00:00:00Z 369 373 368 371 23083500 - -\n",
     .told = "form=yfinance"},
    {.name = "several.csv", /* yfinance, two stocks side by side, of which one has a day off */
     .text = "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n"
             "Ticker,MSFT,SAP,MSFT,SAP,MSFT,SAP,MSFT,SAP,MSFT,SAP\nDate,,,,,,,,,,\n"
             "2024-01-02,370,140,376,141,367,138,374,139,25,7\n"
             "2024-01-03,371,,373,,368,,369,,23,\n"
             "2024-01-04,368,142,373,143,367,140,371,141,20,8\n",
     .bars = "MSFT 1d 2024-01-02T00:00:00Z 374 376 367 370 25 - -\n"
             "SAP 1d 2024-01-02T00:00:00Z 139 141 138 140 7 - -\n"
             "MSFT 1d 2024-01-03T00:00:00Z 369 373 368 371 23 - -\n"
             "MSFT 1d 2024-01-04T00:00:00Z 371 373 367 368 20 - -\n"
             "SAP 1d 2024-01-04T00:00:00Z 141 143 140 142 8 - -\n",
     .rejected = 1,
     .fault = ROW_NO_PRICE},
    {.name = "indices.csv", /* many indices, and a second currency that is not read */
     .text = "Index,Date,Open,High,Low,Close,Adj Close,Volume,CloseUSD\n"
             "NYA,2024-01-02,528.69,530,520,528.69,528.69,0,528.69\n"
             "N225,2024-01-02,1020.5,1020.5,1020.5,1020.5,1020.5,0,10.2\n"
             "NYA,2024-01-03,527.21,528,527,527.21,527.21,0,527.21\n",
     .bars = "NYA 1d 2024-01-02T00:00:00Z 528.69 530 520 528.69 0 - -\n"
             "N225 1d 2024-01-02T00:00:00Z 1020.5 1020.5 1020.5 1020.5 0 - -\n"
             "NYA 1d 2024-01-03T00:00:00Z 527.21 528 527 527.21 0 - -\n",
     .told = "columns=\"Adj Close, CloseUSD\""},
    {.name = "IBM_5min.csv", /* Alpha Vantage: newest first, CR LF */
     .text = "timestamp,open,high,low,close,volume\r\n"
             "2024-01-02 09:40:00,218.8,218.9,218.7,218.75,1102\r\n"
             "2024-01-02 09:35:00,218.6,218.7,218.6,218.63,1491\r\n",
     .bars = "IBM 5m 2024-01-02T09:35:00Z 218.6 218.7 218.6 218.63 1491 - -\n"
             "IBM 5m 2024-01-02T09:40:00Z 218.8 218.9 218.7 218.75 1102 - -\n",
     .told = "event=times_without_zone"},
    {.name = "aapl.us.txt", /* Stooq: days and times of day without marks */
     .text = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
             "AAPL.US,D,19840907,000000,0.102,0.103,0.101,0.102,96351188,0\n"
             "AAPL.US,60,20240102,153000,185,186,184,185.5,1000,0\n"
             "AAPL.US,60,20240102,160000,185,186,184,185.5,1000,0\n",
     .bars = "AAPL.US 1d 1984-09-07T00:00:00Z 0.102 0.103 0.101 0.102 96351188 - -\n"
             "AAPL.US 1h 2024-01-02T16:00:00Z 185 186 184 185.5 1000 - -\n",
     .rejected = 1,
     .fault = ROW_BAD_TIME},
    {.name = "Binance_BTCUSDT_1h.csv", /* CryptoDataDownload: a remark, hours of half a day; one
                                          hour twice, with another unit and rounded */
     .text =
         "https://www.CryptoDataDownload.com\n"
         "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount\n"
         "1605535200000,2020-11-16 14:00:00,BTC/USDT,16300,16320,16240,16310.5,20,326000,700\n"
         "1605531600.0,2020-11-16 01-PM,BTC/USDT,16250,16320,16240,16300,10.5,171000,NULL\n"
         "1605531600000,2020-11-16 13:00:00,BTC/USDT,16250,16320,16240,16300.4,10.52,171100.7,"
         "501\n"
         "1605528000.0,2020-11-16 12-PM,BTC/USDT,16235.68,16318.94,16235.2,16306,2,32600,NULL\n",
     .bars = "BTCUSDT 1h 2020-11-16T12:00:00Z 16235.68 16318.94 16235.2 16306 2 32600 -\n"
             "BTCUSDT 1h 2020-11-16T13:00:00Z 16250 16320 16240 16300.4 10.52 171100.7 501\n"
             "BTCUSDT 1h 2020-11-16T14:00:00Z 16300 16320 16240 16310.5 20 326000 700\n",
     .told = "line=4 reason=conflict other_line=5",
     .rejected = 1,
     .fault = ROW_CONFLICT},
    {.name = "Bitstamp_BTCUSD_1h.csv", /* the two volumes change places within the file */
     .text = "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"
             "1598400000,2020-08-26 00:00:00,BTC/USD,11328,11333,11255,11283,2,22600\n"
             "1598403600,2020-08-26 01:00:00,BTC/USD,11283,11350,11282,11336,2062817.35,182.12\n",
     .bars = "BTCUSD 1h 2020-08-26T00:00:00Z 11328 11333 11255 11283 2 22600 -\n"
             "BTCUSD 1h 2020-08-26T01:00:00Z 11283 11350 11282 11336 182.12 2062817.35 -\n",
     .told = "volumes_put_right=1"},
    {.name = "BTCUSD_1h.csv", /* cut by its user: hours of half a day are all there is */
     .text = "Date,Open,High,Low,Close\n"
             "2019-12-02 01-AM,7367,7415,7352,7397\n2019-12-02 12-AM,7390,7411,7347,7367\n"
             "2019-12-01 11-PM,7379,7436,7378,7390\n2019-12-01 12-PM,7366,7414,7329,7379\n",
     .bars = "BTCUSD 1h 2019-12-01T12:00:00Z 7366 7414 7329 7379 - - -\n"
             "BTCUSD 1h 2019-12-01T23:00:00Z 7379 7436 7378 7390 - - -\n"
             "BTCUSD 1h 2019-12-02T00:00:00Z 7390 7411 7347 7367 - - -\n"
             "BTCUSD 1h 2019-12-02T01:00:00Z 7367 7415 7352 7397 - - -\n"},
    {.name =
         "BTCUSDT-1h-2024-12.csv", /* Binance's klines: no header, and another unit since 2025 */
     .text = "1735686000000,93488,93756,93375,93576,336.5,1735689599999,31491901.5,68135,1,2,0\n"
             "1735689600000000,93576,94509,93489,94401,756,1735693199999999,71068810.5,93525,1,2,0"
             "\n",
     .bars = "BTCUSDT 1h 2024-12-31T23:00:00Z 93488 93756 93375 93576 336.5 31491901.5 68135\n"
             "BTCUSDT 1h 2025-01-01T00:00:00Z 93576 94509 93489 94401 756 71068810.5 93525\n",
     .told = "form=\"Binance's klines\""},
    {.name = "NEARUSDT-1m-2025-11.csv", /* the same of futures, with a header */
     .text = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
             "taker_buy_quote_volume,ignore\n"
             "1761955200000,2.098,2.099,2.097,2.097,24635,1761955259999,51680.6,99,1,2,0\n",
     .bars = "NEARUSDT 1m 2025-11-01T00:00:00Z 2.098 2.099 2.097 2.097 24635 51680.6 99\n"},
    {.name = "XBTUSD_60.csv", /* Kraken: no header; an hour without trades is missing */
     .text =
         "1381093200,122.0,122.0,122.0,122.0,0.1,1\n1381176000,123.61,123.61,123.61,123.61,0.1,1\n",
     .bars = "XBTUSD 1h 2013-10-06T21:00:00Z 122 122 122 122 0.1 - 1\n"
             "XBTUSD 1h 2013-10-07T20:00:00Z 123.61 123.61 123.61 123.61 0.1 - 1\n",
     .told = "form=\"Kraken's OHLCVT\""},
    {.name = "bitstamp.csv", /* Kaggle */
     .columns = "symbol='BTCUSD'",
     .text = "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n"
             "1325317920,4.39,4.39,4.39,4.39,0.45,2,4.39\n1325317980,NaN,NaN,NaN,NaN,NaN,NaN,NaN\n"
             "1325318040,4.4,4.4,4.4,4.4,1,4.4,4.4\n",
     .bars = "BTCUSD 1m 2011-12-31T07:52:00Z 4.39 4.39 4.39 4.39 0.45 2 -\n"
             "BTCUSD 1m 2011-12-31T07:54:00Z 4.4 4.4 4.4 4.4 1 4.4 -\n",
     .rejected = 1,
     .fault = ROW_NO_PRICE},
    {.name = "export.csv", /* of a German spreadsheet */
     .columns = "symbol='SAP',timeframe='1d',open=Eröffnung,high=Hoch,low=Tief,close=Schluss,"
                "open_time=Datum,volume=Stück",
     .text = "Datum;Eröffnung;Hoch;Tief;Schluss;Stück\n"
             "2024-01-02;1.139,50;1.141;1.138,25;1.140,00;1.234.567\n",
     .bars = "SAP 1d 2024-01-02T00:00:00Z 1139.5 1141 1138.25 1140 1234567 - -\n"},
    {.name = "tabs.txt", /* groups of three digits, in quotes where the separator is the comma */
     .columns = "symbol='SAP',timeframe='1d'",
     .text = "Date\tOpen\tHigh\tLow\tClose\tVolume\n2024-01-02\t1,139.50\t1,141\t1,138.25\t1,"
             "140\t1,234\n",
     .bars = "SAP 1d 2024-01-02T00:00:00Z 1139.5 1141 1138.25 1140 1234 - -\n"},
    {.name = "invest.csv", /* of a German page: a decimal comma in quotes */
     .columns = "symbol='USDJPY',timeframe='1d'",
     .text = "Date,Open,High,Low,Close\n"
             "2024-01-02,\"155,123\",\"156,5\",\"154,25\",\"155,001\"\n"
             "2024-01-03,\"155,123\",\"156,500\",\"154,250\",\"155,001\"\n",
     .bars = "USDJPY 1d 2024-01-02T00:00:00Z 155.123 156.5 154.25 155.001 - - -\n"
             "USDJPY 1d 2024-01-03T00:00:00Z 155.123 156.5 154.25 155.001 - - -\n"},
    {.name = "below_one.csv", /* 0,123 cannot be a group of three digits */
     .columns = "symbol='X',timeframe='1d'",
     .text = "Date,Open,High,Low,Close\n2024-01-02,\"0,123\",\"0,125\",\"0,121\",\"0,122\"\n",
     .bars = "X 1d 2024-01-02T00:00:00Z 0.123 0.125 0.121 0.122 - - -\n"},
    {.name = "note.csv", /* what is not read says nothing: a comma in a note, before the prices */
     .columns = "symbol='X',timeframe='1d'",
     .text = "Note;Date;Open;High;Low;Close;Volume\n1,5;2024-01-02;101.500;102.25;100;101;1,234\n",
     .bars = "X 1d 2024-01-02T00:00:00Z 101.5 102.25 100 101 1234 - -\n"},
    {.name = "AAPL.csv", /* pandas with its row numbers in a column of that name */
     .text = "index,Date,Open,High,Low,Close\n0,2024-01-02,1,1,1,1\n1,2024-01-03,2,2,2,2\n",
     .bars = "AAPL 1d 2024-01-02T00:00:00Z 1 1 1 1 - - -\n"
             "AAPL 1d 2024-01-03T00:00:00Z 2 2 2 2 - - -\n",
     .told = "columns=index"},
    {.name = "AAPL_1.csv", /* a copy of a file of days */
     .text = "Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n2024-01-03,2,2,2,2\n"
             "2024-01-04,1,1,1,1\n2024-01-05,2,2,2,2\n",
     .bars = "AAPL 1d 2024-01-02T00:00:00Z 1 1 1 1 - - -\n"
             "AAPL 1d 2024-01-03T00:00:00Z 2 2 2 2 - - -\n"
             "AAPL 1d 2024-01-04T00:00:00Z 1 1 1 1 - - -\n"
             "AAPL 1d 2024-01-05T00:00:00Z 2 2 2 2 - - -\n"},
    {.name = "BTCUSD.csv", /* seconds, as Coinbase calls its timeframe, are not minutes */
     .text = "time,granularity,open,high,low,close\n1704067200,60,1,1,1,1\n1704067260,60,2,2,2,2\n",
     .bars = "BTCUSD 1m 2024-01-01T00:00:00Z 1 1 1 1 - - -\n"
             "BTCUSD 1m 2024-01-01T00:01:00Z 2 2 2 2 - - -\n"},
    {.name = "XBTUSD_60.txt", /* a column of days beside one that tells all */
     .text = "date,time,open,high,low,close\n2024-01-01,1704067200,1,1,1,1\n"
             "2024-01-01,2024-01-01 01:00:00,2,2,2,2\n2024-01-01,020000,3,3,3,3\n"
             "2024-01-01,93000,4,4,4,4\n",
     .bars = "XBTUSD 1h 2024-01-01T00:00:00Z 1 1 1 1 - - -\n"
             "XBTUSD 1h 2024-01-01T01:00:00Z 2 2 2 2 - - -\n"
             "XBTUSD 1h 2024-01-01T02:00:00Z 3 3 3 3 - - -\n",
     .rejected = 1,
     .fault = ROW_BAD_TIME},
    {.name = "quoted.csv",
     .columns = "symbol='SAP',timeframe='1d'",
     .text = "Date,Open,High,Low,Close,Volume\n"
             "2024-01-02,\"1,139.50\",\"1,141\",\"1,138.25\",\"1,140\",\"1,234,567\"\n"
             "2024-01-03,\"1,13.50\",\"1,141\",\"1,138.25\",\"1,140\",\"1,234,567\"\n",
     .bars = "SAP 1d 2024-01-02T00:00:00Z 1139.5 1141 1138.25 1140 1234567 - -\n",
     .rejected = 1,
     .fault = ROW_BAD_PRICE},
};

static struct played play_file(const struct fixture *fixture, const struct file *file)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, file->name);
    support_write_file(path, file->text, strlen(file->text));
    const struct replay_config config = {.path = path, .coins = "ALL", .columns = file->columns};
    return play_config(&config);
}

static void files_become_their_bars(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct file *file = &files[i];
        char text[TEXT_SIZE];
        struct played played = play_file(fixture, file);
        describe(&played, text);
        if (strcmp(text, file->bars) != 0) {
            fail_msg("%s: %s", file->name, text);
        }
        for (int k = 0; k < ROW_FAULTS; k++) {
            int64_t want = k == (int)file->fault ? file->rejected : 0;
            if (played.counts.rejected[k] != want) {
                fail_msg("%s: %s %lld", file->name, row_fault_names[k],
                         (long long)played.counts.rejected[k]);
            }
        }
        if (file->told != NULL && logged(fixture, file->told) == 0) {
            fail_msg("%s: \"%s\" is not told", file->name, file->told);
        }
        source_batch_free(&played.all);
    }
}

static void names_of_files_tell_symbol_and_timeframe(void **state)
{
    (void)state;
    static const struct {
        const char *path, *symbol, *timeframe;
    } cases[] = {
        {"/tmp/BTCUSDT-1h-2024-12.zip", "BTCUSDT", "1h"},
        {"BTCUSDT-1m-2024-12-01.csv.gz", "BTCUSDT", "1m"},
        {"Binance_ETCBTC_d.csv", "ETCBTC", "1d"},
        {"Gemini_BTCUSD_2020_1min.csv", "", "1m"},
        {"XBTUSD_1440.csv", "XBTUSD", "1d"},
        {"BTCUSD_4H.csv", "BTCUSD", "4h"},
        {"BTCUSD_1M.csv", "BTCUSD", "1M"},
        {"AAPL_DAY.csv", "AAPL", "1d"},
        {"BTC-USD.csv", "BTC-USD", ""},
        {"BRK-B.csv", "BRK-B", ""},
        {"^GSPC.csv", "^GSPC", ""},
        {"4063-T.csv", "4063-T", ""},
        {"AAPL-2024-5.csv", "AAPL-2024-5", ""},
        {"prices.csv", "", ""},
        {"2024_5.csv", "", ""},
        {"prices_2024_1.csv", "", ""},
        {"daily_A.csv", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct csv_file_name name = csv_file_name_of(cases[i].path);
        if (strcmp(name.symbol, cases[i].symbol) != 0 ||
            strcmp(name.timeframe, cases[i].timeframe) != 0) {
            fail_msg("%s: \"%s\" \"%s\"", cases[i].path, name.symbol, name.timeframe);
        }
    }
}

static void what_the_file_does_not_tell_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name, *text, *want;
    } cases[] = {
        {"prices.csv", "Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n",
         "say what all rows have, as --columns symbol='AAPL'"},
        {"AAPL.csv", "Date,Open,High,Low,Close\n2024-01-02,1,1,1,1\n",
         "say what all rows have, as --columns timeframe='1d'"},
        {"AAPL.csv", "1,2,3\n4,5,6\n", "numbers in 3 columns"},
        {"AAPL.csv", "Price,Close\nTicker,\nDate,\n2024-01-02,1\n", "names no stock"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[256];
        struct error error = {0};
        (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, cases[i].name);
        support_write_file(path, cases[i].text, strlen(cases[i].text));
        const struct replay_config config = {.path = path, .coins = "ALL"};
        assert_null(replay_source_create(&config, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.text, cases[i].want) == NULL || strstr(error.text, path) == NULL) {
            fail_msg("\"%s\" is not in: %s", cases[i].want, error.text);
        }
    }
}

/* Two files that say different things of one day are two sources; one file is one, packed or not.
 */
static void a_files_bars_have_a_source_of_their_own(void **state)
{
    struct fixture *fixture = *state;
    static const char first[] =
        "time,symbol,timeframe,open,high,low,close\n2024-01-02,A,1d,1,1,1,1\n";
    static const char second[] =
        "time,symbol,timeframe,open,high,low,close\n2024-01-02,A,1d,2,2,2,2\n";
    char sources[3][SOURCE_MAX + 1];
    const char *const texts[] = {first, first, second};
    for (int i = 0; i < 3; i++) {
        write_text(fixture, texts[i]);
        struct played played = play(fixture, "ALL");
        const struct bar *bar = played.all.records;
        (void)snprintf(sources[i], sizeof sources[i], "%s", bar->source);
        source_batch_free(&played.all);
    }
    assert_string_equal(sources[0], sources[1]);
    assert_string_not_equal(sources[0], sources[2]);
    const struct replay_config config = {.path = fixture->path, .coins = "ALL", .as = "yahoo"};
    struct played played = play_config(&config);
    assert_string_equal(((const struct bar *)played.all.records)->source, "yahoo");
    source_batch_free(&played.all);
}

/* Coins are asked for as they are stored. */
static void a_symbol_with_a_slash_is_chosen_without_it(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,timeframe,open,high,low,close\n"
                        "2024-01-02,BTC/USD,1d,1,1,1,1\n2024-01-02,ETH/USD,1d,2,2,2,2\n");
    struct played played = play(fixture, "BTCUSD");
    assert_int_equal(played.all.count, 1);
    assert_string_equal(((const struct bar *)played.all.records)->symbol, "BTCUSD");
    assert_int_equal(played.counts.rejected[ROW_UNKNOWN_COIN], 1);
    source_batch_free(&played.all);
}

/* Each row waits for its time, so rows that are grouped by symbol are put into the order of time.
 */
static void a_paced_file_is_in_the_order_of_time(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,timeframe,open,high,low,close\n"
                        "2024-01-02,A,1d,1,1,1,1\n2024-01-03,A,1d,2,2,2,2\n"
                        "2024-01-02,B,1d,3,3,3,3\n2024-01-03,B,1d,4,4,4,4\n");
    struct replay_config config = {.path = fixture->path, .coins = "ALL", .paced = true};
    struct played played = play_config(&config);
    const struct bar *bars = played.all.records;
    assert_int_equal(played.all.count, 4);
    assert_string_equal(bars[1].symbol, "B");
    assert_string_equal(bars[2].symbol, "A");
    source_batch_free(&played.all);
    config.paced = false;
    played = play_config(&config);
    bars = played.all.records;
    assert_string_equal(bars[1].symbol, "A");
    assert_int_equal(logged(fixture, "event=rows_sorted"), 1);
    source_batch_free(&played.all);
}

/* Rows whose newest come first keep their numbers, which are a part of a tick's identity. */
static void ticks_that_come_newest_first_keep_their_numbers(void **state)
{
    struct fixture *fixture = *state;
    write_text(fixture, "time,symbol,last_price\n3,tA1,3\n3,tB1,30\n2,tA1,2\n1,tA1,1\n");
    struct played played = play(fixture, "ALL");
    static const int64_t rows[] = {4, 3, 2, 1};
    const struct ticker *ticks = played.all.records;
    assert_int_equal(played.all.count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ticks[i].seq, rows[i]);
    }
    source_batch_free(&played.all);
}

static void times_are_read_as_files_write_them(void **state)
{
    (void)state;
    static const struct {
        struct csv_time_text text;
        const char *want; /* NULL: no time */
    } cases[] = {
        {{.time = {"2024-01-02 03-PM", 16}}, "2024-01-02T15:00:00Z"},
        {{.time = {"2024-01-02 12-am", 16}}, "2024-01-02T00:00:00Z"},
        {{.time = {"2024-01-02 3:30 PM", 18}}, "2024-01-02T15:30:00Z"},
        {{.time = {"2024-01-02 11:59:59 AM", 22}}, "2024-01-02T11:59:59Z"},
        {{.time = {"2024-01-02 13-PM", 16}}, NULL},
        {{.time = {"2024-01-02 0-AM", 15}}, NULL},
        {{.time = {"PM", 2}}, NULL},
        {{.time = {"2024-01-02 PM", 13}}, NULL},
        {{.time = {"20240102", 8}}, NULL},
        {{.time = {"20240102", 8}, .date_column = true}, "2024-01-02T00:00:00Z"},
        {{.time = {"20240102", 8}, .time_of_day = {"093000", 6}}, "2024-01-02T09:30:00Z"},
        {{.time = {"2024-01-02", 10}, .time_of_day = {"09:30", 5}}, "2024-01-02T09:30:00Z"},
        {{.time = {"2024-01-02", 10}, .time_of_day = {"noon", 4}}, NULL},
        {{.time = {"1600498800.0", 12}}, "2020-09-19T07:00:00Z"},
        {{.time = {"1600498800000", 13}}, "2020-09-19T07:00:00Z"},
        {{.time = {"2024-01-02 00:00:00+09:00", 25}}, "2024-01-01T15:00:00Z"},
        {{.time = {"2024-01-02 00:00:00+09:00", 25}, .whole_days = true}, "2024-01-02T00:00:00Z"},
        {{.time = {"2024-01-02T00:00-05:00", 22}, .whole_days = true}, "2024-01-02T00:00:00Z"},
        {{.time = {"2024-01-02 09:30:00-05:00", 25}, .whole_days = true}, "2024-01-02T14:30:00Z"},
        {{.time = {"02/01/2024", 10}, .whole_days = true}, NULL},
        {{.time = {"2024-01-02 00:00 and more", 25}, .whole_days = true}, NULL},
        {{.time = {"2024-01-02 00:00:00x", 20}, .whole_days = true}, NULL},
        {{.time = {"2024-01-02", 10}, .time_of_day = {"093000000000", 12}}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CLOCK_TEXT_SIZE] = "";
        struct csv_time time;
        bool read = csv_time_parse(&cases[i].text, &(struct csv_zone){.east_s = 0}, &time);
        if (read) {
            clock_format_rfc3339(time.time_ns, text);
        }
        if (read != (cases[i].want != NULL) || (read && strcmp(text, cases[i].want) != 0)) {
            fail_msg("%.*s: %s", (int)cases[i].text.time.length, cases[i].text.time.data, text);
        }
    }
}

/* A file is the same bars whether its rows wait for their times or not. */
static void a_timeframe_is_that_of_the_first_rows(void **state)
{
    struct fixture *fixture = *state;
    enum { HOURS = 1100, MINUTES = 2000 };
    struct strbuf text = strbuf_new(SIZE_MAX);
    strbuf_append_text(&text, "time,symbol,open,high,low,close\n");
    for (int i = 0; i < HOURS + MINUTES; i++) {
        long long time_s = 1704067200 + (i < HOURS ? 3600LL * i : 3600LL * HOURS + 60LL * i);
        strbuf_append_format(&text, "%lld,A,1,1,1,1\n", time_s);
    }
    write_text(fixture, strbuf_text(&text));
    strbuf_free(&text);
    for (int paced = 0; paced <= 1; paced++) {
        struct played played = play_config(
            &(struct replay_config){.path = fixture->path, .coins = "ALL", .paced = paced == 1});
        assert_string_equal(((const struct bar *)played.all.records)->timeframe, "1h");
        source_batch_free(&played.all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_become_their_bars),
        TEST(names_of_files_tell_symbol_and_timeframe),
        TEST(what_the_file_does_not_tell_is_asked_for),
        TEST(a_files_bars_have_a_source_of_their_own),
        TEST(a_symbol_with_a_slash_is_chosen_without_it),
        TEST(a_paced_file_is_in_the_order_of_time),
        TEST(ticks_that_come_newest_first_keep_their_numbers),
        TEST(times_are_read_as_files_write_them),
        TEST(a_timeframe_is_that_of_the_first_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
