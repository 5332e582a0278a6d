#include "run/pace.h"

#include <math.h>

/* Tasks of one cost differ by 2 to 5 % (shipped grids). What is assumed before there is anything to
 * compare counts as four comparisons: a single lucky one does not make a prediction certain. */
static const double usual_spread = 0.05;
enum { ASSUMED = 4 };
/* A prediction counts as wrong by no more than this: one task that hangs says little of others. */
static const double worst = 3;
/* Processors of one cluster, or the same one beside other users. */
static const double between_sessions = 0.2;
/* Seconds grow with at most this power of the predicted cost: over a factor of 100 in cost, a rate
 * that falls to a third, as where data leaves the last cache. */
static const double steepest = 1.25;
/* The rates are recomputed, which takes 20 us, when a cost was measured for the first time, and
 * when there is this share of measurements more. */
static const double renewal = 0.01;
/* A line needs a lever: two costs apart by this factor, or the scatter of the two decides alone. */
static const double lever = 2;

void ig_pace_start(double cheapest, double costliest, ig_pace *pace)
{
    const double span = log(costliest / cheapest);
    *pace =
        (ig_pace){.cheapest = cheapest, .width = fmax(span / IG_PACE_BINS, 0.01), .stale = true};
}

static size_t bin_of(const ig_pace *pace, double cost)
{
    const double place = log(cost / pace->cheapest) / pace->width;
    return place > 0 ? (size_t)fmin(place, IG_PACE_BINS - 1) : 0;
}

static double middle(const ig_pace *pace, size_t bin)
{
    return pace->cheapest * exp(((double)bin + 0.5) * pace->width);
}

static void add(ig_pace_bin *bin, double n, double cost, double seconds)
{
    bin->n += n;
    bin->cost += cost;
    bin->seconds += seconds;
}

/** What the bin predicted was wrong by the factor `wrong`. */
static void be_surprised(ig_pace *pace, double wrong)
{
    const double off = fmin(fabs(log(wrong)), log(worst));
    pace->squares += off * off;
    pace->surprises += 1;
}

void ig_pace_note(ig_pace *pace, double n, double cost, double seconds)
{
    /* A clock has its steps, and a task of no time would be one of infinite speed. */
    seconds = fmax(seconds, 1e-9 * n);
    ig_pace_bin *bin = &pace->now[bin_of(pace, cost / n)];
    if (bin->guessed) {
        *bin = (ig_pace_bin){0};
    }
    pace->notes += 1;
    if (bin->n == 0 || pace->notes >= pace->due) {
        pace->stale = true;
        pace->due = pace->notes * (1 + renewal);
    }
    if (n == 1 && bin->n > 0) {
        be_surprised(pace, seconds * bin->cost / (cost * bin->seconds));
    }
    add(bin, n, cost, seconds);
}

void ig_pace_note_longer(ig_pace *pace, double cost, double seconds)
{
    const size_t i = bin_of(pace, cost);
    ig_pace_bin *bin = &pace->now[i];
    const bool known = (bin->n > 0 && !bin->guessed) || pace->earlier[i].n > 0;
    pace->stale = true;
    if (known) {
        be_surprised(pace, worst);
    } else {
        *bin = (ig_pace_bin){1, cost, 2 * seconds, true};
    }
}

void ig_pace_note_earlier(ig_pace *pace, double cost, double seconds)
{
    add(&pace->earlier[bin_of(pace, cost)], 1, cost, fmax(seconds, 1e-9));
    pace->stale = true;
}

/** How much slower this session is than the earlier ones, where both measured the same costs. */
static double drift(const ig_pace *pace)
{
    double measured = 0, predicted = 0;
    for (size_t i = 0; i < IG_PACE_BINS; i++) {
        const ig_pace_bin *now = &pace->now[i], *earlier = &pace->earlier[i];
        if (now->n > 0 && earlier->n > 0) {
            measured += now->seconds;
            predicted += now->cost * earlier->seconds / earlier->cost;
        }
    }
    return predicted > 0 ? measured / predicted : 1;
}

/** What was measured in one bin: `seconds` of a task of cost `cost`, give or take the factor. */
typedef struct point {
    bool known;
    double cost, seconds, factor;
} point;

static void measured_points(const ig_pace *pace, point points[IG_PACE_BINS])
{
    const double slower = drift(pace),
                 variance = (ASSUMED * usual_spread * usual_spread + pace->squares) /
                            (ASSUMED + pace->surprises);
    for (size_t i = 0; i < IG_PACE_BINS; i++) {
        const bool now = pace->now[i].n > 0;
        const ig_pace_bin *bin = now ? &pace->now[i] : &pace->earlier[i];
        const double spread = sqrt(variance) + (now ? 0 : between_sessions);
        points[i].known = bin->n > 0;
        if (points[i].known) {
            points[i].cost = bin->cost / bin->n;
            points[i].seconds = bin->seconds / bin->n * (now ? 1 : slower);
            points[i].factor = exp(2 * spread);
        }
    }
}

