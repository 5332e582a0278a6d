/** The proposal as tables. */
#include <math.h>
#include <string.h>

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
        return strcpy(text, "no end");
    }
    /* No minus sign before a zero. */
    snprintf(text, NUMBER, whole && value < 1e15 ? "%.0f" : "%.4g", value == 0 ? 0 : value);
    return text;
}

static const char *interval(const ig_estimate *e, double scale, bool whole, char text[INTERVAL])
{
    char low[NUMBER], high[NUMBER];
    if (isnan(e->low) || (isinf(e->low) && isinf(e->high))) {
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
    const double *s = p->sensitivity;
    const bool ranges = order->range[IG_DYNAMICS] > 1 || order->range[IG_REWARD] > 1;
    if (o->by_lipschitz) {
        ig_table_note(t,
                      "Bound: C_d = %.4g, C_r = %.4g (gamma %.15g, L_f %.15g, L_r %.15g, "
                      "L_pi %.15g, kappa %.4g)",
                      order->weight[IG_DYNAMICS], order->weight[IG_REWARD], o->gamma,
                      o->lipschitz[0], o->lipschitz[1], o->lipschitz[2], p->kappa);
    } else if (ranges) {
        ig_table_note(t,
                      "Bound: realized sensitivities S_f = %.4g [%.4g, %.4g], S_r = %.4g [%.4g, "
                      "%.4g]: the plan is made with the geometric means; the intervals draw "
                      "log-uniformly from the ranges",
                      order->weight[IG_DYNAMICS], s[0], s[1], order->weight[IG_REWARD], s[2], s[3]);
    } else {
        ig_table_note(t, "Bound: realized sensitivities S_f = %.15g, S_r = %.15g", s[0], s[2]);
    }
    if (p->sensitivity_seeds > 0) {
        ig_table_note(
            t,
            "These ranges are the summary's: over %zu seed%s, and models off by their own "
            "errors, at N = %.15g; --sensitivity overrides them",
            p->sensitivity_seeds, p->sensitivity_seeds == 1 ? "" : "s", p->sensitivity_at);
    }
    ig_table_note(t, "Prices: %.15g a transition, %.15g a reward label; %s %.15g%s",
                  order->cost[IG_DYNAMICS], order->cost[IG_REWARD],
                  order->for_target ? "the bound is to be at most" : "budget", order->limit,
                  order->labels_within ? "; never more labels than transitions" : "");
    if (order->owned[IG_DYNAMICS] > 0 || order->owned[IG_REWARD] > 0) {
        ig_table_note(t, "Owned already: %.15g transitions, %.15g reward labels",
                      order->owned[IG_DYNAMICS], order->owned[IG_REWARD]);
    }
}

/** What was measured, and which law the plan uses. */
static void note_curve(const ig_learning_curve *c, int kind, ig_table *t)
{
    char trainings[96], error[IG_CURVE_NAME + 48];
    const char *name = ig_kind_names[kind];
    snprintf(trainings, sizeof trainings, "%zu", c->count_low);
    if (c->count_low != c->count_high) {
        snprintf(trainings, sizeof trainings, "%zu to %zu", c->count_low, c->count_high);
    }
    if (c->rooted && c->outputs != 1) {
        snprintf(error, sizeof error, "sqrt(%.15g %s)", c->outputs, c->name);
    } else {
        snprintf(error, sizeof error, c->rooted ? "sqrt(%s)" : "%s", c->name);
    }
    ig_table_note(t, "%s error: %s at %zu N from %.15g to %.15g, %s training%s each%s", name, error,
                  c->n_anchors, c->n_low, c->n_high, trainings, c->count_high == 1 ? "" : "s",
                  c->shared ? ", with the same seeds, which are taken as wholes" : "");
    if (c->reason[0]) {
        ig_table_note(t, "%s error: %s", name, c->reason);
    }
}

static void add_law(const ig_learning_curve *c, int kind, ig_law_choice law, ig_table *t)
{
    const bool power = law == IG_LAW_POWER, used = c->used == law || c->used == IG_LAW_AUTO;
    const ig_law_numbers *n = power ? &c->power : &c->floor;
    const ig_law_fit *fit = power ? &c->fits.power : &c->fits.floor;
    char text[INTERVAL];
    ig_table_text(t, "%s", ig_kind_names[kind]);
    ig_table_text(t, "%s%s", ig_law_choices[law], used ? " *" : "");
    ig_table_real(t, n->amplitude.value);
    ig_table_text(t, "%.3f %s", n->exponent.value == 0 ? 0 : n->exponent.value,
                  interval(&n->exponent, 1, false, text));
    if (power) {
        ig_table_text(t, "0");
    } else {
        char value[NUMBER];
        ig_table_text(t, "%s %s", number(n->floor.value, false, value),
                      interval(&n->floor, 1, false, text));
    }
    ig_table_reals(t, 2, fit->r2, fit->lack);
}

static void add_laws(const ig_proposal *p, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "kind", .type = IG_CELL_TEXT},
        {.heading = "law", .type = IG_CELL_TEXT},
        {.heading = "amplitude"},
        {.heading = "exponent, 95 %", .type = IG_CELL_TEXT},
        {.heading = "floor, 95 %", .type = IG_CELL_TEXT},
        {.heading = "R2", .show = IG_SHOW_FIXED},
        {.heading = "lack of fit p"},
    };
    const ig_plan_options *o = p->options;
    ig_table *t =
        ig_tables_add(tables, "laws",
                      "How errors fall with data, error = floor + amplitude * N^-exponent (%s%s%s)",
                      o->fits ? o->fits : o->curve, o->group ? ", " : "", o->group ? o->group : "");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (int kind = 0; kind < IG_KINDS; kind++) {
        add_law(&p->curves[kind], kind, IG_LAW_POWER, t);
        add_law(&p->curves[kind], kind, IG_LAW_FLOOR, t);
    }
    ig_table_note(t, "*: what the plan is made with; both where the data cannot tell them apart.");
    for (int kind = 0; kind < IG_KINDS; kind++) {
        note_curve(&p->curves[kind], kind, t);
    }
    note_question(p, t);
}

