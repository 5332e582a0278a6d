/** The proposal as tables and a figure, and as one JSON object. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "output/output.h"
#include "plan/plan.h"

enum { NUMBER = 32, INTERVAL = 80 };

/** Whole counts in full while they are exact, else four digits; "-" where there is none. */
static const char *number(double value, bool whole, char text[NUMBER])
{
    if (isnan(value)) {
        return strcpy(text, "-");
    }
    if (isinf(value)) {
        return strcpy(text, "never");
    }
    snprintf(text, NUMBER, whole && value < 1e15 ? "%.0f" : "%.4g", value);
    return text;
}

static const char *interval(const ig_estimate *e, double scale, bool whole, char text[INTERVAL])
{
    char low[NUMBER], high[NUMBER];
    if (isnan(e->low)) {
        return strcpy(text, "-");
    }
    /* More digits than an interval can have a use for. */
    whole = whole && e->high < 1e7;
    snprintf(text, INTERVAL, "[%s, %s]", number(scale * e->low, whole, low),
             number(scale * e->high, whole, high));
    return text;
}

static void note_question(const ig_proposal *p, ig_table *t)
{
    const ig_plan_options *o = p->options;
    const ig_order *order = &p->order;
    if (o->by_lipschitz) {
        ig_table_note(t,
                      "Bound: C_d = %.4g, C_r = %.4g (gamma %.15g, L_f %.15g, L_r %.15g, "
                      "L_pi %.15g, kappa %.4g)",
                      order->weight[IG_DYNAMICS], order->weight[IG_REWARD], o->gamma,
                      o->lipschitz[0], o->lipschitz[1], o->lipschitz[2], p->kappa);
    } else {
        ig_table_note(t, "Bound: realized sensitivities S_f = %.15g, S_r = %.15g",
                      o->sensitivity[0], o->sensitivity[1]);
    }
    ig_table_note(t, "Prices: %.15g a transition, %.15g a reward label; %s %.15g",
                  order->cost[IG_DYNAMICS], order->cost[IG_REWARD],
                  order->for_target ? "the bound is to be at most" : "budget", order->limit);
}

static void add_laws(const ig_proposal *p, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "kind", .type = IG_CELL_TEXT},
        {.heading = "measured", .type = IG_CELL_TEXT},
        {.heading = "amplitude"},
        {.heading = "exponent", .show = IG_SHOW_FIXED},
        {.heading = "95 % interval", .show = IG_SHOW_FIXED_INTERVAL},
        {.show = IG_SHOW_FIXED},
        {.heading = "R2", .show = IG_SHOW_FIXED},
        {.heading = "N", .type = IG_CELL_TEXT},
    };
    const ig_plan_options *o = p->options;
    ig_table *t = ig_tables_add(
        tables, "laws", "How errors fall with data, %serror = amplitude * N^-exponent (%s%s%s)",
        o->root ? "root of the " : "", o->fits ? o->fits : o->curve, o->group ? ", " : "",
        o->group ? o->group : "");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const ig_learning_curve *c = &p->curves[kind];
        ig_table_text(t, "%s", ig_kind_names[kind]);
        ig_table_text(t, "%s", c->name);
        ig_table_reals(t, 5, c->law.amplitude.value, c->law.exponent.value, c->law.exponent.low,
                       c->law.exponent.high, c->law.r2);
        ig_table_text(t, "%zu from %.15g to %.15g", c->law.n_anchors, c->n_low, c->n_high);
    }
    note_question(p, t);
}

static ig_table *start_answers(ig_tables *tables, const char *name, const char *heading,
                               const char *interval_heading, const char *title)
{
    const ig_table_column columns[] = {{.heading = heading, .type = IG_CELL_TEXT},
                                       {.heading = "", .type = IG_CELL_TEXT},
                                       {.heading = interval_heading, .type = IG_CELL_TEXT}};
    ig_table *t = ig_tables_add(tables, name, "%s", title);
    ig_table_columns(t, columns, 3);
    return t;
}

