#include "support.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http/http_client.h"
#include "cmocka_all.h"

static bool true_until(bool (*condition)(void *context), void *context, int64_t deadline_ns)
{
    while (!condition(context)) {
        if (clock_monotonic_ns() > deadline_ns) {
            return condition(context);
        }
        nanosleep(&(struct timespec){.tv_nsec = 5 * NS_PER_MS}, NULL);
    }
    return true;
}

bool support_wait(bool (*condition)(void *context), void *context, int timeout_ms)
{
    int64_t most_ms = (int64_t)timeout_ms + SUPPORT_PATIENCE_MS;
    return true_until(condition, context, clock_monotonic_ns() + most_ms * NS_PER_MS);
}

bool support_stays_false(bool (*condition)(void *context), void *context, int ms)
{
    return !true_until(condition, context, clock_monotonic_ns() + ms * NS_PER_MS);
}

void support_make_folder(char *path, size_t size)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(path, size, "%s/candlewick-test-XXXXXX", parent ? parent : "/tmp");
    assert_true(length > 0 && (size_t)length < size);
    assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void support_remove_folder(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

char *support_read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    assert_int_equal(fclose(file), 0);
    bytes[size] = '\0';
    if (length != NULL) {
        *length = (size_t)size;
    }
    return bytes;
}

void support_write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

int support_http_begin(void **state)
{
    struct error error = {0};
    (void)state;
    return http_client_global_init(&error) ? 0 : -1;
}

int support_http_end(void **state)
{
    (void)state;
    http_client_global_cleanup();
    return 0;
}
