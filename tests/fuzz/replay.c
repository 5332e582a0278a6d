/** Runs a target on every file of the folders named on the command line. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(1 << 20);
    if (!file || !bytes) {
        perror(path);
        free(bytes);
        return 1;
    }
    size_t size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    /* The very size, so that a read beyond it is seen. */
    uint8_t *exact = malloc(size ? size : 1);
    if (exact) {
        memcpy(exact, bytes, size);
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(bytes);
    return !exact;
}

static int replay_folder(const char *folder, size_t *n)
{
    DIR *entries = opendir(folder);
    int wrong = 0;
    if (!entries) {
        perror(folder);
        return 1;
    }
    for (struct dirent *e = readdir(entries); e && !wrong; e = readdir(entries)) {
        char path[4096];
        if (e->d_name[0] != '.' &&
            snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < (int)sizeof path) {
            wrong = replay(path);
            (*n)++;
        }
    }
    closedir(entries);
    return wrong;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    int wrong = LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc && !wrong; i++) {
        wrong = replay_folder(argv[i], &n);
    }
    fprintf(stderr, "%zu inputs\n", n);
    return wrong || n == 0;
}
