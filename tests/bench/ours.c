#include "ours.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

int bench_short_epochs(size_t n)
{
    return (int)(2000000 / n) + 1;
}

bench_losses bench_ours_train(const bench_problem *p, ig_isa isa, int epochs)
{
    ig_head heads[2] = {{.hidden = BENCH_HIDDEN, .outputs = BENCH_STATE},
                        {.hidden = BENCH_HIDDEN, .outputs = 1}};
    for (int h = 0; h < 2; h++) {
        ig_mlp_shape shape = {BENCH_INPUTS, BENCH_HIDDEN, heads[h].outputs};
        heads[h].parameters = malloc(ig_mlp_size(shape) * sizeof(float));
        if (!heads[h].parameters) {
            abort();
        }
        memcpy(heads[h].parameters, p->parameters[h], ig_mlp_size(shape) * sizeof(float));
    }
    ig_train_options options = {epochs, BENCH_MINIBATCH, 1e-3f, isa};
    if (ig_train(&options, BENCH_INPUTS, &p->pool, &p->holdout, heads, 2, p->key, NULL, NULL)) {
        abort();
    }
    bench_losses losses;
    for (int h = 0; h < 2; h++) {
        losses.train[h] = heads[h].train_mse;
        losses.holdout[h] = heads[h].holdout_mse;
        free(heads[h].parameters);
    }
    return losses;
}

double bench_ours_seconds(const bench_problem *p, ig_isa isa, int runs)
{
    int epochs = bench_short_epochs(p->pool.n);
    double best = 0;
    for (int i = 0; i < runs; i++) {
        double begin = bench_seconds();
        bench_ours_train(p, isa, epochs);
        double seconds = (bench_seconds() - begin) * BENCH_EPOCHS / epochs;
        best = i == 0 || seconds < best ? seconds : best;
    }
    return best;
}
