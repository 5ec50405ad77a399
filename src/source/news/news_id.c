#include "source/news/news_id.h"

#include <openssl/evp.h>

#include "source/news/news_link.h"

enum { IDENTITY_LIMIT = 1 << 20 };

/* Appends the text, and a NUL that no part contains. A link is appended as it is compared: with and
 * without TLS it is the same. */
static bool append_part(struct str text, struct strbuf *identity)
{
    struct strbuf url = strbuf_new(2 * NEWS_URL_MAX);
    bool link = news_link_clean(text, &url);
    struct str part = link ? strbuf_str(&url) : text;
    if (str_starts_with(part, "https:")) {
        strbuf_append_text(identity, "http:");
        part = (struct str){.data = part.data + 6, .length = part.length - 6};
    }
    strbuf_append_str(identity, part);
    strbuf_append_char(identity, '\0');
    bool done = !identity->failed && !url.no_memory;
    strbuf_free(&url);
    return done;
}

static bool is_page(struct str link)
{
    struct strbuf url = strbuf_new(2 * NEWS_URL_MAX);
    bool page = news_link_clean(link, &url) && news_link_is_page(strbuf_str(&url));
    strbuf_free(&url);
    return page;
}

static bool hash(struct str text, char id[NEWS_ID_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (EVP_Digest(text.data, text.length, bytes, &length, EVP_sha256(), NULL) != 1) {
        return false;
    }
    for (int i = 0; i < NEWS_ID_DIGITS; i++) {
        id[i] = digits[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0xF];
    }
    id[NEWS_ID_DIGITS] = '\0';
    return true;
}

bool news_id_make(const struct feed_item *item, struct str title, bool dated, int64_t second,
                  char id[NEWS_ID_DIGITS + 1])
{
    struct strbuf identity = strbuf_new(IDENTITY_LIMIT);
    bool done = append_part(item->id.length > 0 ? item->id : item->link, &identity);
    if (item->id.length == 0 && !is_page(item->link)) {
        done = done && append_part(title, &identity);
    }
    if (dated && (item->form != FEED_ATOM || item->id.length == 0)) {
        strbuf_append_int64(&identity, second);
    }
    done = done && !identity.failed && hash(strbuf_str(&identity), id);
    strbuf_free(&identity);
    return done;
}
