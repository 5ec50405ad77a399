#include "capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "support.h"

void capture_start(struct capture *capture)
{
    support_make_folder(capture->folder, sizeof capture->folder);
    (void)snprintf(capture->path, sizeof capture->path, "%s/log", capture->folder);
    (void)fflush(stderr);
    capture->stderr_before = dup(STDERR_FILENO);
    int file = open(capture->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(capture->stderr_before >= 0 && file >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    (void)close(file);
}

char *capture_end(struct capture *capture)
{
    assert_true(dup2(capture->stderr_before, STDERR_FILENO) >= 0);
    (void)close(capture->stderr_before);
    char *text = support_read_file(capture->path, NULL);
    assert_non_null(text);
    support_remove_folder(capture->folder);
    return text;
}

int capture_count(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}
