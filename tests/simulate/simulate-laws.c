/** usage: simulate-laws [REPLICATES [apart|shared|slopes]]
 *
 *  The table of docs/laws.md: coverage of the 95 % intervals of learning laws in every combination
 *  of truth, design and scatter, with seeds apart, shared, and shared with different exponents. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"

static double rate(const coverage *r, size_t count)
{
    return (double)count / (double)r->replicates;
}

static ig_status print_cell(const coverage_case *c, const char *seeds, size_t replicates)
{
    ig_error error = {0};
    coverage r;
    const ig_status status = coverage_run(c, replicates, 1000, &r, &error);
    if (status) {
        fprintf(stderr, "simulate-laws: %s\n", error.text);
        return status;
    }
    printf("| %s | %s | %s | %.0f %% |", c->truth->name, c->design->name, seeds, 100 * c->scatter);
    for (int i = 0; i < COVERED; i++) {
        printf(" %.2f |", rate(&r, r.inside[i]));
    }
    printf(" %.2f | %.2f | %.2f |\n", r.width[EXPONENT], rate(&r, r.right), rate(&r, r.wrong));
    fflush(stdout);
    return IG_OK;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool shared;
        double level, slope;
    } kinds[] = {{"apart", false, 0, 0}, {"shared", true, 0.3, 0}, {"slopes", true, 0.3, 0.03}};
    const size_t replicates = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    const char *only = argc > 2 ? argv[2] : NULL;
    if (replicates == 0) {
        fprintf(stderr, "usage: simulate-laws [REPLICATES [apart|shared|slopes]]\n");
        return 2;
    }
    printf("| truth | N x seeds | seeds | scatter |");
    for (int i = 0; i < COVERED; i++) {
        printf(" %s |", covered_names[i]);
    }
    printf(" width | right | wrong |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int t = 0; t < TRUTHS && (!only || strcmp(only, kinds[k].name) == 0); t++) {
            for (int d = 0; d < 2 * DESIGNS; d++) {
                const coverage_case c = {&designs[d / 2], &truths[t],     d % 2 ? 0.2 : 0.03,
                                         kinds[k].shared, kinds[k].level, kinds[k].slope};
                if (print_cell(&c, kinds[k].name, replicates)) {
                    return 1;
                }
            }
        }
    }
    return 0;
}
