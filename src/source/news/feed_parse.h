/* Reads the items of a feed's XML (RSS 0.9x to 2.0, RDF alias RSS 1.0, Atom 0.3 and 1.0). Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_FEED_PARSE_H
#define CANDLEWICK_SOURCE_NEWS_FEED_PARSE_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

/* Most items that are taken of one answer; feeds have tens, and few have thousands. */
enum { FEED_ITEMS_MAX = 20000 };

enum feed_form { FEED_UNKNOWN, FEED_RSS, FEED_RDF, FEED_ATOM };

/* An item as the feed has it: texts in UTF-8, still with markup. Empty: the item has none. */
struct feed_item {
    enum feed_form form;
    struct str title;
    struct str link;
    struct str id;       /* guid, rdf:about or atom:id */
    bool id_is_no_link;  /* the feed says so: isPermaLink="false" */
    struct str dates[3]; /* the dates that the item has, the best one first */
};

/* Borrows the item for the call. Returns false to end the parsing. */
typedef bool (*feed_item_fn)(void *context, const struct feed_item *item);

struct feed_result {
    enum feed_form form;
    size_t items;      /* passed to the callback */
    bool unfinished;   /* the text ends, or is broken, within one more item */
    char trouble[160]; /* "line 7: mismatched tag"; "": the XML is right, and all of it was read */
};

/*
 * Parses text of valid UTF-8 (feed_charset_utf8(), feed_repair()). What is broken further on does
 * not matter for the items before it: they are passed on, and `result->trouble` says what is wrong.
 * So are the first FEED_ITEMS_MAX items where there are more. Elements are known by the names and
 * prefixes that feeds usually give them, declared or not.
 *
 * Returns false with ERROR_RETRY, and has passed on no item, if the text is no feed: an HTML page,
 * which `error` says with its title, no XML, or XML of another kind; nested deeper than 64
 * elements; or with declarations of entities. With ERROR_FATAL when memory runs out.
 */
NODISCARD bool feed_parse(struct str xml, feed_item_fn take, void *context,
                          struct feed_result *result, struct error *error);

#endif
