/* The page's files, embedded in the program. */
#ifndef CANDLEWICK_WEB_PAGE_FILES_H
#define CANDLEWICK_WEB_PAGE_FILES_H

#include "base/compiler/attributes.h"
#include "base/error.h"
#include "base/text/str.h"

enum { ETAG_SIZE = 24 };

/* One form of a file's content. */
struct page_content {
    struct str bytes;
    char etag[ETAG_SIZE]; /* with the quotes; each form has its own (RFC 9110, 8.8.3) */
};

struct page_file {
    const char *path; /* "/", "/assets/page.js" */
    const char *content_type;
    struct page_content plain;
    struct page_content gzip; /* without bytes if the file is not worth compressing */
};

struct page_files;

/* Compresses the files and computes the ETags. Returns NULL when memory runs out. */
NODISCARD struct page_files *page_files_create(struct error *error);
void page_files_destroy(struct page_files *files); /* NULL is allowed */

/* Returns NULL when there is no such file. The file lives as long as `files`. */
const struct page_file *page_files_find(const struct page_files *files, const char *path);

/* Returns whether `if_none_match` (the header's value, or NULL) matches `etag` (RFC 9110
 * 13.1.2). */
bool page_file_is_known(const char *etag, const char *if_none_match);

#endif
