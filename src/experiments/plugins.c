#include "experiments/plugins.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/try.h"
#include "imagrid/plugin.h"

enum { BLOCK = 1 << 16, EXPERIMENTS_MAX = 64 };

/** One loaded shared object. */
typedef struct library {
    char *path;                 /**< absolute, owned */
    char hash[IG_PLUGIN_HASH];  /**< XXH3-128 of the file */
    void *handle;               /**< of dlopen */
    char *origin;               /**< "NAME VERSION HASH PATH", owned */
    const ig_plugin *plugin;    /**< points into the shared object */
    ig_experiment *experiments; /**< copies as this program knows the structs; owned */
    size_t n;
    void **blocks; /**< what the copies point to; n_blocks, owned */
    size_t n_blocks;
} library;

struct ig_plugins {
    library libraries[IG_PLUGINS];
    size_t n;
    const ig_experiment **experiments; /**< of the registry, as is the next */
    const char **origins;
    ig_registry registry;
};

ig_status ig_plugin_files_add(ig_plugin_files *files, const char *path, ig_error *error)
{
    if (files->n == IG_PLUGINS) {
        return ig_error_set(error, IG_ERR_USAGE, "at most %d plugins can be loaded", IG_PLUGINS);
    }
    files->paths[files->n++] = path;
    return IG_OK;
}

/** Of a file that was cut short, by a full disk or an interrupted copy, the loader reads behind the
 *  end, which kills the process with SIGBUS. Linkers put the table of sections last: where that is
 *  whole, so is the rest. */
static ig_status check_whole(int fd, off_t size, ig_error *error)
{
    ElfW(Ehdr) header;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        return ig_error_set(error, IG_ERR_USAGE, "is not a shared object");
    }
    return (uint64_t)header.e_shoff + (uint64_t)header.e_shnum * header.e_shentsize > (uint64_t)size
               ? ig_error_set(error, IG_ERR_USAGE, "is a shared object that was cut short")
               : IG_OK;
}

/** Where the file is, and what is in it. Anything but a regular file could block or change. */
static ig_status identify(const char *path, library *l, ig_error *error)
{
    struct stat info;
    l->path = realpath(path, NULL);
    AUTO_CLOSE const int fd = l->path ? open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0) {
        return ig_error_set(error, IG_ERR_USAGE, "cannot be opened: %s", strerror(errno));
    }
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_USAGE, "is not a regular file");
    }
    if (info.st_mode & S_IWOTH) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "can be written by everybody on this system, so that its code may be "
                            "anybody's: chmod o-w first");
    }
    TRY(check_whole(fd, info.st_size, error));
    _Static_assert(sizeof l->hash == IG_HASH_TEXT, "the same digits");
    ig_error reason = {0};
    const ig_status status = ig_hash_file(fd, l->hash, NULL, &reason);
    return status
               ? ig_error_set(error, status == IG_ERR_IO ? IG_ERR_USAGE : status, "%s", reason.text)
               : IG_OK;
}

static ig_status open_library(library *l, ig_error *error)
{
    /* The whole path, so that the loader searches nowhere. Now, not lazily: a function that is
     * missing is found before a file is made, not by the first task that calls it. */
    l->handle = dlopen(l->path, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) {
        const char *reason = dlerror();
        return ig_error_set(error, IG_ERR_USAGE, "cannot be loaded: %s", reason ? reason : "");
    }
    l->plugin = dlsym(l->handle, "ig_plugin_v2");
    if (!l->plugin && dlsym(l->handle, "ig_plugin_v1")) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "was built for version 1 of the plugin interface, this is version %d: "
                            "rebuild it with this imagrid's headers",
                            IG_PLUGIN_ABI);
    }
    if (!l->plugin) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "has no symbol ig_plugin_v2: it is not a plugin, or one for another "
                            "imagrid");
    }
    if (l->plugin->header.abi != IG_PLUGIN_ABI) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "was built for version %u of the plugin interface, this is version %d: "
                            "rebuild it with this imagrid's headers",
                            (unsigned)l->plugin->header.abi, IG_PLUGIN_ABI);
    }
    return IG_OK;
}

/** A copy of n structs of `theirs` bytes as structs of `ours` bytes: what they lack is zero, and
 *  what they have beyond ours must be, or it would be ignored without a word. Owned by `l`. */