static void add_hindcasts(const ig_proposal *p, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "kind", .type = IG_CELL_TEXT},
        {.heading = "at N"},
        {.heading = "without", .type = IG_CELL_TEXT},
        {.heading = "predicted"},
        {.heading = "95 %", .type = IG_CELL_TEXT},
        {.heading = "measured"},
        {.heading = "off by (%)", .type = IG_CELL_TEXT},
        {.heading = "inside", .type = IG_CELL_TEXT},
    };
    if (p->curves[0].n_hindcasts + p->curves[1].n_hindcasts == 0) {
        return;
    }
    ig_table *t = ig_tables_add(tables, "hindcast",
                                "Hindcast: what smaller N would have foretold of the largest");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const ig_learning_curve *c = &p->curves[kind];
        for (size_t i = 0; i < c->n_hindcasts; i++) {
            const ig_hindcast *h = &c->hindcasts[i];
            const ig_estimate e = {.low = h->predicted.low, .high = h->predicted.high};
            char text[INTERVAL];
            ig_table_text(t, "%s", ig_kind_names[kind]);
            ig_table_real(t, h->x);
            ig_table_text(t, i == 0 ? "the largest N" : "the two largest");
            ig_table_real(t, h->predicted.median);
            ig_table_text(t, "%s", interval(&e, 1, false, text));
            ig_table_real(t, h->measured);
            ig_table_text(t, "%+.2g", 100 * h->off);
            ig_table_text(t, h->inside ? "yes" : "NO");
        }
    }
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
    static const ig_table_column columns[] = {
        {.heading = "buy", .type = IG_CELL_TEXT},
        {.heading = "", .type = IG_CELL_TEXT},
        {.heading = "95 %: where the best lies", .type = IG_CELL_TEXT}};
    const ig_purchase *b = &p->purchase;
    ig_table *t = ig_tables_add(tables, "purchase",
                                "What to buy: the division with the smallest "
                                "bound");
    ig_table_columns(t, columns, 3);
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
    ig_table_note(t, "%s", p->verdict);
}

static void put_expected(ig_table *t, const char *label, const ig_estimate *e,
                         const ig_estimate *one)
{
    char range[INTERVAL];
    put_answer(t, label, e, 1, false);
    ig_table_text(t, "%s", interval(one, 1, false, range));
}

