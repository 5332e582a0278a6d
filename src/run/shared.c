#include "run/shared.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "config/inputs.h"

/** What is needed on the way. */
typedef struct opening {
    MPI_Comm comm, node; /**< all ranks, and those of this node */
    int rank, on_node;   /**< ranks in these */
    const ig_grid *grid;
    const ig_config *config;
    ig_diagnostics *diagnostics;
    ig_shared *shared;
    ig_input_stamp *stamps; /**< by file, owned */
} opening;

static void opening_clear(opening *o)
{
    free(o->stamps);
}

/** Whether this rank reads the files, for all of its node. */
static bool leads(const opening *o)
{
    return o->on_node == 0;
}

static const char *here(const opening *o, char text[64 + MPI_MAX_PROCESSOR_NAME])
{
    char host[MPI_MAX_PROCESSOR_NAME] = "its host";
    int length = 0;
    MPI_Get_processor_name(host, &length);
    snprintf(text, 64 + MPI_MAX_PROCESSOR_NAME, "rank %d on %s", o->rank, host);
    return text;
}

/** Collective: agree; the others learn from the message what the diagnostics of one rank say. */
static ig_status agree(const opening *o, ig_status mine, ig_error *error)
{
    char name[64 + MPI_MAX_PROCESSOR_NAME];
    if (mine && mine != IG_ERR_MPI && o->rank > 0) {
        if (mine == IG_ERR_CONFIG && ig_diagnostics_count(o->diagnostics) > 0) {
            ig_error_set(error, mine, "%s", ig_diagnostics_text(o->diagnostics, 0));
        }
        ig_error_context(error, "%s", here(o, name));
    }
    return ig_agree(o->comm, mine, error);
}

static ig_status split(opening *o, ig_error *error)
{
    TRY_MPI(MPI_Comm_split_type(o->comm, MPI_COMM_TYPE_SHARED, o->rank, MPI_INFO_NULL, &o->node),
            error);
    TRY_MPI(MPI_Comm_set_errhandler(o->node, MPI_ERRORS_RETURN), error);
    TRY_MPI(MPI_Comm_rank(o->node, &o->on_node), error);
    return IG_OK;
}

/** Collective: rank 0's text reaches everybody. */
static ig_status bcast_text(const opening *o, char **text, ig_error *error)
{
    int length = *text ? (int)strlen(*text) : 0;
    ig_status mine = IG_OK;
    TRY_MPI(MPI_Bcast(&length, 1, MPI_INT, 0, o->comm), error);
    if (o->rank != 0) {
        mine = IG_ALLOC(*text, (size_t)length + 1, error);
    }
    TRY(ig_agree(o->comm, mine, error));
    TRY_MPI(MPI_Bcast(*text, length, MPI_CHAR, 0, o->comm), error);
    return IG_OK;
}

static ig_status read_files(opening *o, char **text, ig_error *error)
{
    if (!leads(o)) {
        return IG_OK;
    }
    TRY(IG_ALLOC(o->stamps, ig_inputs_count(o->config), error));
    ig_inputs_stamp(o->config, o->stamps);
    return ig_inputs_read(o->config, true, text, o->diagnostics, error);
}

/** Collective: what is in the input files, the same on every node. */
static ig_status identify(opening *o, ig_error *error)
{
    AUTO_FREE char *mine = NULL;
    char name[64 + MPI_MAX_PROCESSOR_NAME];
    TRY(agree(o, read_files(o, &mine, error), error));
    if (o->rank == 0) {
        o->shared->inputs = ig_take(&mine);
    }
    TRY(bcast_text(o, &o->shared->inputs, error));
    const ig_status same =
        mine ? ig_inputs_match(ig_config_schema(o->config), mine, here(o, name), o->shared->inputs,
                               "rank 0", "use one that all hosts share, or copies of it", error)
             : IG_OK;
    return ig_agree(o->comm, same, error);
}