static ig_status copy_structs(library *l, const char *name, const void *from, size_t n,
                              uint32_t theirs, size_t ours, void **to, ig_error *error)
{
    const size_t common = theirs < ours ? theirs : ours;
    unsigned char *copy = NULL;
    *to = NULL;
    if (!from || n == 0) {
        return IG_OK;
    }
    if (theirs == 0 || theirs > BLOCK) {
        return ig_error_set(error, IG_ERR_USAGE, "says that an %s has %u bytes", name,
                            (unsigned)theirs);
    }
    TRY(IG_GROW(l->blocks, l->n_blocks + 1, error));
    copy = ig_alloc(n, ours, error);
    if (!copy) {
        return IG_ERR_MEMORY;
    }
    l->blocks[l->n_blocks++] = copy;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *one = (const unsigned char *)from + i * theirs;
        memcpy(copy + i * ours, one, common);
        for (size_t k = common; k < theirs; k++) {
            if (one[k]) {
                return ig_error_set(error, IG_ERR_USAGE,
                                    "uses members of %s that this imagrid does not know: it was "
                                    "built for a later one",
                                    name);
            }
        }
    }
    *to = copy;
    return IG_OK;
}

/** copy_structs for a pointer to an array: `pointer` becomes that of the copy. */
#define COPY(l, type, size, pointer, n, error)                                                     \
    do {                                                                                           \
        void *copied = NULL;                                                                       \
        TRY(copy_structs((l), #type, (pointer), (n), (size), sizeof(type), &copied, (error)));     \
        (pointer) = copied;                                                                        \
    } while (0)

/** The struct of an analysis, and the array that it points to. */
static ig_status copy_spec(library *l, ig_analysis *a, ig_error *error)
{
    const ig_kind *kind = ig_kind_of(a->kind);
    void *spec = NULL, *array = NULL, *copied = NULL;
    size_t n = 0;
    if (!kind) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "asks for an analysis of kind %d, which this imagrid does not know",
                            (int)a->kind);
    }
    TRY(copy_structs(l, kind->name, a->spec, 1, a->size, kind->size, &spec, error));
    a->spec = spec;
    if (!spec || !kind->array.name) {
        return IG_OK;
    }
    memcpy(&array, (char *)spec + kind->array.pointer, sizeof array);
    memcpy(&n, (char *)spec + kind->array.count, sizeof n);
    TRY(copy_structs(l, kind->array.name, array, n, l->plugin->header.sizes[kind->array.which],
                     kind->array.size, &copied, error));
    memcpy((char *)spec + kind->array.pointer, &copied, sizeof copied);
    return IG_OK;
}

static ig_status copy_experiment(library *l, const ig_experiment *from, ig_experiment *to,
                                 ig_error *error)
{
    const uint32_t *sizes = l->plugin->header.sizes;
    void *whole = NULL;
    TRY(copy_structs(l, "ig_experiment", from, 1, sizes[IG_SIZE_EXPERIMENT], sizeof *to, &whole,
                     error));
    *to = *(ig_experiment *)whole;
    TRY(ig_check_counts(to, error));
    COPY(l, ig_key, sizes[IG_SIZE_KEY], to->schema.keys, to->schema.n_keys, error);
    COPY(l, ig_dimension, sizes[IG_SIZE_DIMENSION], to->dimensions, to->n_dimensions, error);
    COPY(l, ig_column, sizes[IG_SIZE_COLUMN], to->columns, to->n_columns, error);
    COPY(l, ig_analysis, (uint32_t)sizeof(ig_analysis), to->summary.analyses,
         to->summary.n_analyses, error);
    for (size_t i = 0; to->summary.analyses && i < to->summary.n_analyses; i++) {
        TRY(copy_spec(l, (ig_analysis *)(uintptr_t)&to->summary.analyses[i], error));
    }
    return ig_check_experiment(to, error);
}

