#include "web/page_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/http/http_gzip.h"
#include "web/compress.h"

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define PLAIN "text/plain; charset=utf-8"
#define SVG "image/svg+xml"

/* Path, content type and symbol of each file; the list in web/Page.cmake embeds the same
 * symbols. */
#define FILES(FILE)                                                                                \
    FILE("/", HTML, page_index)                                                                    \
    FILE("/favicon.ico", SVG, page_icon)                                                           \
    FILE("/assets/icon.svg", SVG, page_icon)                                                       \
    FILE("/assets/down.svg", SVG, page_down)                                                       \
    FILE("/assets/NOTICE.txt", PLAIN, page_notice)                                                 \
    FILE("/assets/page.css", CSS, page_styles)                                                     \
    FILE("/assets/page.js", SCRIPT, page_script)                                                   \
    FILE("/assets/boot.js", SCRIPT, page_boot)                                                     \
    FILE("/assets/lightweight-charts.LICENSE.txt", PLAIN, page_charts_licence)

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared has none */
#define DECLARE(path, type, symbol) extern const char symbol[], symbol##_end[];
FILES(DECLARE)
#undef DECLARE

struct embedded {
    const char *path;
    const char *content_type;
    const char *begin;
    const char *end;
};

#define ROW(path, type, symbol) {path, type, symbol, symbol##_end},
static const struct embedded embedded_files[] = {FILES(ROW)};
#undef ROW

enum { FILE_COUNT = sizeof embedded_files / sizeof embedded_files[0] };

enum { PACKED_LIMIT = 4 << 20 };

struct page_files {
    struct page_file items[FILE_COUNT];
    struct strbuf packed[FILE_COUNT]; /* the bytes of the compressed contents */
};

/* A collision is harmless: the hash only has to differ between two builds of the file. */
static void set_etag(struct page_content *content, uint64_t hash, const char *form)
{
    (void)snprintf(content->etag, sizeof content->etag, "\"%016" PRIx64 "%s\"", hash, form);
}

/* Returns false when memory runs out. */
static bool fill(struct page_file *file, const struct embedded *embedded, struct strbuf *packed)
{
    struct str bytes = {embedded->begin,
                        (size_t)((uintptr_t)embedded->end - (uintptr_t)embedded->begin)};
    uint64_t hash = hash_bytes(HASH_START, bytes.data, bytes.length);
    *packed = strbuf_new(PACKED_LIMIT);
    *file = (struct page_file){.path = embedded->path, .content_type = embedded->content_type};
    file->plain.bytes = bytes;
    set_etag(&file->plain, hash, "");
    if (bytes.length < COMPRESS_LEAST) {
        return true;
    }
    if (!http_gzip(bytes, packed)) {
        return false;
    }
    if (packed->length < bytes.length) {
        file->gzip.bytes = strbuf_str(packed);
        set_etag(&file->gzip, hash, "-gz");
    }
    return true;
}

struct page_files *page_files_create(struct error *error)
{
    struct page_files *files = calloc(1, sizeof *files);
    bool filled = files != NULL;
    for (size_t i = 0; filled && i < FILE_COUNT; ++i) {
        filled = fill(&files->items[i], &embedded_files[i], &files->packed[i]);
    }
    if (!filled) {
        page_files_destroy(files);
        (void)error_set(error, ERROR_FATAL, "no memory for the page");
        return NULL;
    }
    return files;
}

void page_files_destroy(struct page_files *files)
{
    for (size_t i = 0; files != NULL && i < FILE_COUNT; ++i) {
        strbuf_free(&files->packed[i]);
    }
    free(files);
}

const struct page_file *page_files_find(const struct page_files *files, const char *path)
{
    for (size_t i = 0; i < FILE_COUNT; ++i) {
        if (strcmp(files->items[i].path, path) == 0) {
            return &files->items[i];
        }
    }
    return NULL;
}

bool page_file_is_known(const char *etag, const char *if_none_match)
{
    struct str rest = str_from(if_none_match != NULL ? if_none_match : "");
    struct str tag;
    while (str_split(&rest, ',', &tag)) {
        tag = str_trim(tag);
        if (str_starts_with(tag, "W/")) {
            tag = (struct str){tag.data + 2, tag.length - 2};
        }
        if (str_equal_text(tag, "*") || str_equal_text(tag, etag)) {
            return true;
        }
    }
    return false;
}