static void put_answer(ig_table *t, const char *label, const ig_estimate *e, double scale,
                       bool whole)
{
    char value[NUMBER], range[INTERVAL];
    ig_table_text(t, "%s", label);
    ig_table_text(t, "%s", number(scale * e->value, whole, value));
    ig_table_text(t, "%s", interval(e, scale, whole, range));
}

static void add_purchase(const ig_proposal *p, ig_tables *tables)
{
    const ig_purchase *b = &p->purchase;
    ig_table *t = start_answers(tables, "purchase", "buy", "95 %: where the best lies",
                                "What to buy: the division with the smallest bound");
    put_answer(t, "transitions", &b->count[IG_DYNAMICS], 1, true);
    put_answer(t, "reward labels", &b->count[IG_REWARD], 1, true);
    put_answer(t, "money for transitions (%)", &b->share[IG_DYNAMICS], 100, false);
    put_answer(t, "money for reward labels (%)", &b->share[IG_REWARD], 100, false);
    if (p->order.for_target) {
        put_answer(t, "money in all", &b->spent, 1, false);
    } else {
        ig_table_text(t, "money in all");
        ig_table_text(t, "%.10g", b->spent.value);
        ig_table_text(t, "-");
    }
}

static void note_even(const ig_purchase *b, ig_table *t)
{
    char range[INTERVAL], dyn[NUMBER], rew[NUMBER], more[INTERVAL + 32] = "";
    if (isnan(b->even_loss.value)) {
        ig_table_note(t, "Half of the money for each kind does not buy one of each.");
        return;
    }
    if (!isnan(b->even_loss.low)) {
        snprintf(more, sizeof more, "; 95 %% interval %s %%",
                 interval(&b->even_loss, 100, false, range));
    }
    ig_table_note(t,
                  "Half of the money for each kind (%s transitions, %s labels) gives a bound of "
                  "%.4g, %.3g %% more than this purchase%s.",
                  number(floor(b->even.n_dyn), true, dyn), number(floor(b->even.n_rew), true, rew),
                  b->even.bound, 100 * b->even_loss.value, more);
}

static void add_expectation(const ig_proposal *p, ig_tables *tables)
{
    const ig_purchase *b = &p->purchase;
    ig_table *t = start_answers(tables, "expected", "expect", "95 %: what this purchase gives",
                                "What it gives");
    put_answer(t, "dynamics error", &b->error[IG_DYNAMICS], 1, false);
    put_answer(t, "reward error", &b->error[IG_REWARD], 1, false);
    put_answer(t, "bound on the return's error", &b->bound, 1, false);
    note_even(b, t);
    if (b->n_draws > 0) {
        ig_table_note(t,
                      "However the laws lie within their uncertainty, another division of this "
                      "money gains at most %.2g %% (in 97.5 %% of %zu redraws of the fits).",
                      100 * b->regret, b->n_draws);
    }
    for (size_t i = 0; i < p->n_warnings; i++) {
        ig_table_note(t, "warning: %s", p->warnings[i]);
    }
}

ig_status ig_proposal_tables(const ig_proposal *proposal, ig_tables *tables, ig_error *error)
{
    add_laws(proposal, tables);
    add_purchase(proposal, tables);
    add_expectation(proposal, tables);
    return ig_tables_status(tables, error);
}

/* The bound along the budget line. */

enum { POINTS = 241 };

/** a / b of two prices or shares; infinite where b is so much smaller that it vanishes. */
static double odds_of(double a, double b)
{
    return b > 0 ? a / b : (double)INFINITY;
}

/** Odds between which both divisions worth showing lie, with room around, and both kinds are bought
 *  at all. */
static void place(const ig_proposal *p, double *low, double *high)
{
    const ig_allocation *best = &p->purchase.best;
    const double odds = odds_of(best->share_dyn, best->share_rew), money = best->cost;
    const double least = odds_of(p->order.cost[IG_DYNAMICS], money - p->order.cost[IG_DYNAMICS]);
    const double most = odds_of(money, p->order.cost[IG_REWARD]) - 1;
    *low = fmax(fmin(odds, 1) / 30, least);
    *high = fmin(fmax(odds, 1) * 30, most);
    if (!(*low > 0) || !(*low < *high) || !isfinite(*high)) {
        const double middle = odds > 0 && isfinite(odds) ? odds : 1;
        *low = middle / 2;
        *high = middle * 2;
    }
}

