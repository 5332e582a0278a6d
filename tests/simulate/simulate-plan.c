/** usage: simulate-plan [REPLICATES [apart|shared]]
 *
 *  The tables of docs/plan.md: how often the 95 % intervals of a plan hold the truth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"

enum { DRAWS = 1000 };

static ig_status print_cell(const coverage_case *c, size_t replicates)
{
    ig_error error = {0};
    plan_coverage r;
    if (plan_coverage_run(c, replicates, DRAWS, &r, &error)) {
        fprintf(stderr, "simulate-plan: %s\n", error.text);
        return error.status;
    }
    const double n = (double)replicates;
    printf("| %s | %s | %s | %.0f %% |", c->truth->name, c->design->name,
           c->shared ? "shared" : "apart", 100 * c->scatter);
    for (int i = 0; i < PLAN_COVERED; i++) {
        printf(" %.3f |", (double)r.inside[i] / n);
    }
    printf(" %.2f | %.2f | %.3f |\n", r.width, (double)r.ordered / n, (double)r.wrong / n);
    fflush(stdout);
    return IG_OK;
}

int main(int argc, char **argv)
{
    const size_t replicates = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    const char *only = argc > 2 ? argv[2] : "";
    if (replicates == 0) {
        fprintf(stderr, "usage: simulate-plan [REPLICATES [apart|shared]]\n");
        return 2;
    }
    printf("| truth | N x seeds | seeds | scatter |");
    for (int i = 0; i < PLAN_COVERED; i++) {
        printf(" %s |", plan_covered_names[i]);
    }
    printf(" width | beats half | wrongly |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int shared = 0; shared < 2; shared++) {
        if (only[0] && strcmp(only, shared ? "shared" : "apart") != 0) {
            continue;
        }
        for (int i = 0; i < TRUTHS * 2 * DESIGNS; i++) {
            const coverage_case c = {&designs[i / 2 % DESIGNS], &truths[i / (2 * DESIGNS)],
                                     i % 2 ? 0.2 : 0.03,        shared,
                                     shared ? 0.3 : 0,          0};
            if (print_cell(&c, replicates)) {
                return 1;
            }
        }
    }
    return 0;
}
