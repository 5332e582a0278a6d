/** The proposal as a figure: the bound along the budget line. */
#include <math.h>
#include <string.h>

#include "base/try.h"
#include "plan/plan.h"

enum { POINTS = 201 };
/* Bounds so many times the best need not be seen. */
static const double HEIGHT = 3;
/* Laws drawn from: percentiles of a picture need no more. */
enum { DRAWN = 2000 };

/** a / b of two prices or shares; infinite where b is so much smaller that it vanishes. */
static double odds_of(double a, double b)
{
    return b > 0 ? a / b : (double)INFINITY;
}

/** Odds between which both divisions worth showing lie, with room around, both kinds are bought at
 *  all, and labels have their transitions. */
static void place(const ig_proposal *p, const ig_allocation_problem *law, double *low, double *high)
{
    const ig_allocation *best = &p->purchase.best;
    const double odds = odds_of(best->share_dyn, best->share_rew), money = best->cost;
    const ig_allocation end = ig_allocation_near(law, money, 0);
    const double least = odds_of(end.share_dyn, end.share_rew);
    const double most = odds_of(money, p->order.cost[IG_REWARD]) - 1;
    *low = fmax(fmin(odds, 1) / 30, least);
    *high = fmin(fmax(odds, 1) * 30, most);
    if (!(*low > 0) || !(*low < *high) || !isfinite(*high)) {
        const double middle = odds > 0 && isfinite(odds) ? odds : 1;
        *low = middle / 2;
        *high = middle * 2;
    }
}

/** What is drawn at each odds: medians and 95 % of the draws. */
typedef struct line {
    double odds[POINTS], n[IG_KINDS][POINTS];
    double part[IG_KINDS][POINTS]; /**< of the bound, medians */
    ig_estimate bound[POINTS];
} line;

static ig_status measure(const ig_proposal *p, line *l, ig_error *error)
{
    const size_t all = ig_purchase_n_draws(p->curves), n = all < DRAWN ? all : DRAWN;
    AUTO_FREE ig_allocation_problem *laws = NULL, *weighed = NULL;
    AUTO_FREE double *values = NULL;
    ig_rng rng =
        ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, IG_KINDS + 1);
    double low, high;
    TRY(IG_ALLOC(laws, n, error));
    TRY(IG_ALLOC(weighed, n, error));
    TRY(IG_ALLOC(values, 4 * n, error));
    for (size_t k = 0; k < n; k++) {
        weighed[k] = laws[k] = ig_purchase_drawn(p->curves, &p->order, k);
        ig_order_draw_weights(&p->order, &rng, &weighed[k]);
    }
    place(p, &laws[0], &low, &high);
    for (size_t i = 0; i < POINTS; i++) {
        l->odds[i] = low * pow(high / low, (double)i / (POINTS - 1));
        for (size_t k = 0; k < n; k++) {
            const ig_allocation a =
                ig_allocation_split(&laws[k], p->purchase.best.cost, l->odds[i]);
            values[k] = a.bound;
            values[3 * n + k] = ig_allocation_of(&weighed[k], a.n_dyn, a.n_rew).bound;
            values[n + k] = p->order.weight[IG_DYNAMICS] * a.eps_dyn;
            values[2 * n + k] = p->order.weight[IG_REWARD] * a.eps_rew;
            l->n[IG_DYNAMICS][i] = p->order.owned[IG_DYNAMICS] + a.n_dyn;
            l->n[IG_REWARD][i] = p->order.owned[IG_REWARD] + a.n_rew;
        }
        l->bound[i] = ig_plan_estimate(values + 3 * n, n);
        l->bound[i].value = ig_plan_estimate(values, n).value;
        l->part[IG_DYNAMICS][i] = ig_plan_estimate(values + n, n).value;
        l->part[IG_REWARD][i] = ig_plan_estimate(values + 2 * n, n).value;
    }
    return IG_OK;
}

static bool is_measured(const ig_learning_curve *c, double n)
{
    return n >= c->n_low && n <= c->n_high;
}

/** A kind's part of the bound along the line: solid within the N that were measured, else dashed.
 */
static void add_part(const ig_proposal *p, int kind, const line *l, ig_panel *panel)
{
    for (int beyond = 0; beyond < 2; beyond++) {
        ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, POINTS, false, kind, beyond);
        for (size_t i = 0; i < s->n; i++) {
            s->x[i] = l->odds[i];
            s->y[i] = is_measured(&p->curves[kind], l->n[kind][i]) == !beyond ? l->part[kind][i]
                                                                              : (double)NAN;
        }
        if (!beyond) {
            ig_series_title(panel, s, "part of the %s error", ig_kind_names[kind]);
        }
    }
}

