/* Simulate the run that made a result file, from the durations it recorded, on as many ranks.
 * usage: simulate-file OUT.h5 RANKS; prints the simulated makespan in seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "run/estimate.h"

int main(int argc, char **argv)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_schedule *schedule = NULL;
    double *recorded = NULL, *seconds = NULL;
    int8_t *empty = NULL;
    ig_simulation simulation;
    if (argc != 3 || ig_store_open(ig_experiments(), argv[1], false, &store, &error)) {
        fprintf(stderr, "simulate-file: %s\n", argc == 3 ? error.text : "OUT.h5 RANKS");
        return 2;
    }
    const ig_grid *grid = ig_store_grid(store);
    size_t n = ig_grid_n_tasks(grid);
    recorded = malloc(n * sizeof *recorded);
    seconds = malloc(n * sizeof *seconds);
    empty = calloc(n, 1);
    ig_status status = recorded && seconds && empty ? IG_OK : IG_ERR_MEMORY;
    if (!status) {
        status = ig_store_read(store, IG_STORE_SECONDS, recorded, &error);
    }
    if (!status) {
        status = ig_schedule_create(ig_store_experiment(store), grid, empty, (ig_shard){0, 1},
                                    &schedule, &error);
    }
    for (size_t i = 0; !status && i < n; i++) {
        seconds[i] = recorded[schedule->tasks[i]];
    }
    if (!status) {
        status = ig_simulate(schedule, seconds, strtoul(argv[2], NULL, 10), &ig_overhead_usual,
                             &simulation, &error);
    }
    if (!status) {
        printf("%.6f\n", simulation.makespan);
    }
    ig_schedule_destroy(&schedule);
    ig_store_close(&store);
    free(recorded);
    free(seconds);
    free(empty);
    return status != IG_OK;
}
