#include "output/drawing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/try.h"
#include "output/files.h"
#include "store/file.h"

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

void ig_drawing_remove(const ig_folder *folder, const char *script, const ig_folder *made)
{
    static const char *const suffixes[] = {"png", "svg", "pdf"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *name = NULL;
        if (asprintf(&name, "%.*s.%s", (int)strlen(script) - 3, script, suffixes[i]) >= 0) {
            if (!made || faccessat(made->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
                unlinkat(folder->fd, name, 0);
            }
            free(name);
        }
    }
}

/** Copy every file; what older scripts of these names have drawn would be taken for new. */
static ig_status bring(const ig_folder *from, const ig_folder *to, ig_error *error)
{
    ig_status status = IG_OK;
    struct dirent **names = NULL;
    int n = scandirat(from->fd, ".", &names, NULL, alphasort);
    if (n < 0) {
        return ig_file_error(error, errno, "the drawings cannot be listed");
    }
    for (int i = 0; i < n; i++) {
        if (ends_in(names[i]->d_name, ".gp")) {
            ig_drawing_remove(to, names[i]->d_name, from);
        }
    }
    for (int i = 0; i < n; i++) {
        if (!status && names[i]->d_name[0] != '.') {
            status = ig_file_copy(from, names[i]->d_name, to, error);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

ig_status ig_drawing_make(const char *path, ig_draw_work *draw, const void *what, ig_error *error)
{
    AUTO(ig_folder_close) ig_folder to = {.fd = -1};
    AUTO(ig_scratch_close) ig_scratch scratch = IG_SCRATCH;
    ig_error trouble = {0};
    TRY(ig_folder_open(path, &to, error));
    TRY(ig_scratch_open(&scratch, error));
    scratch.folder.path = path;
    const ig_status status = draw(what, &scratch.folder, error);
    const ig_status brought = bring(&scratch.folder, &to, status ? &trouble : error);
    return status ? status : brought;
}