/** Collective: bytes of memory on every node. */
static ig_status measure(const opening *o, uint64_t *bytes, ig_error *error)
{
    size_t mine = 0;
    const ig_status status =
        leads(o) ? ig_memory_need(o->grid, &mine, o->diagnostics, error) : IG_OK;
    TRY(agree(o, status, error));
    *bytes = mine;
    TRY_MPI(MPI_Bcast(bytes, 1, MPI_UINT64_T, 0, o->comm), error);
    return agree(o,
                 leads(o) && mine != *bytes
                     ? ig_error_set(error, IG_ERR_MISMATCH,
                                    "the experiment needs %zu bytes of memory, and %llu on rank 0",
                                    mine, (unsigned long long)*bytes)
                     : IG_OK,
                 error);
}

static ig_status load(opening *o, size_t bytes, ig_error *error)
{
    int ranks = 0;
    TRY_MPI(MPI_Comm_size(o->node, &ranks), error);
    if (!leads(o)) {
        return IG_OK;
    }
    TRY(ig_memory_load(o->grid, bytes, ranks > 1, &o->shared->memory, o->diagnostics, error));
    return ig_inputs_unchanged(o->config, o->stamps, error);
}

/** Collective: the ranks that do not lead a node find the memory of the one that does. */
static ig_status share(const opening *o, size_t bytes, ig_error *error)
{
    ig_shared *s = o->shared;
    ig_memory_place place = ig_memory_place_of(&s->memory);
    TRY_MPI(MPI_Bcast(&place, sizeof place, MPI_BYTE, 0, o->node), error);
    const ig_status joined = leads(o) ? IG_OK : ig_memory_join(&place, &s->memory, &s->why);
    const int alone = joined != IG_OK;
    if (ig_agree_all(o->comm, joined, &s->why) == IG_ERR_MPI) {
        return ig_error_set(error, IG_ERR_MPI, "%s", s->why.text);
    }
    const ig_status copied =
        alone ? ig_memory_load(o->grid, bytes, false, &s->memory, o->diagnostics, error) : IG_OK;
    TRY(agree(o, copied, error));
    TRY_MPI(MPI_Allreduce(&alone, &s->copies, 1, MPI_INT, MPI_SUM, o->comm), error);
    ig_memory_seal(&s->memory);
    return IG_OK;
}

static ig_status open_on_nodes(opening *o, ig_error *error)
{
    uint64_t bytes = 0;
    TRY(identify(o, error));
    TRY(measure(o, &bytes, error));
    TRY(agree(o, load(o, (size_t)bytes, error), error));
    return bytes > 0 ? share(o, (size_t)bytes, error) : IG_OK;
}

static ig_status open_all(opening *o, ig_error *error)
{
    TRY_MPI(MPI_Comm_rank(o->comm, &o->rank), error);
    TRY(split(o, error));
    const ig_status status = open_on_nodes(o, error);
    /* Where MPI has failed nothing collective can be done any more. */
    if (status != IG_ERR_MPI) {
        TRY_MPI(MPI_Comm_free(&o->node), error);
    }
    return status;
}

ig_status ig_shared_open(MPI_Comm comm, const ig_grid *grid, ig_shared *shared,
                         ig_diagnostics *diagnostics, ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    ig_shared s = {.memory = IG_NO_MEMORY};
    *shared = s;
    /* The same on all ranks, as the configuration is. */
    if (ig_inputs_count(config) == 0 && !ig_experiment_of(config)->load) {
        return IG_OK;
    }
    AUTO(opening_clear)
    opening o = {.comm = comm,
                 .node = MPI_COMM_NULL,
                 .grid = grid,
                 .config = config,
                 .diagnostics = diagnostics,
                 .shared = &s};
    const ig_status status = open_all(&o, error);
    if (status) {
        ig_shared_clear(&s);
        return status;
    }
    *shared = s;
    return IG_OK;
}

void ig_shared_clear(ig_shared *shared)
{
    free(shared->inputs);
    ig_memory_clear(&shared->memory);
    *shared = (ig_shared){.memory = IG_NO_MEMORY};
}
