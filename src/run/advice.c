#include "run/advice.h"

#include <math.h>

static const double efficient = 0.9, near_best = 1.05;
/* To what factor a count is found; a simulation of millions of tasks takes a second. */
static const double fine = 1.02, coarse = 1.1;
enum { MANY_TASKS = 1000000 };

/** A property of a count of ranks that holds from some count on. */
typedef struct search {
    const ig_forecast *forecast;
    double walltime, best; /**< limit of the request; shortest makespan */
    bool (*reached)(const struct search *search, const ig_simulation *simulation);
} search;

static bool inefficient(const search *s, const ig_simulation *simulation)
{
    return ig_simulation_efficiency(simulation, s->forecast->startup) < efficient;
}

static bool close_to_best(const search *s, const ig_simulation *simulation)
{
    return simulation->makespan <= near_best * s->best;
}

static bool within_walltime(const search *s, const ig_simulation *simulation)
{
    return ig_advice_request(s->forecast, simulation) <= s->walltime;
}

double ig_advice_request(const ig_forecast *forecast, const ig_simulation *simulation)
{
    return 60 * ceil((1.25 * (simulation->makespan + forecast->startup) + 60) / 60);
}

static ig_status simulate(const ig_forecast *forecast, size_t ranks, ig_simulation *result,
                          ig_error *error)
{
    return ig_simulate(forecast->schedule, forecast->seconds, ranks, &forecast->friction, result,
                       error);
}

/** Narrow down where the property begins: it does not hold at `below`, it does at `above`. Both
 * move towards each other. */
static ig_status bisect(const search *s, ig_simulation *below, ig_simulation *above,
                        ig_error *error)
{
    double precision = s->forecast->schedule->n > MANY_TASKS ? coarse : fine;
    ig_status status = IG_OK;
    while (!status && above->ranks > below->ranks + 1 &&
           (double)above->ranks > precision * (double)below->ranks) {
        size_t middle = (size_t)sqrt((double)below->ranks * (double)above->ranks);
        middle += middle == below->ranks;
        ig_simulation simulation;
        status = simulate(s->forecast, middle, &simulation, error);
        if (!status) {
            *(s->reached(s, &simulation) ? above : below) = simulation;
        }
    }
    return status;
}

/** The fewest ranks, at least `low`, that have the property, which `last` has: `low` is doubled
 * until it has it too, and what is between is bisected. */
static ig_status find_fewest(const search *s, double low, const ig_simulation *last,
                             ig_simulation *fewest, ig_error *error)
{
    ig_simulation below = {0}, above = *last;
    ig_status status = IG_OK;
    for (size_t ranks = low < 1 ? 1 : (size_t)low; ranks < last->ranks; ranks *= 2) {
        ig_simulation simulation;
        status = simulate(s->forecast, ranks, &simulation, error);
        if (status) {
            return status;
        }
        if (s->reached(s, &simulation)) {
            above = simulation;
            break;
        }
        below = simulation;
    }
    if (below.ranks > 0) {
        status = bisect(s, &below, &above, error);
    }
    *fewest = above;
    return status;
}

/** The most ranks, at most `high` >= 1, that have lost the property, or 1: from above, because
 *  counts that divide the tasks evenly are efficient where smaller ones are not. */
static ig_status find_most(const search *s, size_t high, ig_simulation *most, ig_error *error)
{
    ig_simulation above, below;
    ig_status status = simulate(s->forecast, high, &above, error);
    if (status || !s->reached(s, &above) || high == 1) {
        *most = above;
        return status;
    }
    for (;;) {
        high = (high + 1) / 2;
        status = simulate(s->forecast, high, &below, error);
        if (status || high == 1 || !s->reached(s, &below)) {
            break;
        }
        above = below;
    }
    if (!status && !s->reached(s, &below)) {
        status = bisect(s, &below, &above, error);
    }
    *most = below;
    return status;
}

ig_status ig_advice_find(const ig_forecast *forecast, double walltime, ig_advice *advice,
                         ig_error *error)
{
    size_t n = forecast->schedule->n;
    ig_simulation last;
    ig_advice a;
    ig_status status = simulate(forecast, n < IG_RANKS_LIMIT ? n : IG_RANKS_LIMIT, &last, error);
    if (status) {
        return status;
    }
    /* No count below busy / makespan can have that makespan, and none above busy / (efficiency *
     * longest) that efficiency. */
    search s = {forecast, walltime, last.makespan, close_to_best};
    status = find_fewest(&s, last.busy / (near_best * last.makespan), &last, &a.useful, error);
    if (!status) {
        double most = last.busy / (efficient * (last.longest + forecast->startup));
        s.reached = inefficient;
        status =
            find_most(&s, (size_t)fmax(1, fmin(most, (double)last.ranks)), &a.efficient, error);
    }
    s.reached = within_walltime;
    a.fits = within_walltime(&s, &last);
    a.walltime = last;
    if (!status && a.fits) {
        status = find_fewest(&s, last.busy / walltime, &last, &a.walltime, error);
    }
    if (!status) {
        *advice = a;
    }
    return status;
}