static bool is_measured(const ig_learning_curve *c, double n)
{
    return n >= c->n_low && n <= c->n_high;
}

/** A kind's part of the bound along the line: solid within the N that were measured, else dashed.
 */
static void add_part(const ig_proposal *p, int kind, const ig_allocation *along, const double *odds,
                     ig_panel *panel)
{
    for (int beyond = 0; beyond < 2; beyond++) {
        ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, POINTS, false, kind, beyond);
        for (size_t i = 0; i < s->n; i++) {
            const double n = kind == IG_DYNAMICS ? along[i].n_dyn : along[i].n_rew;
            const double error = kind == IG_DYNAMICS ? along[i].eps_dyn : along[i].eps_rew;
            s->x[i] = odds[i];
            s->y[i] = is_measured(&p->curves[kind], n) == !beyond ? p->order.weight[kind] * error
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

/** The band of the redraws and the bound itself. */
static ig_status add_bound(const ig_proposal *p, const ig_allocation *along, const double *odds,
                           ig_panel *panel, ig_error *error)
{
    const size_t n = ig_purchase_n_draws(p->curves);
    AUTO_FREE double *bounds = NULL;
    double highest = 0;
    TRY(IG_ALLOC(bounds, n, error));
    if (n > 0) {
        ig_figure_series *band =
            ig_panel_series(panel, IG_SERIES_BAND, POINTS, true, IG_STYLE_GREY, 0);
        for (size_t i = 0; i < band->n; i++) {
            for (size_t k = 0; k < n; k++) {
                const ig_allocation_problem redrawn = ig_purchase_redrawn(p->curves, &p->order, k);
                bounds[k] = ig_allocation_of(&redrawn, along[i].n_dyn, along[i].n_rew).bound;
            }
            band->x[i] = odds[i];
            ig_interval_95(bounds, n, &band->low[i], &band->high[i]);
        }
    }
    ig_figure_series *line =
        ig_panel_series(panel, IG_SERIES_LINE, POINTS, false, IG_STYLE_BLACK, 0);
    for (size_t i = 0; i < line->n; i++) {
        line->x[i] = odds[i];
        line->y[i] = along[i].bound;
        highest = fmax(highest, along[i].bound);
    }
    ig_series_title(panel, line, "bound; shading: 95 %% of the redraws of the fits");
    panel->y.low = p->purchase.best.bound / 30;
    panel->y.high = fmin(1.5 * highest, 100 * p->purchase.best.bound);
    return IG_OK;
}

ig_status ig_proposal_figure(const ig_proposal *proposal, ig_figures *figures, ig_error *error)
{
    const ig_proposal *p = proposal;
    const ig_purchase *b = &p->purchase;
    const ig_allocation_problem problem = ig_purchase_problem(p->curves, &p->order);
    const char *path = p->options->fits ? p->options->fits : p->options->curve;
    const char *slash = strrchr(path, '/');
    ig_allocation along[POINTS];
    double odds[POINTS], low, high;
    char text[160];
    snprintf(text, sizeof text, "What %.6g buys at %.6g a transition and %.6g a reward label",
             b->best.cost, p->order.cost[IG_DYNAMICS], p->order.cost[IG_REWARD]);
    ig_figure *figure = ig_figures_add(figures, "plan", text, slash ? slash + 1 : path);
    ig_panel *panel = ig_figure_panel(figure, "", "money for transitions : money for reward labels",
                                      "bound on the error of the return");
    place(p, &low, &high);
    for (size_t i = 0; i < POINTS; i++) {
        odds[i] = low * pow(high / low, (double)i / (POINTS - 1));
        along[i] = ig_allocation_split(&problem, b->best.cost, odds[i]);
    }
    panel->x.log = panel->x.odds = panel->y.log = true;
    panel->x.low = low;
    panel->x.high = high;
    TRY(add_bound(p, along, odds, panel, error));
    add_part(p, IG_DYNAMICS, along, odds, panel);
    add_part(p, IG_REWARD, along, odds, panel);
    snprintf(text, sizeof text, "best: %.15g transitions, %.15g reward labels", b->best.n_dyn,
             b->best.n_rew);
    add_point(odds_of(b->best.share_dyn, b->best.share_rew), b->best.bound, IG_SERIES_POINTS, text,
              panel);
    add_point(1, b->even.bound, IG_SERIES_OPTIMUM, "half of the money for each kind", panel);
    ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 1,
                     "dashed: beyond the N that were measured");
    return ig_figures_status(figures, error);
}

/* JSON. */

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/** File names need not be UTF-8, JSON must be: other bytes are shown as \xNN. */
static json_t *text_of(const char *text)
{
    char quoted[IG_QUOTE_TEXT];
    json_t *json = text ? json_string(text) : json_null();
    return json ? json : json_string(ig_text_quote(text, quoted));
}

static json_t *estimate_of(const ig_estimate *e)
{
    return json_pack("{s:o, s:o, s:o}", "value", real(e->value), "low", real(e->low), "high",
                     real(e->high));
}

static json_t *inputs_of(const ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "fits", text_of(o->fits), "curve", text_of(o->curve), "group",
                     text_of(o->group), "root", o->root, "cost_dynamics", real(o->cost_dyn),
                     "cost_reward", real(o->cost_rew), "budget", real(o->budget), "target",
                     real(o->target), "gamma", real(o->gamma), "L_f", real(o->lipschitz[0]), "L_r",
                     real(o->lipschitz[1]), "L_pi", real(o->lipschitz[2]), "kappa", real(p->kappa),
                     "weight_dynamics", real(p->order.weight[IG_DYNAMICS]), "weight_reward",
                     real(p->order.weight[IG_REWARD]));
}

