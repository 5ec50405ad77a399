#include "fuzz/pairs.h"

#include "record/ticker.h"

/* A record of all that can be bound, for a reader's schema with other types and defaults than the
 * ticker's. */
struct other_record {
    int64_t whole, counted, given;
    double narrow, wide, real;
    char text[9], raw[5], word[17];
    bool sure, asked, has_counted, has_wide, has_text, has_asked;
};

#define MEMBER(member, kind, present)                                                              \
    {                                                                                              \
        .name = #member, .type = (kind), .offset = offsetof(struct other_record, member),          \
        .size = sizeof(((struct other_record *)0)->member), .present_offset = (present)            \
    }
#define HAS(name) offsetof(struct other_record, has_##name)

static const struct column other_columns[] = {
    MEMBER(whole, COLUMN_INT64, COLUMN_REQUIRED), MEMBER(counted, COLUMN_INT64, HAS(counted)),
    MEMBER(given, COLUMN_INT64, COLUMN_REQUIRED), MEMBER(narrow, COLUMN_DOUBLE, COLUMN_REQUIRED),
    MEMBER(wide, COLUMN_DOUBLE, HAS(wide)),       MEMBER(real, COLUMN_DOUBLE, COLUMN_REQUIRED),
    MEMBER(text, COLUMN_TEXT, HAS(text)),         MEMBER(raw, COLUMN_TEXT, COLUMN_REQUIRED),
    MEMBER(word, COLUMN_TEXT, COLUMN_REQUIRED),   MEMBER(sure, COLUMN_BOOL, COLUMN_REQUIRED),
    MEMBER(asked, COLUMN_BOOL, HAS(asked)),       {.name = NULL},
};

static const char other[] = "{'type':'record','name':'Other','fields':["
                            "{'name':'whole','type':'int'},"
                            "{'name':'counted','type':['null','long'],'default':null},"
                            "{'name':'given','type':'long','default':-7},"
                            "{'name':'narrow','type':'float'},"
                            "{'name':'wide','type':['float','null'],'default':0.5},"
                            "{'name':'real','type':'double','default':1e300},"
                            "{'name':'text','type':['null','string'],'default':null},"
                            "{'name':'raw','type':'bytes','default':'\\u00ffA'},"
                            "{'name':'word','type':'string','default':'\\u20ac'},"
                            "{'name':'sure','type':'boolean','default':true},"
                            "{'name':'asked','type':['null','boolean'],'default':null},"
                            "{'name':'unbound','type':'double','default':0}]}";

static const struct other_record other_defaults = {
    .given = -7,
    .wide = 0.5,
    .has_wide = true,
    .sure = true,
    .real = 1e300,
    .raw = "\xff"
           "A",
    .word = "\xe2\x82\xac",
};

static const struct ticker no_figures;

/* Other places, unions the other way round, and fields of every type that nobody wants. */
static const char reordered[] = "{'type':'record','name':'Ticker','fields':["
                                "{'name':'low','type':['double','null']},"
                                "{'name':'x1','type':'boolean'},"
                                "{'name':'last_price','type':'double'},"
                                "{'name':'x2','type':'int'},"
                                "{'name':'x3','type':['null','string']},"
                                "{'name':'run_id','type':'long'},"
                                "{'name':'source','type':'string'},"
                                "{'name':'x4','type':'bytes'},"
                                "{'name':'x5','type':['boolean','null']},"
                                "{'name':'seq','type':'long'},"
                                "{'name':'x6','type':'float'},"
                                "{'name':'event_time_ns','type':'long'},"
                                "{'name':'x7','type':'null'},"
                                "{'name':'bid','type':['double','null']},"
                                "{'name':'symbol','type':'string'},"
                                "{'name':'x8','type':'double'},"
                                "{'name':'x9','type':'long'}]}";

/* Narrower numbers, bytes for strings, and not one figure. */
static const char narrower[] = "{'type':'record','name':'Ticker','fields':["
                               "{'name':'symbol','type':'bytes'},"
                               "{'name':'event_time_ns','type':'int'},"
                               "{'name':'seq','type':'int'},"
                               "{'name':'run_id','type':'long'},"
                               "{'name':'source','type':'bytes'},"
                               "{'name':'last_price','type':'float'}]}";

/* A null where none may be, and numbers that are promoted inside a union. */
static const char nullable[] = "{'type':'record','name':'Ticker','fields':["
                               "{'name':'symbol','type':['null','string']},"
                               "{'name':'event_time_ns','type':['long','null']},"
                               "{'name':'seq','type':'long'},"
                               "{'name':'run_id','type':['null','int']},"
                               "{'name':'source','type':'string'},"
                               "{'name':'last_price','type':['double','null']},"
                               "{'name':'bid','type':'double'},"
                               "{'name':'ask','type':'null'},"
                               "{'name':'high','type':['null','long']},"
                               "{'name':'low','type':'int'},"
                               "{'name':'volume','type':['float','null']}]}";

static const char other_little[] = "{'type':'record','name':'Other','fields':["
                                   "{'name':'narrow','type':'int'},"
                                   "{'name':'whole','type':'int'}]}";

static const char other_promoted[] = "{'type':'record','name':'Other','fields':["
                                     "{'name':'raw','type':'string'},"
                                     "{'name':'word','type':'bytes'},"
                                     "{'name':'text','type':'string'},"
                                     "{'name':'wide','type':'long'},"
                                     "{'name':'narrow','type':['null','long']},"
                                     "{'name':'real','type':'float'},"
                                     "{'name':'counted','type':'int'},"
                                     "{'name':'whole','type':'int'}]}";

#define TO_TICKER NULL, ticker_columns, &no_figures, sizeof no_figures
#define TO_OTHER other, other_columns, &other_defaults, sizeof other_defaults

const struct pair pairs[] = {
    {NULL, TO_TICKER}, {reordered, TO_TICKER},   {narrower, TO_TICKER},      {nullable, TO_TICKER},
    {other, TO_OTHER}, {other_little, TO_OTHER}, {other_promoted, TO_OTHER},
};
const size_t pair_count = sizeof pairs / sizeof pairs[0];
