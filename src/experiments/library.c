#include "experiments/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "experiments/check.h"
#include "experiments/shared-object.h"

enum { BLOCK = 1 << 16, MOST_EXPERIMENTS = 64 };

static const char symbol[] = "ig_plugin_v1";

/** XXH3-128 of the rest of an open file as 32 digits. */
static ig_status hash_file(int fd, char hash[IG_PLUGIN_HASH], ig_error *error)
{
    unsigned char *block = malloc(BLOCK);
    XXH3_state_t *state = XXH3_createState();
    ig_status status = IG_OK;
    ssize_t n = 0;
    if (!block || !state) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory to read it");
        goto done;
    }
    XXH3_128bits_reset(state);
    while ((n = read(fd, block, BLOCK)) > 0 || (n < 0 && errno == EINTR)) {
        XXH3_128bits_update(state, block, n > 0 ? (size_t)n : 0);
    }
    if (n < 0) {
        status = ig_error_set(error, IG_ERR_USAGE, "cannot be read: %s", strerror(errno));
        goto done;
    }
    XXH128_hash_t sum = XXH3_128bits_digest(state);
    snprintf(hash, IG_PLUGIN_HASH, "%016llx%016llx", (unsigned long long)sum.high64,
             (unsigned long long)sum.low64);
done:
    XXH3_freeState(state);
    free(block);
    return status;
}

/** Where the file is, and what is in it. Anything but a regular file could block or change. */
static ig_status identify(const char *path, ig_library *l, ig_error *error)
{
    struct stat info;
    l->path = realpath(path, NULL);
    int fd = l->path ? open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0) {
        return ig_error_set(error, IG_ERR_USAGE, "cannot be opened: %s", strerror(errno));
    }
    ig_status status = IG_OK;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = ig_error_set(error, IG_ERR_USAGE, "is not a regular file");
    } else if (info.st_mode & S_IWOTH) {
        status = ig_error_set(error, IG_ERR_USAGE,
                              "can be written by everybody on this system, so that its code may be "
                              "anybody's: chmod o-w first");
    }
    if (!status) {
        status = ig_shared_object_check(fd, error);
    }
    if (!status) {
        status = hash_file(fd, l->hash, error);
    }
    close(fd);
    return status;
}

static ig_status open_library(ig_library *l, ig_error *error)
{
    /* The whole path, so that the loader searches nowhere. Now, not lazily: a function that is
     * missing is found out before a file is made, not by the first task that calls it. */
    l->handle = dlopen(l->path, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) {
        const char *reason = dlerror();
        return ig_error_set(error, IG_ERR_USAGE, "cannot be loaded: %s", reason ? reason : "");
    }
    l->plugin = dlsym(l->handle, symbol);
    if (!l->plugin) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "has no symbol %s: it is no plugin, or one for another imagrid",
                            symbol);
    }
    return IG_OK;
}

/* In the order of IG_PLUGIN_ABI. */
static const char *const structs[IG_PLUGIN_ABI_SIZES] = {
    "ig_plugin",
    "ig_experiment",
    "ig_key",
    "ig_dimension",
    "ig_column",
    "ig_fit",
    "ig_ratio",
    "ig_pool",
    "ig_agreement",
    "ig_agreement_group",
    "ig_task",
    "ig_row",
    "ig_layout",
    "ig_value",
    "ig_rng",
    "ig_train_options",
    "ig_head",
    "ig_error",
    "ig_curve",
    "ig_world",
    "ig_gaussian",
    "ig_trajectories",
    "ig_policy_train_options",
    "ig_student",
};

/** Nothing else of the descriptor may be looked at before this has been found right. */
static ig_status check_abi(const ig_plugin *plugin, ig_error *error)
{
    const ig_plugin_abi ours = IG_PLUGIN_ABI, *theirs = &plugin->abi;
    if (theirs->version != ours.version) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "was built for version %u of the plugin interface, this is version %u: "
                            "build it anew with this imagrid's headers",
                            (unsigned)theirs->version, (unsigned)ours.version);
    }
    for (size_t i = 0; i < IG_PLUGIN_ABI_SIZES; i++) {
        if (theirs->sizes[i] != ours.sizes[i]) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "was built with other headers (%s has %u bytes there, %u here): "
                                "build it anew with this imagrid's",
                                structs[i], (unsigned)theirs->sizes[i], (unsigned)ours.sizes[i]);
        }
    }
    return IG_OK;
}

static ig_status check_plugin(const ig_plugin *plugin, ig_error *error)
{
    ig_status status = check_abi(plugin, error);
    if (status) {
        return status;
    }
    if (!ig_check_is_word(plugin->name, "_.+-", IG_PLUGIN_TEXT) ||
        !ig_check_is_word(plugin->version, "_.+-", IG_PLUGIN_TEXT)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "name and version are 1 to %d letters, digits and _ . + -",
                            IG_PLUGIN_TEXT);
    }
    if (!plugin->experiments || plugin->n_experiments == 0 ||
        plugin->n_experiments > MOST_EXPERIMENTS) {
        return ig_error_set(error, IG_ERR_USAGE, "brings %zu experiments, not 1 to %d",
                            plugin->experiments ? plugin->n_experiments : 0, MOST_EXPERIMENTS);
    }
    for (size_t i = 0; i < plugin->n_experiments && !status; i++) {
        status = plugin->experiments[i]
                     ? ig_check_experiment(plugin->experiments[i], error)
                     : ig_error_set(error, IG_ERR_USAGE, "experiment %zu is missing", i);
    }
    return status;
}

ig_status ig_library_load(const char *path, ig_library *library, ig_error *error)
{
    ig_status status = identify(path, library, error);
    if (!status) {
        status = open_library(library, error);
    }
    if (!status) {
        status = check_plugin(library->plugin, error);
    }
    if (!status && asprintf(&library->origin, "%s %s %s %s", library->plugin->name,
                            library->plugin->version, library->hash, library->path) < 0) {
        library->origin = NULL;
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for its name");
    }
    if (status) {
        ig_error_context(error, "plugin %s", path);
    }
    return status;
}

void ig_library_clear(ig_library *library)
{
    free(library->origin);
    free(library->path);
    if (library->handle) {
        dlclose(library->handle);
    }
    *library = (ig_library){0};
}
