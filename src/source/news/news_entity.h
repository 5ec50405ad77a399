/* Character references of HTML: "&amp;", "&#8217;", "&#x27;". Pure. */
#ifndef CANDLEWICK_SOURCE_NEWS_NEWS_ENTITY_H
#define CANDLEWICK_SOURCE_NEWS_NEWS_ENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text/str.h"

/* Returns the length of the reference at the front of `text`, with its semicolon, and the code
 * point that it means; 0: there is none, or it has a name that is not known here. The names of HTML
 * 4's Latin-1 set and the common ones beyond are known. A number that is no character means U+FFFD,
 * and one of 128 to 159 what it means in windows-1252 (HTML Living Standard, 13.2.5.80). */
size_t news_entity(struct str text, uint32_t *code);

#endif
