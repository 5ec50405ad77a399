/* Runs kept inputs through a fuzz target, without a fuzzer: a find that was mended stays a test. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

enum { INPUT_LIMIT = 1 << 20 };

static void run_file(const char *path)
{
    static uint8_t bytes[INPUT_LIMIT];
    FILE *file = fopen(path, "rb");
    MUST(file != NULL);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    MUST(ferror(file) == 0 && feof(file) != 0);
    (void)fclose(file);
    /* On the heap in its exact size: a sanitizer sees every byte that is read beyond it. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    MUST(exact != NULL);
    memcpy(exact, bytes, size);
    (void)printf("%s\n", path);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int run_folder(const char *path)
{
    int count = 0;
    char name[4096];
    DIR *folder = opendir(path);
    MUST(folder != NULL);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct stat info;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (stat(name, &info) == 0 && S_ISREG(info.st_mode)) {
            run_file(name);
            count++;
        }
    }
    (void)closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        count += run_folder(argv[i]);
    }
    /* Nothing at all is an input too. */
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    (void)printf("%d inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