static ig_status copy_plugin(library *l, ig_error *error)
{
    void *whole = NULL;
    TRY(copy_structs(l, "ig_plugin", l->plugin, 1, l->plugin->header.sizes[IG_SIZE_PLUGIN],
                     sizeof *l->plugin, &whole, error));
    l->plugin = whole;
    const ig_plugin *p = l->plugin;
    if (!ig_check_is_word(p->name, "_.+-", IG_PLUGIN_TEXT) ||
        !ig_check_is_word(p->version, "_.+-", IG_PLUGIN_TEXT)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "name and version are 1 to %d letters, digits and _ . + -",
                            IG_PLUGIN_TEXT);
    }
    if (!p->experiments || p->n_experiments == 0 || p->n_experiments > EXPERIMENTS_MAX) {
        return ig_error_set(error, IG_ERR_USAGE, "brings %zu experiments, not 1 to %d",
                            p->experiments ? p->n_experiments : 0, EXPERIMENTS_MAX);
    }
    TRY(IG_ALLOC(l->experiments, p->n_experiments, error));
    for (size_t i = 0; i < p->n_experiments; i++) {
        if (!p->experiments[i]) {
            return ig_error_set(error, IG_ERR_USAGE, "experiment %zu is missing", i);
        }
        TRY(copy_experiment(l, p->experiments[i], &l->experiments[i], error));
        l->n++;
    }
    l->origin = ig_asprintf(error, "%s %s %s %s", p->name, p->version, l->hash, l->path);
    return l->origin ? IG_OK : IG_ERR_MEMORY;
}

static ig_status load(const char *path, library *l, ig_error *error)
{
    TRY(identify(path, l, error));
    TRY(open_library(l, error));
    return copy_plugin(l, error);
}

static void unload(library *l)
{
    for (size_t i = 0; i < l->n_blocks; i++) {
        free(l->blocks[i]);
    }
    free(l->blocks);
    free(l->experiments);
    free(l->origin);
    free(l->path);
    if (l->handle) {
        dlclose(l->handle);
    }
}

/** Add an experiment; `origin` is NULL for the program's own. */
static ig_status add(ig_plugins *p, const ig_experiment *experiment, const char *origin,
                     ig_error *error)
{
    const size_t n = p->registry.n;
    const char *name = experiment->schema.experiment;
    for (size_t k = 0; k < n; k++) {
        if (strcmp(p->experiments[k]->schema.experiment, name) == 0) {
            return ig_error_set(error, IG_ERR_USAGE, "there is another experiment %s, from %s",
                                name, p->origins[k] ? p->origins[k] : "imagrid itself");
        }
    }
    TRY(IG_GROW(p->experiments, n + 1, error));
    TRY(IG_GROW(p->origins, n + 1, error));
    p->experiments[n] = experiment;
    p->origins[n] = origin;
    p->registry = (ig_registry){p->experiments, p->origins, n + 1};
    return IG_OK;
}

static ig_status load_all(const ig_plugin_files *files, ig_plugins *p, ig_error *error)
{
    const ig_registry *own = ig_experiments();
    for (size_t i = 0; i < own->n; i++) {
        TRY(add(p, own->experiments[i], NULL, error));
    }
    for (size_t i = 0; i < files->n; i++) {
        library *l = &p->libraries[p->n++];
        ig_status status = load(files->paths[i], l, error);
        for (size_t k = 0; k < l->n && !status; k++) {
            status = add(p, &l->experiments[k], l->origin, error);
        }
        if (status) {
            return ig_error_context(error, "plugin %s", files->paths[i]);
        }
    }
    return IG_OK;
}

ig_status ig_plugins_load(const ig_plugin_files *files, ig_plugins **plugins, ig_error *error)
{
    AUTO(ig_plugins_unload) ig_plugins *p = NULL;
    TRY(IG_ALLOC(p, 1, error));
    TRY(load_all(files, p, error));
    *plugins = ig_take(&p);
    return IG_OK;
}

void ig_plugins_unload(ig_plugins **plugins)
{
    ig_plugins *p = *plugins;
    if (!p) {
        return;
    }
    free(p->experiments);
    free(p->origins);
    while (p->n > 0) {
        unload(&p->libraries[--p->n]);
    }
    free(p);
    *plugins = NULL;
}

const ig_registry *ig_plugins_registry(const ig_plugins *plugins)
{
    return &plugins->registry;
}

void ig_plugins_hashes(const ig_plugins *plugins, char hashes[IG_PLUGINS][IG_PLUGIN_HASH])
{
    memset(hashes, 0, IG_PLUGINS * sizeof *hashes);
    for (size_t i = 0; i < plugins->n; i++) {
        memcpy(hashes[i], plugins->libraries[i].hash, sizeof *hashes);
    }
}