static json_t *law_of(const ig_learning_curve *c)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "measured", text_of(c->name),
                     "amplitude", real(c->law.amplitude.value), "exponent",
                     estimate_of(&c->law.exponent), "r2", real(c->law.r2), "exponent_upper_half",
                     real(c->tail), "anchors", (json_int_t)c->law.n_anchors, "n_low",
                     real(c->n_low), "n_high", real(c->n_high));
}

static json_t *purchase_of(const ig_purchase *b)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "transitions",
                     estimate_of(&b->count[IG_DYNAMICS]), "reward_labels",
                     estimate_of(&b->count[IG_REWARD]), "share_dynamics",
                     estimate_of(&b->share[IG_DYNAMICS]), "share_reward",
                     estimate_of(&b->share[IG_REWARD]), "cost", estimate_of(&b->spent),
                     "dynamics_error", estimate_of(&b->error[IG_DYNAMICS]), "reward_error",
                     estimate_of(&b->error[IG_REWARD]), "bound", estimate_of(&b->bound),
                     "regret_97_5", real(b->n_draws > 0 ? b->regret : (double)NAN));
}

static void release(json_t **json)
{
    json_decref(*json);
}

ig_status ig_proposal_json(const ig_proposal *proposal, FILE *stream, ig_error *error)
{
    const ig_proposal *p = proposal;
    const ig_purchase *b = &p->purchase;
    AUTO(release)
    json_t *warnings = json_array();
    for (size_t i = 0; i < p->n_warnings; i++) {
        if (json_array_append_new(warnings, text_of(p->warnings[i]))) {
            return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
        }
    }
    AUTO(release)
    json_t *all = json_pack(
        "{s:o, s:{s:o, s:o}, s:o, s:{s:o, s:o, s:o, s:o}, s:I, s:O}", "inputs", inputs_of(p),
        "laws", ig_kind_names[IG_DYNAMICS], law_of(&p->curves[IG_DYNAMICS]),
        ig_kind_names[IG_REWARD], law_of(&p->curves[IG_REWARD]), "purchase", purchase_of(b),
        "even_split", "transitions", real(b->even.n_dyn), "reward_labels", real(b->even.n_rew),
        "bound", real(b->even.bound), "loss", estimate_of(&b->even_loss), "redraws",
        (json_int_t)b->n_draws, "warnings", warnings);
    return ig_json_write(all, JSON_INDENT(2), stream, error);
}
