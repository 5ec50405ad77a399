/* Made-up markets and news for the page's tests, some of it hostile. */
#ifndef CANDLEWICK_TESTS_BROWSER_PAGE_MARKETS_H
#define CANDLEWICK_TESTS_BROWSER_PAGE_MARKETS_H

#include "page_backend.h"

/* `context` is a struct page *. */
bool page_markets(void *context, struct strbuf *json, struct error *error);
bool page_news(void *context, const struct web_news_wanted *wanted, struct strbuf *json,
               struct error *error);

#endif
