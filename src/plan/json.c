/** The proposal as one JSON object. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "output/files.h"
#include "plan/proposal.h"

/** Where the writer stands: a comma before every member but the first of its object. */
typedef struct writer {
    FILE *stream;
    int depth;
    bool first;
} writer;

/** A character that would do something to a terminal: JSON has a way to write it. */
static void put_escaped(writer *w, const unsigned char *t, size_t length)
{
    unsigned code = t[0];
    if (length == 2) {
        code = (t[0] & 0x1fU) << 6 | (t[1] & 0x3fU);
    } else if (length == 3) {
        code = (t[0] & 0x0fU) << 12 | (t[1] & 0x3fU) << 6 | (t[2] & 0x3fU);
    }
    fprintf(w->stream, "\\u%04x", code);
}

/** File names need not be UTF-8; JSON must be. Other bytes are shown as U+FFFD. */
static void put_string(writer *w, const char *text)
{
    fputc('"', w->stream);
    while (*text) {
        char one[5] = "";
        size_t length = ig_text_character(text);
        memcpy(one, text, length);
        if (length == 0) {
            fputs("\\ufffd", w->stream);
            length = 1;
        } else if (*text == '"' || *text == '\\' || !ig_text_is_sanitized(one)) {
            put_escaped(w, (const unsigned char *)one, length);
        } else {
            fputs(one, w->stream);
        }
        text += length;
    }
    fputc('"', w->stream);
}

static void put_value(writer *w, double value)
{
    char text[IG_NUMBER_TEXT];
    fputs(isfinite(value) ? ig_number_text(value, text) : "null", w->stream);
}

static void name(writer *w, const char *key)
{
    fprintf(w->stream, "%s\n%*s", w->first ? "" : ",", 2 * w->depth, "");
    put_string(w, key);
    fputs(": ", w->stream);
    w->first = false;
}

static void open_object(writer *w, const char *key)
{
    name(w, key);
    fputc('{', w->stream);
    w->depth++;
    w->first = true;
}

static void close_object(writer *w)
{
    w->depth--;
    fprintf(w->stream, "\n%*s}", 2 * w->depth, "");
    w->first = false;
}

static void put_number(writer *w, const char *key, double value)
{
    name(w, key);
    put_value(w, value);
}

static void put_text(writer *w, const char *key, const char *text)
{
    name(w, key);
    if (text) {
        put_string(w, text);
    } else {
        fputs("null", w->stream);
    }
}

static void put_estimate(writer *w, const char *key, const ig_estimate *e)
{
    name(w, key);
    fputs("{\"value\": ", w->stream);
    put_value(w, e->value);
    fputs(", \"low\": ", w->stream);
    put_value(w, e->low);
    fputs(", \"high\": ", w->stream);
    put_value(w, e->high);
    fputc('}', w->stream);
}

static void put_inputs(writer *w, const ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    open_object(w, "inputs");
    put_text(w, "fits", o->fits);
    put_text(w, "curve", o->curve);
    put_text(w, "group", o->group);
    name(w, "root");
    fputs(o->root ? "true" : "false", w->stream);
    put_number(w, "cost_dynamics", o->cost_dyn);
    put_number(w, "cost_reward", o->cost_rew);
    put_number(w, "budget", o->budget);
    put_number(w, "target", o->target);
    put_number(w, "gamma", o->gamma);
    put_number(w, "L_f", o->lipschitz[0]);
    put_number(w, "L_r", o->lipschitz[1]);
    put_number(w, "L_pi", o->lipschitz[2]);
    put_number(w, "kappa", p->kappa);
    put_number(w, "weight_dynamics", p->order.weight[IG_DYNAMICS]);
    put_number(w, "weight_reward", p->order.weight[IG_REWARD]);
    close_object(w);
}

static void put_law(writer *w, int kind, const ig_learning_curve *c)
{
    open_object(w, ig_kind_names[kind]);
    put_text(w, "measured", c->name);
    put_number(w, "amplitude", c->amplitude);
    put_estimate(w, "exponent", &(ig_estimate){c->exponent, c->exponent_low, c->exponent_high});
    put_number(w, "r2", c->r2);
    put_number(w, "exponent_upper_half", c->tail);
    put_number(w, "anchors", (double)c->n_anchors);
    put_number(w, "n_low", c->n_low);
    put_number(w, "n_high", c->n_high);
    close_object(w);
}

static void put_purchase(writer *w, const ig_purchase *b)
{
    open_object(w, "purchase");
    put_estimate(w, "transitions", &b->count[IG_DYNAMICS]);
    put_estimate(w, "reward_labels", &b->count[IG_REWARD]);
    put_estimate(w, "share_dynamics", &b->share[IG_DYNAMICS]);
    put_estimate(w, "share_reward", &b->share[IG_REWARD]);
    put_estimate(w, "cost", &b->spent);
    put_estimate(w, "dynamics_error", &b->error[IG_DYNAMICS]);
    put_estimate(w, "reward_error", &b->error[IG_REWARD]);
    put_estimate(w, "bound", &b->bound);
    put_number(w, "regret_97_5", b->n_draws > 0 ? b->regret : (double)NAN);
    close_object(w);
    open_object(w, "even_split");
    put_number(w, "transitions", b->even.n_dyn);
    put_number(w, "reward_labels", b->even.n_rew);
    put_number(w, "bound", b->even.bound);
    put_estimate(w, "loss", &b->even_loss);
    close_object(w);
    put_number(w, "redraws", (double)b->n_draws);
}

void ig_proposal_write_json(const ig_proposal *proposal, FILE *stream)
{
    writer w = {.stream = stream, .depth = 1, .first = true};
    fputc('{', stream);
    put_inputs(&w, proposal);
    open_object(&w, "laws");
    for (int kind = 0; kind < IG_KINDS; kind++) {
        put_law(&w, kind, &proposal->curves[kind]);
    }
    close_object(&w);
    put_purchase(&w, &proposal->purchase);
    name(&w, "warnings");
    fputc('[', stream);
    for (size_t i = 0; i < proposal->n_warnings; i++) {
        fputs(i ? ",\n    " : "\n    ", stream);
        put_string(&w, proposal->warnings[i]);
    }
    fputs("]\n}\n", stream);
}
