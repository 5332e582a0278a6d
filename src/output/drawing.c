#include "output/drawing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/text-file.h"
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

static ig_status copy(int from, const char *name, const ig_folder *to, ig_error *error)
{
    enum { BLOCK = 1 << 16 };
    static const char unread[] = "the drawing cannot be read";
    char *block = malloc(BLOCK);
    FILE *file = NULL;
    ssize_t n = 0;
    int fd = block ? openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0) {
        ig_status status = ig_file_error(error, block ? errno : ENOMEM, unread);
        free(block);
        return status;
    }
    ig_status status = ig_text_open(to, name, &file, error);
    while (!status && (n = read(fd, block, BLOCK)) > 0) {
        fwrite(block, 1, (size_t)n, file);
    }
    if (!status && n < 0) {
        status = ig_file_error(error, errno, unread);
    }
    close(fd);
    free(block);
    return ig_text_close(&file, to, name, status, error);
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
            status = copy(from->fd, names[i]->d_name, to, error);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

/** A drawing and the folder it is for. */
typedef struct order {
    ig_draw *draw;
    const void *what;
    ig_folder to;
} order;

static ig_status draw_and_bring(void *context, ig_folder *scratch, ig_error *error)
{
    const order *o = context;
    ig_error trouble = {0};
    scratch->path = o->to.path;
    scratch->kept = true;
    ig_status status = o->draw(o->what, scratch, error);
    ig_status brought = bring(scratch, &o->to, status ? &trouble : error);
    return status ? status : brought;
}

ig_status ig_drawing_make(const char *path, ig_draw *draw, const void *what, ig_error *error)
{
    order o = {.draw = draw, .what = what};
    ig_status status = ig_folder_open(path, &o.to, error);
    if (!status) {
        status = ig_folder_scratch(draw_and_bring, &o, error);
        ig_folder_close(&o.to);
    }
    return status;
}
