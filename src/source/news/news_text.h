/* Makes plain text of what a feed calls a title. Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_TEXT_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_TEXT_H

#include "base/text/strbuf.h"

/*
 * Fills `plain` with the text without markup: tags and comments are left out, scripts and styles
 * with what is in them; character references become characters, and what is markup then is left
 * out, too, because many feeds escape their titles twice. A '<' that begins no tag stays. Blanks,
 * line ends and control characters become single blanks; what turns or hides text without being
 * seen (bidirectional controls, tags, zero-width blanks) is left out; bytes that are no UTF-8
 * become U+FFFD. A text of more than `most` characters is cut, with "…" as its last one.
 *
 * Returns false when memory runs out.
 */
NODISCARD bool news_text_plain(struct str text, size_t most, struct strbuf *plain);

#endif
