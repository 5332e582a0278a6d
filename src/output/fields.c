#include "output/fields.h"

#include <string.h>

const ig_field ig_statistics_fields[IG_STATISTICS_FIELDS] = {
    {"mean", offsetof(ig_statistics, mean), "mean over the finished seeds"},
    {"sem", offsetof(ig_statistics, sem), "standard error of the mean"},
    {"mean_low", offsetof(ig_statistics, mean_low),
     "lower end, 95 % bootstrap interval of the mean"},
    {"mean_high", offsetof(ig_statistics, mean_high),
     "upper end, 95 % bootstrap interval of the mean"},
    {"median", offsetof(ig_statistics, median), "median over the finished seeds"},
    {"median_low", offsetof(ig_statistics, median_low),
     "lower end, 95 % bootstrap interval of the median"},
    {"median_high", offsetof(ig_statistics, median_high),
     "upper end, 95 % bootstrap interval of the median"},
    {"iqm", offsetof(ig_statistics, iqm), "interquartile mean over the finished seeds"},
    {"iqm_low", offsetof(ig_statistics, iqm_low),
     "lower end, 95 % bootstrap interval of the interquartile mean"},
    {"iqm_high", offsetof(ig_statistics, iqm_high),
     "upper end, 95 % bootstrap interval of the interquartile mean"},
};

const ig_field ig_fit_fields[IG_FIT_FIELDS] = {
    {"exponent", offsetof(ig_power_law, exponent), "exponent of the fitted power law"},
    {"exponent_se", offsetof(ig_power_law, exponent_se),
     "bootstrap standard error of the exponent"},
    {"exponent_low", offsetof(ig_power_law, exponent_low),
     "lower end, 95 % bootstrap interval of the exponent"},
    {"exponent_high", offsetof(ig_power_law, exponent_high),
     "upper end, 95 % bootstrap interval of the exponent"},
    {"amplitude", offsetof(ig_power_law, amplitude), "amplitude of the fitted power law"},
    {"amplitude_se", offsetof(ig_power_law, amplitude_se),
     "bootstrap standard error of the amplitude"},
    {"amplitude_low", offsetof(ig_power_law, amplitude_low),
     "lower end, 95 % bootstrap interval of the amplitude"},
    {"amplitude_high", offsetof(ig_power_law, amplitude_high),
     "upper end, 95 % bootstrap interval of the amplitude"},
    {"r2", offsetof(ig_power_law, r2), "share of the variance of ln(mean) that the line explains"},
};

const ig_field ig_whole_fields[IG_WHOLE_FIELDS] = {
    {"whole_exponent_se", offsetof(ig_power_law, exponent_se),
     "bootstrap standard error of the exponent, whole seeds resampled"},
    {"whole_exponent_low", offsetof(ig_power_law, exponent_low),
     "lower end, 95 % bootstrap interval of the exponent, whole seeds resampled"},
    {"whole_exponent_high", offsetof(ig_power_law, exponent_high),
     "upper end, 95 % bootstrap interval of the exponent, whole seeds resampled"},
    {"whole_amplitude_se", offsetof(ig_power_law, amplitude_se),
     "bootstrap standard error of the amplitude, whole seeds resampled"},
    {"whole_amplitude_low", offsetof(ig_power_law, amplitude_low),
     "lower end, 95 % bootstrap interval of the amplitude, whole seeds resampled"},
    {"whole_amplitude_high", offsetof(ig_power_law, amplitude_high),
     "upper end, 95 % bootstrap interval of the amplitude, whole seeds resampled"},
};

static double number_at(const void *base, size_t offset)
{
    double number;
    memcpy(&number, (const char *)base + offset, sizeof number);
    return number;
}

double ig_field_of_statistics(const ig_field *field, const ig_statistics *statistics)
{
    return number_at(statistics, field->offset);
}

double ig_field_of_law(const ig_field *field, const ig_power_law *law)
{
    return number_at(law, field->offset);
}