static void add_expectation(const ig_proposal *p, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "expect", .type = IG_CELL_TEXT},
        {.heading = "", .type = IG_CELL_TEXT},
        {.heading = "95 %: what this purchase gives", .type = IG_CELL_TEXT},
        {.heading = "95 %: one new training", .type = IG_CELL_TEXT}};
    const ig_purchase *b = &p->purchase;
    ig_table *t = ig_tables_add(tables, "expected", "What it gives");
    ig_table_columns(t, columns, 4);
    put_expected(t, "dynamics error", &b->error[IG_DYNAMICS], &b->one_error[IG_DYNAMICS]);
    put_expected(t, "reward error", &b->error[IG_REWARD], &b->one_error[IG_REWARD]);
    put_expected(t, "bound on the return's error", &b->bound, &b->one_bound);
    put_expected(t, "of which no money removes", &b->floor, &ig_no_estimate);
    if (isfinite(b->owned_bound) && b->owned_bound > 0) {
        ig_table_note(t, "What is owned gives a bound of %.4g: this purchase takes %.3g %% off it.",
                      b->owned_bound, 100 * (1 - b->bound.value / b->owned_bound));
    }
}

static void add_rivals(const ig_proposal *p, ig_tables *tables)
{
    static const char *const names[IG_RIVALS] = {"half of the money each", "all for transitions",
                                                 "all for labels"};
    static const ig_table_column columns[] = {
        {.heading = "instead", .type = IG_CELL_TEXT},
        {.heading = "transitions", .type = IG_CELL_TEXT},
        {.heading = "labels", .type = IG_CELL_TEXT},
        {.heading = "bound", .type = IG_CELL_TEXT},
        {.heading = "more (%)", .type = IG_CELL_TEXT},
        {.heading = "95 %", .type = IG_CELL_TEXT},
    };
    const ig_purchase *b = &p->purchase;
    ig_table *t = ig_tables_add(tables, "instead", "What the same money gives otherwise");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < IG_RIVALS; i++) {
        const ig_comparison *c = &b->rivals[i];
        char text[4][NUMBER], range[INTERVAL];
        ig_table_text(t, "%s", c->moved ? "a label for each" : names[i]);
        ig_table_text(t, "%s", number(floor(c->split.n_dyn), true, text[0]));
        ig_table_text(t, "%s", number(floor(c->split.n_rew), true, text[1]));
        ig_table_text(t, "%s", number(c->bound.value, false, text[2]));
        ig_table_text(t, "%s", number(100 * c->loss.value, false, text[3]));
        ig_table_text(t, "%s", interval(&c->loss, 100, false, range));
    }
    ig_table_note(t,
                  "However the laws lie within their uncertainty, another division of this money "
                  "gains at most %.2g %% (in 97.5 %% of %zu draws).",
                  100 * b->regret, b->n_draws);
}

static void note_next(const ig_proposal *p, ig_table *t)
{
    const ig_next *dearer = &p->dearer;
    if (p->n_next > 0) {
        ig_table_note(t, "Expected of the draws; samples that are owned cost nothing.");
    } else if (dearer->n > 0) {
        ig_table_note(t,
                      "Nothing that a tenth of the money can measure narrows the interval of the "
                      "division by a tenth; %zu training%s of the %s with N = %.15g (price %.4g) "
                      "would, by about %.0f %%.",
                      dearer->trainings, dearer->trainings == 1 ? "" : "s",
                      ig_kind_names[dearer->kind], dearer->n, dearer->price,
                      100 * dearer->narrower);
    } else {
        ig_table_note(t, "No new trainings of one N narrow the interval of the division by a "
                         "tenth.");
    }
}

static void add_next(const ig_proposal *p, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "measure next", .type = IG_CELL_TEXT},
        {.heading = "N", .type = IG_CELL_TEXT},
        {.heading = "new trainings", .type = IG_CELL_TEXT},
        {.heading = "price of their samples", .type = IG_CELL_TEXT},
        {.heading = "interval of the share narrows by", .type = IG_CELL_TEXT},
    };
    ig_table *t = ig_tables_add(tables, "next", "What to measure before buying");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < p->n_next; i++) {
        const ig_next *n = &p->next[i];
        ig_table_text(t, "%s error", ig_kind_names[n->kind]);
        ig_table_text(t, "%.15g", n->n);
        ig_table_text(t, "%zu", n->trainings);
        ig_table_text(t, "%.4g", n->price);
        ig_table_text(t, "%.0f %%", 100 * n->narrower);
    }
    note_next(p, t);
    for (size_t i = 0; i < p->n_warnings; i++) {
        ig_table_note(t, "warning: %s", p->warnings[i]);
    }
}

ig_status ig_proposal_tables(const ig_proposal *proposal, ig_tables *tables, ig_error *error)
{
    add_laws(proposal, tables);
    add_hindcasts(proposal, tables);
    add_purchase(proposal, tables);
    add_expectation(proposal, tables);
    add_rivals(proposal, tables);
    add_next(proposal, tables);
    return ig_tables_status(tables, error);
}
