/** The proposal for people. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "plan/proposal.h"

enum { WIDTH = 98, NUMBER = 32, INTERVAL = 80 };

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

static void print_line(FILE *stream, const char *label, const ig_estimate *e, bool whole)
{
    char value[NUMBER], range[INTERVAL];
    fprintf(stream, "  %-34s %14s   %s\n", label, number(e->value, whole, value),
            interval(e, 1, whole, range));
}

static void print_share(FILE *stream, const char *label, const ig_estimate *e)
{
    char value[NUMBER], range[INTERVAL];
    fprintf(stream, "  %-34s %12s %%   %s\n", label, number(100 * e->value, false, value),
            interval(e, 100, false, range));
}

static void print_laws(const ig_proposal *p, FILE *stream)
{
    const ig_plan_options *o = p->options;
    char file[IG_SANITIZED_TEXT], name[IG_SANITIZED_TEXT];
    fprintf(stream, "How errors fall with data, %serror = amplitude * N^-exponent (%s%s%s)\n",
            o->root ? "root of the " : "", ig_text_sanitized(o->fits ? o->fits : o->curve, file),
            o->group ? ", " : "", ig_text_sanitized(o->group ? o->group : "", name));
    fprintf(stream, "  %-9s %-16s %10s %9s  %-20s %7s  %s\n", "kind", "measured", "amplitude",
            "exponent", "95 % interval", "R2", "N");
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const ig_learning_curve *c = &p->curves[kind];
        char range[INTERVAL] = "-", r2[NUMBER] = "-";
        if (!isnan(c->exponent_low)) {
            snprintf(range, sizeof range, "[%.4f, %.4f]", c->exponent_low, c->exponent_high);
        }
        if (!isnan(c->r2)) {
            snprintf(r2, sizeof r2, "%.4f", c->r2);
        }
        fprintf(stream, "  %-9s %-16s %10.4g %9.4f  %-20s %7s  %zu from %.15g to %.15g\n",
                ig_kind_names[kind], ig_text_sanitized(c->name, name), c->amplitude, c->exponent,
                range, r2, c->n_anchors, c->n_low, c->n_high);
    }
}

static void print_question(const ig_proposal *p, FILE *stream)
{
    const ig_plan_options *o = p->options;
    const ig_order *order = &p->order;
    if (o->by_lipschitz) {
        fprintf(stream,
                "Bound: C_d = %.4g, C_r = %.4g (gamma %.15g, L_f %.15g, L_r %.15g, L_pi %.15g, "
                "kappa %.4g)\n",
                order->weight[IG_DYNAMICS], order->weight[IG_REWARD], o->gamma, o->lipschitz[0],
                o->lipschitz[1], o->lipschitz[2], p->kappa);
    } else {
        fprintf(stream, "Bound: realized sensitivities S_f = %.15g, S_r = %.15g\n",
                o->sensitivity[0], o->sensitivity[1]);
    }
    fprintf(stream, "Prices: %.15g a transition, %.15g a reward label; %s %.15g\n",
            order->cost[IG_DYNAMICS], order->cost[IG_REWARD],
            order->for_target ? "the bound is to be at most" : "budget", order->limit);
}

static void print_purchase(const ig_proposal *p, FILE *stream)
{
    const ig_purchase *b = &p->purchase;
    fprintf(stream, "\n%-36s %14s   %s\n", "Buy", "", "95 %: where the best lies");
    print_line(stream, "transitions", &b->count[IG_DYNAMICS], true);
    print_line(stream, "reward labels", &b->count[IG_REWARD], true);
    print_share(stream, "money for transitions", &b->share[IG_DYNAMICS]);
    print_share(stream, "money for reward labels", &b->share[IG_REWARD]);
    if (p->order.for_target) {
        print_line(stream, "money in all", &b->spent, false);
    } else {
        fprintf(stream, "  %-34s %14.10g\n", "money in all", b->spent.value);
    }
    fprintf(stream, "%-36s %14s   %s\n", "Expect", "", "95 %: what this purchase gives");
    print_line(stream, "dynamics error", &b->error[IG_DYNAMICS], false);
    print_line(stream, "reward error", &b->error[IG_REWARD], false);
    print_line(stream, "bound on the error of the return", &b->bound, false);
}

/** A text with a hanging indent, broken at spaces. */
static void print_wrapped(FILE *stream, const char *label, const char *text)
{
    size_t column = (size_t)fprintf(stream, "%s", label);
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column + 1 + length > WIDTH) {
            fputs("\n ", stream);
            column = 1;
        }
        fprintf(stream, "%s%.*s", column ? " " : "", (int)length, text);
        column += length + (column > 0);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

static void print_even(const ig_purchase *b, FILE *stream)
{
    char range[INTERVAL], dyn[NUMBER], rew[NUMBER], text[512], more[INTERVAL + 32] = "";
    if (isnan(b->even_loss.value)) {
        print_wrapped(stream, "", "Half of the money for each kind does not buy one of each.");
        return;
    }
    if (!isnan(b->even_loss.low)) {
        snprintf(more, sizeof more, "; 95 %% interval %s %%",
                 interval(&b->even_loss, 100, false, range));
    }
    snprintf(text, sizeof text,
             "Half of the money for each kind (%s transitions, %s labels) gives a bound of %.4g, "
             "%.3g %% more than this purchase%s.",
             number(floor(b->even.n_dyn), true, dyn), number(floor(b->even.n_rew), true, rew),
             b->even.bound, 100 * b->even_loss.value, more);
    print_wrapped(stream, "", text);
}

static void print_regret(const ig_purchase *b, FILE *stream)
{
    char text[256];
    if (b->n_draws > 0) {
        snprintf(text, sizeof text,
                 "However the laws lie within their uncertainty, another division of this money "
                 "gains at most %.2g %% (in 97.5 %% of %zu redraws of the fits).",
                 100 * b->regret, b->n_draws);
        print_wrapped(stream, "", text);
    }
}

void ig_proposal_print(const ig_proposal *proposal, FILE *stream)
{
    print_laws(proposal, stream);
    print_question(proposal, stream);
    print_purchase(proposal, stream);
    fputc('\n', stream);
    print_even(&proposal->purchase, stream);
    print_regret(&proposal->purchase, stream);
    if (proposal->n_warnings > 0) {
        fputc('\n', stream);
    }
    for (size_t i = 0; i < proposal->n_warnings; i++) {
        print_wrapped(stream, "warning:", proposal->warnings[i]);
    }
}