static void add_point(double x, double y, ig_series_kind kind, const char *title, ig_panel *panel)
{
    const ig_numbers numbers = {.n = 1, .x = &x, .y = &y};
    ig_figure_series *s = ig_panel_copy(panel, kind, numbers, IG_STYLE_BLACK, 0);
    ig_series_title(panel, s, "%s", title);
}

/** The bound, with the band of the draws. The y axis begins at 0 and is linear, so that the parts
 *  are seen to add up; a bound that goes far above the best leaves it. */
static void add_bound(const ig_proposal *p, const line *l, ig_panel *panel)
{
    ig_figure_series *band = ig_panel_series(panel, IG_SERIES_BAND, POINTS, true, IG_STYLE_GREY, 0);
    double highest = 0;
    for (size_t i = 0; i < band->n; i++) {
        band->x[i] = l->odds[i];
        band->low[i] = l->bound[i].low;
        band->high[i] = l->bound[i].high;
    }
    ig_figure_series *middle =
        ig_panel_series(panel, IG_SERIES_LINE, POINTS, false, IG_STYLE_BLACK, 0);
    for (size_t i = 0; i < middle->n; i++) {
        middle->x[i] = l->odds[i];
        middle->y[i] = l->bound[i].value;
        highest = fmax(highest, l->bound[i].high);
    }
    ig_series_title(panel, middle, "bound; shading: 95 %% of the laws that the data allow");
    panel->y.low = 0;
    panel->y.high = fmin(1.05 * highest, HEIGHT * p->purchase.best.bound);
}

/** What is owned, and the divisions to compare with. */
static void add_marks(const ig_proposal *p, ig_panel *panel)
{
    const ig_purchase *b = &p->purchase;
    const ig_comparison *even = &b->rivals[IG_EVEN];
    char text[160];
    snprintf(text, sizeof text, "buy %.15g transitions, %.15g reward labels", b->best.n_dyn,
             b->best.n_rew);
    add_point(odds_of(b->best.share_dyn, b->best.share_rew), b->best.bound, IG_SERIES_POINTS, text,
              panel);
    if (isfinite(even->bound.value)) {
        add_point(odds_of(even->split.share_dyn, even->split.share_rew), even->bound.value,
                  IG_SERIES_OPTIMUM,
                  even->moved ? "a label for each transition" : "half of the money for each kind",
                  panel);
    }
    if (isfinite(b->owned_bound)) {
        const ig_numbers level = {.n = 1, .y = &b->owned_bound};
        ig_figure_series *s = ig_panel_copy(panel, IG_SERIES_LEVEL, level, IG_STYLE_BLACK, 2);
        ig_series_title(panel, s, "what is owned, without buying");
        if (b->owned_bound < HEIGHT * b->best.bound) {
            panel->y.high = fmax(panel->y.high, 1.05 * b->owned_bound);
        }
    }
}

ig_status ig_proposal_figure(const ig_proposal *proposal, ig_figures *figures, ig_error *error)
{
    const ig_proposal *p = proposal;
    const char *path = p->options->fits ? p->options->fits : p->options->curve;
    const char *slash = strrchr(path, '/');
    AUTO_FREE line *l = NULL;
    char text[160];
    if (!(p->purchase.best.cost > 0)) {
        return IG_OK;
    }
    TRY(IG_ALLOC(l, 1, error));
    TRY(measure(p, l, error));
    snprintf(text, sizeof text, "What %.6g buys at %.6g a transition and %.6g a reward label",
             p->purchase.best.cost, p->order.cost[IG_DYNAMICS], p->order.cost[IG_REWARD]);
    ig_figure *figure = ig_figures_add(figures, "plan", text, slash ? slash + 1 : path);
    ig_panel *panel = ig_figure_panel(figure, "", "money for transitions : money for reward labels",
                                      "bound on the error of the return");
    panel->x.log = panel->x.odds = true;
    panel->x.low = l->odds[0];
    panel->x.high = l->odds[POINTS - 1];
    add_bound(p, l, panel);
    add_part(p, IG_DYNAMICS, l, panel);
    add_part(p, IG_REWARD, l, panel);
    add_marks(p, panel);
    ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 1,
                     "dashed: beyond the N that were measured");
    return ig_figures_status(figures, error);
}
