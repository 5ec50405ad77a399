#include "base/whole_file.h"

#include <errno.h>
#include <stdio.h>

bool whole_file_read(const char *path, struct strbuf *content)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return false;
    }
    char part[16384];
    size_t length;
    while (!content->failed && (length = fread(part, 1, sizeof part, file)) > 0) {
        strbuf_append(content, part, length);
    }
    bool read = ferror(file) == 0;
    int why = errno;
    (void)fclose(file);
    errno = why;
    return read;
}
