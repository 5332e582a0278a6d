/* Students of two hidden layers, 17 + 6 inputs, dynamics (17 outputs) and reward (1), minibatches
 * of 256 standardised rows of a pool, beside the machine's multiply-add peak. bench-deep all
 * instruction sets, activations and shapes bench-deep --update ACTIVATION UNITS ...  only our
 * milliseconds for one Adam update of both networks with hidden layers of so many units */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fma-peak.h"
#include "imagrid/nn.h"

enum { STATE = 17, ACTION = 6, INPUTS = STATE + ACTION, STRIDE = INPUTS + STATE + 1 };
enum { MINIBATCH = 256, N = 80 * MINIBATCH };

static const char *const names[] = {"none", "tanh", "relu", "silu"};

/** All that is allocated, for the length of the program. */
typedef struct problem {
    ig_network networks[2];
    float *rows, *parameters[2], mean[INPUTS + STATE + 1], scale[INPUTS + STATE + 1];
    ig_rng_key key;
} problem;

static float *floats(size_t n)
{
    float *p = malloc(n * sizeof *p);
    if (!p) {
        abort();
    }
    return p;
}

static problem make(ig_activation activation, const int *hidden, int n_hidden)
{
    problem p = {.rows = floats((size_t)N * STRIDE), .key = ig_rng_key_make("bench-deep", 0)};
    ig_rng rng = ig_rng_start(p.key, IG_STREAM_NOISE, 0);
    ig_normals(ig_isa_detect(), &rng, (size_t)N * STRIDE, p.rows);
    for (int j = 0; j < STRIDE; j++) {
        p.scale[j] = 1;
    }
    for (int h = 0; h < 2; h++) {
        ig_network *network = &p.networks[h];
        *network = (ig_network){.inputs = INPUTS,
                                .outputs = h ? 1 : STATE,
                                .n_hidden = n_hidden,
                                .activation = activation};
        memcpy(network->hidden, hidden, (size_t)n_hidden * sizeof *hidden);
        p.parameters[h] = floats(ig_network_size(network));
        ig_network_init_linear(network, &rng, p.parameters[h]);
    }
    return p;
}

static void clear(problem *p)
{
    free(p->rows);
    free(p->parameters[0]);
    free(p->parameters[1]);
}

/** Best of several runs of an epoch. */
static double update_seconds(const problem *p, ig_isa isa, int runs)
{
    const float *parameters[] = {p->parameters[0], p->parameters[1]};
    const ig_view view = {p->rows, STRIDE, N, NULL, INPUTS, p->mean, p->scale};
    const ig_training training = {.epochs = 1, .minibatch = MINIBATCH};
    ig_head heads[2] = {{0}, {0}};
    double best = 1e30;
    ig_trainer *trainer = NULL;
    if (ig_trainer_create_networks(isa, 1e-3f, p->networks, parameters, 2, &trainer, NULL)) {
        abort();
    }
    for (int i = 0; i < runs; i++) {
        double begin = bench_seconds();
        if (ig_trainer_run(trainer, &training, &view, NULL, heads, p->key, NULL, NULL)) {
            abort();
        }
        double seconds = (bench_seconds() - begin) * MINIBATCH / N;
        best = seconds < best ? seconds : best;
    }
    ig_trainer_destroy(&trainer);
    return best;
}

static void print_rates(void)
{
    static const int widths[] = {64, 128, 256, 512};
    puts("Two hidden layers, both networks in one trainer; processor time, one thread, best epoch "
         "of "
         "several.");
    printf("%-9s %-6s %9s %14s %14s %9s %12s\n", "isa", "", "units", "FMA peak", "training",
           "of peak", "an update");
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        double peak = bench_peak(isa);
        for (int i = 0; i < 6; i++) {
            int width = widths[i < 4 ? i : 2], hidden[] = {width, width};
            ig_activation activation = i < 4    ? IG_ACTIVATION_RELU
                                       : i == 4 ? IG_ACTIVATION_TANH
                                                : IG_ACTIVATION_SILU;
            problem p = make(activation, hidden, 2);
            double seconds = update_seconds(&p, isa, 4);
            double work = ig_network_work(&p.networks[0]) + ig_network_work(&p.networks[1]);
            double rate = 2 * work * MINIBATCH / seconds;
            printf("%-9s %-6s %5d x 2 %9.1f GF/s %9.1f GF/s %7.1f %% %9.3f ms\n", ig_isa_name(isa),
                   names[activation], width, peak / 1e9, rate / 1e9, 100 * rate / peak,
                   1e3 * seconds);
            clear(&p);
        }
    }
}

int main(int argc, char **argv)
{
    int hidden[IG_HIDDEN_MAX], n_hidden = argc - 3, activation = IG_ACTIVATION_SILU;
    if (argc == 1) {
        print_rates();
        return 0;
    }
    if (strcmp(argv[1], "--update") != 0 || n_hidden < 0 || n_hidden > IG_HIDDEN_MAX) {
        fprintf(stderr, "usage: bench-deep [--update tanh|relu|silu UNITS ...]\n");
        return 2;
    }
    while (activation > IG_ACTIVATION_NONE && strcmp(argv[2], names[activation]) != 0) {
        activation--;
    }
    for (int l = 0; l < n_hidden; l++) {
        hidden[l] = atoi(argv[3 + l]);
    }
    problem p = make((ig_activation)activation, hidden, n_hidden);
    printf("%.6f\n", 1e3 * update_seconds(&p, ig_isa_detect(), 4));
    clear(&p);
    return 0;
}
