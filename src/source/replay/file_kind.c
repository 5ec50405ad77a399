#include "source/replay/file_kind.h"

#include <string.h>

#define MAGIC(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* The signatures are from the formats' specifications (RFC 8478 for zstd). UTF-32's precedes
 * UTF-16's, which is a prefix of it. */
static const struct {
    struct str magic;
    const char *what, *remedy;
} kinds[] = {
    {MAGIC("\xFD"
           "7zXZ\0"),
     "packed by xz", "unpack it first: xz -d FILE"},
    {MAGIC("BZh"), "packed by bzip2", "unpack it first: bzip2 -d FILE"},
    {MAGIC("\x28\xB5\x2F\xFD"), "packed by zstd", "unpack it first: zstd -d FILE"},
    {MAGIC("\x04\x22\x4D\x18"), "packed by lz4", "unpack it first: lz4 -d FILE"},
    {MAGIC("7z\xBC\xAF\x27\x1C"), "a 7-Zip archive", "unpack it first: 7z x FILE"},
    {MAGIC("\x1F\x8B"), "packed by gzip twice", "unpack it once: gzip -d FILE"},
    {MAGIC("PAR1"), "a Parquet file", "write it as CSV first"},
    {MAGIC("SQLite format 3"), "a SQLite database", "write the table as CSV first: sqlite3 -csv"},
    {MAGIC("\xFF\xFE\0\0"), "text in UTF-32",
     "convert it first: iconv -f UTF-32 -t UTF-8 FILE >ticks.csv"},
    {MAGIC("\0\0\xFE\xFF"), "text in UTF-32",
     "convert it first: iconv -f UTF-32 -t UTF-8 FILE >ticks.csv"},
    {MAGIC("\xFF\xFE"), "text in UTF-16",
     "convert it first: iconv -f UTF-16 -t UTF-8 FILE >ticks.csv"},
    {MAGIC("\xFE\xFF"), "text in UTF-16",
     "convert it first: iconv -f UTF-16 -t UTF-8 FILE >ticks.csv"},
    {MAGIC("{"), "JSON", "write it as CSV first"},
    {MAGIC("["), "JSON", "write it as CSV first"},
    {MAGIC("version https://"), "a pointer of git-lfs", "fetch the file itself: git lfs pull"},
    {MAGIC("<"), "HTML or XML", "save the data itself, as CSV"},
    {MAGIC("%PDF"), "a PDF", "save the data itself, as CSV"},
};

bool file_kind_is_text(struct str head, struct error *error)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct str magic = kinds[i].magic;
        if (str_starts_with(head, "<TICKER>")) { /* Stooq's names of columns */
            break;
        }
        if (head.length >= magic.length && memcmp(head.data, magic.data, magic.length) == 0) {
            return error_set(error, ERROR_USAGE, "it is %s, and not CSV: %s", kinds[i].what,
                             kinds[i].remedy);
        }
    }
    /* UTF-16 text without a byte order mark has a NUL beside each Latin letter. */
    const char *nul = head.length > 0 ? memchr(head.data, '\0', head.length) : NULL;
    if (nul != NULL && head.length >= 4 && (head.data[0] == '\0') != (head.data[1] == '\0') &&
        (head.data[2] == '\0') == (head.data[0] == '\0')) {
        return error_set(
            error, ERROR_USAGE,
            "it is text in UTF-16, and not CSV: convert it first: iconv -f %s -t UTF-8 "
            "FILE >ticks.csv",
            head.data[0] == '\0' ? "UTF-16BE" : "UTF-16LE");
    }
    return nul == NULL ||
           error_set(error, ERROR_USAGE, "it holds NUL bytes: it is no text, and not CSV");
}
