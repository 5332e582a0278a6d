/** The bound along the budget line: data, script and gnuplot's run over them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/drawing.h"
#include "output/embedded.h"
#include "output/figure.h"
#include "output/files.h"
#include "output/gnuplot.h"
#include "plan/proposal.h"
#include "results/statistics.h"

enum { POINTS = 241, COLUMNS = 8 };
#define FIGURE "plan"

/** What is drawn: POINTS divisions of the money and the ranges of the axes. */
typedef struct drawing {
    double x_low, x_high, y_low, y_high;
    double numbers[POINTS][COLUMNS];
} drawing;

/** Odds between which both divisions worth showing lie, with room around, and both kinds are bought
 *  at all. */
static void place(const ig_proposal *p, drawing *d)
{
    const ig_allocation *best = &p->purchase.best;
    double odds = best->share_dyn / best->share_rew, money = best->cost;
    double least = p->order.cost[IG_DYNAMICS] / (money - p->order.cost[IG_DYNAMICS]);
    double most = money / p->order.cost[IG_REWARD] - 1;
    d->x_low = fmax(fmin(odds, 1) / 30, least);
    d->x_high = fmin(fmax(odds, 1) * 30, most);
    if (!(d->x_low < d->x_high)) {
        d->x_low = odds / 2;
        d->x_high = odds * 2;
    }
}

static bool is_measured(const ig_learning_curve *c, double n)
{
    return n >= c->n_low && n <= c->n_high;
}

static ig_status compute(const ig_proposal *p, drawing *d, ig_error *error)
{
    ig_allocation_problem problem = ig_purchase_problem(p->curves, &p->order);
    size_t n = ig_purchase_n_draws(p->curves);
    double *bounds = calloc(n + 1, sizeof *bounds), highest = 0;
    if (!bounds) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu redraws", n);
    }
    for (int i = 0; i < POINTS; i++) {
        const double nan = (double)NAN;
        double odds = d->x_low * pow(d->x_high / d->x_low, (double)i / (POINTS - 1));
        ig_allocation a = ig_allocation_split(&problem, p->purchase.best.cost, odds);
        double low = nan, high = nan;
        for (size_t k = 0; k < n; k++) {
            ig_allocation_problem redrawn = ig_purchase_redrawn(p->curves, &p->order, k);
            bounds[k] = ig_allocation_of(&redrawn, a.n_dyn, a.n_rew).bound;
        }
        if (n > 0) {
            ig_interval_95(bounds, n, &low, &high);
        }
        double dyn = problem.dyn.weight * a.eps_dyn, rew = problem.rew.weight * a.eps_rew;
        bool dyn_known = is_measured(&p->curves[IG_DYNAMICS], a.n_dyn);
        bool rew_known = is_measured(&p->curves[IG_REWARD], a.n_rew);
        const double numbers[COLUMNS] = {odds,
                                         a.bound,
                                         low,
                                         high,
                                         dyn_known ? dyn : nan,
                                         dyn_known ? nan : dyn,
                                         rew_known ? rew : nan,
                                         rew_known ? nan : rew};
        memcpy(d->numbers[i], numbers, sizeof numbers);
        highest = fmax(highest, a.bound);
    }
    d->y_low = p->purchase.best.bound / 30;
    d->y_high = fmin(1.5 * highest, 100 * p->purchase.best.bound);
    free(bounds);
    return IG_OK;
}

static void write_data(const drawing *d, FILE *file)
{
    fputs("# money for transitions / money for labels, bound, 2.5 %, 97.5 %, dynamics part\n"
          "# measured, extrapolated, reward part measured, extrapolated\n",
          file);
    for (int i = 0; i < POINTS; i++) {
        for (int c = 0; c < COLUMNS; c++) {
            char text[IG_NUMBER_TEXT];
            fprintf(file, "%s%s", c ? " " : "", ig_number_text(d->numbers[i][c], text));
        }
        fputc('\n', file);
    }
    /* gnuplot complains of a column without numbers: a point of its own, outside the picture. */
    fputs("\n1e-30 1e-30 1e-30 1e-30 1e-30 1e-30 1e-30 1e-30\n", file);
}

static void put_number(FILE *file, const char *name, double number)
{
    char text[IG_NUMBER_TEXT];
    fprintf(file, "%s = %s\n", name, isnan(number) ? "NaN" : ig_number_text(number, text));
}

/** What was measured: the name of the file. */
static const char *footer_of(const ig_proposal *p)
{
    const char *path = p->options->fits ? p->options->fits : p->options->curve;
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void write_script(const ig_proposal *p, const drawing *d, FILE *file)
{
    const ig_purchase *b = &p->purchase;
    /* None of these texts holds a quote. */
    fputs("figure = '" FIGURE "'\n"
          "y_text = 'bound on the error of the return'\n"
          "dynamics_text = 'part of the dynamics error'\n"
          "reward_text = 'part of the reward error'\n",
          file);
    fprintf(file, "title_text = 'What %.6g buys at %.6g a transition and %.6g a reward label'\n",
            b->best.cost, p->order.cost[IG_DYNAMICS], p->order.cost[IG_REWARD]);
    fprintf(file, "best_text = 'best: %.15g transitions, %.15g reward labels'\n", b->best.n_dyn,
            b->best.n_rew);
    put_number(file, "x_low", d->x_low);
    put_number(file, "x_high", d->x_high);
    put_number(file, "y_low", d->y_low);
    put_number(file, "y_high", d->y_high);
    put_number(file, "best_x", b->best.share_dyn / b->best.share_rew);
    put_number(file, "best_y", b->best.bound);
    put_number(file, "even_y", b->even.bound);
    ig_figure_put_common(file, footer_of(p), "y");
    for (const char *const *line = ig_embedded_budget_line; *line; line++) {
        fputs(*line, file);
    }
}

/** What is drawn of which proposal. */
typedef struct picture {
    const ig_proposal *proposal;
    drawing drawing;
} picture;

static ig_status draw(const void *what, const ig_folder *folder, ig_error *error)
{
    static const char data[] = FIGURE "-line.dat", script[] = FIGURE ".gp";
    const picture *p = what;
    FILE *file = NULL;
    ig_status status = ig_text_open(folder, data, &file, error);
    if (status) {
        return status;
    }
    write_data(&p->drawing, file);
    status = ig_text_close(&file, folder, data, IG_OK, error);
    if (!status) {
        status = ig_text_open(folder, script, &file, error);
    }
    if (status) {
        return status;
    }
    write_script(p->proposal, &p->drawing, file);
    status = ig_text_close(&file, folder, script, IG_OK, error);
    return status ? status : ig_gnuplot_run(folder, script, error);
}

ig_status ig_proposal_draw(const ig_proposal *proposal, const char *directory, ig_error *error)
{
    picture p = {.proposal = proposal};
    place(proposal, &p.drawing);
    ig_status status = compute(proposal, &p.drawing, error);
    return status ? status : ig_drawing_make(directory, draw, &p, error);
}
