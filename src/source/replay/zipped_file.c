#include "source/replay/zipped_file.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool zipped_file_is(const char *head, size_t length)
{
    static const char magic[] = "PK\x03\x04";
    return length >= sizeof magic - 1 && memcmp(head, magic, sizeof magic - 1) == 0;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);
    return length >= end && strcasecmp(name + length - end, suffix) == 0;
}

/* Archives made on a Mac hold a second entry beside each, of notes that are no prices. */
static bool is_prices(const char *name)
{
    return (ends_with(name, ".csv") || ends_with(name, ".txt")) &&
           strncmp(name, "__MACOSX/", strlen("__MACOSX/")) != 0;
}

static bool choose_entry(struct zipped_file *file, struct error *error)
{
    int found = 0;
    zip_int64_t count = zip_get_num_entries(file->archive, 0);
    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(file->archive, (zip_uint64_t)i, 0);
        if (name != NULL && is_prices(name)) {
            file->index = found == 0 ? (uint64_t)i : file->index;
            found++;
        }
    }
    return found == 1 ||
           error_set(error, ERROR_USAGE,
                     "%s is a zip archive with %s: unpack it, and name the file to replay",
                     file->path, found == 0 ? "no CSV file" : "several CSV files");
}

static bool open_entry(struct zipped_file *file, struct error *error)
{
    struct zip_stat info;
    zip_stat_init(&info);
    file->read = 0;
    if (zip_stat_index(file->archive, file->index, 0, &info) != 0 ||
        (info.valid & ZIP_STAT_COMP_SIZE) == 0) {
        return error_set(error, ERROR_FATAL, "cannot read %s: %s", file->path,
                         zip_strerror(file->archive));
    }
    /* The archive may claim more packed bytes for an entry than the whole archive has. */
    struct stat whole;
    uint64_t bytes = stat(file->path, &whole) == 0 ? (uint64_t)whole.st_size : 0;
    file->packed = info.comp_size < bytes ? info.comp_size : bytes;
    file->entry = zip_fopen_index(file->archive, file->index, 0);
    return file->entry != NULL || error_set(error, ERROR_USAGE, "cannot read %s: %s", file->path,
                                            zip_strerror(file->archive));
}

bool zipped_file_open(struct zipped_file *file, const char *path, struct error *error)
{
    int code = 0;
    *file = (struct zipped_file){.path = path};
    /* Without ZIP_CHECKCONS, which refuses archives of Binance. */
    file->archive = zip_open(path, ZIP_RDONLY, &code);
    if (file->archive == NULL) {
        zip_error_t failure;
        zip_error_init_with_code(&failure, code);
        (void)error_set(error, ERROR_USAGE, "cannot read %s as a zip archive: %s", path,
                        zip_error_strerror(&failure));
        zip_error_fini(&failure);
        return false;
    }
    return choose_entry(file, error) && open_entry(file, error);
}

static void close_entry(struct zipped_file *file)
{
    if (file->entry != NULL) {
        (void)zip_fclose(file->entry);
        file->entry = NULL;
    }
}

void zipped_file_close(struct zipped_file *file)
{
    close_entry(file);
    if (file->archive != NULL) {
        zip_discard(file->archive);
        file->archive = NULL;
    }
}

ssize_t zipped_file_read(struct zipped_file *file, char *bytes, size_t size, struct error *error)
{
    zip_int64_t got = zip_fread(file->entry, bytes, size);
    if (got < 0) {
        (void)error_set(error, ERROR_FATAL, "cannot read %s: its data is broken (%s)", file->path,
                        zip_file_strerror(file->entry));
        return -1;
    }
    file->read += (uint64_t)got;
    if (file->read > ZIPPED_SPARE_BYTES &&
        (file->read - ZIPPED_SPARE_BYTES) / ZIPPED_RATIO_MAX > file->packed) {
        (void)error_set(error, ERROR_FATAL,
                        "%s unpacks to more than %d times its size, which no prices do: unpack it "
                        "yourself if it is to be replayed all the same",
                        file->path, ZIPPED_RATIO_MAX);
        return -1;
    }
    return (ssize_t)got;
}

bool zipped_file_rewind(struct zipped_file *file, struct error *error)
{
    close_entry(file);
    return open_entry(file, error);
}
