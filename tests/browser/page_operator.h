/* What the page's tests see of an operator's questions: lag over time, predictions, the lab's last
 * run, searches, dead letters. */
#ifndef CANDLEWICK_TESTS_BROWSER_PAGE_OPERATOR_H
#define CANDLEWICK_TESTS_BROWSER_PAGE_OPERATOR_H

#include "page_backend.h"

/* The topic of the ticks' dead letters has one partition with two letters: one names a message of
 * partition 2, the other has no reason. */
#define PAGE_LETTERS "tickers.dlq"

/* Writes a message of the ticks' topic as the API does. */
void page_tick_message(const struct page *page, int32_t partition, size_t offset,
                       struct strbuf *json);
/* Returns how many messages a partition of the ticks' topic has. */
size_t page_messages_in(const struct page *page, int partition);

/* Writes the letters from `offset` on. */
void page_letters(int64_t offset, struct strbuf *json);

/* Sets the backend's functions for an operator. */
void page_set_operator(struct web_backend *backend);

#endif