/** Seconds that a task of cost c takes, known of a cheaper one (or an equal one) alone. */
static ig_range from_below(const point *below, double c)
{
    return (ig_range){below->seconds / below->factor,
                      below->seconds * below->factor * pow(c / below->cost, steepest)};
}

static ig_range from_above(const point *above, double c)
{
    return (ig_range){above->seconds / above->factor * pow(c / above->cost, steepest),
                      above->seconds * above->factor};
}

/** Beyond `high`, by a line through `low` too. */
static ig_range along_line(const point *low, const point *high, double c)
{
    const double apart = high->cost - low->cost, more = c - high->cost;
    const double slope = (high->seconds - low->seconds) / apart;
    const double error =
        (high->seconds * (high->factor - 1) + low->seconds * (low->factor - 1)) / (2 * apart);
    const double bend = pow(c / high->cost, steepest - 1);
    return (ig_range){(high->seconds + fmax(0, slope - error) * more / bend) / high->factor,
                      (high->seconds + fmax(0, slope + error) * more * bend) * high->factor};
}

static ig_range both(ig_range a, ig_range b)
{
    return (ig_range){fmax(a.least, b.least), fmin(a.most, b.most)};
}

/** What the points say of a cost c, where the nearest ones below (or at it) and above are these,
 *  NULL for none, and `lower` lies far enough below `below` for a line. */
static ig_range judge(const point *lower, const point *below, const point *above, double c)
{
    ig_range range = {0, (double)INFINITY};
    if (below) {
        range = both(range, from_below(below, c));
    }
    if (above) {
        range = both(range, from_above(above, c));
    } else if (lower) {
        range = both(range, along_line(lower, below, c));
    }
    /* Points that contradict each other (times that fall with the cost): what is nearest decides.
     */
    if (range.least > range.most && below) {
        range = from_below(below, c);
    }
    return range;
}

/** The nearest known point at a bin or before it that costs at most `cost`; NULL for none. */
static const point *known_until(const point *points, size_t end, double cost)
{
    const point *found = NULL;
    for (size_t i = 0; i < end; i++) {
        if (points[i].known && points[i].cost <= cost) {
            found = &points[i];
        }
    }
    return found;
}

static void find_rates(ig_pace *pace)
{
    point points[IG_PACE_BINS] = {0};
    const point *above = NULL;
    measured_points(pace, points);
    for (size_t k = 1; k <= IG_PACE_BINS; k++) {
        const size_t i = IG_PACE_BINS - k;
        const double c = middle(pace, i);
        ig_range range;
        if (points[i].known) {
            above = &points[i];
            const double rate = above->seconds / above->cost;
            pace->rates[i] = (ig_range){rate / above->factor, rate * above->factor};
            continue;
        }
        const point *below = known_until(points, i, c);
        const point *lower = below ? known_until(points, i, below->cost / lever) : NULL;
        range = judge(lower, below, above, c);
        pace->rates[i] = (ig_range){range.least / c, range.most / c};
    }
    pace->stale = false;
}

static const ig_range *rates(ig_pace *pace)
{
    if (pace->stale) {
        find_rates(pace);
    }
    return pace->rates;
}

ig_range ig_pace_predict(ig_pace *pace, double cost)
{
    const ig_range *rate = &rates(pace)[bin_of(pace, cost)];
    return (ig_range){rate->least * cost, rate->most * cost};
}

double ig_pace_mean(const ig_pace *pace, double cost)
{
    const size_t i = bin_of(pace, cost);
    const bool now = pace->now[i].n > 0;
    const ig_pace_bin *bin = now ? &pace->now[i] : &pace->earlier[i];
    return bin->n > 0 ? cost * bin->seconds / bin->cost : (double)INFINITY;
}

double ig_pace_within(ig_pace *pace, double seconds)
{
    for (size_t k = 1; k <= IG_PACE_BINS; k++) {
        const size_t i = IG_PACE_BINS - k;
        const double begins = pace->cheapest * exp((double)i * pace->width),
                     ends = begins * exp(pace->width), fitting = seconds / rates(pace)[i].most;
        /* The cheapest and the most expensive cost stand where rounding may put them aside. */
        if (fitting >= begins) {
            return i + 1 == IG_PACE_BINS && fitting >= ends ? (double)INFINITY
                                                            : fmin(fitting, ends);
        }
    }
    return 0;
}
