/** What the files of the experiment `program` share: program-declare.c reads what a configuration
 *  declares, program.c runs it. */
#ifndef IMAGRID_EXPERIMENTS_PROGRAM_H
#define IMAGRID_EXPERIMENTS_PROGRAM_H

#include "imagrid/experiment.h"

/** An axis: key "axes.NAME", coordinate NAME, placeholder {NAME}. */
typedef struct ig_program_axis {
    const char *name, *path;
} ig_program_axis;

/** A declared program. The keys that are plain values (command, timeout, retries, ...) are read
 * from the configuration like those of any experiment; what no key can say is here. Owned by the
 *  configuration. */
typedef struct ig_program {
    ig_experiment experiment; /**< first, see ig_program_of. Its columns: the declared ones, then
                                   `retries` (IG_I32) and, unless output_tail is 0,
                                   `stderr` (IG_TEXT) */
    const ig_program_axis *axes;
    size_t n_axes;
    size_t n_declared; /**< columns that the program's result must have */
    const char *const *environment_names;
    const char *const *environment_values; /**< templates */
    size_t n_environment;
    double timeout, grace; /**< seconds; INFINITY: no limit */
    const char *folder;    /**< of the configuration, where the program runs */
} ig_program;

/** Of a configuration whose experiment is `program`. */
static inline const ig_program *ig_program_of(const ig_config *config)
{
    return (const ig_program *)(const void *)ig_experiment_of(config);
}

/** program-declare.c: the hooks `declare`, `check` and `cost`. */
ig_status ig_program_declare(const ig_experiment *self, const struct ig_node *document,
                             const char *file, struct ig_memory_pool *memory,
                             const ig_experiment **made, ig_diagnostics *diagnostics);
void ig_program_check(const ig_grid *grid, ig_diagnostics *diagnostics);
double ig_program_cost(const ig_point *point);
ig_needs ig_program_needs(const ig_config *config);

/** program.c: the hooks `begin`, `run`, `end`. */
ig_status ig_program_begin(const ig_grid *grid, const ig_site *site, void **own, ig_error *error);
ig_status ig_program_run(const ig_task *task, const ig_row *row, ig_error *error);
void ig_program_end(void *own);

/** Whether the command or the environment has this placeholder. */
bool ig_program_uses(const ig_config *config, const char *placeholder);

/** The names of placeholders besides axes and seed: task, rank, local_rank, result, scratch;
 *  NULL-terminated. `seed` is the first. */
extern const char *const ig_program_placeholders[];

#endif
