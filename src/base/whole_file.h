/* Reads a file at once. */
#ifndef CANDLEWICK_BASE_WHOLE_FILE_H
#define CANDLEWICK_BASE_WHOLE_FILE_H

#include "base/compiler/attributes.h"
#include "base/text/strbuf.h"

/* Appends the file's bytes to `content`, until it fails: `content->failed` tells a file that passes
 * its limit. False: it cannot be opened, or not be read to its end; errno says why. Blocks as the
 * file does. */
NODISCARD bool whole_file_read(const char *path, struct strbuf *content);

#endif
